#include "fixture.h"

#include "base/clock.h"
#include "core/catalog.h"
#include "core/stats.h"

/* An account that exists for the statistics alone. */
static struct account person(int64_t flags, enum sex sex, int64_t birth_date) {
    return (struct account){.id = 1, .flags = flags, .sex = sex, .birth_date = birth_date};
}

static void move(struct fixture *f, const struct account *before, const struct account *after,
                 uint64_t categories) {
    assert_ok(db_begin(f->c.db));
    assert_ok(stats_account(&f->c, before, after, categories));
    fixture_commit(f);
}

static void assert_counts(const int64_t *got, size_t n, const int64_t *wanted) {
    for (size_t i = 0; i < n; i++)
        assert_int_equal(got[i], wanted[i]);
}
#define assert_sex(f, ...)         assert_read(f, stats_sex, 3, __VA_ARGS__)
#define assert_age(f, ...)         assert_read(f, stats_age, 4, __VA_ARGS__)
#define assert_preferences(f, ...) assert_read(f, stats_preferences, 6, __VA_ARGS__)
#define assert_read(f, read, n, ...)                                                               \
    do {                                                                                           \
        int64_t got_[n], wanted_[n] = {__VA_ARGS__};                                               \
        assert_ok(read(&(f)->c, got_));                                                            \
        assert_counts(got_, n, wanted_);                                                           \
    } while (0)

static int64_t accounts(struct fixture *f, int item) {
    int64_t n;
    assert_ok(stats_accounts(&f->c, item, &n));
    return n;
}

static int64_t date(const char *s) {
    int64_t days;
    assert_true(clock_parse_date(text_of(s), &days));
    return days;
}

static void nothing_is_zero(void **state) {
    struct fixture *f = *state;
    assert_sex(f, 0, 0, 0);
    assert_age(f, 0, 0, 0, 0);
    assert_preferences(f, 0, 0, 0, 0, 0, 0);
    for (int item = STATS_TOTAL; item <= STATS_LISTED; item++)
        assert_int_equal(accounts(f, item), 0);
}

static void each_account_is_in_one_class(void **state) {
    struct fixture *f = *state;
    static const int64_t flags[] = {
        ACCOUNT_ACTIVE | ACCOUNT_PUBLIC,
        ACCOUNT_ACTIVE,
        ACCOUNT_PUBLIC,
        ACCOUNT_BANNED,
        ACCOUNT_ACTIVE | ACCOUNT_BANNED | ACCOUNT_PUBLIC,
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        struct account a = person(flags[i], SEX_UNKNOWN, NO_DATE);
        move(f, NULL, &a, 0);
    }
    assert_int_equal(accounts(f, STATS_TOTAL), 5);
    assert_int_equal(accounts(f, STATS_ACTIVE), 2);
    assert_int_equal(accounts(f, STATS_INACTIVE), 1);
    assert_int_equal(accounts(f, STATS_BANNED), 2);
    assert_int_equal(accounts(f, STATS_LISTED), 1);
}

static void a_ban_takes_an_account_out_and_back(void **state) {
    struct fixture *f = *state;
    f->c.now = date("2024-06-15") * CLOCK_DAY;
    uint64_t categories = 1 | 1 << 4 | 1 << 5 | 1 << (CATEGORY_COUNT - 1);
    struct account a = person(ACCOUNT_FLAGS_NEW, SEX_FEMALE, date("2000-01-01"));
    struct account banned = person(ACCOUNT_FLAGS_NEW | ACCOUNT_BANNED, SEX_FEMALE, a.birth_date);
    move(f, NULL, &a, categories);
    assert_sex(f, 0, 1, 0);
    assert_age(f, 1, 0, 0, 0);
    assert_preferences(f, 1, 0, 0, 0, 1, 2);
    move(f, &a, &banned, categories);
    assert_sex(f, 0, 0, 0);
    assert_age(f, 0, 0, 0, 0);
    assert_preferences(f, 0, 0, 0, 0, 0, 0);
    move(f, &banned, &a, categories);
    assert_sex(f, 0, 1, 0);
    assert_age(f, 1, 0, 0, 0);
    assert_preferences(f, 1, 0, 0, 0, 1, 2);
    move(f, &a, NULL, categories);
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM statistics WHERE total <> 0"), 0);
}

static void changes_of_the_datum(void **state) {
    struct fixture *f = *state;
    f->c.now = date("2024-06-15") * CLOCK_DAY;
    struct account a = person(ACCOUNT_FLAGS_NEW, SEX_UNKNOWN, NO_DATE), b = a;
    b.sex = SEX_OTHER;
    b.birth_date = date("1960-02-29");
    move(f, NULL, &a, 0);
    move(f, &a, &b, 0);
    assert_sex(f, 0, 0, 1);
    assert_age(f, 0, 0, 0, 1);
    a = b;
    a.sex = SEX_MALE;
    a.birth_date = date("1990-01-01");
    move(f, &b, &a, 0);
    assert_sex(f, 1, 0, 0);
    assert_age(f, 0, 1, 0, 0);
    b = a;
    b.sex = SEX_UNKNOWN;
    b.birth_date = NO_DATE;
    move(f, &a, &b, 0);
    assert_sex(f, 0, 0, 0);
    assert_age(f, 0, 0, 0, 0);
}

static void categories_change(void **state) {
    struct fixture *f = *state;
    struct account a = person(ACCOUNT_FLAGS_NEW, SEX_UNKNOWN, NO_DATE), off = a;
    off.flags = 0;
    assert_ok(db_begin(f->c.db));
    assert_ok(stats_categories(&f->c, &a, 1 | 2, 2 | 4));
    assert_ok(stats_categories(&f->c, &off, 0, 8));
    fixture_commit(f);
    assert_preferences(f, -1, 0, 1, 0, 0, 0);
}

static void ages_turn_on_the_birthday(void **state) {
    struct fixture *f = *state;
    static const char *const born[] = {"2006-06-16", "2006-06-15", "1999-06-16", "1999-06-15",
                                       "1989-06-16", "1989-06-15", "1979-06-16", "1979-06-15",
                                       "1900-01-01", "2020-01-01"};
    for (size_t i = 0; i < sizeof born / sizeof *born; i++) {
        struct account a = person(ACCOUNT_FLAGS_NEW, SEX_UNKNOWN, date(born[i]));
        move(f, NULL, &a, 0);
    }
    f->c.now = date("2024-06-15") * CLOCK_DAY;
    assert_age(f, 2, 2, 2, 2);
    f->c.now = date("2024-06-16") * CLOCK_DAY - 1;
    assert_age(f, 2, 2, 2, 2);
    f->c.now = date("2024-06-16") * CLOCK_DAY;
    assert_age(f, 2, 2, 2, 3);
}

static void born_on_29_february(void **state) {
    struct fixture *f = *state;
    struct account a = person(ACCOUNT_FLAGS_NEW, SEX_UNKNOWN, date("2004-02-29"));
    move(f, NULL, &a, 0);
    f->c.now = date("2022-02-28") * CLOCK_DAY;
    assert_age(f, 0, 0, 0, 0);
    f->c.now = date("2022-03-01") * CLOCK_DAY;
    assert_age(f, 1, 0, 0, 0);
}

static void assert_percent(const int64_t *counts, size_t n, const int64_t *wanted) {
    int64_t got[6];
    memcpy(got, counts, n * sizeof *got);
    stats_percent(got, n);
    assert_counts(got, n, wanted);
}

static void percentages_sum_to_100(void **state) {
    (void)state;
    assert_percent((int64_t[]){1, 1, 1}, 3, (int64_t[]){34, 33, 33});
    assert_percent((int64_t[]){2, 2, 2, 1}, 4, (int64_t[]){29, 29, 28, 14});
    assert_percent((int64_t[]){0, 0, 0}, 3, (int64_t[]){0, 0, 0});
    assert_percent((int64_t[]){0, 5, 0}, 3, (int64_t[]){0, 100, 0});
    assert_percent((int64_t[]){60, 40, 0}, 3, (int64_t[]){60, 40, 0});
    assert_percent((int64_t[]){1, 199, 0}, 3, (int64_t[]){1, 99, 0});
    assert_percent((int64_t[]){1, 1, 998}, 3, (int64_t[]){0, 0, 100});
    assert_percent((int64_t[]){10000000000000000, 1, 1}, 3, (int64_t[]){100, 0, 0});
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_zero),
        TEST(each_account_is_in_one_class),
        TEST(a_ban_takes_an_account_out_and_back),
        TEST(changes_of_the_datum),
        TEST(categories_change),
        TEST(ages_turn_on_the_birthday),
        TEST(born_on_29_february),
        cmocka_unit_test(percentages_sum_to_100),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
