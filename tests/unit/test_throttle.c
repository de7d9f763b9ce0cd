/* The same limits in both stores: in memory on SQLite, in the tables on PostgreSQL. The clock of
 * either is the test's: clock_monotonic of this thread, and the server's clock_timestamp. */
#include "fixture.h"

#include <pthread.h>
#include <stdio.h>

#include "base/clock.h"
#include "core/throttle.h"
#include "engine.h"

#define BURST 10

static struct address home, away;
static const struct text alice = {"alice", 5};

/* ---- The clock ------------------------------------------------------------------------------- */

int64_t __real_clock_monotonic(void);
int64_t __wrap_clock_monotonic(void);

static _Thread_local int64_t monotonic; /* 0: the true one */
static int64_t served;                  /* what the server's clock says */

int64_t __wrap_clock_monotonic(void) {
    return monotonic ? monotonic : __real_clock_monotonic();
}

/* Stands before the true function in the search path of every session to come. */
static void replace_server_clock(const struct fixture *f) {
    served = 0;
    assert_true(engine_script(
        f->url,
        "CREATE SCHEMA fake; CREATE TABLE fake.clock (us BIGINT); INSERT INTO fake.clock VALUES "
        "(0);"
        "CREATE FUNCTION fake.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
        "'SELECT timestamptz ''epoch'' + us * interval ''1 microsecond'' FROM fake.clock';"
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = fake, pg_catalog, public',"
        " current_database()); END $$"));
}

static void at(const struct fixture *f, int64_t now) {
    char sql[64];
    if (engine_is_sqlite()) {
        monotonic = now;
    } else if (now != served) {
        snprintf(sql, sizeof sql, "UPDATE fake.clock SET us = %lld", (long long)now);
        assert_true(engine_script(f->url, sql));
        served = now;
    }
}

/* ---- Attempts -------------------------------------------------------------------------------- */

static struct address address_of(const char *s) {
    struct address a;
    assert_true(address_parse(text_of(s), &a));
    return a;
}

static int setup(void **state) {
    home = address_of("192.0.2.1");
    away = address_of("198.51.100.7");
    fixture_open(state);
    struct fixture *f = *state;
    assert_int_equal(f->core.policy.login_burst, BURST);
    if (!engine_is_sqlite())
        replace_server_clock(f);
    return 0;
}

static int teardown(void **state) {
    monotonic = 0;
    return fixture_close(state);
}

static int64_t waited(enum err e, int64_t retry) {
    if (e == OK)
        return 0;
    assert_int_equal(e, ERR_RATE_LIMITED);
    assert_true(retry > 0);
    return retry;
}

/* 0 when it is let through, else the seconds to wait. */
static int64_t attempt(struct fixture *f, struct text name, struct address from, int64_t now) {
    int64_t retry;
    at(f, now);
    enum err e = throttle_attempt(&f->c, name, &from, &retry);
    return waited(e, retry);
}

/* One wrong password; 0 when it was let through. */
static int64_t guess(struct fixture *f, struct text name, struct address from, int64_t now) {
    int64_t wait = attempt(f, name, from, now);
    if (!wait)
        assert_ok(throttle_failed(&f->c, name, &from));
    return wait;
}

static int64_t enter(struct fixture *f, struct text name, struct address from, int64_t now) {
    int64_t wait = attempt(f, name, from, now);
    if (!wait)
        assert_ok(throttle_passed(&f->c, name, &from));
    return wait;
}

static int64_t take(struct fixture *f, const char *what, struct address from, int64_t now) {
    int64_t retry;
    at(f, now);
    enum err e = throttle_take(&f->c, what, &from, &retry);
    return waited(e, retry);
}

static void guesses(struct fixture *f, struct text name, struct address from, int64_t now, int n) {
    for (int i = 0; i < n; i++)
        assert_int_equal(guess(f, name, from, now), 0);
}

static void waits_double_up_to_a_minute(void **state) {
    struct fixture *f = *state;
    int64_t now = 1;
    guesses(f, alice, home, now, BURST);
    int64_t waits[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        assert_int_equal(guess(f, alice, home, now), waits[i]);
        assert_int_equal(guess(f, alice, home, now + waits[i] * CLOCK_SECOND - 1), 1);
        now += waits[i] * CLOCK_SECOND;
        assert_int_equal(guess(f, alice, home, now), 0);
    }
}

static void refused_attempts_do_not_prolong(void **state) {
    struct fixture *f = *state;
    guesses(f, alice, home, 1, BURST);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(guess(f, alice, home, 1), 1);
    assert_int_equal(guess(f, alice, home, 1 + CLOCK_SECOND), 0);
}

static void the_name_is_folded(void **state) {
    struct fixture *f = *state;
    guesses(f, alice, home, 1, BURST);
    assert_int_equal(guess(f, TEXT("ALice"), away, 1), 1);
    assert_int_equal(guess(f, TEXT("alicf"), away, 1), 0);
}

static void quiet_halves_the_count(void **state) {
    struct fixture *f = *state;
    guesses(f, alice, home, 1, BURST);
    int64_t later = 1 + 15 * CLOCK_MINUTE;
    guesses(f, alice, home, later, BURST / 2);
    assert_int_equal(guess(f, alice, home, later), 1);
    later += 60 * CLOCK_MINUTE;
    guesses(f, alice, home, later, BURST);
    assert_int_equal(guess(f, alice, home, later), 1);
}

/* However long it went on, a quarter of an hour is enough. */
static void failures_at_the_ceiling_do_not_pile_up(void **state) {
    struct fixture *f = *state;
    int64_t now = 1;
    int rounds = engine_is_sqlite() ? 1000 : 100;
    for (int i = 0; i < rounds; i++, now += CLOCK_MINUTE) {
        struct address from = home;
        from.bytes[15] = (uint8_t)i;
        assert_int_equal(guess(f, alice, from, now), 0);
    }
    now += 15 * CLOCK_MINUTE;
    assert_int_equal(guess(f, alice, away, now), 0);
    assert_int_equal(guess(f, alice, away, now), 0);
}

static void the_right_password_clears_the_account(void **state) {
    struct fixture *f = *state;
    guesses(f, alice, home, 1, BURST - 1);
    assert_int_equal(enter(f, alice, home, 1), 0);
    guesses(f, alice, away, 1, BURST);
    assert_int_equal(guess(f, alice, away, 1), 1);
}

static void the_owner_is_not_kept_out(void **state) {
    struct fixture *f = *state;
    assert_int_equal(enter(f, alice, home, 1), 0);
    guesses(f, alice, away, 1, BURST);
    assert_int_equal(guess(f, alice, away, 1), 1);
    assert_int_equal(enter(f, alice, home, 1), 0);
}

static void a_known_address_has_a_limit_too(void **state) {
    struct fixture *f = *state;
    assert_int_equal(enter(f, alice, home, 1), 0);
    guesses(f, alice, home, 1, BURST);
    assert_int_equal(guess(f, alice, home, 1), 1);
    assert_int_equal(guess(f, alice, away, 1), 1); /* its failures count for the others as well */
}

/* Many names from one address. */
static void addresses_are_limited(void **state) {
    struct fixture *f = *state;
    char name[16];
    int64_t now = 1;
    for (int i = 0; i < 10 * BURST; i++) {
        snprintf(name, sizeof name, "user%d", i);
        assert_int_equal(guess(f, text_of(name), home, now), 0);
    }
    assert_int_equal(guess(f, alice, home, now), 1);
    assert_int_equal(guess(f, alice, away, now), 0);
    assert_int_equal(enter(f, alice, home, now + CLOCK_SECOND), 0);
    assert_int_equal(guess(f, TEXT("bob"), home, now + CLOCK_SECOND), 0); /* … cleared nothing */
    assert_int_equal(guess(f, TEXT("bob"), home, now + CLOCK_SECOND), 2);
    int64_t wait = 0, tries = 0;
    while (wait < 15 * 60 && tries++ < 20) {
        now += wait * CLOCK_SECOND;
        guess(f, TEXT("bob"), home, now);
        wait = guess(f, TEXT("carol"), home, now);
    }
    assert_int_equal(wait, 15 * 60);
}

static void an_ipv6_network_is_one_client(void **state) {
    struct fixture *f = *state;
    char name[16];
    struct address a = address_of("2001:db8::1"), b = address_of("2001:db8::ffff:2");
    for (int i = 0; i < 10 * BURST; i++) {
        snprintf(name, sizeof name, "user%d", i);
        assert_int_equal(guess(f, text_of(name), i % 2 ? a : b, 1), 0);
    }
    assert_int_equal(guess(f, alice, a, 1), 1);
    assert_int_equal(guess(f, alice, b, 1), 1);
    assert_int_equal(guess(f, alice, address_of("2001:db8:0:1::1"), 1), 0);
}

static void attempts_under_way_are_reserved(void **state) {
    struct fixture *f = *state;
    int let_through = 0;
    for (int i = 0; i < 64; i++)
        let_through += !attempt(f, alice, home, 1);
    assert_int_equal(let_through, BURST);
    for (int i = 0; i < let_through; i++)
        assert_ok(throttle_failed(&f->c, alice, &home));
    assert_int_equal(guess(f, alice, home, 1), 1);
    /* In the time of delays one at a time. */
    assert_int_equal(attempt(f, alice, home, 1 + CLOCK_SECOND), 0);
    assert_int_equal(attempt(f, alice, home, 1 + CLOCK_SECOND), 1);
}

static void a_dropped_attempt_counts_for_nothing(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(attempt(f, alice, home, 1), 0);
        assert_ok(throttle_dropped(&f->c, alice, &home));
    }
    guesses(f, alice, home, 1, BURST);
}

static void a_lost_reservation_ends(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < BURST; i++)
        assert_int_equal(attempt(f, alice, home, 1), 0);
    assert_int_equal(attempt(f, alice, home, 1), 1);
    assert_int_equal(attempt(f, alice, home, 1 + 2 * CLOCK_MINUTE), 1);
    assert_int_equal(attempt(f, alice, home, 2 + 2 * CLOCK_MINUTE), 0);
}

/* A busy service, where everybody else gets in at once, does not make it forget. */
static void successes_do_not_push_failures_out(void **state) {
    struct fixture *f = *state;
    char name[16];
    guesses(f, alice, away, 1, BURST);
    int others = engine_is_sqlite() ? 200000 : 200;
    for (int i = 0; i < others; i++) {
        snprintf(name, sizeof name, "user%d", i);
        assert_int_equal(enter(f, text_of(name), home, 2), 0);
    }
    assert_int_equal(guess(f, alice, home, 2), 1);
}

static void memory_is_bounded(void **state) {
    struct fixture *f = *state;
    char name[24];
    for (uint32_t i = 1; i <= 300000; i++) {
        struct address from = address_of("10.0.0.0");
        memcpy(from.bytes + 12, &i, sizeof i);
        snprintf(name, sizeof name, "user%u", i);
        guess(f, text_of(name), from, i);
        take(f, "email", from, i);
    }
    guesses(f, alice, home, 300000, BURST);
    assert_int_equal(guess(f, alice, home, 300000), 1);
}

static void long_and_empty_names(void **state) {
    struct fixture *f = *state;
    char name[5000];
    memset(name, 'x', sizeof name);
    guesses(f, (struct text){name, sizeof name}, home, 1, BURST);
    guesses(f, (struct text){0}, home, 1, BURST);
    assert_int_equal(guess(f, (struct text){0}, home, 1), 1);
}

/* Whatever it counted before, and however far: no delay lasts longer than it was. */
static void a_clock_that_is_set_back_keeps_nobody_out(void **state) {
    struct fixture *f = *state;
    int64_t now = 10 * CLOCK_DAY;
    assert_int_equal(enter(f, alice, home, now), 0);
    guesses(f, alice, away, now, BURST);
    for (int i = 0; i < 100; i++)
        assert_int_equal(take(f, "register", away, now), 0);
    now = CLOCK_DAY;
    assert_int_equal(guess(f, alice, away, now), 1);
    assert_int_equal(guess(f, alice, away, now + CLOCK_SECOND), 0);
    assert_int_equal(take(f, "register", away, now), 3);
    assert_int_equal(take(f, "register", away, now + 3 * CLOCK_SECOND), 0);
    assert_int_equal(enter(f, alice, home, now), 0);
}

static void floods_have_a_burst_and_a_rate(void **state) {
    struct fixture *f = *state;
    int64_t now = 5;
    for (int i = 0; i < 100; i++)
        assert_int_equal(take(f, "register", home, now), 0);
    assert_int_equal(take(f, "register", home, now), 3);
    assert_int_equal(take(f, "email", home, now), 0);
    assert_int_equal(take(f, "register", away, now), 0);
    now += 3 * CLOCK_SECOND;
    assert_int_equal(take(f, "register", home, now), 0);
    assert_int_equal(take(f, "register", home, now), 3);
    now += CLOCK_HOUR; /* saves no more than the burst */
    for (int i = 0; i < 100; i++)
        assert_int_equal(take(f, "register", home, now), 0);
    assert_int_equal(take(f, "register", home, now), 3);
}

/* ---- Side by side ---------------------------------------------------------------------------- */

struct guesser {
    struct fixture own;
    pthread_t thread;
    int tries, passed;
};

static void *guess_in_parallel(void *data) {
    struct guesser *g = data;
    int64_t retry;
    if (engine_is_sqlite())
        monotonic = 1;
    for (int i = 0; i < g->tries; i++)
        if (throttle_attempt(&g->own.c, alice, &home, &retry) == OK &&
            throttle_failed(&g->own.c, alice, &home) == OK)
            g->passed++;
    return NULL;
}

/* How many of many guesses were let through, half of them by the one service and half by the other.
 */
static int guess_together(struct fixture *one, struct fixture *two) {
    struct guesser guessers[4] = {0};
    int passed = 0;
    at(one, 1);
    for (int i = 0; i < 4; i++) {
        guessers[i].tries = engine_is_sqlite() ? 1000 : 100;
        assert_true(fixture_attach(&guessers[i].own, i % 2 ? two : one));
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&guessers[i].thread, NULL, guess_in_parallel, &guessers[i]),
                         0);
    for (int i = 0; i < 4; i++) {
        pthread_join(guessers[i].thread, NULL);
        fixture_detach(&guessers[i].own);
        passed += guessers[i].passed;
    }
    return passed;
}

static void threads_share_one_count(void **state) {
    assert_int_equal(guess_together(*state, *state), BURST);
}

/* ---- Nodes on one database ------------------------------------------------------------------- */

static void open_node(struct fixture *node, const struct fixture *f) {
    struct db_options options = {0};
    *node = (struct fixture){.c = {.core = &node->core, .now = f->c.now}};
    memcpy(node->url, f->url, sizeof node->url);
    assert_ok(core_open(&node->core, f->url, &options, &f->core.policy, (struct text){0}));
    assert_ok(db_connect(&node->c.db, node->core.database));
    node->c.arena = &node->arena;
    db_use(node->c.db, &node->arena);
}

static void close_node(struct fixture *node) {
    db_disconnect(node->c.db);
    core_close(&node->core);
    arena_free(&node->arena);
}

static void nodes_share_one_count(void **state) {
    struct fixture *f = *state, other;
    open_node(&other, f);
    assert_int_equal(guess_together(f, &other), BURST);
    assert_int_equal(guess(&other, alice, away, 1), 1);
    assert_int_equal(enter(&other, alice, home, 1 + CLOCK_SECOND), 0);
    guesses(f, alice, home, 1 + CLOCK_SECOND, BURST);
    for (int i = 0; i < 100; i++)
        assert_int_equal(take(i % 3 ? f : &other, "register", home, 1), 0);
    assert_int_equal(take(f, "register", home, 1), 3);
    assert_int_equal(take(&other, "register", home, 1), 3);
    close_node(&other);
}

static void what_is_refused_writes_nothing(void **state) {
    struct fixture *f = *state;
    guesses(f, alice, home, 1, BURST);
    const char *versions = "SELECT SUM(xmin::text::bigint) FROM throttle_guesses";
    int64_t before = fixture_count(f, versions);
    assert_int_equal(guess(f, alice, home, 1), 1);
    assert_int_equal(guess(f, alice, away, 1), 1);
    assert_int_equal(fixture_count(f, versions), before);
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM throttle_guesses"), 2);
}

static void what_no_longer_matters_is_swept(void **state) {
    struct fixture *f = *state;
    int64_t now = CLOCK_DAY;
    at(f, now);
    assert_ok(throttle_housekeeping(&f->c));
    assert_int_equal(enter(f, TEXT("bob"), away, now), 0);
    assert_int_equal(attempt(f, TEXT("carol"), away, now), 0);
    guesses(f, alice, home, now, 3);
    assert_int_equal(take(f, "register", home, now), 0);
    at(f, now + 29 * CLOCK_MINUTE);
    fixture_reopen(f, NULL, (struct text){0}); /* it looks once a minute, and after a start */
    assert_ok(throttle_housekeeping(&f->c));
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM throttle_guesses"), 3);
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM throttle_floods"), 0);
    at(f, now + 30 * CLOCK_MINUTE);
    fixture_reopen(f, NULL, (struct text){0});
    assert_ok(throttle_housekeeping(&f->c));
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM throttle_guesses"), 1);
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM throttle_guesses WHERE known_at > 0"),
                     1);
}

static void the_oldest_go_when_there_are_too_many(void **state) {
    struct fixture *f = *state;
    at(f, 1000000);
    assert_true(engine_script(
        f->url,
        "INSERT INTO throttle_guesses SELECT n, 0, n, n, 0, 0, n "
        "FROM generate_series(1, 250000) n;"
        "INSERT INTO throttle_guesses SELECT n, 1, n - 250000, n - 250000, 0, 0, NULL "
        "FROM generate_series(250001, 500010) n;"
        "INSERT INTO throttle_floods SELECT n, 1000000 + n FROM generate_series(1, 500020) n"));
    assert_ok(throttle_housekeeping(&f->c));
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM throttle_guesses"), 500000);
    assert_int_equal(fixture_count(f, "SELECT MIN(key) FROM throttle_guesses"), 11);
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM throttle_floods"), 500000);
    assert_int_equal(fixture_count(f, "SELECT MIN(key) FROM throttle_floods"), 21);
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
        TEST(long_and_empty_names),
        TEST(a_clock_that_is_set_back_keeps_nobody_out),
        TEST(floods_have_a_burst_and_a_rate),
        TEST(threads_share_one_count),
    };
    const struct CMUnitTest memory_tests[] = {TEST(memory_is_bounded)};
    const struct CMUnitTest shared_tests[] = {
        TEST(nodes_share_one_count),
        TEST(what_is_refused_writes_nothing),
        TEST(what_no_longer_matters_is_swept),
        TEST(the_oldest_go_when_there_are_too_many),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed + (engine_is_sqlite() ? cmocka_run_group_tests(memory_tests, NULL, NULL)
                                        : cmocka_run_group_tests(shared_tests, NULL, NULL));
}
