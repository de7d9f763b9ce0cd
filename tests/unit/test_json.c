#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static struct buffer out;

/* What was written since the last call must be `expected`. */
static void assert_written(const char *expected) {
    buffer_add_char(&out, '\0');
    assert_string_equal(out.at, expected);
    buffer_clear(&out, 0);
}

static void test_structure(void **state) {
    (void)state;
    struct json j = json_writer(&out);
    json_open_object(&j);
    json_key_int(&j, "count", 2);
    json_key(&j, "results");
    json_open_array(&j);
    json_open_object(&j);
    json_close_object(&j);
    json_open_object(&j);
    json_key_text(&j, "a", TEXT("x"));
    json_key_cstr(&j, "b", "y");
    json_key_bool(&j, "c", true);
    json_key_bool(&j, "d", false);
    json_key_null(&j, "e");
    json_close_object(&j);
    json_open_array(&j);
    json_close_array(&j);
    json_int(&j, 1);
    json_put_null(&j);
    json_raw(&j, TEXT("{\"raw\":[]}"));
    json_close_array(&j);
    json_key_time(&j, "next", 0);
    json_close_object(&j);
    assert_written("{\"count\":2,\"results\":[{},{\"a\":\"x\",\"b\":\"y\",\"c\":true,\"d\":false,"
                   "\"e\":null},[],1,null,{\"raw\":[]}],\"next\":null}");
}

static void test_escapes(void **state) {
    (void)state;
    struct json j = json_writer(&out);
    json_text(&j, TEXT("\"\\/\b\f\n\r\t\0\x1f\x7f"));
    assert_written("\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"");
    j = json_writer(&out);
    json_text(&j, TEXT("Zażółć 漢字 😀 \u2028"));
    assert_written("\"Zażółć 漢字 😀 \u2028\"");
    j = json_writer(&out);
    json_text(&j, (struct text){NULL, 0});
    assert_written("\"\"");
}

/* Every byte at every place of texts around the word size, against the plain way. */
static void test_escapes_everywhere(void **state) {
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        for (size_t size = 1; size <= 18; size++) {
            for (size_t place = 0; place < size; place++) {
                char in[18], expected[64] = "\"";
                memset(in, 'a' + (int)place, size);
                in[place] = (char)byte;
                size_t at = 1;
                for (size_t i = 0; i < size; i++) {
                    unsigned char c = (unsigned char)in[i];
                    const char *named = memchr("\b\t\n\f\r\"\\", c, 7);
                    if (named != NULL)
                        at += (size_t)sprintf(expected + at, "\\%c",
                                              "btnfr\"\\"[strchr("\b\t\n\f\r\"\\", c) -
                                                          strchr("\b\t\n\f\r\"\\", '\b')]);
                    else if (c < 0x20)
                        at += (size_t)sprintf(expected + at, "\\u%04x", c);
                    else
                        expected[at++] = (char)c;
                }
                strcpy(expected + at, "\"");
                struct json j = json_writer(&out);
                json_text(&j, (struct text){in, size});
                assert_written(expected);
            }
        }
    }
}

static void test_long_text(void **state) {
    (void)state;
    static char in[70000];
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = i % 3 == 0 ? 1 : 'x';
    struct json j = json_writer(&out);
    json_text(&j, (struct text){in, sizeof in});
    size_t escaped = (sizeof in + 2) / 3;
    assert_int_equal(out.size, escaped * 6 + (sizeof in - escaped) + 2);
    assert_memory_equal(out.at + out.size - 10, "1xx\\u0001\"", 10);
    buffer_free(&out);
}

static void assert_int(int64_t n) {
    char expected[32];
    snprintf(expected, sizeof expected, "%" PRId64, n);
    struct json j = json_writer(&out);
    json_int(&j, n);
    assert_written(expected);
}

static void test_int(void **state) {
    (void)state;
    for (int64_t n = -1100; n <= 1100; n++)
        assert_int(n);
    for (int64_t n = 1; n < INT64_MAX / 10; n *= 10) {
        for (int64_t near = -1; near <= 1; near++) {
            assert_int(n + near);
            assert_int(-n - near);
            assert_int(n * 7 + near);
        }
    }
    assert_int(INT64_MAX);
    assert_int(INT64_MIN);
}

static void assert_cents(int64_t cents, const char *expected) {
    struct json j = json_writer(&out);
    json_cents(&j, cents);
    assert_written(expected);
}

static void test_cents(void **state) {
    (void)state;
    assert_cents(0, "0");
    assert_cents(1, "0.01");
    assert_cents(10, "0.1");
    assert_cents(99, "0.99");
    assert_cents(50000, "500");
    assert_cents(50050, "500.5");
    assert_cents(50005, "500.05");
    assert_cents(-50, "-0.5");
    assert_cents(-12345, "-123.45");
    assert_cents(INT64_MAX, "92233720368547758.07");
    assert_cents(INT64_MIN, "-92233720368547758.08");
}

static void test_time(void **state) {
    (void)state;
    struct json j = json_writer(&out);
    json_open_array(&j);
    json_time(&j, 1705314600000001);
    json_time(&j, 0);
    json_close_array(&j);
    assert_written("[\"2024-01-15T10:30:00Z\",null]");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_structure),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_escapes_everywhere),
        cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_int),
        cmocka_unit_test(test_cents),
        cmocka_unit_test(test_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
