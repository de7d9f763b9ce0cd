#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "cli/graph.h"

static int start(void **state) {
    (void)state;
    random_start();
    return 0;
}

/* Walks a whole graph, checks what always holds, and counts followers by account. */
static uint64_t walk(uint64_t seed, uint32_t accounts, uint64_t follows, uint32_t *followers) {
    struct graph *g = graph_new(seed, accounts, follows);
    uint64_t total = 0;
    for (uint32_t n = 1; n <= accounts; n++) {
        const uint32_t *followed;
        size_t count = graph_next(g, &followed);
        for (size_t i = 0; i < count; i++) {
            assert_in_range(followed[i], 1, accounts);
            assert_int_not_equal(followed[i], n);
            assert_true(i == 0 || followed[i - 1] < followed[i]);
            followers[followed[i]]++;
        }
        total += count;
    }
    graph_free(g);
    return total;
}

static void there_are_as_many_edges_as_asked_for(void **state) {
    (void)state;
    static const struct {
        uint32_t accounts;
        uint64_t follows;
    } sizes[] = {{1, 0},        {2, 0},        {2, 1},      {2, 2},          {3, 5},
                 {10, 90},      {10, 89},      {100, 9899}, {1000, 10000},   {1000, 1},
                 {1023, 50000}, {1024, 50000}, {1025, 7},   {300, 300 * 299}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint32_t *followers = calloc(sizes[i].accounts + 1, sizeof *followers);
        assert_int_equal(walk(i, sizes[i].accounts, sizes[i].follows, followers), sizes[i].follows);
        free(followers);
    }
}

static int descending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x < y) - (x > y);
}

static void a_few_have_very_many_followers(void **state) {
    (void)state;
    enum { ACCOUNTS = 20000, FOLLOWS = 200000 };
    uint32_t *followers = calloc(ACCOUNTS + 1, sizeof *followers);
    walk(7, ACCOUNTS, FOLLOWS, followers);
    qsort(followers + 1, ACCOUNTS, sizeof *followers, descending);
    uint64_t top = 0, half = 0;
    for (int i = 1; i <= ACCOUNTS / 100; i++)
        top += followers[i];
    for (int i = ACCOUNTS / 2; i <= ACCOUNTS; i++)
        half += followers[i];
    assert_true(top > FOLLOWS * 3 / 10);        /* one in a hundred */
    assert_true(half < FOLLOWS / 4);            /* the lesser half */
    assert_true(followers[1] > ACCOUNTS / 20);  /* the first of all … */
    assert_true(followers[1] < ACCOUNTS);       /* … is not everybody's */
    assert_true(followers[ACCOUNTS / 2] <= 10); /* most have a few */
    free(followers);
}

/* Ten times the rank, about an eighth of the followers (10^0.9). */
static void followers_fall_by_a_power_of_the_rank(void **state) {
    (void)state;
    enum { ACCOUNTS = 50000 };
    uint32_t *followers = calloc(ACCOUNTS + 1, sizeof *followers);
    walk(3, ACCOUNTS, 10 * ACCOUNTS, followers);
    qsort(followers + 1, ACCOUNTS, sizeof *followers, descending);
    for (int rank = 20; rank <= 2000; rank *= 10) {
        double ratio = (double)followers[rank] / followers[10 * rank];
        assert_true(ratio > 5 && ratio < 12);
    }
    free(followers);
}

static void compare(uint64_t one_seed, uint64_t other_seed, bool same) {
    struct graph *one = graph_new(one_seed, 500, 5000), *other = graph_new(other_seed, 500, 5000);
    bool equal = true;
    for (int n = 0; n < 500; n++) {
        const uint32_t *a, *b;
        size_t count = graph_next(one, &a);
        bool alike = graph_next(other, &b) == count;
        equal = equal && alike && (!count || memcmp(a, b, count * sizeof *a) == 0);
    }
    assert_int_equal(equal, same);
    graph_free(one);
    graph_free(other);
}

static void the_seed_decides(void **state) {
    (void)state;
    compare(7, 7, true);
    compare(7, 8, false);
}

static void the_same_edges_on_every_machine(void **state) {
    (void)state;
    static const uint32_t first[] = {449, 536, 789, 391, 28,  108, 176, 183, 190, 195, 227, 229,
                                     282, 298, 355, 357, 364, 378, 380, 382, 401, 410, 417, 513};
    struct graph *g = graph_new(7, 1000, 10000);
    size_t seen = 0;
    while (seen < sizeof first / sizeof *first) {
        const uint32_t *followed;
        size_t count = graph_next(g, &followed);
        for (size_t i = 0; i < count && seen < sizeof first / sizeof *first; i++)
            assert_int_equal(followed[i], first[seen++]);
    }
    graph_free(g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_as_many_edges_as_asked_for),
        cmocka_unit_test(a_few_have_very_many_followers),
        cmocka_unit_test(followers_fall_by_a_power_of_the_rank),
        cmocka_unit_test(the_seed_decides),
        cmocka_unit_test(the_same_edges_on_every_machine),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
