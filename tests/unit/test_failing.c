/* Sessions and tokens on a database that fails: a table is taken away, every rule is asked, and the
 * table comes back. No rule takes such a failure for a bad credential, for something that is not
 * there or for a success, and nothing of what it was about to do is kept. */
#include "fixture.h"

#include "base/clock.h"
#include "core/token.h"
#include "engine.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

struct people {
    struct account account;
    struct credentials session;
};

static struct people open_session(struct fixture *f) {
    struct people p = {.account = fixture_account(f, "ana")};
    p.session = fixture_session(f, &p.account);
    return p;
}

/* SQLite would else look through all triggers, and not know the tokenizer of the search tables. */
static void rename_table(struct fixture *f, const char *from, const char *to) {
    const char *first = engine_is_sqlite() ? "PRAGMA legacy_alter_table=ON; " : "";
    fixture_settle(f);
    assert_true(engine_script(
        f->url, text_format(&f->arena, "%sALTER TABLE %s RENAME TO %s", first, from, to).at));
}

static void assert_failure(enum err e) {
    assert_int_not_equal(e, OK);
    assert_true(error_info(e)->status >= 500);
}

/* ---- Sessions -------------------------------------------------------------------------------- */

static enum err refresh(struct fixture *f, struct text token) {
    struct text access, next;
    return session_refresh(&f->c, token, &access, &next);
}

static void ask_by_credential(struct fixture *f, const struct people *p) {
    struct caller caller = {0};
    assert_failure(session_by_access(&f->c, p->session.access, &caller));
    assert_failure(session_by_cookie(&f->c, p->session.cookie, &caller));
    assert_failure(refresh(f, p->session.refresh));
    f->core.policy.refresh_rotation = !f->core.policy.refresh_rotation;
    assert_failure(refresh(f, p->session.refresh));
    f->core.policy.refresh_rotation = !f->core.policy.refresh_rotation;
    assert_int_equal(caller.user_id, 0);
}

static enum err open_another(struct fixture *f, const struct people *p) {
    struct credentials another;
    struct origin origin = {0};
    TRY(db_begin(f->c.db));
    return db_end(f->c.db, session_open(&f->c, &p->account, &origin, &another));
}

static enum err end_all(struct fixture *f, const struct people *p) {
    int64_t ended;
    TRY(db_begin(f->c.db));
    return db_end(f->c.db, session_end_all(&f->c, p->account.id, 0, &ended));
}

static void ask_the_rest(struct fixture *f, const struct people *p) {
    struct session *list;
    size_t count;
    assert_failure(open_another(f, p));
    assert_failure(session_logout(&f->c, p->account.id, p->session.refresh));
    assert_failure(session_end(&f->c, p->account.id, p->session.session_id));
    assert_failure(end_all(f, p));
    assert_failure(session_list(&f->c, p->account.id, &list, &count));
    assert_failure(session_housekeeping(&f->c));
}

static void assert_well(struct fixture *f, const struct people *p) {
    struct caller caller;
    assert_ok(session_by_access(&f->c, p->session.access, &caller));
    assert_int_equal(caller.user_id, p->account.id);
    assert_ok(session_by_cookie(&f->c, p->session.cookie, &caller));
    assert_ok(session_housekeeping(&f->c));
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM sessions"), 1);
    assert_ok(refresh(f, p->session.refresh));
}

static void sessions_that_cannot_be_read(void **state) {
    struct fixture *f = *state;
    struct people p = open_session(f);
    rename_table(f, "sessions", "away");
    ask_by_credential(f, &p);
    ask_the_rest(f, &p);
    rename_table(f, "away", "sessions");
    assert_well(f, &p);
}

/* What has been used is written down later, and then it fails. */
static void uses_that_cannot_be_written(void **state) {
    struct fixture *f = *state;
    struct people p = open_session(f);
    struct caller caller;
    f->c.now += 2 * CLOCK_MINUTE;
    assert_ok(session_by_access(&f->c, p.session.access, &caller));
    rename_table(f, "sessions", "away");
    assert_failure(session_housekeeping(&f->c));
    rename_table(f, "away", "sessions");
    assert_well(f, &p);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static void keys_that_cannot_be_read(void **state) {
    struct fixture *f = *state;
    struct people p = open_session(f);
    struct text foreign = text_copy(&f->arena, p.session.access);
    struct keyring *another = NULL;
    struct token token;
    ((char *)foreign.at)[35] ^= 1; /* in the kid: it may be a key that came since */
    rename_table(f, "signing_keys", "away");
    assert_ok(token_verify(&f->c, p.session.access, TOKEN_ACCESS, &token));
    assert_failure(token_verify(&f->c, foreign, TOKEN_ACCESS, &token));
    assert_failure(session_logout(&f->c, p.account.id, foreign));
    assert_failure(keyring_rotate(&f->c));
    assert_failure(keyring_housekeeping(&f->c));
    assert_failure(keyring_open(&f->c, &another, (struct text){0}));
    assert_null(another);
    rename_table(f, "away", "signing_keys");
    assert_int_equal(token_verify(&f->c, foreign, TOKEN_ACCESS, &token), ERR_TOKEN_INVALID);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM signing_keys"), 1);
    assert_well(f, &p);
}

static void seals_that_cannot_be_read(void **state) {
    struct fixture *f = *state;
    struct keyring *another = NULL;
    rename_table(f, "secrets", "away");
    assert_failure(keyring_open(&f->c, &another, (struct text){0}));
    assert_null(another);
    rename_table(f, "away", "secrets");
    assert_ok(keyring_open(&f->c, &another, (struct text){0}));
    keyring_close(another);
}

/* What is no key of ours is passed over, whoever has put it there. */
static void keys_that_are_none(void **state) {
    struct fixture *f = *state;
    struct people p = open_session(f);
    assert_true(engine_script(
        f->url,
        engine_is_sqlite()
            ? "INSERT INTO signing_keys (kid, secret, created_at) VALUES ('x', x'00', 1), "
              "('0123456789abcdef', randomblob(32), 2), ('long', zeroblob(600), 3)"
            : "INSERT INTO signing_keys (kid, secret, created_at) VALUES ('x', '\\x00', 1), "
              "('0123456789abcdef', sha256('a'), 2), ('long', "
              "decode(repeat('00', 600), 'hex'), 3)"));
    assert_ok(keyring_housekeeping(&f->c));
    assert_well(f, &p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(sessions_that_cannot_be_read), TEST(uses_that_cannot_be_written),
        TEST(keys_that_cannot_be_read),     TEST(seals_that_cannot_be_read),
        TEST(keys_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
