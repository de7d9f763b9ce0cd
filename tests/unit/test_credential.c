/* Who is asking, by header or cookie; and requests that another site has made. */
#include "api_call.h"

#include <stdlib.h>

#include "api/credential.h"

static const struct text friends[] = {{"https://app.example.com", 23}};
static const struct origins allowed = {friends, 1};

struct signed_in {
    struct account account;
    struct credentials credentials;
    const char *bearer, *cookie;
};

static struct signed_in sign_in(struct fixture *f, const char *name, int64_t flags) {
    struct signed_in s = {.account = fixture_account_with(f, name, ACCOUNT_FLAGS_NEW | flags)};
    s.credentials = fixture_session(f, &s.account);
    s.bearer = text_format(&f->arena, "Bearer %.*s", TEXT_ARGS(s.credentials.access)).at;
    s.cookie = text_format(&f->arena, "sessionid=%.*s", TEXT_ARGS(s.credentials.cookie)).at;
    return s;
}

/* Asks with up to two headers. *who is the caller's id. */
static enum err ask(struct fixture *f, enum auth auth, enum http_method method,
                    const char *const headers[][2], size_t count, int64_t *who) {
    struct api_call *a = api_call_new(f);
    a->route.auth = auth;
    a->x.request.method = method;
    for (size_t i = 0; i < count; i++)
        api_call_header(a, headers[i][0], headers[i][1]);
    enum err e = credential_read(&a->call, &allowed);
    if (e == OK)
        e = credential_authorise(&a->call);
    *who = a->call.caller.user_id;
    api_call_free(a);
    return e;
}

/* `wanted` is the error, and on OK the caller must be `id`. */
#define ASK(f, auth, method, wanted, id, ...)                                                      \
    do {                                                                                           \
        const char *const headers_[][2] = {__VA_ARGS__};                                           \
        int64_t who_;                                                                              \
        assert_int_equal(                                                                          \
            ask((f), (auth), (method), headers_, sizeof headers_ / sizeof *headers_, &who_),       \
            (wanted));                                                                             \
        if ((wanted) == OK)                                                                        \
            assert_int_equal(who_, (id));                                                          \
    } while (0)

static void bearer_tokens(void **state) {
    struct fixture *f = *state;
    struct signed_in s = sign_in(f, "alice", 0);
    const char *lower = text_format(&f->arena, "bearer  %s", s.bearer + 7).at;
    const char *basic = text_format(&f->arena, "Basic %s", s.bearer + 7).at;
    int64_t id = s.account.id;
    ASK(f, AUTH_USER, HTTP_POST, OK, id, {"Authorization", s.bearer});
    ASK(f, AUTH_USER, HTTP_POST, OK, id, {"authorization", lower});
    static const char *const bad[] = {"", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ASK(f, AUTH_USER, HTTP_POST, ERR_TOKEN_INVALID, 0, {"Authorization", bad[i]});
        ASK(f, AUTH_OPTIONAL, HTTP_GET, ERR_TOKEN_INVALID, 0, {"Authorization", bad[i]});
        ASK(f, AUTH_CHECK, HTTP_POST, OK, 0, {"Authorization", bad[i]});
    }
    ASK(f, AUTH_USER, HTTP_POST, ERR_TOKEN_INVALID, 0, {"Authorization", basic});
    ASK(f, AUTH_USER, HTTP_POST, ERR_TOKEN_INVALID, 0, {"Authorization", s.bearer},
        {"Authorization", s.bearer});
}

static void nobody(void **state) {
    struct fixture *f = *state;
    ASK(f, AUTH_OPTIONAL, HTTP_GET, OK, 0, {"Accept", "*/*"});
    ASK(f, AUTH_CHECK, HTTP_POST, OK, 0, {"Accept", "*/*"});
    ASK(f, AUTH_USER, HTTP_GET, ERR_AUTH_REQUIRED, 0, {"Accept", "*/*"});
    ASK(f, AUTH_STAFF, HTTP_POST, ERR_AUTH_REQUIRED, 0, {"Accept", "*/*"});
}

static void staff(void **state) {
    struct fixture *f = *state;
    struct signed_in user = sign_in(f, "alice", 0), staff = sign_in(f, "bob", ACCOUNT_STAFF),
                     superuser = sign_in(f, "carol", ACCOUNT_SUPERUSER);
    ASK(f, AUTH_STAFF, HTTP_POST, ERR_FORBIDDEN, 0, {"Authorization", user.bearer});
    ASK(f, AUTH_STAFF, HTTP_POST, OK, staff.account.id, {"Authorization", staff.bearer});
    ASK(f, AUTH_STAFF, HTTP_POST, OK, superuser.account.id, {"Authorization", superuser.bearer});
}

static void cookies(void **state) {
    struct fixture *f = *state;
    struct signed_in s = sign_in(f, "alice", 0);
    const char *among = text_format(&f->arena, "a=b; %s; c", s.cookie).at;
    const char *second = text_format(&f->arena, "sessionid=dead; %s", s.cookie).at;
    int64_t id = s.account.id;
    ASK(f, AUTH_USER, HTTP_POST, OK, id, {"Cookie", s.cookie});
    ASK(f, AUTH_USER, HTTP_POST, OK, id, {"Cookie", among});
    ASK(f, AUTH_USER, HTTP_POST, OK, id, {"Cookie", "a=b"}, {"cookie", s.cookie});
    ASK(f, AUTH_USER, HTTP_POST, ERR_AUTH_REQUIRED, 0, {"Cookie", second});
    ASK(f, AUTH_OPTIONAL, HTTP_POST, OK, 0, {"Cookie", "sessionid=dead"});
    ASK(f, AUTH_OPTIONAL, HTTP_POST, OK, 0, {"Cookie", "sessionid="});
    ASK(f, AUTH_OPTIONAL, HTTP_POST, OK, 0, {"Cookie", "sessionid"});
    ASK(f, AUTH_OPTIONAL, HTTP_POST, OK, 0, {"Cookie", ";;=;"});
}

static void header_wins_over_cookie(void **state) {
    struct fixture *f = *state;
    struct signed_in alice = sign_in(f, "alice", 0), bob = sign_in(f, "bob", 0);
    ASK(f, AUTH_USER, HTTP_POST, OK, bob.account.id, {"Cookie", alice.cookie},
        {"Authorization", bob.bearer});
    ASK(f, AUTH_USER, HTTP_POST, ERR_TOKEN_INVALID, 0, {"Cookie", alice.cookie},
        {"Authorization", "Bearer x"});
    ASK(f, AUTH_CHECK, HTTP_POST, OK, 0, {"Cookie", alice.cookie}, {"Authorization", "Bearer x"});
}

static void other_sites_cannot_ride(void **state) {
    struct fixture *f = *state;
    struct signed_in s = sign_in(f, "alice", 0);
    int64_t id = s.account.id;
#define SITE(wanted, ...)                                                                          \
    ASK(f, AUTH_USER, HTTP_POST, wanted, id, {"Cookie", s.cookie}, __VA_ARGS__)
    SITE(ERR_FORBIDDEN, {"Sec-Fetch-Site", "cross-site"});
    SITE(ERR_FORBIDDEN, {"Sec-Fetch-Site", "same-site"});
    SITE(OK, {"Sec-Fetch-Site", "same-origin"});
    SITE(OK, {"Sec-Fetch-Site", "none"});
    SITE(ERR_FORBIDDEN, {"Host", "example.com"}, {"Origin", "null"});
    SITE(ERR_FORBIDDEN, {"Host", "example.com"}, {"Origin", "https://evil.example"});
    SITE(ERR_FORBIDDEN, {"Host", "example.com"}, {"Origin", "https://example.com.evil.example"});
    SITE(ERR_FORBIDDEN, {"Host", "example.com"}, {"Origin", "https://example.com:8443"});
    SITE(ERR_FORBIDDEN, {"Host", "example.com"}, {"Origin", "ftp://example.com"});
    SITE(ERR_FORBIDDEN, {"Host", "example.com"}, {"Origin", ""});
    SITE(ERR_FORBIDDEN, {"Origin", "http://"});
    SITE(OK, {"Host", "example.com"}, {"Origin", "https://example.com"});
    SITE(OK, {"Host", "EXAMPLE.com:443"}, {"Origin", "https://example.com"});
    SITE(OK, {"Host", "localhost:8000"}, {"Origin", "http://localhost:8000"});
    SITE(OK, {"Host", "example.com"}, {"Origin", "https://app.example.com"});
#undef SITE
    ASK(f, AUTH_USER, HTTP_GET, OK, id, {"Cookie", s.cookie}, {"Sec-Fetch-Site", "cross-site"});
    ASK(f, AUTH_USER, HTTP_DELETE, ERR_FORBIDDEN, 0, {"Cookie", s.cookie},
        {"Sec-Fetch-Site", "cross-site"});
    ASK(f, AUTH_CHECK, HTTP_POST, OK, 0, {"Cookie", s.cookie}, {"Sec-Fetch-Site", "cross-site"});
    ASK(f, AUTH_USER, HTTP_POST, OK, id, {"Authorization", s.bearer},
        {"Sec-Fetch-Site", "cross-site"});
    ASK(f, AUTH_OPTIONAL, HTTP_POST, OK, 0, {"Cookie", "sessionid=dead"},
        {"Sec-Fetch-Site", "cross-site"});
}

static void used_cookies_are_renewed(void **state) {
    struct fixture *f = *state;
    struct signed_in s = sign_in(f, "alice", 0);
    f->c.now += 120 * INT64_C(1000000);
    struct api_call *a = api_call_new(f);
    a->route.auth = AUTH_USER;
    api_call_header(a, "Cookie", s.cookie);
    assert_ok(credential_read(&a->call, &allowed));
    assert_string_equal(
        a->call.set_cookie,
        text_format(&f->arena, "%s; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax", s.cookie).at);
    a->x.request.secure = true;
    call_clear_cookie(&a->call);
    assert_string_equal(a->call.set_cookie,
                        "sessionid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
    api_call_free(a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(bearer_tokens),
        TEST(nobody),
        TEST(staff),
        TEST(cookies),
        TEST(header_wins_over_cookie),
        TEST(other_sites_cannot_ride),
        TEST(used_cookies_are_renewed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
