/* What the rows of a table come to: how many they are, and a SHA-256 over all values in order, each
 * with its type and its length in front. Equal tables of whatever engines have equal tallies. */
#ifndef CLI_TALLY_H
#define CLI_TALLY_H

#include "base/buffer.h"
#include "base/digest.h"
#include "db/db.h"

struct tally {
    int64_t rows;
    uint8_t digest[DIGEST_SIZE];
};

struct tallying {
    int64_t rows;
    struct digest *digest;
    struct buffer waiting; /* to be digested in one go */
};

void tally_begin(struct tallying *t);
void tally_row(struct tallying *t, struct db_args row);
/* Frees what tally_begin has taken. */
struct tally tally_end(struct tallying *t);

bool tally_equal(const struct tally *a, const struct tally *b);

#endif
