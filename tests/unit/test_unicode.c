#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/unicode.h"

static struct arena arena;

static int free_arena(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

/* UTF-8 by the book, for any number that fits four bytes. */
static struct text encode(char out[4], unsigned c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return (struct text){out, 1};
    }
    size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)((0xf00 >> size) | c);
    return (struct text){out, size};
}

static void assert_text(struct text t, const char *expected) {
    if (!text_equal(t, text_of(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", TEXT_ARGS(t), expected);
}

static bool is_scalar(unsigned c) {
    return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

static void test_valid_code_points(void **state) {
    (void)state;
    char bytes[4];
    for (unsigned c = 0; c <= 0x1fffff; c++) {
        if (unicode_valid(encode(bytes, c)) != is_scalar(c))
            fail_msg("U+%04X", c);
    }
}

static void test_valid_refuses(void **state) {
    (void)state;
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80",
        "\xfe",
        "\xff",
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xc3(",
        "\xe2\x82(",
        "\xf0\x9f\x98(",
        "\xe2(\x82",
        "\xc3\xa9\xa9",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        /* Alone, and at every place within a longer text. */
        for (size_t before = 0; before < 20; before++) {
            char in[64];
            memset(in, 'a', sizeof in);
            memcpy(in + before, bad[i], strlen(bad[i]));
            if (unicode_valid((struct text){in, before + strlen(bad[i])}) ||
                unicode_valid((struct text){in, sizeof in}))
                fail_msg("number %zu behind %zu", i, before);
        }
    }
    assert_true(unicode_valid((struct text){NULL, 0}));
    assert_true(unicode_valid(TEXT("plain ASCII, Ünïcödé, 漢字, 😀, and \0 too")));
}

static void test_length(void **state) {
    (void)state;
    assert_int_equal(unicode_length((struct text){NULL, 0}), 0);
    assert_int_equal(unicode_length(TEXT("abc")), 3);
    assert_int_equal(unicode_length(TEXT("é漢😀a")), 4);
    assert_int_equal(unicode_length(TEXT("e\u0301")), 2);
}

static void test_nfc(void **state) {
    (void)state;
    assert_text(unicode_nfc(&arena, (struct text){NULL, 0}), "");
    assert_text(unicode_nfc(&arena, TEXT("plain")), "plain");
    assert_text(unicode_nfc(&arena, TEXT("\u00e9")), "\u00e9");
    assert_text(unicode_nfc(&arena, TEXT("e\u0301")), "\u00e9");
    assert_text(unicode_nfc(&arena, TEXT("a\u0323\u0307")), "\u1ea1\u0307");
    assert_text(unicode_nfc(&arena, TEXT("a\u0307\u0323")), "\u1ea1\u0307");
    assert_text(unicode_nfc(&arena, TEXT("\u212b")), "\u00c5"); /* Angstrom sign */
    assert_text(unicode_nfc(&arena, TEXT("\u1112\u1161\u11ab")), "\ud55c");
    assert_text(unicode_nfc(&arena, TEXT("\u0958")), "\u0915\u093c"); /* never composed */
    assert_text(unicode_nfc(&arena, TEXT("\ufb01")), "\ufb01");       /* not form KC */
    struct text t = unicode_nfc(&arena, TEXT("e\u0301\0x"));
    assert_int_equal(t.size, 4);
    assert_memory_equal(t.at, "\u00e9\0x", 4);
}

static void assert_folds(const char *in, const char *expected) {
    assert_text(unicode_fold(&arena, text_of(in)), expected);
}

static void test_fold(void **state) {
    (void)state;
    assert_folds("", "");
    assert_folds("Plain_ASCII 42", "plain_ascii 42");
    assert_folds("Ÿ", "y");
    assert_folds("Straße", "strasse");
    assert_folds("STRASSE", "strasse");
    assert_folds("ẞ", "ss");
    assert_folds("Łódź", "lodz");
    assert_folds("Đặng Thị", "dang thi");
    assert_folds("SØREN", "soren");
    assert_folds("Ælfgifu Œuvre Þór Ðorð Ħal Ŧ", "aelfgifu oeuvre thor dord hal t");
    assert_folds("Ǽ ǿ", "ae o");
    assert_folds("İSTANBUL ılık", "istanbul ilik");
    assert_folds("e\u0301", "e");
    assert_folds("ﬁne Ⅷ ２０ ℋ", "fine viii 20 h");
    assert_folds("ΣΊΣΥΦΟΣ", "σισυφοσ");
    assert_folds("σίσυφος", "σισυφοσ");
    assert_folds("ЁЛКА", "елка");
    assert_folds("漢字😀", "漢字😀");
    assert_folds("한글", "한글"); /* a syllable is one character, not its letters */
    struct text t = unicode_fold(&arena, TEXT("É\0Z"));
    assert_int_equal(t.size, 3);
    assert_memory_equal(t.at, "e\0z", 4);
}

/* What is stored folded must be what a folded question matches, whatever the letter. Nothing past
 * plane 2 folds. */
static void test_fold_is_stable(void **state) {
    (void)state;
    char bytes[4];
    for (unsigned c = 1; c <= 0x2ffff; c++) {
        if (!is_scalar(c))
            continue;
        struct text once = unicode_fold(&arena, encode(bytes, c));
        struct text twice = unicode_fold(&arena, once);
        struct text composed = unicode_fold(&arena, unicode_nfc(&arena, encode(bytes, c)));
        if (!unicode_valid(once) || !text_equal(once, twice) || !text_equal(once, composed))
            fail_msg("U+%04X", c);
        arena_reset(&arena);
    }
}

static void test_has_control(void **state) {
    (void)state;
    char bytes[4];
    for (unsigned c = 0; c <= 0x3000; c++) {
        bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
        bool is_break = c == '\n' || c == '\r' || c == '\t';
        struct text t = encode(bytes, c);
        assert_int_equal(unicode_has_control(t, false), control);
        assert_int_equal(unicode_has_control(t, true), control && !is_break);
    }
    assert_false(unicode_has_control((struct text){NULL, 0}, false));
    assert_true(unicode_has_control(TEXT("a long text and then: \0"), true));
    assert_false(unicode_has_control(TEXT("line\r\n\tline é 漢"), true));
}

static void test_has_word(void **state) {
    (void)state;
    static const char *const with[] = {"abc", "--a1b--", "ива", "花子さ", "%ab\\ cde"};
    static const char *const without[] = {"",      "ab",           "ab-cd",       "+++",
                                          "a_b_c", "🦊🦊🦊", "\xff\xff\xff"};
    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++)
        assert_true(unicode_has_word(text_of(with[i]), 3));
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        assert_false(unicode_has_word(text_of(without[i]), 3));
    assert_true(unicode_has_word(TEXT("ab"), 2));
}

static void test_next(void **state) {
    (void)state;
    struct text rest = TEXT("aé漢😀\xff\xc3");
    static const int expected[] = {'a', 0xe9, 0x6f22, 0x1f600, 0xfffd, 0xfffd, -1, -1};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(unicode_next(&rest), expected[i]);
    assert_int_equal(rest.size, 0);
    char bytes[4];
    for (unsigned c = 0; c <= 0x10ffff; c++) {
        struct text one = encode(bytes, c);
        if (is_scalar(c) && (unicode_next(&one) != (int)c || one.size != 0))
            fail_msg("U+%04X", c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_code_points),
        cmocka_unit_test(test_valid_refuses),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_nfc),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_fold_is_stable),
        cmocka_unit_test(test_has_control),
        cmocka_unit_test(test_has_word),
        cmocka_unit_test(test_next),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
