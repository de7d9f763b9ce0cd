/* Statistics over active accounts, kept in the transaction that changes them: answers cost the same
 * at ten accounts and at ten million. */
#ifndef CORE_STATS_H
#define CORE_STATS_H

#include "core/account.h"
#include "core/catalog.h"

/* Items of kind 'accounts'. */
enum { STATS_TOTAL = 1, STATS_ACTIVE, STATS_BANNED, STATS_INACTIVE, STATS_LISTED };

/* Moves the counts from `before` to `after`; NULL for an account that comes or goes. `categories`
 * are the account's, bit n for category n. Inside a transaction. */
enum err stats_account(struct ctx *c, const struct account *before, const struct account *after,
                       uint64_t categories);
/* Categories of an account changed. Inside a transaction. */
enum err stats_categories(struct ctx *c, const struct account *account, uint64_t before,
                          uint64_t after);

/* The kinds, in the order of their names. */
enum stats_kind { STATS_ACCOUNTS, STATS_BIRTH_DATE, STATS_CATEGORY, STATS_SEX };
struct text stats_kind_name(enum stats_kind kind);

/* What an account counts for: calls `count` for each statistic that it adds one to. For who makes
 * whole databases. */
void stats_each(const struct account *a, uint64_t categories,
                void (*count)(void *self, enum stats_kind kind, int64_t item), void *self);

enum err stats_sex(struct ctx *c, int64_t out[3]); /* male, female, other */
enum err stats_age(struct ctx *c, int64_t out[4]); /* 18-24, 25-34, 35-44, 45+ today (UTC) */
enum err stats_preferences(struct ctx *c, int64_t out[6]); /* fashion … travel, other */
enum err stats_accounts(struct ctx *c, int item, int64_t *out);

/* Turns counts into whole percentages that sum to 100 (largest remainder; ties to the first), or
 * all 0 when there is nothing. */
void stats_percent(int64_t *counts, size_t n);

#endif
