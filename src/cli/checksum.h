/* What the rows of a table come to: how many they are, and a SHA-256 over all their values in
 * order, each with its type and its length in front. The same rows have the same checksum in every
 * engine.
 */
#ifndef CLI_CHECKSUM_H
#define CLI_CHECKSUM_H

#include "base/buffer.h"
#include "base/digest.h"
#include "db/db.h"

struct checksum {
    uint64_t rows;
    uint8_t digest[DIGEST_SIZE];
};

/* One that is being made. */
struct checksumming {
    uint64_t rows;
    struct digest *digest;
    struct buffer waiting; /* to be digested in one go */
};

void checksum_begin(struct checksumming *c);
void checksum_row(struct checksumming *c, struct db_args row);
/* Frees what checksum_begin has taken. */
struct checksum checksum_end(struct checksumming *c);

bool checksum_equal(const struct checksum *a, const struct checksum *b);

#endif
