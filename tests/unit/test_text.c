#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

static struct arena arena;

static int free_arena(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct text nothing;

static void assert_text(struct text t, const char *expected) {
    if (!text_equal(t, text_of(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", TEXT_ARGS(t), expected);
}

static void test_equal(void **state) {
    (void)state;
    assert_true(text_equal(nothing, TEXT("")));
    assert_true(text_equal(text_of(NULL), TEXT("")));
    assert_true(text_equal(TEXT("a\0b"), TEXT("a\0b")));
    assert_false(text_equal(TEXT("a\0b"), TEXT("a\0c")));
    assert_false(text_equal(TEXT("a"), TEXT("ab")));
    assert_false(text_equal(TEXT("a"), TEXT("A")));
}

static void test_equal_nocase(void **state) {
    (void)state;
    assert_true(text_equal_nocase(TEXT("Content-TYPE"), TEXT("content-type")));
    assert_true(text_equal_nocase(nothing, TEXT("")));
    assert_false(text_equal_nocase(TEXT("a"), TEXT("b")));
    assert_false(text_equal_nocase(TEXT("a"), TEXT("aa")));
    /* Bytes next to the letters, 32 apart, and letters that are not ASCII. */
    assert_false(text_equal_nocase(TEXT("@["), TEXT("`{")));
    assert_false(text_equal_nocase(TEXT("É"), TEXT("é")));
}

static void test_starts(void **state) {
    (void)state;
    assert_true(text_starts(TEXT("Bearer x"), TEXT("Bearer ")));
    assert_true(text_starts(TEXT("x"), nothing));
    assert_true(text_starts(nothing, TEXT("")));
    assert_false(text_starts(TEXT("Bear"), TEXT("Bearer")));
    assert_false(text_starts(TEXT("bearer x"), TEXT("Bearer")));
}

static void test_compare(void **state) {
    (void)state;
    assert_true(text_compare(TEXT("a"), TEXT("b")) < 0);
    assert_true(text_compare(TEXT("b"), TEXT("a")) > 0);
    assert_true(text_compare(TEXT("a"), TEXT("aa")) < 0);
    assert_true(text_compare(TEXT("\xff"), TEXT("a")) > 0);
    assert_int_equal(text_compare(TEXT("ab"), TEXT("ab")), 0);
    assert_int_equal(text_compare(nothing, TEXT("")), 0);
    assert_true(text_compare(nothing, TEXT("a")) < 0);
}

static void test_trim(void **state) {
    (void)state;
    assert_text(text_trim(TEXT(" \t a b\t ")), "a b");
    assert_text(text_trim(TEXT("\na")), "\na");
    assert_text(text_trim(TEXT(" \t ")), "");
    assert_text(text_trim(nothing), "");
}

static void test_split(void **state) {
    (void)state;
    struct text rest = TEXT("a,,b,"), part;
    static const char *const expected[] = {"a", "", "b", ""};
    for (int i = 0; i < 4; i++) {
        assert_true(text_split(&rest, ',', &part));
        assert_text(part, expected[i]);
    }
    assert_false(text_split(&rest, ',', &part));
    assert_null(rest.at);

    rest = TEXT("");
    assert_true(text_split(&rest, ',', &part));
    assert_text(part, "");
    assert_false(text_split(&rest, ',', &part));
}

static void test_copies(void **state) {
    (void)state;
    struct text t = text_copy(&arena, TEXT("a\0b"));
    assert_int_equal(t.size, 3);
    assert_memory_equal(t.at, "a\0b", 4);
    t = text_copy(&arena, nothing);
    assert_int_equal(t.size, 0);
    assert_int_equal(*t.at, 0);
    assert_string_equal(text_cstr(&arena, (struct text){"abcdef", 3}), "abc");
    t = text_lower(&arena, TEXT("AZ@[É19"));
    assert_text(t, "az@[É19");
    assert_int_equal(t.at[t.size], 0);
}

static void test_format(void **state) {
    (void)state;
    struct text t = text_format(&arena, "%s-%d-%.*s", "a", 7, TEXT_ARGS(TEXT("xyz")));
    assert_text(t, "a-7-xyz");
    assert_int_equal(t.at[t.size], 0);
    t = text_format(&arena, "%05000d", 1);
    assert_int_equal(t.size, 5000);
    assert_text(text_format(&arena, "%s", ""), "");
    assert_text(text_format(&arena, "[%.*s]", TEXT_ARGS(nothing)), "[]");
}

static void assert_number(const char *s, int64_t expected) {
    int64_t n = 77;
    if (!text_to_int(text_of(s), &n) || n != expected)
        fail_msg("\"%s\"", s);
}

static void test_to_int(void **state) {
    (void)state;
    assert_number("0", 0);
    assert_number("-0", 0);
    assert_number("007", 7);
    assert_number("-42", -42);
    assert_number("9223372036854775807", INT64_MAX);
    assert_number("-9223372036854775808", INT64_MIN);
    static const char *const bad[] = {
        "",
        "-",
        "--1",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "1e3",
        "0x1",
        "a",
        "1-",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999999",
        "٣",
    };
    int64_t n;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (text_to_int(text_of(bad[i]), &n))
            fail_msg("accepted \"%s\"", bad[i]);
    }
    assert_false(text_to_int(TEXT("1\0"), &n));
    assert_false(text_to_int(nothing, &n));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal),  cmocka_unit_test(test_equal_nocase),
        cmocka_unit_test(test_starts), cmocka_unit_test(test_compare),
        cmocka_unit_test(test_trim),   cmocka_unit_test(test_split),
        cmocka_unit_test(test_copies), cmocka_unit_test(test_format),
        cmocka_unit_test(test_to_int),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
