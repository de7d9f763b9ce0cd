/* Checksums tell rows apart that print alike, and do not mind how they came. */
#include "cli/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define T(s) arg_text(TEXT(s))

static struct checksum of(const struct db_args *rows, size_t count) {
    struct checksumming c;
    checksum_begin(&c);
    for (size_t i = 0; i < count; i++)
        checksum_row(&c, rows[i]);
    return checksum_end(&c);
}

static bool equal(struct db_args a, struct db_args b) {
    struct checksum one = of(&a, 1), other = of(&b, 1);
    return checksum_equal(&one, &other);
}

static void test_equal_rows_are_equal(void **state) {
    (void)state;
    char other[] = "text";
    assert_true(
        equal(ARGS(T("text"), arg_int(-1), arg_null(), arg_blob("\0", 1)),
              ARGS(arg_text((struct text){other, 4}), arg_int(-1), arg_null(), arg_blob("\0", 1))));
    assert_true(equal(ARGS(T("")), ARGS(arg_text((struct text){NULL, 0}))));
}

static void test_what_differs_differs(void **state) {
    (void)state;
    assert_false(equal(ARGS(T("a"), T("bc")), ARGS(T("ab"), T("c"))));
    assert_false(equal(ARGS(T("")), ARGS(arg_null())));
    assert_false(equal(ARGS(T("x")), ARGS(arg_blob("x", 1))));
    assert_false(equal(ARGS(arg_int(49)), ARGS(T("1"))));
    assert_false(equal(ARGS(arg_int(0)), ARGS(arg_null())));
    assert_false(equal(ARGS(arg_int(1), arg_int(2)), ARGS(arg_int(2), arg_int(1))));
}

static void test_order_and_number_of_rows_count(void **state) {
    (void)state;
    const struct db_args ab[] = {ARGS(T("a")), ARGS(T("b"))}, ba[] = {ARGS(T("b")), ARGS(T("a"))};
    struct checksum one = of(ab, 2), other = of(ba, 2), shorter = of(ab, 1), none = of(ab, 0);
    assert_false(checksum_equal(&one, &other));
    assert_false(checksum_equal(&one, &shorter));
    assert_false(checksum_equal(&shorter, &none));
    assert_int_equal(one.rows, 2);
}

/* The digest of what came in several blocks is that of all of it. */
static void test_many_rows_are_digested_whole(void **state) {
    (void)state;
    enum { ROWS = 20000 };
    struct buffer all = {0};
    struct checksumming c;
    uint8_t digest[DIGEST_SIZE];
    checksum_begin(&c);
    for (int i = 0; i < ROWS; i++) {
        static const char length[] = {'t', 0, 0, 0, 0, 0, 0, 0, 10};
        struct text value = TEXT("0123456789");
        checksum_row(&c, ARGS(arg_text(value)));
        buffer_add(&all, length, sizeof length);
        buffer_add_text(&all, value);
    }
    struct checksum sum = checksum_end(&c);
    digest_sha256(buffer_text(&all), digest);
    assert_memory_equal(sum.digest, digest, DIGEST_SIZE);
    assert_int_equal(sum.rows, ROWS);
    buffer_free(&all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_rows_are_equal),
        cmocka_unit_test(test_what_differs_differs),
        cmocka_unit_test(test_order_and_number_of_rows_count),
        cmocka_unit_test(test_many_rows_are_digested_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
