#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/http.h"

static struct http_response response;

static int start(void **state) {
    (void)state;
    memset(&response, 0, sizeof response);
    return 0;
}

static int stop(void **state) {
    (void)state;
    buffer_free(&response.headers);
    buffer_free(&response.body);
    return 0;
}

static void assert_buffer(const struct buffer *b, const char *expected) {
    if (!text_equal(buffer_text(b), text_of(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", (int)b->size, b->at, expected);
}

static void test_header(void **state) {
    (void)state;
    response_header(&response, "A", TEXT("b c"));
    response_header(&response, "D", TEXT(""));
    assert_buffer(&response.headers, "A: b c\r\nD: \r\n");
}

static void test_header_cannot_be_split(void **state) {
    (void)state;
    response_header(&response, "A", TEXT("b\r\nEvil: c\x7f\0"));
    assert_buffer(&response.headers, "A: bEvil: c\r\n");
}

static void test_error(void **state) {
    (void)state;
    response.cacheable = true;
    response.content_type = "text/plain";
    buffer_add_text(&response.body, TEXT("half an answer"));
    response_error(&response, ERR_USER_NOT_FOUND, NULL, NULL, 0);
    assert_int_equal(response.status, 404);
    assert_false(response.cacheable);
    assert_string_equal(response.content_type, "application/json; charset=utf-8");
    assert_buffer(&response.body, "{\"error\":\"user_not_found\",\"message\":\"User not found\"}");
    assert_buffer(&response.headers, "");
}

static void test_field(void **state) {
    (void)state;
    response_error(&response, ERR_EMAIL_TAKEN, NULL, NULL, 0);
    assert_non_null(memmem(response.body.at, response.body.size, "\"field\":\"email\"}", 16));
    response_error(&response, ERR_VALIDATION, "bio", "Too \"long\"", 0);
    assert_buffer(&response.body,
                  "{\"error\":\"validation_error\",\"message\":\"Too \\\"long\\\"\","
                  "\"field\":\"bio\"}");
}

static void test_challenge(void **state) {
    (void)state;
    response_error(&response, ERR_AUTH_REQUIRED, NULL, NULL, 0);
    assert_buffer(&response.headers, "WWW-Authenticate: Bearer\r\n");
    buffer_clear(&response.headers, 0);
    response_error(&response, ERR_TOKEN_INVALID, NULL, NULL, 0);
    assert_buffer(&response.headers, "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n");
}

static void test_retry(void **state) {
    (void)state;
    response_error(&response, ERR_RATE_LIMITED, NULL, NULL, 17);
    assert_buffer(&response.headers, "Retry-After: 17\r\n");
    buffer_clear(&response.headers, 0);
    response_error(&response, ERR_UNAVAILABLE, NULL, NULL, 0);
    assert_buffer(&response.headers, "Retry-After: 1\r\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_header, start, stop),
        cmocka_unit_test_setup_teardown(test_header_cannot_be_split, start, stop),
        cmocka_unit_test_setup_teardown(test_error, start, stop),
        cmocka_unit_test_setup_teardown(test_field, start, stop),
        cmocka_unit_test_setup_teardown(test_challenge, start, stop),
        cmocka_unit_test_setup_teardown(test_retry, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
