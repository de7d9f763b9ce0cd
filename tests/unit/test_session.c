#include "fixture.h"

#include <pthread.h>

#include "base/clock.h"
#include "base/digest.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

static enum err access(struct fixture *f, struct text jwt) {
    struct caller caller;
    return session_by_access(&f->c, jwt, &caller);
}

static enum err cookie(struct fixture *f, struct text value) {
    struct caller caller;
    return session_by_cookie(&f->c, value, &caller);
}

static enum err refresh(struct fixture *f, struct text jwt) {
    struct text fresh, rotated;
    enum err e = session_refresh(&f->c, jwt, &fresh, &rotated);
    fixture_settle(f);
    return e;
}

static void assert_dead(struct fixture *f, const struct credentials *s) {
    assert_int_equal(access(f, s->access), ERR_TOKEN_INVALID);
    assert_int_equal(cookie(f, s->cookie), ERR_TOKEN_INVALID);
    assert_int_equal(refresh(f, s->refresh), ERR_TOKEN_INVALID);
}

static void assert_alive(struct fixture *f, const struct credentials *s) {
    assert_ok(access(f, s->access));
    assert_ok(cookie(f, s->cookie));
    assert_ok(refresh(f, s->refresh));
}

static void housekeep(struct fixture *f) {
    assert_ok(session_housekeeping(&f->c));
}

/* ---- Who ------------------------------------------------------------------------------------- */

static void all_three_credentials_name_the_caller(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "Alice");
    struct credentials s = fixture_session(f, &alice);
    struct caller c;
    assert_ok(session_by_access(&f->c, s.access, &c));
    assert_int_equal(c.user_id, alice.id);
    assert_int_equal(c.session_id, s.session_id);
    assert_text(c.username, "Alice");
    assert_false(c.staff || c.superuser || c.is_staff || c.by_cookie);
    assert_ok(session_by_cookie(&f->c, s.cookie, &c));
    assert_int_equal(c.user_id, alice.id);
    assert_int_equal(c.session_id, s.session_id);
    assert_text(c.username, "Alice");
    assert_true(c.by_cookie);
    assert_ok(refresh(f, s.refresh));
}

static void roles_are_read(void **state) {
    struct fixture *f = *state;
    struct account root = fixture_account_with(f, "boss", ACCOUNT_FLAGS_NEW | ACCOUNT_SUPERUSER);
    struct account staff = fixture_account_with(f, "staff", ACCOUNT_FLAGS_NEW | ACCOUNT_STAFF);
    struct caller c;
    assert_ok(session_by_access(&f->c, fixture_session(f, &root).access, &c));
    assert_true(c.staff && c.superuser && !c.is_staff);
    assert_ok(session_by_cookie(&f->c, fixture_session(f, &staff).cookie, &c));
    assert_true(c.staff && !c.superuser && c.is_staff);
}

static void secrets_are_stored_as_hashes(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    assert_int_equal(s.cookie.size, strlen("1.1.") + BASE64URL_SIZE(32));
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM sessions WHERE "
                                      "length(cookie_hash) = 32 AND length(refresh_hash) = 32"),
                     1);
}

static void mangled_cookies_are_refused(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice), other = fixture_session(f, &alice);
    for (size_t i = 0; i < s.cookie.size; i++) {
        struct text forged = text_copy(&f->arena, s.cookie);
        ((char *)forged.at)[i] = s.cookie.at[i] == 'A' ? 'B' : 'A';
        assert_int_equal(cookie(f, forged), ERR_TOKEN_INVALID);
        assert_int_equal(cookie(f, (struct text){s.cookie.at, i}), ERR_TOKEN_INVALID);
    }
    struct text swapped = text_copy(&f->arena, other.cookie);
    memcpy((char *)swapped.at + 4, s.cookie.at + 4, 43);
    assert_int_equal(cookie(f, swapped), ERR_TOKEN_INVALID);
    const char *nonsense[] = {"", ".", "..", "...", "1.1.", "-1.1.x", "99999999999999999999.1.x"};
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++)
        assert_int_equal(cookie(f, text_of(nonsense[i])), ERR_TOKEN_INVALID);
    assert_int_equal(access(f, s.cookie), ERR_TOKEN_INVALID);
    assert_int_equal(cookie(f, s.access), ERR_TOKEN_INVALID);
}

static void the_access_token_expires_first(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    f->c.now += CLOCK_HOUR + CLOCK_SECOND;
    assert_int_equal(access(f, s.access), ERR_TOKEN_INVALID);
    assert_ok(refresh(f, s.refresh));
    f->c.now += 7 * CLOCK_DAY;
    assert_int_equal(refresh(f, s.refresh), ERR_TOKEN_INVALID);
    assert_ok(cookie(f, s.cookie));
    f->c.now += 7 * CLOCK_DAY;
    assert_int_equal(cookie(f, s.cookie), ERR_TOKEN_INVALID);
}

static void no_credential_of_a_banned_or_inactive_account(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    struct account after = alice;
    after.flags |= ACCOUNT_BANNED;
    assert_ok(db_begin(f->c.db));
    assert_ok(account_set_flags(&f->c, &alice, &after)); /* the session's row stays */
    fixture_commit(f);
    assert_dead(f, &s);
    struct account inactive = alice;
    inactive.flags &= ~(int64_t)ACCOUNT_ACTIVE;
    assert_ok(db_begin(f->c.db));
    assert_ok(account_set_flags(&f->c, &after, &inactive));
    fixture_commit(f);
    assert_dead(f, &s);
}

/* ---- The end --------------------------------------------------------------------------------- */

static void the_end_of_a_session_is_the_end_of_its_credentials(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), bob = fixture_account(f, "bob");
    struct credentials s = fixture_session(f, &alice), other = fixture_session(f, &alice);
    assert_int_equal(session_end(&f->c, bob.id, s.session_id), ERR_NOT_FOUND);
    assert_ok(session_end(&f->c, alice.id, s.session_id));
    fixture_settle(f);
    assert_dead(f, &s);
    assert_alive(f, &other);
    assert_int_equal(session_end(&f->c, alice.id, s.session_id), ERR_NOT_FOUND);
}

static void logout_wants_ones_own_refresh_token(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), bob = fixture_account(f, "bob");
    struct credentials s = fixture_session(f, &alice), of_bob = fixture_session(f, &bob);
    assert_int_equal(session_logout(&f->c, alice.id, of_bob.refresh), ERR_REFRESH_NOT_OWN);
    assert_int_equal(session_logout(&f->c, alice.id, s.access), ERR_REFRESH_NOT_OWN);
    assert_int_equal(session_logout(&f->c, alice.id, TEXT("x")), ERR_REFRESH_NOT_OWN);
    fixture_settle(f);
    assert_alive(f, &s);
    assert_alive(f, &of_bob);
    assert_ok(session_logout(&f->c, alice.id, s.refresh));
    fixture_settle(f);
    assert_dead(f, &s);
    assert_int_equal(session_logout(&f->c, alice.id, s.refresh), ERR_REFRESH_NOT_OWN);
}

static void all_but_one_can_be_ended(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), bob = fixture_account(f, "bob");
    struct credentials a = fixture_session(f, &alice), b = fixture_session(f, &alice),
                       of_bob = fixture_session(f, &bob);
    int64_t ended;
    assert_ok(db_begin(f->c.db));
    assert_ok(session_end_all(&f->c, alice.id, b.session_id, &ended));
    fixture_commit(f);
    assert_int_equal(ended, 1);
    assert_dead(f, &a);
    assert_alive(f, &b);
    assert_alive(f, &of_bob);
}

static void live_sessions_are_listed(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct session *list;
    size_t count;
    fixture_session(f, &alice);
    f->c.now += 15 * CLOCK_DAY;
    for (int i = 0; i < 40; i++)
        fixture_session(f, &alice);
    assert_ok(session_list(&f->c, alice.id, &list, &count));
    assert_int_equal(count, 40); /* the first has expired */
    assert_int_equal(list[0].id, 41);
    assert_int_equal(list[39].id, 2);
    assert_int_equal(list[0].created_at, f->c.now);
    assert_text(list[0].user_agent, "tests");
    assert_text(list[0].address, "");
}

static struct session opened_from(struct fixture *f, const struct account *a, const char *address,
                                  struct text agent) {
    struct origin origin = {.user_agent = agent};
    struct credentials s;
    struct session *list;
    size_t count;
    assert_true(address_parse(text_of(address), &origin.address));
    assert_ok(db_begin(f->c.db));
    assert_ok(session_open(&f->c, a, &origin, &s));
    fixture_commit(f);
    assert_ok(session_list(&f->c, a->id, &list, &count));
    return list[0];
}

static void the_origin_is_kept(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    assert_text(opened_from(f, &alice, "192.0.2.1", TEXT("x")).address, "192.0.2.1");
    assert_text(opened_from(f, &alice, "2001:db8::1", TEXT("x")).address, "2001:db8::1");
    assert_text(opened_from(f, &alice, "::1",
                            TEXT("a\xff\x1b"
                                 "b"))
                    .user_agent,
                "a??b");
    char agent[600];
    memset(agent, 'x', sizeof agent);
    memcpy(agent + 511, "\u00e4", 2);
    struct text cut = opened_from(f, &alice, "::1", (struct text){agent, sizeof agent}).user_agent;
    assert_int_equal(cut.size, 511);
    memset(agent, 0x80, sizeof agent);
    cut = opened_from(f, &alice, "::1", (struct text){agent, sizeof agent}).user_agent;
    assert_true(cut.size <= 512);
}

static void a_login_moves_last_login(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), loaded;
    assert_ok(account_load_full(&f->c, alice.id, &loaded));
    assert_int_equal(loaded.last_login, 0);
    f->c.now += CLOCK_MINUTE;
    fixture_session(f, &alice);
    assert_ok(account_load_full(&f->c, alice.id, &loaded));
    assert_int_equal(loaded.last_login, f->c.now);
}

/* ---- Use ------------------------------------------------------------------------------------- */

static struct session only_session(struct fixture *f, int64_t user_id) {
    struct session *list;
    size_t count;
    assert_ok(session_list(&f->c, user_id, &list, &count));
    assert_int_equal(count, 1);
    return list[0];
}

static void use_is_noted_once_a_minute(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    int64_t opened = f->c.now;
    f->c.now += CLOCK_MINUTE - 1;
    assert_ok(access(f, s.access));
    housekeep(f);
    assert_int_equal(only_session(f, alice.id).used_at, opened);
    f->c.now += 1;
    for (int i = 0; i < 10; i++)
        assert_ok(access(f, s.access));
    housekeep(f);
    struct session session = only_session(f, alice.id);
    assert_int_equal(session.used_at, f->c.now);
    assert_int_equal(session.expires_at, f->c.now + 14 * CLOCK_DAY);
}

static void the_cookie_slides(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    f->c.now += 13 * CLOCK_DAY;
    assert_ok(cookie(f, s.cookie));
    assert_ok(cookie(f, s.cookie));
    housekeep(f);
    assert_int_equal(only_session(f, alice.id).expires_at, f->c.now + 14 * CLOCK_DAY);
    f->c.now += 14 * CLOCK_DAY;
    assert_int_equal(cookie(f, s.cookie), ERR_TOKEN_INVALID);
}

static void no_use_prolongs_a_session_past_its_lifetime(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    int64_t opened = f->c.now;
    for (int day = 1; day < 30; day++) {
        f->c.now += CLOCK_DAY;
        assert_ok(cookie(f, s.cookie));
        housekeep(f);
    }
    assert_int_equal(only_session(f, alice.id).expires_at, opened + 30 * CLOCK_DAY);
    f->c.now = opened + 30 * CLOCK_DAY - 1;
    assert_ok(cookie(f, s.cookie));
    f->c.now = opened + 30 * CLOCK_DAY;
    assert_int_equal(cookie(f, s.cookie), ERR_TOKEN_INVALID);
    housekeep(f);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM sessions"), 0);
}

static void shorter_settings_bind_sessions_that_are_open(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct policy usual = f->core.policy, idle = usual, whole = usual;
    struct credentials s = fixture_session(f, &alice);
    struct session *list;
    size_t count;
    idle.session_idle = whole.session_lifetime = 10 * CLOCK_MINUTE;
    f->c.now += 10 * CLOCK_MINUTE;
    for (int i = 0; i < 2; i++) {
        f->core.policy = i ? whole : idle;
        assert_dead(f, &s);
        assert_ok(session_list(&f->c, alice.id, &list, &count));
        assert_int_equal(count, 0);
    }
    f->core.policy = usual;
    assert_alive(f, &s);
}

static void a_session_that_is_used_stays_alive_whatever_is_noted(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    f->core.policy.session_idle = CLOCK_MINUTE;
    struct credentials s = fixture_session(f, &alice);
    for (int i = 0; i < 60; i++) {
        f->c.now += 20 * CLOCK_SECOND;
        assert_ok(cookie(f, s.cookie));
        housekeep(f);
    }
    f->c.now += CLOCK_MINUTE;
    assert_dead(f, &s);
}

/* ---- A clock that is set back ---------------------------------------------------------------- */

static void nothing_from_the_future_is_believed(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    f->c.now -= CLOCK_MINUTE;
    assert_alive(f, &s); /* two nodes may differ by as much */
    f->c.now -= CLOCK_SECOND;
    assert_dead(f, &s);
    f->c.now -= 2 * CLOCK_DAY;
    assert_dead(f, &s);
    struct credentials fresh = fixture_session(f, &alice);
    assert_alive(f, &fresh);
}

static void what_expired_does_not_come_back(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice), unused = fixture_session(f, &alice);
    int64_t opened = f->c.now;
    f->c.now += 2 * CLOCK_DAY;
    assert_int_equal(access(f, s.access), ERR_TOKEN_INVALID);
    housekeep(f);
    f->c.now = opened;
    assert_dead(f, &s);
    assert_alive(f, &unused);
    f->c.now += 14 * CLOCK_DAY; /* a token that has expired prolongs nothing */
    assert_dead(f, &s);
}

static void a_replaced_refresh_token_has_no_second_grace(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    f->core.policy.refresh_rotation = true;
    struct credentials s = fixture_session(f, &alice);
    struct text fresh, rotated;
    f->c.now += 50 * CLOCK_SECOND;
    assert_ok(session_refresh(&f->c, s.refresh, &fresh, &rotated));
    fixture_settle(f);
    f->c.now -= 50 * CLOCK_SECOND;
    assert_int_equal(session_refresh(&f->c, s.refresh, &fresh, &rotated), ERR_TOKEN_INVALID);
}

/* ---- Names ----------------------------------------------------------------------------------- */

static void a_session_can_be_named(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), bob = fixture_account(f, "bob");
    struct credentials s = fixture_session(f, &alice);
    struct text name = TEXT("Phone"), none = {0};
    struct session session;
    assert_text(only_session(f, alice.id).name, "");
    assert_ok(session_rename(&f->c, alice.id, s.session_id, &name, &session));
    assert_text(session.name, "Phone");
    assert_int_equal(session.id, s.session_id);
    assert_ok(session_rename(&f->c, alice.id, s.session_id, NULL, &session));
    assert_text(session.name, "Phone");
    assert_int_equal(session_rename(&f->c, bob.id, s.session_id, &none, &session), ERR_NOT_FOUND);
    fixture_settle(f);
    assert_text(only_session(f, alice.id).name, "Phone");
    assert_ok(session_rename(&f->c, alice.id, s.session_id, &none, &session));
    fixture_settle(f);
    assert_text(only_session(f, alice.id).name, "");
    f->c.now += 14 * CLOCK_DAY;
    assert_int_equal(session_rename(&f->c, alice.id, s.session_id, &name, &session), ERR_NOT_FOUND);
}

static void a_token_does_not_undo_what_the_cookie_earned(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    f->c.now += 2 * CLOCK_MINUTE;
    assert_ok(cookie(f, s.cookie));
    assert_ok(access(f, s.access));
    housekeep(f);
    assert_int_equal(only_session(f, alice.id).expires_at, f->c.now + 14 * CLOCK_DAY);
}

/* More than the list of uses holds: what is dropped is noted another time. */
static void too_many_uses_are_dropped(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct origin origin = {0};
    enum { MANY = 6000 };
    static struct credentials s[MANY];
    assert_ok(db_begin(f->c.db));
    for (int i = 0; i < MANY; i++)
        assert_ok(session_open(&f->c, &alice, &origin, &s[i]));
    fixture_commit(f);
    f->c.now += 2 * CLOCK_MINUTE;
    for (int i = 0; i < MANY; i++)
        assert_ok(access(f, s[i].access));
    housekeep(f);
    const char *used = text_format(&f->arena, "SELECT count(*) FROM sessions WHERE used_at = %lld",
                                   (long long)f->c.now)
                           .at;
    int64_t noted = fixture_count(f, used);
    assert_in_range(noted, 2000, 4096);
    for (int i = 0; i < MANY; i++)
        assert_ok(access(f, s[i].access));
    housekeep(f);
    assert_true(fixture_count(f, used) > noted);
}

struct user {
    struct fixture fixture; /* its own */
    const struct credentials *credentials;
    int refused;
};

static void *use_all(void *data) {
    struct user *me = data;
    struct caller caller;
    for (int i = 0; i < 200; i++)
        me->refused +=
            session_by_access(&me->fixture.c, me->credentials[i % 50].access, &caller) != OK;
    return NULL;
}

static void use_and_housekeeping_and_rotation_go_together(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    static struct credentials s[50];
    for (int i = 0; i < 50; i++)
        s[i] = fixture_session(f, &alice);
    f->c.now += CLOCK_MINUTE;
    struct user users[3];
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        users[i] = (struct user){.credentials = s};
        assert_true(fixture_attach(&users[i].fixture, f));
        assert_int_equal(pthread_create(&threads[i], NULL, use_all, &users[i]), 0);
    }
    for (int i = 0; i < 5; i++) {
        housekeep(f);
        f->c.now++;
        assert_ok(keyring_rotate(&f->c));
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(users[i].refused, 0);
        fixture_detach(&users[i].fixture);
    }
    housekeep(f);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM sessions WHERE used_at > created_at"),
                     50);
}

static void expired_sessions_go(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct origin origin = {0};
    struct credentials s;
    assert_ok(db_begin(f->c.db));
    for (int i = 0; i < 1200; i++)
        assert_ok(session_open(&f->c, &alice, &origin, &s));
    fixture_commit(f);
    f->c.now += CLOCK_DAY;
    fixture_session(f, &alice);
    housekeep(f);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM sessions"), 1201);
    f->c.now += 13 * CLOCK_DAY;
    housekeep(f);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM sessions"), 1);
}

static void idle_housekeeping_writes_nothing(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    fixture_session(f, &alice);
    assert_false(db_pending(f->c.db));
    housekeep(f);
    assert_false(db_pending(f->c.db));
}

/* ---- Refresh --------------------------------------------------------------------------------- */

static void a_refresh_token_is_good_for_seven_days(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    struct text fresh, rotated;
    for (int day = 0; day < 6; day++) {
        f->c.now += CLOCK_DAY;
        assert_ok(session_refresh(&f->c, s.refresh, &fresh, &rotated));
        assert_int_equal(rotated.size, 0);
        assert_ok(access(f, fresh));
    }
    f->c.now += CLOCK_DAY;
    assert_int_equal(refresh(f, s.refresh), ERR_TOKEN_INVALID);
}

static void other_credentials_do_not_refresh(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    assert_int_equal(refresh(f, s.access), ERR_TOKEN_INVALID);
    assert_int_equal(refresh(f, s.cookie), ERR_TOKEN_INVALID);
    assert_alive(f, &s);
}

static struct fixture *with_rotation(void **state) {
    struct fixture *f = *state;
    struct policy p = fixture_policy();
    p.refresh_rotation = true;
    fixture_reopen(f, &p, (struct text){0});
    return f;
}

static struct text rotated(struct fixture *f, struct text jwt) {
    struct text fresh, next;
    assert_ok(session_refresh(&f->c, jwt, &fresh, &next));
    fixture_settle(f);
    assert_ok(access(f, fresh));
    assert_true(next.size > 0);
    return next;
}

static void rotation_gives_a_new_refresh_token(void **state) {
    struct fixture *f = with_rotation(state);
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    struct text token = s.refresh;
    for (int i = 0; i < 3; i++) {
        f->c.now += 6 * CLOCK_DAY;
        struct text next = rotated(f, token);
        assert_false(text_equal(next, token));
        token = next;
    }
    /* The session lives as long as the token that was given out last. */
    f->c.now += 7 * CLOCK_DAY - CLOCK_SECOND;
    assert_ok(refresh(f, token));
}

static void a_replay_ends_the_session(void **state) {
    struct fixture *f = with_rotation(state);
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    f->c.now += CLOCK_HOUR / 2;
    struct text next = rotated(f, s.refresh);
    f->c.now += 11 * CLOCK_SECOND;
    assert_ok(cookie(f, s.cookie));
    assert_int_equal(refresh(f, s.refresh), ERR_TOKEN_INVALID);
    assert_dead(f, &s);
    assert_int_equal(refresh(f, next), ERR_TOKEN_INVALID);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM sessions"), 0);
}

static void an_older_one_is_a_replay_as_well(void **state) {
    struct fixture *f = with_rotation(state);
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    struct text token = rotated(f, s.refresh);
    f->c.now += CLOCK_MINUTE;
    token = rotated(f, token);
    assert_int_equal(refresh(f, s.refresh), ERR_TOKEN_INVALID);
    assert_int_equal(refresh(f, token), ERR_TOKEN_INVALID);
}

/* Two refreshes of one client at once: both end with the one token that works from then on. */
static void both_of_two_at_once_succeed(void **state) {
    struct fixture *f = with_rotation(state);
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    f->c.now += CLOCK_HOUR;
    struct text first = rotated(f, s.refresh);
    f->c.now += 10 * CLOCK_SECOND;
    struct text second = rotated(f, s.refresh);
    assert_true(text_equal(first, second));
    f->c.now += CLOCK_MINUTE;
    struct text third = rotated(f, second);
    assert_ok(refresh(f, third));
}

struct client {
    struct fixture *fixture;
    struct text presented;
    enum err result;
    char given[1024];
};

static void *refresh_once(void *data) {
    struct client *me = data;
    struct fixture f;
    struct text fresh, next;
    me->result = ERR_INTERNAL;
    if (!fixture_attach(&f, me->fixture))
        return NULL;
    me->result = session_refresh(&f.c, me->presented, &fresh, &next);
    if (me->result == OK && next.size < sizeof me->given)
        memcpy(me->given, next.at, next.size);
    db_wait(f.c.db);
    fixture_detach(&f);
    return NULL;
}

static void parallel_refreshes_agree(void **state) {
    struct fixture *f = with_rotation(state);
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    struct text token = s.refresh;
    for (int round = 0; round < 20; round++) {
        enum { CLIENTS = 4 };
        static struct client clients[CLIENTS];
        pthread_t threads[CLIENTS];
        f->c.now += CLOCK_MINUTE;
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = (struct client){.fixture = f, .presented = token};
            assert_int_equal(pthread_create(&threads[i], NULL, refresh_once, &clients[i]), 0);
        }
        for (int i = 0; i < CLIENTS; i++) {
            pthread_join(threads[i], NULL);
            assert_ok(clients[i].result);
            assert_string_equal(clients[i].given, clients[0].given);
        }
        token = text_copy(&f->arena, text_of(clients[0].given));
    }
}

static void rotation_off_again_ends_replays_still(void **state) {
    struct fixture *f = with_rotation(state);
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    struct text next = rotated(f, s.refresh);
    struct policy p = fixture_policy();
    fixture_reopen(f, &p, (struct text){0});
    assert_ok(refresh(f, next));
    assert_ok(refresh(f, s.refresh)); /* within the grace */
    f->c.now += CLOCK_MINUTE;
    assert_ok(refresh(f, next));
    assert_int_equal(refresh(f, s.refresh), ERR_TOKEN_INVALID);
    assert_int_equal(refresh(f, next), ERR_TOKEN_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(all_three_credentials_name_the_caller),
        TEST(roles_are_read),
        TEST(secrets_are_stored_as_hashes),
        TEST(mangled_cookies_are_refused),
        TEST(the_access_token_expires_first),
        TEST(no_credential_of_a_banned_or_inactive_account),
        TEST(the_end_of_a_session_is_the_end_of_its_credentials),
        TEST(logout_wants_ones_own_refresh_token),
        TEST(all_but_one_can_be_ended),
        TEST(live_sessions_are_listed),
        TEST(the_origin_is_kept),
        TEST(a_login_moves_last_login),
        TEST(use_is_noted_once_a_minute),
        TEST(the_cookie_slides),
        TEST(no_use_prolongs_a_session_past_its_lifetime),
        TEST(shorter_settings_bind_sessions_that_are_open),
        TEST(a_session_that_is_used_stays_alive_whatever_is_noted),
        TEST(nothing_from_the_future_is_believed),
        TEST(what_expired_does_not_come_back),
        TEST(a_replaced_refresh_token_has_no_second_grace),
        TEST(a_session_can_be_named),
        TEST(a_token_does_not_undo_what_the_cookie_earned),
        TEST(too_many_uses_are_dropped),
        TEST(use_and_housekeeping_and_rotation_go_together),
        TEST(expired_sessions_go),
        TEST(idle_housekeeping_writes_nothing),
        TEST(a_refresh_token_is_good_for_seven_days),
        TEST(other_credentials_do_not_refresh),
        TEST(rotation_gives_a_new_refresh_token),
        TEST(a_replay_ends_the_session),
        TEST(an_older_one_is_a_replay_as_well),
        TEST(both_of_two_at_once_succeed),
        TEST(parallel_refreshes_agree),
        TEST(rotation_off_again_ends_replays_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
