#include "fixture.h"

#include "base/clock.h"
#include "core/moderation.h"
#include "core/stats.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

#define STAFF     (ACCOUNT_FLAGS_NEW | ACCOUNT_STAFF)
#define SUPERUSER (ACCOUNT_FLAGS_NEW | ACCOUNT_SUPERUSER)

static enum err ban(struct fixture *f, const struct account *by, const struct account *target) {
    struct caller caller = fixture_caller(by);
    enum err e = moderation_ban(&f->c, &caller, target->id, true, TEXT("spam"));
    fixture_settle(f);
    return e;
}

static struct account loaded(struct fixture *f, const struct account *a) {
    struct account now;
    assert_ok(account_load(&f->c, a->id, &now));
    return now;
}

static int64_t accounts(struct fixture *f, int item) {
    int64_t n;
    assert_ok(stats_accounts(&f->c, item, &n));
    return n;
}

static void a_ban_is_stored_and_ends_every_session(void **state) {
    struct fixture *f = *state;
    struct account staff = fixture_account_with(f, "staff", STAFF),
                   alice = fixture_account(f, "alice");
    struct credentials s = fixture_session(f, &alice), other = fixture_session(f, &alice);
    struct caller caller;
    assert_ok(ban(f, &staff, &alice));
    struct account now = loaded(f, &alice);
    assert_true(now.flags & ACCOUNT_BANNED);
    assert_false(account_usable(&now));
    assert_text(now.ban_reason, "spam");
    assert_int_equal(session_by_access(&f->c, s.access, &caller), ERR_TOKEN_INVALID);
    assert_int_equal(session_by_cookie(&f->c, other.cookie, &caller), ERR_TOKEN_INVALID);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM sessions"), 0);
    assert_int_equal(fixture_count(f, "SELECT banned_at FROM users WHERE id = 2"), f->c.now);
    assert_int_equal(accounts(f, STATS_ACTIVE), 1);
    assert_int_equal(accounts(f, STATS_BANNED), 1);
    assert_int_equal(fixture_count(f, "SELECT listed FROM directory WHERE user_id = 2"), 0);
}

static void a_ban_is_lifted(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    assert_ok(moderation_ban(&f->c, NULL, alice.id, true, TEXT("spam")));
    assert_ok(moderation_ban(&f->c, NULL, alice.id, false, TEXT("ignored")));
    fixture_settle(f);
    struct account now = loaded(f, &alice);
    assert_true(account_usable(&now));
    assert_text(now.ban_reason, "");
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM users WHERE banned_at IS NULL"), 1);
    assert_int_equal(accounts(f, STATS_ACTIVE), 1);
    assert_int_equal(accounts(f, STATS_BANNED), 0);
    assert_int_equal(fixture_count(f, "SELECT listed FROM directory"), 1);
    assert_ok(moderation_ban(&f->c, NULL, alice.id, false, (struct text){0}));
}

static void banning_the_banned_renews_the_reason(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    int64_t first = f->c.now;
    assert_ok(moderation_ban(&f->c, NULL, alice.id, true, TEXT("spam")));
    f->c.now += CLOCK_DAY;
    assert_ok(moderation_ban(&f->c, NULL, alice.id, true, TEXT("worse")));
    fixture_settle(f);
    assert_text(loaded(f, &alice).ban_reason, "worse");
    assert_int_equal(fixture_count(f, "SELECT banned_at FROM users"), first);
    assert_int_equal(accounts(f, STATS_BANNED), 1);
}

static void who_may_ban_whom(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), bob = fixture_account(f, "bob"),
                   staff = fixture_account_with(f, "staff", STAFF),
                   other = fixture_account_with(f, "other", STAFF),
                   boss = fixture_account_with(f, "boss", SUPERUSER),
                   chief = fixture_account_with(f, "chief", SUPERUSER);
    struct account nobody = {.id = 99};
    assert_int_equal(ban(f, &alice, &bob), ERR_FORBIDDEN);
    assert_int_equal(ban(f, &staff, &staff), ERR_FORBIDDEN);
    assert_int_equal(ban(f, &staff, &other), ERR_FORBIDDEN);
    assert_int_equal(ban(f, &staff, &boss), ERR_FORBIDDEN);
    assert_int_equal(ban(f, &boss, &boss), ERR_FORBIDDEN);
    assert_int_equal(ban(f, &staff, &nobody), ERR_USER_NOT_FOUND);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM users WHERE ban_reason <> ''"), 0);
    assert_ok(ban(f, &staff, &alice));
    assert_ok(ban(f, &boss, &staff));
    assert_ok(ban(f, &boss, &chief));
    assert_ok(moderation_ban(&f->c, NULL, boss.id, true, TEXT("from the command line")));
}

static enum err force(struct fixture *f, const struct account *by, const struct account *target,
                      int64_t *ended) {
    struct caller caller = fixture_caller(by);
    enum err e = moderation_force_logout(&f->c, &caller, target->id, ended);
    fixture_settle(f);
    return e;
}

static void force_logout_ends_every_session(void **state) {
    struct fixture *f = *state;
    struct account staff = fixture_account_with(f, "staff", STAFF),
                   other = fixture_account_with(f, "other", STAFF),
                   alice = fixture_account(f, "alice");
    struct account nobody = {.id = 99};
    fixture_session(f, &alice);
    fixture_session(f, &alice);
    fixture_session(f, &other);
    int64_t ended;
    assert_int_equal(force(f, &staff, &other, &ended), ERR_FORBIDDEN);
    assert_int_equal(force(f, &staff, &staff, &ended), ERR_FORBIDDEN);
    assert_int_equal(force(f, &alice, &other, &ended), ERR_FORBIDDEN);
    assert_int_equal(force(f, &staff, &nobody, &ended), ERR_USER_NOT_FOUND);
    assert_ok(force(f, &staff, &alice, &ended));
    assert_int_equal(ended, 2);
    assert_ok(force(f, &staff, &alice, &ended));
    assert_int_equal(ended, 0);
    assert_ok(moderation_force_logout(&f->c, NULL, other.id, NULL));
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM sessions"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_ban_is_stored_and_ends_every_session), TEST(a_ban_is_lifted),
        TEST(banning_the_banned_renews_the_reason),   TEST(who_may_ban_whom),
        TEST(force_logout_ends_every_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
