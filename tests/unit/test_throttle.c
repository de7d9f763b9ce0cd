#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/random.h"
#include "core/throttle.h"

#define BURST 10

static struct address home, away;
static const struct text alice = {"alice", 5};

static struct address address_of(const char *s) {
    struct address a;
    assert_true(address_parse(text_of(s), &a));
    return a;
}

static int setup(void **state) {
    random_start();
    home = address_of("192.0.2.1");
    away = address_of("198.51.100.7");
    *state = throttle_new(BURST, 100, 20);
    return 0;
}

static int teardown(void **state) {
    throttle_free(*state);
    return 0;
}

/* One wrong password; 0 when it was let through. */
static int64_t guess(struct throttle *t, struct text name, struct address from, int64_t now) {
    int64_t wait = throttle_attempt(t, name, &from, now);
    if (!wait)
        throttle_failed(t, name, &from, now);
    return wait;
}

static int64_t enter(struct throttle *t, struct text name, struct address from, int64_t now) {
    int64_t wait = throttle_attempt(t, name, &from, now);
    if (!wait)
        throttle_passed(t, name, &from, now);
    return wait;
}

static void guesses(struct throttle *t, struct text name, struct address from, int64_t now, int n) {
    for (int i = 0; i < n; i++)
        assert_int_equal(guess(t, name, from, now), 0);
}

static void waits_double_up_to_a_minute(void **state) {
    struct throttle *t = *state;
    int64_t now = 1;
    guesses(t, alice, home, now, BURST);
    int64_t waits[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        assert_int_equal(guess(t, alice, home, now), waits[i]);
        assert_int_equal(guess(t, alice, home, now + waits[i] * CLOCK_SECOND - 1), 1);
        now += waits[i] * CLOCK_SECOND;
        assert_int_equal(guess(t, alice, home, now), 0);
    }
}

static void refused_attempts_do_not_prolong(void **state) {
    struct throttle *t = *state;
    guesses(t, alice, home, 1, BURST);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(guess(t, alice, home, 1), 1);
    assert_int_equal(guess(t, alice, home, 1 + CLOCK_SECOND), 0);
}

static void the_name_is_folded(void **state) {
    struct throttle *t = *state;
    guesses(t, alice, home, 1, BURST);
    assert_int_equal(guess(t, TEXT("ALice"), away, 1), 1);
    assert_int_equal(guess(t, TEXT("alicf"), away, 1), 0);
}

static void quiet_halves_the_count(void **state) {
    struct throttle *t = *state;
    guesses(t, alice, home, 1, BURST);
    int64_t later = 1 + 15 * CLOCK_MINUTE;
    guesses(t, alice, home, later, BURST / 2);
    assert_int_equal(guess(t, alice, home, later), 1);
    later += 60 * CLOCK_MINUTE;
    guesses(t, alice, home, later, BURST);
    assert_int_equal(guess(t, alice, home, later), 1);
}

/* However long it went on, a quarter of an hour is enough. */
static void failures_at_the_ceiling_do_not_pile_up(void **state) {
    struct throttle *t = *state;
    int64_t now = 1;
    for (int i = 0; i < 1000; i++, now += CLOCK_MINUTE) {
        struct address from = home;
        from.bytes[15] = (uint8_t)i;
        assert_int_equal(guess(t, alice, from, now), 0);
    }
    now += 15 * CLOCK_MINUTE;
    assert_int_equal(guess(t, alice, away, now), 0);
    assert_int_equal(guess(t, alice, away, now), 0);
}

static void the_right_password_clears_the_account(void **state) {
    struct throttle *t = *state;
    guesses(t, alice, home, 1, BURST - 1);
    assert_int_equal(enter(t, alice, home, 1), 0);
    guesses(t, alice, away, 1, BURST);
    assert_int_equal(guess(t, alice, away, 1), 1);
}

static void the_owner_is_not_kept_out(void **state) {
    struct throttle *t = *state;
    assert_int_equal(enter(t, alice, home, 1), 0);
    guesses(t, alice, away, 1, BURST);
    assert_int_equal(guess(t, alice, away, 1), 1);
    assert_int_equal(enter(t, alice, home, 1), 0);
}

static void a_known_address_has_a_limit_too(void **state) {
    struct throttle *t = *state;
    assert_int_equal(enter(t, alice, home, 1), 0);
    guesses(t, alice, home, 1, BURST);
    assert_int_equal(guess(t, alice, home, 1), 1);
    assert_int_equal(guess(t, alice, away, 1), 1); /* its failures count for the others as well */
}

/* Many names from one address. */
static void addresses_are_limited(void **state) {
    struct throttle *t = *state;
    char name[16];
    int64_t now = 1;
    for (int i = 0; i < 10 * BURST; i++) {
        snprintf(name, sizeof name, "user%d", i);
        assert_int_equal(guess(t, text_of(name), home, now), 0);
    }
    assert_int_equal(guess(t, alice, home, now), 1);
    assert_int_equal(guess(t, alice, away, now), 0);
    assert_int_equal(enter(t, alice, home, now + CLOCK_SECOND), 0);
    assert_int_equal(guess(t, TEXT("bob"), home, now + CLOCK_SECOND), 0); /* … cleared nothing */
    assert_int_equal(guess(t, TEXT("bob"), home, now + CLOCK_SECOND), 2);
    int64_t wait = 0, tries = 0;
    while (wait < 15 * 60 && tries++ < 20) {
        now += wait * CLOCK_SECOND;
        guess(t, TEXT("bob"), home, now);
        wait = guess(t, TEXT("carol"), home, now);
    }
    assert_int_equal(wait, 15 * 60);
}

static void an_ipv6_network_is_one_client(void **state) {
    struct throttle *t = *state;
    char name[16];
    struct address a = address_of("2001:db8::1"), b = address_of("2001:db8::ffff:2");
    for (int i = 0; i < 10 * BURST; i++) {
        snprintf(name, sizeof name, "user%d", i);
        assert_int_equal(guess(t, text_of(name), i % 2 ? a : b, 1), 0);
    }
    assert_int_equal(guess(t, alice, a, 1), 1);
    assert_int_equal(guess(t, alice, b, 1), 1);
    assert_int_equal(guess(t, alice, address_of("2001:db8:0:1::1"), 1), 0);
}

static void attempts_under_way_are_reserved(void **state) {
    struct throttle *t = *state;
    int let_through = 0;
    for (int i = 0; i < 64; i++)
        let_through += !throttle_attempt(t, alice, &home, 1);
    assert_int_equal(let_through, BURST);
    for (int i = 0; i < let_through; i++)
        throttle_failed(t, alice, &home, 1);
    assert_int_equal(guess(t, alice, home, 1), 1);
    /* In the time of delays one at a time. */
    assert_int_equal(throttle_attempt(t, alice, &home, 1 + CLOCK_SECOND), 0);
    assert_int_equal(throttle_attempt(t, alice, &home, 1 + CLOCK_SECOND), 1);
}

static void a_dropped_attempt_counts_for_nothing(void **state) {
    struct throttle *t = *state;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(throttle_attempt(t, alice, &home, 1), 0);
        throttle_dropped(t, alice, &home, 1);
    }
    guesses(t, alice, home, 1, BURST);
}

static void a_lost_reservation_ends(void **state) {
    struct throttle *t = *state;
    for (int i = 0; i < BURST; i++)
        assert_int_equal(throttle_attempt(t, alice, &home, 1), 0);
    assert_int_equal(throttle_attempt(t, alice, &home, 1), 1);
    assert_int_equal(throttle_attempt(t, alice, &home, 1 + 5 * CLOCK_MINUTE), 0);
}

/* A busy service, where everybody else gets in at once, does not make it forget. */
static void successes_do_not_push_failures_out(void **state) {
    struct throttle *t = *state;
    char name[16];
    guesses(t, alice, away, 1, BURST + 0);
    for (int i = 0; i < 200000; i++) {
        snprintf(name, sizeof name, "user%d", i);
        assert_int_equal(enter(t, text_of(name), home, 2), 0);
    }
    assert_int_equal(guess(t, alice, home, 2), 1);
}

static void memory_is_bounded(void **state) {
    struct throttle *t = *state;
    char name[24];
    for (uint32_t i = 0; i < 300000; i++) {
        struct address from = address_of("10.0.0.0");
        memcpy(from.bytes + 12, &i, sizeof i);
        snprintf(name, sizeof name, "user%u", i);
        guess(t, text_of(name), from, i);
        throttle_take(t, "email", &from, i);
    }
    guesses(t, alice, home, 300000, BURST);
    assert_int_equal(guess(t, alice, home, 300000), 1);
}

static void long_and_empty_names(void **state) {
    struct throttle *t = *state;
    char name[5000];
    memset(name, 'x', sizeof name);
    guesses(t, (struct text){name, sizeof name}, home, 1, BURST);
    guesses(t, (struct text){0}, home, 1, BURST);
    assert_int_equal(guess(t, (struct text){0}, home, 1), 1);
}

static void floods_have_a_burst_and_a_rate(void **state) {
    struct throttle *t = *state;
    int64_t now = 5;
    for (int i = 0; i < 100; i++)
        assert_int_equal(throttle_take(t, "register", &home, now), 0);
    assert_int_equal(throttle_take(t, "register", &home, now), 3);
    assert_int_equal(throttle_take(t, "email", &home, now), 0);
    assert_int_equal(throttle_take(t, "register", &away, now), 0);
    now += 3 * CLOCK_SECOND;
    assert_int_equal(throttle_take(t, "register", &home, now), 0);
    assert_int_equal(throttle_take(t, "register", &home, now), 3);
    now += CLOCK_HOUR; /* saves no more than the burst */
    for (int i = 0; i < 100; i++)
        assert_int_equal(throttle_take(t, "register", &home, now), 0);
    assert_int_equal(throttle_take(t, "register", &home, now), 3);
}

static void *guess_in_parallel(void *data) {
    struct throttle *t = data;
    intptr_t passed = 0;
    for (int i = 0; i < 1000; i++)
        passed += !guess(t, alice, home, 1);
    return (void *)passed;
}

static void threads_share_one_count(void **state) {
    pthread_t threads[4];
    intptr_t sum = 0;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, guess_in_parallel, *state), 0);
    for (int i = 0; i < 4; i++) {
        void *passed;
        pthread_join(threads[i], &passed);
        sum += (intptr_t)passed;
    }
    assert_int_equal(sum, BURST);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(waits_double_up_to_a_minute),
        TEST(refused_attempts_do_not_prolong),
        TEST(the_name_is_folded),
        TEST(quiet_halves_the_count),
        TEST(failures_at_the_ceiling_do_not_pile_up),
        TEST(the_right_password_clears_the_account),
        TEST(the_owner_is_not_kept_out),
        TEST(a_known_address_has_a_limit_too),
        TEST(addresses_are_limited),
        TEST(an_ipv6_network_is_one_client),
        TEST(attempts_under_way_are_reserved),
        TEST(a_dropped_attempt_counts_for_nothing),
        TEST(a_lost_reservation_ends),
        TEST(successes_do_not_push_failures_out),
        TEST(memory_is_bounded),
        TEST(long_and_empty_names),
        TEST(floods_have_a_burst_and_a_rate),
        TEST(threads_share_one_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
