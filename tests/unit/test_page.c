#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/page.h"

static struct in_int given(int64_t n) {
    return (struct in_int){.given = true, .value = n};
}

static void nothing_said_is_the_first_page(void **state) {
    (void)state;
    struct page p = page_of((struct in_int){0}, (struct in_int){0});
    assert_int_equal(p.number, 1);
    assert_int_equal(p.limit, 20);
    assert_int_equal(p.offset, 0);
}

static void pages_follow_each_other(void **state) {
    (void)state;
    assert_int_equal(page_of(given(1), given(7)).offset, 0);
    assert_int_equal(page_of(given(2), given(7)).offset, 7);
    assert_int_equal(page_of(given(11), given(100)).offset, 1000);
}

/* A page whose offset is no 64-bit number lies behind every list, not somewhere inside one. */
static void far_pages_do_not_wrap(void **state) {
    (void)state;
    int64_t end = INT64_C(1) << 62;
    assert_int_equal(page_of(given(INT64_MAX), given(100)).offset, end);
    assert_int_equal(page_of(given(INT64_MAX), given(1)).offset, end);
    assert_int_equal(page_of(given(end / 100 + 1), given(100)).offset, end);
    assert_int_equal(page_of(given(end / 100), given(100)).offset, (end / 100 - 1) * 100);
    assert_int_equal(page_of(given(INT64_MAX), given(100)).number, INT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_is_the_first_page),
        cmocka_unit_test(pages_follow_each_other),
        cmocka_unit_test(far_pages_do_not_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
