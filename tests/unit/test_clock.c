#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "base/clock.h"

static int64_t date(const char *s) {
    int64_t days;
    if (!clock_parse_date(text_of(s), &days))
        fail_msg("refused \"%s\"", s);
    return days;
}

static void assert_moment(int64_t us, const char *expected) {
    char out[CLOCK_TEXT_SIZE];
    clock_format(us, out);
    assert_string_equal(out, expected);
}

static void test_format(void **state) {
    (void)state;
    assert_moment(0, "1970-01-01T00:00:00Z");
    assert_moment(-1, "1969-12-31T23:59:59Z");
    assert_moment(1705314600999999, "2024-01-15T10:30:00Z");
    assert_moment(951827696 * CLOCK_SECOND, "2000-02-29T12:34:56Z");
    assert_moment(INT64_C(253402300799999999), "9999-12-31T23:59:59Z");
    assert_moment(INT64_C(253402300800000000), "9999-12-31T23:59:59Z");
    assert_moment(INT64_MAX, "9999-12-31T23:59:59Z");
    assert_moment(INT64_MIN, "0001-01-01T00:00:00Z");
}

static void test_format_as_gmtime(void **state) {
    (void)state;
    for (int64_t second = -62135596800; second <= 253402300799; second += 86399 * 37) {
        time_t t = second;
        struct tm tm;
        char expected[64];
        strftime(expected, sizeof expected, "%FT%TZ", gmtime_r(&t, &tm));
        /* glibc does not pad years. */
        char padded[64] = "0000";
        size_t year = strcspn(expected, "-");
        strcpy(padded + 4 - year, expected);
        assert_moment(second * CLOCK_SECOND, padded);
    }
}

static void test_dates_one_by_one(void **state) {
    (void)state;
    int64_t expected = date("0001-01-01");
    assert_int_equal(expected, -719162);
    char s[11], previous[11] = "";
    for (; expected <= 2932896; expected++) {
        clock_format_date(expected, s);
        assert_true(strcmp(previous, s) < 0);
        assert_int_equal(date(s), expected);
        strcpy(previous, s);
    }
    assert_string_equal(s, "9999-12-31");
    clock_format_date(INT64_MAX, s);
    assert_string_equal(s, "9999-12-31");
    clock_format_date(INT64_MIN, s);
    assert_string_equal(s, "0001-01-01");
}

static void test_parse_refuses(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",           "2024-1-15",  "2024-01-15T", "2023-02-29", "1900-02-29",
        "2024-02-30", "2024-04-31", "2024-00-10",  "2024-13-10", "2024-01-00",
        "2024-01-32", "0000-01-01", "20240115",    "2024/01/15", "-024-01-15",
        "2024-01-+5", " 2024-01-1", "2024-01-1a",  "99999-01-1",
    };
    int64_t days;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (clock_parse_date(text_of(bad[i]), &days))
            fail_msg("accepted \"%s\"", bad[i]);
    }
    assert_int_equal(date("2000-02-29"), 11016);
}

static void test_parse(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:01z", 1000000},
        {"1970-01-01T00:00:00.25Z", 250000},
        {"1970-01-01T00:00:00.1234569Z", 123456},
        {"1970-01-01T02:00:00+02:00", 0},
        {"1969-12-31T19:30:00-04:30", 0},
        {"2024-01-15T10:30:00-00:00", INT64_C(1705314600000000)},
        {"1969-12-31T23:59:59.999999Z", -1},
        {"9999-12-31T23:59:59Z", INT64_C(253402300799000000)},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t us;
        assert_true(clock_parse(text_of(good[i].text), &us));
        assert_int_equal(us, good[i].us);
    }
    static const char *const bad[] = {
        "",
        "2024-01-15",
        "2024-01-15T10:30Z",
        "2024-01-15T10:30:00",
        "2024-01-15 10:30:00Z",
        "2024-01-15T24:00:00Z",
        "2024-01-15T10:60:00Z",
        "2024-01-15T10:30:60Z",
        "2024-02-30T10:30:00Z",
        "2024-01-15T10:30:00.Z",
        "2024-01-15T10:30:00,5Z",
        "2024-01-15T10:30:00+2:00",
        "2024-01-15T10:30:00+0200",
        "2024-01-15T10:30:00+24:00",
        "2024-01-15T10:30:00+02:60",
        "2024-01-15T10:30:00 02:00",
        "2024-01-15T10:30:00Z ",
        "2024-01-15T10:30:00ZZ",
        "0000-01-15T10:30:00Z",
        "2024-01-15T1a:30:00Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t us;
        if (clock_parse(text_of(bad[i]), &us))
            fail_msg("accepted \"%s\"", bad[i]);
    }
}

static void test_date_of(void **state) {
    (void)state;
    assert_int_equal(clock_date_of(0), 0);
    assert_int_equal(clock_date_of(CLOCK_DAY - 1), 0);
    assert_int_equal(clock_date_of(CLOCK_DAY), 1);
    assert_int_equal(clock_date_of(-1), -1);
    assert_int_equal(clock_date_of(-CLOCK_DAY), -1);
    assert_int_equal(clock_date_of(-CLOCK_DAY - 1), -2);
}

static void test_years_before(void **state) {
    (void)state;
    assert_int_equal(clock_years_before(date("2024-01-15"), 18), date("2006-01-15"));
    assert_int_equal(clock_years_before(date("2024-02-29"), 1), date("2023-02-28"));
    assert_int_equal(clock_years_before(date("2024-02-29"), 4), date("2020-02-29"));
    assert_int_equal(clock_years_before(date("2000-02-29"), 100), date("1900-02-28"));
    assert_int_equal(clock_years_before(date("2023-02-28"), 3), date("2020-02-28"));
    assert_int_equal(clock_years_before(date("2024-12-31"), 0), date("2024-12-31"));
}

static void test_clocks_run(void **state) {
    (void)state;
    int64_t wall = clock_now(), steady = clock_monotonic();
    assert_in_range(wall / CLOCK_SECOND, (uintmax_t)time(NULL) - 1, (uintmax_t)time(NULL) + 1);
    struct timespec pause = {0, 2000000};
    nanosleep(&pause, NULL);
    assert_true(clock_monotonic() - steady >= 2000);
    assert_true(clock_monotonic() - steady < CLOCK_MINUTE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_format_as_gmtime),
        cmocka_unit_test(test_dates_one_by_one),
        cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_date_of),
        cmocka_unit_test(test_years_before),
        cmocka_unit_test(test_clocks_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
