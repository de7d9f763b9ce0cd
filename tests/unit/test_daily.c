/* Daily figures: what is kept in memory until it is written down. */
#include "fixture.h"

#include "base/clock.h"
#include "core/daily.h"
#include "engine.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

static void write_down(struct fixture *f) {
    assert_ok(daily_housekeeping(&f->c));
}

/* The figure of the day `ago` days before the fixture's. */
static int64_t figure(struct fixture *f, enum daily kind, int ago) {
    int64_t days[3];
    fixture_settle(f);
    assert_ok(daily_read(&f->c, kind, 3, days));
    return days[2 - ago];
}

/* SQLite would else look through all triggers, and not know the tokenizer of the search tables. */
static void rename_table(struct fixture *f, const char *from, const char *to) {
    const char *first = engine_is_sqlite() ? "PRAGMA legacy_alter_table=ON; " : "";
    fixture_settle(f);
    assert_true(engine_script(
        f->url, text_format(&f->arena, "%sALTER TABLE %s RENAME TO %s", first, from, to).at));
}

/* ---------------------------------------------------------------------------------------------- */

static void nothing_is_written_before_it_is_asked_for(void **state) {
    struct fixture *f = *state;
    daily_count(&f->c, DAILY_FOLLOWED);
    assert_int_equal(figure(f, DAILY_FOLLOWED, 0), 0);
    write_down(f);
    write_down(f);
    assert_int_equal(figure(f, DAILY_FOLLOWED, 0), 1);
    assert_int_equal(figure(f, DAILY_UNFOLLOWED, 0), 0);
}

static void what_was_counted_belongs_to_its_day(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ana");
    daily_count(&f->c, DAILY_FOLLOWED);
    daily_count(&f->c, DAILY_UNFOLLOWED);
    daily_active(&f->c, a.id);
    f->c.now += CLOCK_DAY;
    daily_count(&f->c, DAILY_FOLLOWED);
    daily_count(&f->c, DAILY_FOLLOWED);
    daily_count(&f->c, DAILY_UNFOLLOWED);
    daily_active(&f->c, a.id);
    write_down(f);
    for (int ago = 0; ago < 2; ago++) {
        assert_int_equal(figure(f, DAILY_FOLLOWED, ago), 2 - ago);
        assert_int_equal(figure(f, DAILY_UNFOLLOWED, ago), 1);
        assert_int_equal(figure(f, DAILY_ACTIVE, ago), 1);
    }
}

static void an_account_is_active_once_a_day(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ana"), b = fixture_account(f, "bob");
    for (int round = 0; round < 3; round++) {
        daily_active(&f->c, a.id);
        daily_active(&f->c, a.id);
        if (round)
            daily_active(&f->c, b.id);
        write_down(f);
    }
    assert_int_equal(figure(f, DAILY_ACTIVE, 0), 2);
}

/* Another process, or this one after a restart, knows of nobody. */
static void whoever_counted_it(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ana");
    for (int process = 0; process < 2; process++) {
        daily_active(&f->c, a.id);
        write_down(f);
        daily_free(f->core.daily);
        f->core.daily = daily_new();
    }
    assert_int_equal(figure(f, DAILY_ACTIVE, 0), 1);
}

static void a_clock_that_is_set_back_counts_nobody_again(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ana");
    daily_active(&f->c, a.id);
    write_down(f);
    f->c.now -= CLOCK_DAY;
    daily_active(&f->c, a.id);
    write_down(f);
    assert_int_equal(figure(f, DAILY_ACTIVE, 0), 0);
    f->c.now += CLOCK_DAY;
    assert_int_equal(figure(f, DAILY_ACTIVE, 0), 1);
}

static void who_is_erased_is_nobody(void **state) {
    struct fixture *f = *state;
    daily_active(&f->c, 12345);
    write_down(f);
    assert_int_equal(figure(f, DAILY_ACTIVE, 0), 0);
}

/* More than go into one transaction. */
static void a_crowd_is_counted_in_parts(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 300; i++)
        daily_active(&f->c, fixture_account(f, text_format(&f->arena, "user%d", i).at).id);
    daily_count(&f->c, DAILY_FOLLOWED);
    write_down(f);
    assert_int_equal(figure(f, DAILY_ACTIVE, 0), 300);
    assert_int_equal(figure(f, DAILY_FOLLOWED, 0), 1);
}

static void what_cannot_be_written_is_written_later(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ana");
    daily_active(&f->c, a.id);
    daily_count(&f->c, DAILY_FOLLOWED);
    rename_table(f, "daily", "away");
    assert_int_not_equal(daily_housekeeping(&f->c), OK);
    daily_count(&f->c, DAILY_FOLLOWED);
    assert_int_not_equal(daily_housekeeping(&f->c), OK);
    rename_table(f, "away", "daily");
    write_down(f);
    assert_int_equal(figure(f, DAILY_FOLLOWED, 0), 2);
    assert_int_equal(figure(f, DAILY_ACTIVE, 0), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_written_before_it_is_asked_for),
        TEST(what_was_counted_belongs_to_its_day),
        TEST(an_account_is_active_once_a_day),
        TEST(whoever_counted_it),
        TEST(a_clock_that_is_set_back_counts_nobody_again),
        TEST(who_is_erased_is_nobody),
        TEST(a_crowd_is_counted_in_parts),
        TEST(what_cannot_be_written_is_written_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
