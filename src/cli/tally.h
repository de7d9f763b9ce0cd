/* Statistics counted from nothing (core/stats.h keeps those of a living database). */
#ifndef CLI_TALLY_H
#define CLI_TALLY_H

#include <stddef.h>

#include "core/stats.h"

struct tally_row {
    enum stats_kind kind;
    int64_t item, total;
};

struct tally;

struct tally *tally_new(void);
void tally_free(struct tally *t);

/* Counts an account in. `categories` are its own, bit n for category n. */
void tally_add(struct tally *t, const struct account *a, uint64_t categories);

/* What has been counted, by kind and item; good until the next tally_add. */
size_t tally_rows(struct tally *t, const struct tally_row **out);

#endif
