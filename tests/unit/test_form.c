#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "http/form.h"

static struct arena arena;
static struct form_pair *pairs;
static size_t count;

static int free_arena(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static enum err decode(const char *in) {
    return form_decode(&arena, text_of(in), &pairs, &count);
}

static void assert_pair(size_t i, const char *name, const char *value) {
    assert_true(i < count);
    assert_true(text_equal(pairs[i].name, text_of(name)));
    assert_true(text_equal(pairs[i].value, text_of(value)));
}

static void test_pairs_in_order(void **state) {
    (void)state;
    assert_int_equal(decode("a=1&b=2&a=3"), OK);
    assert_int_equal(count, 3);
    assert_pair(0, "a", "1");
    assert_pair(1, "b", "2");
    assert_pair(2, "a", "3");
}

static void test_decoding(void **state) {
    (void)state;
    assert_int_equal(decode("a+b=%41%20+%2b%26%3D&n%C3%A9=%e2%82%ac"), OK);
    assert_int_equal(count, 2);
    assert_pair(0, "a b", "A  +&=");
    assert_pair(1, "n\u00e9", "\u20ac");
}

static void test_missing_pieces(void **state) {
    (void)state;
    assert_int_equal(decode(""), OK);
    assert_int_equal(count, 0);
    assert_int_equal(decode("&&a&b=&=c&d=e=f&"), OK);
    assert_int_equal(count, 4);
    assert_pair(0, "a", "");
    assert_pair(1, "b", "");
    assert_pair(2, "", "c");
    assert_pair(3, "d", "e=f");
}

static void test_malformed(void **state) {
    (void)state;
    static const char *const bad[] = {"a=%",   "a=%4",       "a=%4g",   "a=%zz", "%=1",
                                      "a=%00", "a=%c3",      "a=\xff",  "%ff=1", "a=%ed%a0%80",
                                      "a=% 1", "a=%c0%80&b", "a=1&b=%", "a%00",  "a=%f5%80%80%80"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(decode(bad[i]), ERR_MALFORMED);
    assert_int_equal(form_decode(&arena, TEXT("a=\0"), &pairs, &count), ERR_MALFORMED);
}

static void test_too_many_pairs(void **state) {
    (void)state;
    struct buffer b = {0};
    for (int i = 0; i < FORM_PAIRS_MAX; i++)
        buffer_add_text(&b, i > 0 ? TEXT("&a=1") : TEXT("a=1"));
    assert_int_equal(form_decode(&arena, buffer_text(&b), &pairs, &count), OK);
    assert_int_equal(count, FORM_PAIRS_MAX);
    buffer_add_text(&b, TEXT("&a=1"));
    assert_int_equal(form_decode(&arena, buffer_text(&b), &pairs, &count), ERR_MALFORMED);
    buffer_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_in_order), cmocka_unit_test(test_decoding),
        cmocka_unit_test(test_missing_pieces), cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_too_many_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
