#include <stdio.h>

#include "base/clock.h"
#include "cli/copy.h"

#define SHOWN 8 /* bytes of a digest: enough to compare by eye */

static bool table_differs(const struct copy *c, size_t i) {
    return !checksum_equal(&c->source.sums[i], &c->target.sums[i]);
}

static bool sequence_differs(const struct copy *c, size_t i) {
    return c->source.last_ids[i] != c->target.last_ids[i];
}

size_t copy_differences(const struct copy *c) {
    size_t count = 0;
    for (size_t i = 0; bulk_tables[i].name; i++)
        count += (size_t)table_differs(c, i) + (size_t)sequence_differs(c, i);
    return count;
}

static void print_side(const struct checksum *sum) {
    char number[PROGRESS_NUMBER_SIZE];
    printf("  %14s  ", progress_number(sum->rows, number));
    for (size_t i = 0; i < SHOWN; i++)
        printf("%02x", sum->digest[i]);
}

static void print_table(const struct copy *c, size_t i) {
    printf("%-16s", bulk_tables[i].name);
    print_side(&c->source.sums[i]);
    print_side(&c->target.sums[i]);
    puts(table_differs(c, i) ? "  DIFFERS" : "");
}

static void print_sequence(const struct copy *c, size_t i) {
    char from[PROGRESS_NUMBER_SIZE], to[PROGRESS_NUMBER_SIZE];
    printf("%-16s  %14s  %16s  %14s%s\n", bulk_tables[i].name,
           progress_number((uint64_t)c->source.last_ids[i], from), "",
           progress_number((uint64_t)c->target.last_ids[i], to),
           sequence_differs(c, i) ? "  DIFFERS" : "");
}

static void print_headings(struct copy *c) {
    struct text from = database_label(&c->arena, c->from), to = database_label(&c->arena, c->to);
    printf("From %.*s\nTo   %.*s\n\n", TEXT_ARGS(from), TEXT_ARGS(to));
    printf("%-16s  %14s  %-16s  %14s  %-16s\n", "TABLE", "ROWS", "SHA-256 BEGINS", "ROWS THERE",
           "SHA-256 BEGINS");
}

void copy_report(struct copy *c) {
    char rows[PROGRESS_NUMBER_SIZE];
    print_headings(c);
    for (size_t i = 0; bulk_tables[i].name; i++)
        print_table(c, i);
    printf("\n%-16s  %14s  %16s  %14s\n", "SEQUENCE", "LAST ID", "", "LAST ID THERE");
    for (size_t i = 0; bulk_tables[i].name; i++)
        if (bulk_tables[i].sequence)
            print_sequence(c, i);
    size_t differences = copy_differences(c);
    int64_t seconds = (clock_monotonic() - c->started) / CLOCK_SECOND;
    if (differences)
        printf("\n%zu difference%s\n", differences, differences == 1 ? "" : "s");
    else
        printf("\nOK: %s rows in %d:%02d, equal on both sides\n",
               progress_number((uint64_t)c->rows, rows), (int)(seconds / 60), (int)(seconds % 60));
}
