#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "http/head.h"
#include "http/target.h"

static struct head head;

/* Scans `s` in pieces of `step` bytes. */
static enum err scan_by(const char *s, size_t size, size_t step, bool *end) {
    head_start(&head);
    for (size_t to = step;; to += step) {
        enum err e = head_scan(&head, s, to < size ? to : size, end);
        if (e != OK || *end || to >= size)
            return e;
    }
}

static enum err scan(const char *s, bool *end) {
    return scan_by(s, strlen(s), strlen(s), end);
}

static void test_whole_head(void **state) {
    (void)state;
    static const char s[] = "POST /a?b HTTP/1.1\r\nHost: x\r\nA:\t\"\xc3\xa9\" \r\n\r\nbody";
    bool end;
    for (size_t step = 1; step < sizeof s; step++) {
        assert_int_equal(scan_by(s, sizeof s - 1, step, &end), OK);
        assert_true(end);
        assert_int_equal(head.line, sizeof s - 1 - 4);
        assert_int_equal(head.request_line.method, HTTP_POST);
        assert_int_equal(head.request_line.target.at, 5);
        assert_int_equal(head.request_line.target.size, 4);
        assert_int_equal(head.request_line.minor, 1);
    }
}

static void test_unfinished_head(void **state) {
    (void)state;
    static const char s[] = "GET / HTTP/1.0\r\nA: b\r\n\r\n";
    bool end;
    for (size_t size = 0; size < sizeof s - 1; size++) {
        head_start(&head);
        assert_int_equal(head_scan(&head, s, size, &end), OK);
        assert_false(end);
    }
}

static void test_methods(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum http_method method;
    } rows[] = {{"GET", HTTP_GET},    {"HEAD", HTTP_HEAD},       {"POST", HTTP_POST},
                {"PUT", HTTP_PUT},    {"PATCH", HTTP_PATCH},     {"DELETE", HTTP_DELETE},
                {"get", HTTP_OTHER},  {"OPTIONS", HTTP_OPTIONS}, {"TRACE", HTTP_OTHER},
                {"GETS", HTTP_OTHER}, {"!#$%&'*", HTTP_OTHER}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[100];
        bool end;
        snprintf(line, sizeof line, "%s / HTTP/1.1\r\n", rows[i].name);
        assert_int_equal(scan(line, &end), OK);
        assert_int_equal(head.request_line.method, rows[i].method);
    }
}

static void test_method_of_a_part(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        enum http_method method;
    } rows[] = {
        {"HEAD / HTTP/1.1\r\n", HTTP_HEAD},
        {"HEAD ", HTTP_HEAD},
        {"HEAD", HTTP_OTHER},
        {"HEADER / HTTP/1.1", HTTP_OTHER},
        {"GET\x01", HTTP_OTHER},
        {"", HTTP_OTHER},
        {" HEAD ", HTTP_OTHER},
        {"GET x", HTTP_GET},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (head_method(rows[i].bytes, strlen(rows[i].bytes)) != rows[i].method)
            fail_msg("%s", rows[i].bytes);
}

static void test_request_lines(void **state) {
    (void)state;
    static const struct {
        const char *line;
        enum err expected;
    } rows[] = {
        {"GET / HTTP/1.1", OK},
        {"OPTIONS * HTTP/1.1", OK},
        {"GET * HTTP/1.1", ERR_MALFORMED},
        {"GET http://x/ HTTP/1.1", ERR_MALFORMED},
        {"CONNECT x:80 HTTP/1.1", ERR_MALFORMED},
        {"GET x HTTP/1.1", ERR_MALFORMED},
        {"GET  / HTTP/1.1", ERR_MALFORMED},
        {"GET /  HTTP/1.1", ERR_MALFORMED},
        {" GET / HTTP/1.1", ERR_MALFORMED},
        {"GET / HTTP/1.1 ", ERR_MALFORMED},
        {"GET\t/ HTTP/1.1", ERR_MALFORMED},
        {"GET /a b HTTP/1.1", ERR_MALFORMED},
        {"GET /a#b HTTP/1.1", ERR_MALFORMED},
        {"GET /\xc3\xa9 HTTP/1.1", ERR_MALFORMED},
        {"GET /", ERR_MALFORMED},
        {"GET", ERR_MALFORMED},
        {"G(T / HTTP/1.1", ERR_MALFORMED},
        {"GET / http/1.1", ERR_MALFORMED},
        {"GET / HTTP/1", ERR_MALFORMED},
        {"GET / HTTP/11", ERR_MALFORMED},
        {"GET / HTTP/1.1.", ERR_MALFORMED},
        {"GET / HTTP/1.x", ERR_MALFORMED},
        {"GET / HTTPS/1.1", ERR_MALFORMED},
        {"GET / HTTP/0.9", ERR_HTTP_VERSION},
        {"GET / HTTP/1.2", ERR_HTTP_VERSION},
        {"GET / HTTP/2.0", ERR_HTTP_VERSION},
        {"GET / HTTP/3.7", ERR_HTTP_VERSION},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char line[100];
        bool end;
        snprintf(line, sizeof line, "%s\r\n", rows[i].line);
        if (scan(line, &end) != rows[i].expected)
            fail_msg("%s", rows[i].line);
    }
}

static void test_field_lines(void **state) {
    (void)state;
    static const struct {
        const char *line;
        enum err expected;
    } rows[] = {
        {"A: b\r\n", OK},
        {"A:\r\n", OK},
        {"A: \t b \t\r\n", OK},
        {"A: \x80\xff\r\n", OK},
        {"A: b\n", ERR_MALFORMED},
        {"A: b\r\r\n", ERR_MALFORMED},
        {"A: b\rc\r\n", ERR_MALFORMED},
        {"A: b\x01\r\n", ERR_MALFORMED},
        {"A: b\x7f\r\n", ERR_MALFORMED},
        {"A: 23456789012345\x0b\r\n", ERR_MALFORMED},
        {"A: 23456789012345\x7f\r\n", ERR_MALFORMED},
        {" A: b\r\n", ERR_MALFORMED},
        {"\tA: b\r\n", ERR_MALFORMED},
        {"A : b\r\n", ERR_MALFORMED},
        {"A\t: b\r\n", ERR_MALFORMED},
        {": b\r\n", ERR_MALFORMED},
        {"A\r\n", ERR_MALFORMED},
        {"A B: c\r\n", ERR_MALFORMED},
        {"A(B): c\r\n", ERR_MALFORMED},
        {"\xc3\xa9: c\r\n", ERR_MALFORMED},
        {"A: b\r\n c\r\n", ERR_MALFORMED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char lines[100];
        bool end;
        snprintf(lines, sizeof lines, "GET / HTTP/1.1\r\n%s", rows[i].line);
        if (scan(lines, &end) != rows[i].expected)
            fail_msg("row %zu", i);
    }
    static const char nul[] = "GET / HTTP/1.1\r\nA: b\0c\r\n";
    bool end;
    assert_int_equal(scan_by(nul, sizeof nul - 1, sizeof nul - 1, &end), ERR_MALFORMED);
}

static void test_sizes(void **state) {
    (void)state;
    struct buffer b = {0};
    bool end;
    for (int over = 0; over <= 1; over++) {
        buffer_clear(&b, 0);
        buffer_format(&b, "GET /%0*d HTTP/1.1\r\n", HTTP_LINE_MAX - 14 + over, 0);
        assert_int_equal(scan_by(b.at, b.size, 4000, &end), over ? ERR_TARGET_TOO_LONG : OK);
        buffer_clear(&b, 0);
        buffer_format(&b, "GET / HTTP/1.1\r\nA: %0*d\r\n\r\n", HTTP_HEAD_MAX - 5 + over, 0);
        assert_int_equal(scan_by(b.at, b.size, 4000, &end), over ? ERR_HEADERS_TOO_LARGE : OK);
        buffer_clear(&b, 0);
        buffer_format(&b, "GET / HTTP/1.1\r\n");
        for (int i = 0; i < HTTP_HEADER_MAX + over; i++)
            buffer_format(&b, "A: b\r\n");
        assert_int_equal(scan_by(b.at, b.size, 4000, &end), over ? ERR_HEADERS_TOO_LARGE : OK);
    }
    buffer_free(&b);
}

/* A request line that never ends is refused before it ends. */
static void test_endless_lines(void **state) {
    (void)state;
    struct buffer b = {0};
    bool end;
    buffer_format(&b, "GET /%0*d", HTTP_LINE_MAX, 0);
    assert_int_equal(scan_by(b.at, b.size, 1000, &end), ERR_TARGET_TOO_LONG);
    buffer_clear(&b, 0);
    buffer_format(&b, "GET / HTTP/1.1\r\nA: %0*d", HTTP_HEAD_MAX, 0);
    assert_int_equal(scan_by(b.at, b.size, 1000, &end), ERR_HEADERS_TOO_LARGE);
    buffer_free(&b);
}

static void test_hosts(void **state) {
    (void)state;
    static const char *const good[] = {"x",          "localhost:8000", "a.b-c_d.example",
                                       "10.0.0.1:1", "[::1]",          "[2001:db8::1]:8000",
                                       "x:",         "x:65535",        "a%20b"};
    static const char *const bad[] = {"",         " ",           "a b",     "a,b",     "a/b",
                                      "a@b",      ":80",         "x:80:90", "x:http",  "x:-1",
                                      "[::1",     "::1",         "[x]",     "[::1]x",  "[]",
                                      "x:123456", "a\\b",        "a?b",     "[::1]:x", "\xc3\xa9",
                                      "x:80 ",    "[127.0.0.1]", "a%zz",    "a%2",     "%"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!head_host_valid(text_of(good[i])))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (head_host_valid(text_of(bad[i])))
            fail_msg("%s", bad[i]);
}

static void test_targets(void **state) {
    (void)state;
    static const struct {
        const char *target, *path, *query; /* path NULL: malformed */
    } rows[] = {
        {"/", "/", ""},
        {"/a/b", "/a/b", ""},
        {"/a/b/", "/a/b", ""},
        {"/a?b=%zz&c=%2f", "/a", "b=%zz&c=%2f"},
        {"/a/?", "/a", ""},
        {"/%61%2E%2e%2e", "/a...", ""},
        {"/n%C3%A9", "/n\u00e9", ""},
        {"/a%3Fb%25", "/a?b%", ""},
        {"/.a/..b/...", "/.a/..b/...", ""},
        {"/?a/../b//", "/", "a/../b//"},
        {"//", NULL, NULL},
        {"//a", NULL, NULL},
        {"/a//b", NULL, NULL},
        {"/a//", NULL, NULL},
        {"/./a", NULL, NULL},
        {"/a/..", NULL, NULL},
        {"/a/../", NULL, NULL},
        {"/a/%2e%2E/b", NULL, NULL},
        {"/%2e", NULL, NULL},
        {"/.%2e/", NULL, NULL},
        {"/a%2fb", NULL, NULL},
        {"/a%2Fb", NULL, NULL},
        {"/a%00", NULL, NULL},
        {"/a%0a", NULL, NULL},
        {"/a%7f", NULL, NULL},
        {"/a%", NULL, NULL},
        {"/a%4", NULL, NULL},
        {"/a%4?1", NULL, NULL},
        {"/a%gg", NULL, NULL},
        {"/%ff", NULL, NULL},
        {"/%c3", NULL, NULL},
        {"/%c0%ae", NULL, NULL},
        {"/%ed%a0%80", NULL, NULL},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text path, query;
        enum err e = target_split(&arena, text_of(rows[i].target), &path, &query);
        if (e != (rows[i].path ? OK : ERR_MALFORMED))
            fail_msg("%s", rows[i].target);
        if (e == OK &&
            !(text_equal(path, text_of(rows[i].path)) && text_equal(query, text_of(rows[i].query))))
            fail_msg("%s: %.*s", rows[i].target, TEXT_ARGS(path));
    }
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_head),    cmocka_unit_test(test_unfinished_head),
        cmocka_unit_test(test_methods),       cmocka_unit_test(test_request_lines),
        cmocka_unit_test(test_field_lines),   cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_endless_lines), cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_targets),       cmocka_unit_test(test_method_of_a_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
