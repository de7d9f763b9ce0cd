/* What requests ask ahead: the same session and the same rows as they ask for later. */
#include "api_call.h"

#include "api/ahead.h"
#include "api/credential.h"
#include "api/routes.h"
#include "engine.h"

static const struct origins nobody = {NULL, 0};

static void every_row_is_of_a_handler(void **state) {
    (void)state;
    for (size_t row = 0; call_ahead_handler(row); row++) {
        bool found = false;
        for (unsigned i = 0; i < routes_count(); i++)
            found |= strcmp(routes_at(i)->name, call_ahead_handler(row)) == 0;
        if (!found)
            fail_msg("no handler is called %s", call_ahead_handler(row));
    }
    assert_non_null(call_ahead_handler(0));
}

static struct api_call *call_to(struct fixture *f, const char *handler, enum auth auth) {
    struct api_call *a = api_call_new(f);
    a->route.name = handler;
    a->route.auth = auth;
    db_use(f->c.db, &f->arena);
    return a;
}

static void sign(struct fixture *f, struct api_call *a, const struct credentials *as) {
    api_call_header(a, "Authorization",
                    text_format(&f->arena, "Bearer %.*s", TEXT_ARGS(as->access)).at);
}

static void sign_cookie(struct fixture *f, struct api_call *a, const struct credentials *as) {
    api_call_header(a, "Cookie",
                    text_format(&f->arena, "sessionid=%.*s", TEXT_ARGS(as->cookie)).at);
}

/* Behind the server's back. */
static void change_bio(struct fixture *f, const char *bio) {
    assert_true(engine_script(
        f->url, text_format(&f->arena, "UPDATE users SET bio = '%s', switches = 0", bio).at));
}

/* Only across a socket is anything kept. */
static void assert_old(struct text bio) {
    assert_text(bio, engine_is_sqlite() ? "new" : "old");
}

static void session_and_profile_come_together(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), seen;
    struct account_counts counts;
    struct credentials session = fixture_session(f, &alice);
    change_bio(f, "old");
    struct api_call *a = call_to(f, "me", AUTH_USER);
    sign(f, a, &session);
    call_ahead(&a->call);
    assert_ok(credential_read(&a->call, &nobody));
    assert_int_equal(a->call.caller.user_id, alice.id);
    change_bio(f, "new");
    assert_ok(account_profile(&f->c, alice.id, &seen, &counts));
    assert_old(seen.bio);
    db_round_end(f->c.db);
    assert_ok(account_profile(&f->c, alice.id, &seen, &counts));
    assert_text(seen.bio, "new");
    api_call_free(a);
}

static void a_cookie_does_as_well(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), seen;
    struct credentials session = fixture_session(f, &alice);
    change_bio(f, "old");
    struct api_call *a = call_to(f, "get_profile", AUTH_USER);
    sign_cookie(f, a, &session);
    call_ahead(&a->call);
    assert_ok(credential_read(&a->call, &nobody));
    assert_int_equal(a->call.caller.user_id, alice.id);
    change_bio(f, "new");
    assert_ok(account_load_full(&f->c, alice.id, &seen));
    assert_old(seen.bio);
    db_round_end(f->c.db);
    api_call_free(a);
}

static void a_public_profile_is_found_by_its_name(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), seen;
    struct account_counts counts;
    change_bio(f, "old");
    struct api_call *a = call_to(f, "public_profile", AUTH_OPTIONAL);
    a->x.request.params[0] = TEXT("ALICE");
    call_ahead(&a->call);
    assert_int_equal(account_counts(&f->c, alice.id, &counts), OK); /* brings the other along */
    change_bio(f, "new");
    assert_ok(account_profile_by_username(&f->c, TEXT("Alice"), &seen, &counts));
    assert_old(seen.bio);
    db_round_end(f->c.db);
    api_call_free(a);
}

/* Whatever the answer to one request: the next one looks anew. */
static void an_ended_session_is_dead_in_the_next_round(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials session = fixture_session(f, &alice);
    struct api_call *a = call_to(f, "check_auth", AUTH_USER);
    sign(f, a, &session);
    call_ahead(&a->call);
    assert_ok(credential_read(&a->call, &nobody));
    db_round_end(f->c.db);
    assert_true(engine_script(f->url, "DELETE FROM sessions"));
    call_ahead(&a->call);
    assert_int_equal(credential_read(&a->call, &nobody), ERR_TOKEN_INVALID);
    db_round_end(f->c.db);
    api_call_free(a);
}

/* Nothing is asked for who will be turned away. */
static void bad_credentials_ask_nothing(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), seen;
    struct account_counts counts;
    static const char *const headers[][2] = {{"Authorization", "Bearer x.y.z"},
                                             {"Authorization", "Basic x"},
                                             {"Cookie", "sessionid=1.2"},
                                             {"X-Nothing", ""}};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct api_call *a = call_to(f, "me", AUTH_USER);
        api_call_header(a, headers[i][0], headers[i][1]);
        call_ahead(&a->call);
        change_bio(f, "new");
        assert_ok(account_profile(&f->c, alice.id, &seen, &counts));
        assert_text(seen.bio, "new");
        db_round_end(f->c.db);
        api_call_free(a);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_of_a_handler),
        TEST(session_and_profile_come_together),
        TEST(a_cookie_does_as_well),
        TEST(a_public_profile_is_found_by_its_name),
        TEST(an_ended_session_is_dead_in_the_next_round),
        TEST(bad_credentials_ask_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
