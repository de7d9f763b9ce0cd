#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "base/arena.h"

static void test_alignment(void **state) {
    (void)state;
    struct arena arena = {0};
    for (size_t size = 0; size < 200; size++) {
        void *at = arena_alloc(&arena, size);
        assert_non_null(at);
        assert_int_equal((uintptr_t)at % alignof(max_align_t), 0);
        memset(at, 0xee, size);
    }
    arena_free(&arena);
}

#define PIECES 3000

/* Sizes from nothing to past the largest chunk, so that every way to allocate is met. */
static size_t piece_size(unsigned i) {
    return i % 100 == 7 ? 20000 + i * 40 : i % 10 == 3 ? i : i % 50;
}

static void test_pieces_do_not_overlap(void **state) {
    (void)state;
    struct arena arena = {0};
    static unsigned char *pieces[PIECES];
    for (unsigned i = 0; i < PIECES; i++) {
        pieces[i] = arena_alloc(&arena, piece_size(i));
        memset(pieces[i], (int)(i % 251), piece_size(i));
    }
    for (unsigned i = 0; i < PIECES; i++) {
        for (size_t at = 0; at < piece_size(i); at++)
            assert_int_equal(pieces[i][at], i % 251);
    }
    arena_free(&arena);
}

static void test_zero(void **state) {
    (void)state;
    struct arena arena = {0};
    static const unsigned char zeros[5000];
    for (int round = 0; round < 3; round++) {
        memset(arena_alloc(&arena, sizeof zeros), 0xff, sizeof zeros);
        arena_reset(&arena);
        assert_memory_equal(arena_zero(&arena, sizeof zeros), zeros, sizeof zeros);
        int64_t *numbers = ARENA_ARRAY(&arena, int64_t, 100);
        assert_memory_equal(numbers, zeros, 100 * sizeof *numbers);
    }
    arena_free(&arena);
}

static void test_reset_reuses(void **state) {
    (void)state;
    struct arena arena = {0};
    arena_reset(&arena);
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 100; i++)
            memset(arena_alloc(&arena, 1000), 1, 1000);
        memset(arena_alloc(&arena, 1000000), 1, 1000000);
        arena_reset(&arena);
    }
    arena_free(&arena);
    assert_null(arena.chunks);
    arena_free(&arena);
}

static void test_large_first(void **state) {
    (void)state;
    struct arena arena = {0};
    char *large = arena_alloc(&arena, 100000);
    char *small = arena_alloc(&arena, 10);
    memset(large, 1, 100000);
    memset(small, 2, 10);
    assert_int_equal(large[99999], 1);
    arena_reset(&arena);
    large = arena_alloc(&arena, 100000);
    memset(large, 3, 100000);
    arena_reset(&arena);
    arena_reset(&arena);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment),   cmocka_unit_test(test_pieces_do_not_overlap),
        cmocka_unit_test(test_zero),        cmocka_unit_test(test_reset_reuses),
        cmocka_unit_test(test_large_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
