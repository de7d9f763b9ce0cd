#include "cli/tally.h"

#include <stdlib.h>

#include "base/log.h"

/* Sorted rows. There are some ten thousand of them at most, nearly all birth dates, and nearly
 * every count meets one that is there. */
struct tally {
    struct tally_row *rows;
    size_t count, capacity;
};

struct tally *tally_new(void) {
    struct tally *t = calloc(1, sizeof *t);
    if (!t)
        log_out_of_memory(0);
    return t;
}

void tally_free(struct tally *t) {
    free(t->rows);
    free(t);
}

static int compare(const struct tally_row *row, enum stats_kind kind, int64_t item) {
    if (row->kind != kind)
        return row->kind < kind ? -1 : 1;
    return (row->item > item) - (row->item < item);
}

/* Where the row is, or would be. */
static size_t place_of(const struct tally *t, enum stats_kind kind, int64_t item) {
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare(&t->rows[middle], kind, item) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert(struct tally *t, size_t place, struct tally_row row) {
    if (t->count == t->capacity) {
        t->capacity = t->capacity ? 2 * t->capacity : 1024;
        t->rows = reallocarray(t->rows, t->capacity, sizeof *t->rows);
        if (!t->rows)
            log_out_of_memory(0);
    }
    memmove(&t->rows[place + 1], &t->rows[place], (t->count - place) * sizeof *t->rows);
    t->rows[place] = row;
    t->count++;
}

static void count(void *self, enum stats_kind kind, int64_t item) {
    struct tally *t = self;
    size_t place = place_of(t, kind, item);
    if (place == t->count || compare(&t->rows[place], kind, item) != 0)
        insert(t, place, (struct tally_row){kind, item, 0});
    t->rows[place].total++;
}

void tally_add(struct tally *t, const struct account *a, uint64_t categories) {
    stats_each(a, categories, count, t);
}

size_t tally_rows(struct tally *t, const struct tally_row **out) {
    *out = t->rows;
    return t->count;
}
