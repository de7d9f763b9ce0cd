#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "cli/dice.h"

static int start(void **state) {
    (void)state;
    random_start();
    return 0;
}

static const uint32_t whole = UINT32_MAX;

/* Written down once: who changes them changes everybody's data. */
static void the_same_numbers_on_every_machine(void **state) {
    (void)state;
    struct dice_key key = dice_key(7, DICE_PERSON);
    struct dice d = dice_of(&key, 1);
    const uint32_t first[] = {3494062044, 65831152, 338464580, 4187379410, 794425999, 3544505475};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        assert_int_equal(dice_below(&d, whole), first[i]);
}

static void seed_topic_and_owner_make_the_difference(void **state) {
    (void)state;
    struct dice_key keys[] = {dice_key(7, DICE_PERSON), dice_key(8, DICE_PERSON),
                              dice_key(7, DICE_INBOX),
                              dice_key(7 | UINT64_C(1) << 63, DICE_PERSON)};
    uint32_t seen[8];
    for (size_t i = 0; i < 8; i++) {
        struct dice d = dice_of(&keys[i / 2], 1 + i % 2);
        seen[i] = dice_below(&d, whole);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(seen[i], seen[j]);
    }
}

/* Beyond what is made at once: neither repeated nor run dry. */
static void the_numbers_go_on(void **state) {
    (void)state;
    struct dice_key key = dice_key(1, DICE_FOLLOWS);
    struct dice d = dice_of(&key, 1);
    uint32_t numbers[1000];
    for (size_t i = 0; i < 1000; i++) {
        numbers[i] = dice_below(&d, whole);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(numbers[i], numbers[j]);
    }
}

static void every_side_comes_up_as_often(void **state) {
    (void)state;
    struct dice_key key = dice_key(1, DICE_PERSON);
    struct dice d = dice_of(&key, 1);
    unsigned counts[6] = {0};
    for (int i = 0; i < 60000; i++)
        counts[dice_below(&d, 6)]++;
    for (int i = 0; i < 6; i++)
        assert_in_range(counts[i], 9600, 10400);
    for (int i = 0; i < 100; i++)
        assert_int_equal(dice_below(&d, 1), 0);
}

static void weights_weigh(void **state) {
    (void)state;
    static const uint32_t weights[] = {0, 1, 3, 0, 6};
    struct dice_key key = dice_key(1, DICE_PERSON);
    struct dice d = dice_of(&key, 1);
    unsigned counts[5] = {0}, chances = 0;
    for (int i = 0; i < 10000; i++)
        counts[dice_pick(&d, weights, 5)]++;
    assert_int_equal(counts[0] + counts[3], 0);
    assert_in_range(counts[1], 900, 1100);
    assert_in_range(counts[2], 2800, 3200);
    for (int i = 0; i < 10000; i++)
        chances += dice_chance(&d, 25);
    assert_in_range(chances, 2350, 2650);
    assert_false(dice_chance(&d, 0));
    assert_true(dice_chance(&d, 100));
}

static void both_ends_of_a_range_come_up(void **state) {
    (void)state;
    struct dice_key key = dice_key(1, DICE_PERSON);
    struct dice d = dice_of(&key, 1);
    bool low = false, high = false;
    for (int i = 0; i < 1000; i++) {
        int64_t n = dice_between(&d, -2, 2);
        assert_true(n >= -2 && n <= 2);
        low = low || n == -2;
        high = high || n == 2;
    }
    assert_true(low && high);
    assert_int_equal(dice_between(&d, 5, 5), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_numbers_on_every_machine),
        cmocka_unit_test(seed_topic_and_owner_make_the_difference),
        cmocka_unit_test(the_numbers_go_on),
        cmocka_unit_test(every_side_comes_up_as_often),
        cmocka_unit_test(weights_weigh),
        cmocka_unit_test(both_ends_of_a_range_come_up),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
