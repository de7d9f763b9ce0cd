#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/route.h"

enum { CAREERS = 1, APP = 2, BACKEND = 4 };

static const struct route_row rows[] = {
    {HTTP_GET, "/careers/users/", CAREERS},
    {HTTP_GET, "/careers/users/{username}/", CAREERS},
    {HTTP_GET, "/careers/users/me/", CAREERS},
    {HTTP_DELETE, "/careers/users/me/", CAREERS},
    {HTTP_PATCH, "/careers/users/me/update/", CAREERS},
    {HTTP_GET, "/careers/users/{username}/followers/", CAREERS},
    {HTTP_DELETE, "/careers/users/me/sessions/{id}/", CAREERS},
    {HTTP_POST, "/api/check/email/", APP},
    {HTTP_POST, "/api/check/email/", BACKEND},
    {HTTP_POST, "/api/user/status/", BACKEND},
    {HTTP_GET, "/api/{a}/{b}/{c}/", BACKEND},
    {HTTP_GET, "/", APP},
};

static struct router *router;
static unsigned row, allow;
static struct text params[HTTP_PARAMS_MAX];

static int set_up(void **state) {
    (void)state;
    router = router_new(rows, sizeof rows / sizeof rows[0]);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    router_free(router);
    return 0;
}

static enum route_result find(enum http_method method, const char *path, unsigned surfaces) {
    row = 999;
    allow = 0;
    return router_find(router, method, text_of(path), surfaces, &row, params, &allow);
}

static void assert_found(enum http_method method, const char *path, unsigned expected) {
    assert_int_equal(find(method, path, CAREERS | APP | BACKEND), ROUTE_FOUND);
    assert_int_equal(row, expected);
}

static void test_literals(void **state) {
    (void)state;
    assert_found(HTTP_GET, "/careers/users", 0);
    assert_found(HTTP_PATCH, "/careers/users/me/update", 4);
    assert_found(HTTP_GET, "/", 11);
}

static void test_captures(void **state) {
    (void)state;
    assert_found(HTTP_GET, "/careers/users/alice", 1);
    assert_true(text_equal(params[0], TEXT("alice")));
    assert_found(HTTP_DELETE, "/careers/users/me/sessions/17", 6);
    assert_true(text_equal(params[0], TEXT("17")));
    assert_found(HTTP_GET, "/api/x/y/z", 10);
    assert_true(text_equal(params[0], TEXT("x")) && text_equal(params[2], TEXT("z")));
}

static void test_literal_beats_capture(void **state) {
    (void)state;
    assert_found(HTTP_GET, "/careers/users/me", 2);
    assert_found(HTTP_GET, "/careers/users/Me", 1);
    assert_int_equal(find(HTTP_POST, "/careers/users/me", CAREERS), ROUTE_WRONG_METHOD);
}

static void test_literal_without_row_does_not_hide_capture(void **state) {
    (void)state;
    assert_found(HTTP_GET, "/careers/users/me/followers", 5);
    assert_true(text_equal(params[0], TEXT("me")));
    assert_found(HTTP_GET, "/api/check/email/more", 10);
    assert_true(text_equal(params[1], TEXT("email")));
}

static void test_unknown(void **state) {
    (void)state;
    static const char *const paths[] = {"/careers",       "/careers/user", "/careers/users/a/b",
                                        "/CAREERS/users", "/api/x/y",      "/api/x/y/z/w"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_int_equal(find(HTTP_GET, paths[i], CAREERS | APP | BACKEND), ROUTE_UNKNOWN);
    assert_int_equal(find(HTTP_GET, "/", CAREERS), ROUTE_UNKNOWN);
}

static void test_methods(void **state) {
    (void)state;
    assert_int_equal(find(HTTP_HEAD, "/careers/users/me", CAREERS), ROUTE_FOUND);
    assert_int_equal(row, 2);
    assert_int_equal(allow, HTTP_GET | HTTP_HEAD | HTTP_DELETE | HTTP_OPTIONS);
    assert_int_equal(find(HTTP_OPTIONS, "/careers/users/me/update", CAREERS), ROUTE_WRONG_METHOD);
    assert_int_equal(allow, HTTP_PATCH | HTTP_OPTIONS);
    assert_int_equal(find(HTTP_OTHER, "/careers/users/me", CAREERS), ROUTE_WRONG_METHOD);
}

static void test_surfaces(void **state) {
    (void)state;
    assert_int_equal(find(HTTP_POST, "/api/check/email", APP), ROUTE_FOUND);
    assert_int_equal(row, 7);
    assert_int_equal(find(HTTP_POST, "/api/check/email", BACKEND), ROUTE_FOUND);
    assert_int_equal(row, 8);
    assert_int_equal(find(HTTP_POST, "/api/user/status", APP), ROUTE_UNKNOWN);
    assert_int_equal(find(HTTP_GET, "/careers/users", APP | BACKEND), ROUTE_UNKNOWN);
}

static void test_literal_words(void **state) {
    (void)state;
    assert_true(router_is_literal(router, TEXT("me")));
    assert_false(router_is_literal(router, TEXT("update")));
    assert_false(router_is_literal(router, TEXT("alice")));
    assert_true(router_is_literal(router, TEXT("check")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_captures),
        cmocka_unit_test(test_literal_beats_capture),
        cmocka_unit_test(test_literal_without_row_does_not_hide_capture),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_surfaces),
        cmocka_unit_test(test_literal_words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
