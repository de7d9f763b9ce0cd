#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"

static void test_add(void **state) {
    (void)state;
    struct buffer b = {0};
    buffer_add(&b, NULL, 0);
    buffer_add_text(&b, (struct text){NULL, 0});
    assert_int_equal(b.size, 0);
    buffer_add(&b, "one", 3);
    buffer_add_char(&b, ' ');
    buffer_add_text(&b, TEXT("two"));
    assert_true(text_equal(buffer_text(&b), TEXT("one two")));
    buffer_free(&b);
    assert_null(b.at);
    assert_int_equal(b.size, 0);
}

static void test_grows(void **state) {
    (void)state;
    struct buffer b = {0};
    for (int i = 0; i < 100000; i++)
        buffer_add_char(&b, (char)('a' + i % 26));
    assert_int_equal(b.size, 100000);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(b.at[i], 'a' + i % 26);
    buffer_free(&b);
}

static void test_reserve(void **state) {
    (void)state;
    struct buffer b = {0};
    buffer_add(&b, "abc", 3);
    char *at = buffer_reserve(&b, 5000);
    assert_int_equal(b.size, 3);
    memset(at, 'x', 5000);
    b.size += 5000;
    assert_memory_equal(b.at, "abcx", 4);
    assert_non_null(buffer_reserve(&b, 0));
    buffer_free(&b);
    assert_non_null(buffer_reserve(&b, 0));
    buffer_free(&b);
}

static void test_format(void **state) {
    (void)state;
    struct buffer b = {0};
    buffer_format(&b, "%s=%d", "n", 42);
    assert_true(text_equal(buffer_text(&b), TEXT("n=42")));
    /* Every length around what is reserved beforehand. */
    for (int size = 0; size < 600; size++) {
        buffer_clear(&b, 0);
        buffer_format(&b, "%0*d.", size + 1, 7);
        assert_int_equal(b.size, size + 2);
        assert_memory_equal(b.at + size, "7.", 2);
    }
    buffer_free(&b);
}

static void test_clear(void **state) {
    (void)state;
    struct buffer b = {0};
    buffer_reserve(&b, 1000);
    buffer_add_char(&b, 'x');
    size_t capacity = b.capacity;
    buffer_clear(&b, capacity);
    assert_int_equal(b.size, 0);
    assert_int_equal(b.capacity, capacity);
    buffer_clear(&b, capacity - 1);
    assert_null(b.at);
    assert_int_equal(b.capacity, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add),    cmocka_unit_test(test_grows), cmocka_unit_test(test_reserve),
        cmocka_unit_test(test_format), cmocka_unit_test(test_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
