/* Everybody, as staff list them: filters, orders, exact totals. */
#ifndef CORE_ROSTER_H
#define CORE_ROSTER_H

#include "core/account.h"

/* Each account has one of each: banned wins over inactive, the greater role over the lesser. */
enum roster_status { STATUS_ANY, STATUS_ACTIVE, STATUS_BANNED, STATUS_INACTIVE };
enum roster_role { ROLE_ANY, ROLE_USER, ROLE_STAFF, ROLE_SUPERUSER };

/* Accounts join in the order of their ids. */
enum roster_order { ROSTER_JOINED, ROSTER_USERNAME, ROSTER_FIRST_NAME, ROSTER_LAST_NAME };

struct roster_query {
    struct text q; /* found as search does, or begins the e-mail address; empty: no filter */
    enum roster_status status;
    enum roster_role role;
    int64_t country;                  /* 0: any */
    struct text language;             /* empty: any; else exactly this tag */
    int64_t category;                 /* NO_CATEGORY: any */
    bool dated;                       /* … and joined then: */
    int64_t joined_from, joined_till; /* µs, from the one on and before the other */
    enum roster_order order;
    bool descending;
    int64_t limit, offset;
};
#define NO_CATEGORY (-1)

struct roster_entry {
    struct account account; /* with last_login */
    int64_t followers, following;
};

/* Filters combine with AND. Equal names go by id, in the direction of the order. *total is exact;
 * an offset past the end gives no rows. What it costs hangs on how many match the rarest filter,
 * and not on how many accounts there are. */
enum err roster_list(struct ctx *c, const struct roster_query *query, struct roster_entry **out,
                     size_t *count, int64_t *total);

#endif
