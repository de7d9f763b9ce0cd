#include "cli/tally.h"

#include <endian.h>

#define BLOCK (64 * 1024)

void tally_begin(struct tallying *t) {
    *t = (struct tallying){.digest = digest_begin()};
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

static void digest_waiting(struct tallying *t) {
    digest_add(t->digest, buffer_text(&t->waiting));
    buffer_clear(&t->waiting, 2 * BLOCK);
}

void tally_row(struct tallying *t, struct db_args row) {
    t->rows++;
    for (size_t i = 0; i < row.count; i++)
        add_value(&t->waiting, &row.at[i]);
    if (t->waiting.size >= BLOCK)
        digest_waiting(t);
}

struct tally tally_end(struct tallying *t) {
    struct tally tally = {.rows = t->rows};
    digest_waiting(t);
    digest_end(t->digest, tally.digest);
    buffer_free(&t->waiting);
    return tally;
}

bool tally_equal(const struct tally *a, const struct tally *b) {
    return a->rows == b->rows && digest_equal(a->digest, b->digest, DIGEST_SIZE);
}
