#include "cli/checksum.h"

#include <endian.h>

#define BLOCK (64 * 1024)

void checksum_begin(struct checksumming *c) {
    *c = (struct checksumming){.digest = digest_begin()};
}

static void add_number(struct buffer *b, uint64_t n) {
    uint64_t big = htobe64(n);
    buffer_add(b, &big, sizeof big);
}

static void add_value(struct buffer *b, const struct db_arg *value) {
    static const char marks[] = {[DB_NULL] = '-', [DB_INT] = 'i', [DB_TEXT] = 't', [DB_BLOB] = 'b'};
    buffer_add_char(b, marks[value->type]);
    if (value->type == DB_INT) {
        add_number(b, (uint64_t)value->number);
    } else if (value->type != DB_NULL) {
        add_number(b, value->text.size);
        buffer_add_text(b, value->text);
    }
}

static void digest_waiting(struct checksumming *c) {
    digest_add(c->digest, buffer_text(&c->waiting));
    buffer_clear(&c->waiting, 2 * BLOCK);
}

void checksum_row(struct checksumming *c, struct db_args row) {
    c->rows++;
    for (size_t i = 0; i < row.count; i++)
        add_value(&c->waiting, &row.at[i]);
    if (c->waiting.size >= BLOCK)
        digest_waiting(c);
}

struct checksum checksum_end(struct checksumming *c) {
    struct checksum sum = {.rows = c->rows};
    digest_waiting(c);
    digest_end(c->digest, sum.digest);
    buffer_free(&c->waiting);
    return sum;
}

bool checksum_equal(const struct checksum *a, const struct checksum *b) {
    return a->rows == b->rows && digest_equal(a->digest, b->digest, DIGEST_SIZE);
}
