#include "fixture.h"

#include <pthread.h>
#include <unistd.h>

#include "core/login.h"
#include "core/moderation.h"
#include "core/password.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

static const struct address nowhere;
static const struct text right = {"password123", 11}, wrong = {"password124", 11};

static enum err verify(struct fixture *f, const char *login, struct text password) {
    struct account account;
    int64_t retry;
    enum err e = login_verify(&f->c, text_of(login), password, &nowhere, &account, &retry);
    fixture_settle(f);
    assert_int_equal(retry > 0, e == ERR_RATE_LIMITED);
    return e;
}

static enum err login(struct fixture *f, const char *name, struct text password,
                      struct credentials *out) {
    struct account account;
    struct origin origin = {0};
    int64_t retry;
    enum err e = login_open(&f->c, text_of(name), password, &origin, &account, out, &retry);
    fixture_settle(f);
    return e;
}

static struct new_account newcomer(struct fixture *f, const char *name) {
    return (struct new_account){
        .username = text_of(name),
        .email = text_format(&f->arena, "%s@example.com", name),
        .password = right,
        .birth_date = NO_DATE,
        .flags = ACCOUNT_FLAGS_NEW,
    };
}

static enum err join(struct fixture *f, const struct new_account *in, struct account *account,
                     struct credentials *credentials) {
    struct origin origin = {0};
    enum err e = login_register(&f->c, in, &origin, account, credentials);
    fixture_settle(f);
    return e;
}

/* ---- Proving --------------------------------------------------------------------------------- */

static void name_or_address_and_password(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "Alice"), account;
    int64_t retry;
    assert_ok(login_verify(&f->c, TEXT("aLICE"), right, &nowhere, &account, &retry));
    assert_int_equal(account.id, alice.id);
    assert_text(account.username, "Alice");
    assert_ok(verify(f, "Alice@EXAMPLE.com", right));
    assert_int_equal(verify(f, "alice", wrong), ERR_INVALID_CREDENTIALS);
    assert_int_equal(verify(f, "alice", (struct text){0}), ERR_INVALID_CREDENTIALS);
    assert_int_equal(verify(f, "alic", right), ERR_INVALID_CREDENTIALS);
    assert_int_equal(verify(f, "", right), ERR_INVALID_CREDENTIALS);
    assert_int_equal(verify(f, "alice@example.org", right), ERR_INVALID_CREDENTIALS);
}

static void banned_is_told_to_whom_it_concerns(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    assert_ok(moderation_ban(&f->c, NULL, alice.id, TEXT("spam"), 0));
    fixture_settle(f);
    assert_int_equal(verify(f, "alice", right), ERR_BANNED);
    assert_int_equal(verify(f, "alice", wrong), ERR_INVALID_CREDENTIALS);
    struct credentials s;
    assert_int_equal(login(f, "alice", right, &s), ERR_BANNED);
}

static void inactive_is_as_if_unknown(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    assert_ok(account_grant(&f->c, alice.id, 0, ACCOUNT_ACTIVE));
    assert_ok(moderation_ban(&f->c, NULL, alice.id, TEXT("spam"), 0));
    fixture_settle(f);
    assert_int_equal(verify(f, "alice", right), ERR_INVALID_CREDENTIALS);
    assert_int_equal(verify(f, "alice", wrong), ERR_INVALID_CREDENTIALS);
}

static int64_t best_time(struct fixture *f, const char *name) {
    int64_t best = INT64_MAX;
    for (int i = 0; i < 21; i++) {
        int64_t start = fixture_cpu_time();
        assert_int_equal(verify(f, name, wrong), ERR_INVALID_CREDENTIALS);
        int64_t took = fixture_cpu_time() - start;
        best = took < best ? took : best;
    }
    return best;
}

/* Roughly: what is skipped would be a hundredth. tests/api/test_timing.py has the bar. */
static void time_does_not_tell_who_exists(void **state) {
    struct fixture *f = *state;
    struct policy dear = fixture_policy();
    dear.hash_memory = 4096;
    dear.rate_limit = false;
    fixture_reopen(f, &dear, (struct text){0});
    fixture_account(f, "alice");
    struct account bob = fixture_account(f, "bob");
    assert_ok(account_grant(&f->c, bob.id, 0, ACCOUNT_ACTIVE));
    int64_t known = best_time(f, "alice"), unknown = best_time(f, "nobody"),
            inactive = best_time(f, "bob");
    assert_in_range(unknown, known / 4, known * 4);
    assert_in_range(inactive, known / 4, known * 4);
}

static void an_outdated_hash_is_renewed(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct text before, after;
    int64_t set, still_set;
    assert_ok(password_load(&f->c, alice.id, &before, &set));
    struct policy dearer = fixture_policy();
    dearer.hash_memory = 128;
    fixture_reopen(f, &dearer, (struct text){0});
    assert_int_equal(verify(f, "alice", wrong), ERR_INVALID_CREDENTIALS);
    assert_ok(password_load(&f->c, alice.id, &after, &still_set));
    assert_true(text_equal(before, after));
    struct credentials s;
    assert_ok(login(f, "alice", right, &s));
    assert_ok(password_load(&f->c, alice.id, &after, &still_set));
    assert_true(text_starts(after, TEXT("$argon2id$v=19$m=128,t=1,p=1$")));
    assert_int_equal(set, still_set);
    assert_ok(verify(f, "alice", right));
}

static void a_signed_in_user_repeats_the_password(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    int64_t retry;
    assert_ok(login_confirm(&f->c, alice.id, right, &nowhere, ERR_PASSWORD_INCORRECT, &retry));
    assert_int_equal(
        login_confirm(&f->c, alice.id, wrong, &nowhere, ERR_PASSWORD_INCORRECT, &retry),
        ERR_PASSWORD_INCORRECT);
    assert_int_equal(login_confirm(&f->c, 99, right, &nowhere, ERR_PASSWORD_INCORRECT, &retry),
                     ERR_USER_NOT_FOUND);
}

/* ---- Limits ---------------------------------------------------------------------------------- */

static void every_oracle_counts_together(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct caller caller = fixture_caller(&alice);
    struct credentials s;
    int64_t retry;
    for (int i = 0; i < 4; i++)
        assert_int_equal(verify(f, "alice", wrong), ERR_INVALID_CREDENTIALS);
    for (int i = 0; i < 3; i++)
        assert_int_equal(login(f, "ALICE", wrong, &s), ERR_INVALID_CREDENTIALS);
    for (int i = 0; i < 3; i++)
        assert_int_equal(login_change_password(&f->c, &caller, wrong, right, &nowhere, &retry),
                         ERR_CURRENT_PASSWORD);
    assert_int_equal(verify(f, "alice", right), ERR_RATE_LIMITED);
    assert_int_equal(login(f, "alice", right, &s), ERR_RATE_LIMITED);
    assert_int_equal(
        login_confirm(&f->c, alice.id, right, &nowhere, ERR_PASSWORD_INCORRECT, &retry),
        ERR_RATE_LIMITED);
    assert_int_equal(retry, 1);
}

static void unknown_names_are_limited_alike(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 10; i++)
        assert_int_equal(verify(f, "nobody", wrong), ERR_INVALID_CREDENTIALS);
    assert_int_equal(verify(f, "nobody", wrong), ERR_RATE_LIMITED);
}

static void right_passwords_are_not_limited(void **state) {
    struct fixture *f = *state;
    fixture_account(f, "alice");
    for (int i = 0; i < 200; i++)
        assert_ok(verify(f, "alice", right));
}

static void limits_can_be_off(void **state) {
    struct fixture *f = *state;
    struct policy p = fixture_policy();
    p.rate_limit = false;
    fixture_reopen(f, &p, (struct text){0});
    for (int i = 0; i < 150; i++)
        assert_int_equal(verify(f, "nobody", wrong), ERR_INVALID_CREDENTIALS);
}

/* ---- Opening --------------------------------------------------------------------------------- */

static void a_login_opens_a_session(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), account;
    struct credentials s;
    struct caller caller;
    struct origin origin = {0};
    int64_t retry;
    assert_ok(login_open(&f->c, TEXT("alice"), right, &origin, &account, &s, &retry));
    fixture_settle(f);
    assert_int_equal(account.id, alice.id);
    assert_int_equal(account.last_login, f->c.now);
    assert_ok(session_by_access(&f->c, s.access, &caller));
    assert_int_equal(caller.user_id, alice.id);
    assert_int_equal(login(f, "alice", wrong, &s), ERR_INVALID_CREDENTIALS);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM sessions"), 1);
}

static void a_registration_opens_the_first_session(void **state) {
    struct fixture *f = *state;
    struct account account;
    struct credentials s;
    struct caller caller;
    struct new_account in = newcomer(f, "Alice");
    assert_ok(join(f, &in, &account, &s));
    assert_int_equal(account.id, 1);
    assert_int_equal(account.last_login, f->c.now);
    assert_ok(session_by_cookie(&f->c, s.cookie, &caller));
    assert_text(caller.username, "Alice");
    in = newcomer(f, "aLICE");
    assert_int_equal(join(f, &in, &account, &s), ERR_USERNAME_TAKEN);
    in = newcomer(f, "bob");
    in.email = TEXT("ALICE@example.com");
    assert_int_equal(join(f, &in, &account, &s), ERR_EMAIL_TAKEN);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM users"), 1);
    in = newcomer(f, "bob");
    assert_ok(join(f, &in, &account, &s));
    assert_int_equal(account.id, 2);
}

struct joiner {
    struct fixture *fixture;
    int joined, refused, failed;
};

/* One thread that registers names the others want too. */
static void *join_many(void *data) {
    struct joiner *me = data;
    struct fixture f;
    if (!fixture_attach(&f, me->fixture))
        return NULL;
    for (int i = 0; i < 25; i++) {
        struct account account;
        struct credentials s;
        struct origin origin = {0};
        struct text name = text_format(&f.arena, i % 2 ? "name%d" : "NAME%d", i);
        struct new_account in = newcomer(&f, name.at);
        enum err e = login_register(&f.c, &in, &origin, &account, &s);
        me->joined += e == OK;
        me->refused += e == ERR_USERNAME_TAKEN;
        me->failed += e != OK && e != ERR_USERNAME_TAKEN;
        db_wait(f.c.db);
    }
    fixture_detach(&f);
    return NULL;
}

static void of_parallel_registrations_one_wins(void **state) {
    struct fixture *f = *state;
    struct policy p = fixture_policy();
    p.rate_limit = false;
    fixture_reopen(f, &p, (struct text){0});
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    struct joiner joiners[THREADS];
    for (int i = 0; i < THREADS; i++) {
        joiners[i] = (struct joiner){.fixture = f};
        assert_int_equal(pthread_create(&threads[i], NULL, join_many, &joiners[i]), 0);
    }
    int joined = 0, refused = 0, failed = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        joined += joiners[i].joined;
        refused += joiners[i].refused;
        failed += joiners[i].failed;
    }
    assert_int_equal(joined, 25);
    assert_int_equal(refused, 25 * (THREADS - 1));
    assert_int_equal(failed, 0);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM users"), 25);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM credentials"), 25);
}

struct stranger {
    struct fixture *fixture;
    _Atomic bool stop;
    _Atomic int tries;
};

static void *log_in_again_and_again(void *data) {
    struct stranger *me = data;
    struct fixture f;
    if (!fixture_attach(&f, me->fixture))
        return NULL;
    while (!me->stop) {
        struct account account;
        struct credentials s;
        struct origin origin = {0};
        int64_t retry;
        login_open(&f.c, TEXT("alice"), right, &origin, &account, &s, &retry);
        me->tries++;
        db_wait(f.c.db);
        arena_reset(&f.arena);
    }
    fixture_detach(&f);
    return NULL;
}

/* Until each of them has tried once more, from beginning to end. */
static void await_strangers(struct stranger *strangers, int count) {
    for (int i = 0; i < count; i++)
        for (int then = strangers[i].tries; strangers[i].tries < then + 2;)
            usleep(100);
}

/* A login that was under way when the ban or the new password came leaves no session behind. */
static void no_session_slips_through(void **state) {
    struct fixture *f = *state;
    struct policy p = fixture_policy();
    p.rate_limit = false;
    fixture_reopen(f, &p, (struct text){0});
    struct account alice = fixture_account(f, "alice");
    for (int round = 0; round < 20; round++) {
        struct stranger strangers[3];
        pthread_t threads[3];
        for (int i = 0; i < 3; i++) {
            strangers[i] = (struct stranger){.fixture = f};
            assert_int_equal(
                pthread_create(&threads[i], NULL, log_in_again_and_again, &strangers[i]), 0);
        }
        await_strangers(strangers, 3);
        if (round % 2)
            assert_ok(moderation_ban(&f->c, NULL, alice.id, TEXT("spam"), 0));
        else
            assert_ok(login_set_password(&f->c, alice.id, TEXT("another one")));
        await_strangers(strangers, 3);
        for (int i = 0; i < 3; i++)
            strangers[i].stop = true;
        for (int i = 0; i < 3; i++)
            pthread_join(threads[i], NULL);
        assert_int_equal(fixture_count(f, "SELECT count(*) FROM sessions"), 0);
        assert_ok(moderation_unban(&f->c, NULL, alice.id));
        assert_ok(login_set_password(&f->c, alice.id, right));
        fixture_settle(f);
    }
}

/* ---- Changing -------------------------------------------------------------------------------- */

static void a_new_password_ends_the_other_sessions(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials here = fixture_session(f, &alice), there = fixture_session(f, &alice);
    struct caller caller;
    int64_t retry;
    struct text fresh = TEXT("something else");
    assert_ok(session_by_access(&f->c, here.access, &caller));
    assert_int_equal(login_change_password(&f->c, &caller, wrong, fresh, &nowhere, &retry),
                     ERR_CURRENT_PASSWORD);
    assert_ok(login_change_password(&f->c, &caller, right, fresh, &nowhere, &retry));
    fixture_settle(f);
    assert_ok(session_by_access(&f->c, here.access, &caller));
    assert_int_equal(session_by_access(&f->c, there.access, &caller), ERR_TOKEN_INVALID);
    assert_int_equal(verify(f, "alice", right), ERR_INVALID_CREDENTIALS);
    assert_ok(verify(f, "alice", fresh));
}

static void the_command_line_sets_a_password(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice);
    struct caller caller;
    assert_ok(login_set_password(&f->c, alice.id, TEXT("something else")));
    fixture_settle(f);
    assert_int_equal(session_by_access(&f->c, s.access, &caller), ERR_TOKEN_INVALID);
    assert_ok(verify(f, "alice", TEXT("something else")));
    assert_int_equal(login_set_password(&f->c, 99, right), ERR_USER_NOT_FOUND);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM credentials"), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(name_or_address_and_password),
        TEST(banned_is_told_to_whom_it_concerns),
        TEST(inactive_is_as_if_unknown),
        TEST(time_does_not_tell_who_exists),
        TEST(an_outdated_hash_is_renewed),
        TEST(a_signed_in_user_repeats_the_password),
        TEST(every_oracle_counts_together),
        TEST(unknown_names_are_limited_alike),
        TEST(right_passwords_are_not_limited),
        TEST(limits_can_be_off),
        TEST(a_login_opens_a_session),
        TEST(a_registration_opens_the_first_session),
        TEST(of_parallel_registrations_one_wins),
        TEST(no_session_slips_through),
        TEST(a_new_password_ends_the_other_sessions),
        TEST(the_command_line_sets_a_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
