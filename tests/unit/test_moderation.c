#include "fixture.h"

#include <stdio.h>

#include "base/clock.h"
#include "core/moderation.h"
#include "core/stats.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

#define STAFF     (ACCOUNT_FLAGS_NEW | ACCOUNT_STAFF)
#define SUPERUSER (ACCOUNT_FLAGS_NEW | ACCOUNT_SUPERUSER)

static enum err ban(struct fixture *f, const struct account *by, const struct account *target) {
    struct caller caller = fixture_caller(by);
    enum err e = moderation_ban(&f->c, &caller, target->id, TEXT("spam"), 0);
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
    assert_ok(moderation_ban(&f->c, NULL, alice.id, TEXT("spam"), 0));
    assert_ok(moderation_unban(&f->c, NULL, alice.id));
    fixture_settle(f);
    struct account now = loaded(f, &alice);
    assert_true(account_usable(&now));
    assert_text(now.ban_reason, "");
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM users WHERE banned_at IS NULL"), 1);
    assert_int_equal(accounts(f, STATS_ACTIVE), 1);
    assert_int_equal(accounts(f, STATS_BANNED), 0);
    assert_int_equal(fixture_count(f, "SELECT listed FROM directory"), 1);
    assert_ok(moderation_unban(&f->c, NULL, alice.id));
}

static void banning_the_banned_renews_the_reason(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    int64_t first = f->c.now;
    assert_ok(moderation_ban(&f->c, NULL, alice.id, TEXT("spam"), 0));
    f->c.now += CLOCK_DAY;
    assert_ok(moderation_ban(&f->c, NULL, alice.id, TEXT("worse"), 0));
    fixture_settle(f);
    assert_text(loaded(f, &alice).ban_reason, "worse");
    assert_int_equal(fixture_count(f, "SELECT banned_at FROM users"), first);
    assert_int_equal(accounts(f, STATS_BANNED), 1);
}

/* ---- Bans that end by themselves ---- */

static enum err housekeeping(struct fixture *f) {
    enum err e = moderation_housekeeping(&f->c);
    fixture_settle(f);
    return e;
}

static int64_t lifted(struct fixture *f) {
    return fixture_count(f, "SELECT count(*) FROM audit WHERE event = 23 AND via = 0");
}

static void a_ban_ends_at_its_time(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), bob = fixture_account(f, "bob");
    int64_t until = f->c.now + CLOCK_DAY;
    assert_ok(moderation_ban(&f->c, NULL, alice.id, TEXT("spam"), until));
    assert_ok(moderation_ban(&f->c, NULL, bob.id, TEXT("spam"), 0));
    fixture_settle(f);
    f->c.now = until - 1;
    assert_ok(housekeeping(f));
    assert_true(loaded(f, &alice).flags & ACCOUNT_BANNED);
    f->c.now = until;
    assert_ok(housekeeping(f));
    struct account now = loaded(f, &alice);
    assert_true(account_usable(&now));
    assert_text(now.ban_reason, "");
    assert_int_equal(now.banned_until, 0);
    assert_int_equal(now.banned_at, 0);
    assert_true(loaded(f, &bob).flags & ACCOUNT_BANNED);
    assert_int_equal(accounts(f, STATS_BANNED), 1);
    assert_ok(housekeeping(f));
    assert_int_equal(lifted(f), 1);
}

static void banning_again_replaces_the_end(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    int64_t until = f->c.now + CLOCK_DAY;
    assert_ok(moderation_ban(&f->c, NULL, alice.id, TEXT("spam"), until));
    assert_ok(moderation_ban(&f->c, NULL, alice.id, TEXT("spam"), until + CLOCK_DAY));
    fixture_settle(f);
    f->c.now = until;
    assert_ok(housekeeping(f));
    assert_int_equal(loaded(f, &alice).banned_until, until + CLOCK_DAY);
    assert_ok(moderation_ban(&f->c, NULL, alice.id, TEXT("spam"), 0));
    fixture_settle(f);
    f->c.now = until + 2 * CLOCK_DAY;
    assert_ok(housekeeping(f));
    assert_true(loaded(f, &alice).flags & ACCOUNT_BANNED);
    assert_int_equal(lifted(f), 0);
}

/* Other flags that change meanwhile leave reason and end alone. */
static void a_ban_outlives_other_changes(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    int64_t until = f->c.now + CLOCK_DAY;
    assert_ok(moderation_ban(&f->c, NULL, alice.id, TEXT("spam"), until));
    assert_ok(account_grant(&f->c, alice.id, ACCOUNT_STAFF, 0));
    fixture_settle(f);
    assert_int_equal(loaded(f, &alice).banned_until, until);
    assert_text(loaded(f, &alice).ban_reason, "spam");
}

static void many_end_at_once(void **state) {
    struct fixture *f = *state;
    enum { MANY = 501 };
    int64_t until = f->c.now + CLOCK_DAY;
    for (int i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "user%d", i);
        struct account a = fixture_account(f, name);
        assert_ok(moderation_ban(&f->c, NULL, a.id, TEXT("spam"), until));
    }
    fixture_settle(f);
    f->c.now = until + 1;
    assert_ok(housekeeping(f));
    assert_int_equal(lifted(f), MANY);
    assert_int_equal(accounts(f, STATS_ACTIVE), MANY);
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
    assert_ok(moderation_ban(&f->c, NULL, boss.id, TEXT("from the command line"), 0));
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

/* ---- Roles ----------------------------------------------------------------------------------- */

static enum err set_roles(struct fixture *f, const struct account *by, const struct account *whose,
                          int64_t add, int64_t remove) {
    struct caller caller = fixture_caller(by);
    f->c.by.user_id = by->id;
    enum err e = moderation_set_roles(&f->c, &caller, whose->id, add, remove);
    fixture_settle(f);
    return e;
}

static void roles_are_for_superusers_to_give(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"),
                   staff = fixture_account_with(f, "staff", STAFF),
                   boss = fixture_account_with(f, "boss", SUPERUSER);
    struct account nobody = {.id = 99};
    assert_int_equal(set_roles(f, &staff, &alice, ACCOUNT_STAFF, 0), ERR_FORBIDDEN);
    assert_int_equal(set_roles(f, &boss, &boss, 0, ACCOUNT_SUPERUSER), ERR_FORBIDDEN);
    assert_int_equal(set_roles(f, &boss, &nobody, ACCOUNT_STAFF, 0), ERR_USER_NOT_FOUND);
    assert_ok(set_roles(f, &boss, &alice, ACCOUNT_STAFF, 0));
    assert_int_equal(loaded(f, &alice).flags, STAFF);
    assert_ok(set_roles(f, &boss, &alice, ACCOUNT_SUPERUSER, ACCOUNT_STAFF));
    assert_int_equal(loaded(f, &alice).flags, SUPERUSER);
    assert_ok(set_roles(f, &boss, &alice, ACCOUNT_SUPERUSER, ACCOUNT_STAFF));
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM audit WHERE event = 26 "
                                      "AND outcome = 1 AND actor_id = 3"),
                     2);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM audit WHERE event = 27 "
                                      "AND detail = 'staff' AND outcome = 1"),
                     1);
}

/* The request of who has been demoted since it was let in comes too late. */
static void of_two_who_demote_each_other_one_remains(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account_with(f, "ann", SUPERUSER),
                   bob = fixture_account_with(f, "bob", SUPERUSER);
    assert_ok(set_roles(f, &ann, &bob, 0, ACCOUNT_SUPERUSER));
    assert_int_equal(set_roles(f, &bob, &ann, 0, ACCOUNT_SUPERUSER), ERR_FORBIDDEN);
    assert_int_equal(loaded(f, &ann).flags, SUPERUSER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_ban_is_stored_and_ends_every_session),
        TEST(a_ban_is_lifted),
        TEST(banning_the_banned_renews_the_reason),
        TEST(who_may_ban_whom),
        TEST(force_logout_ends_every_session),
        TEST(a_ban_ends_at_its_time),
        TEST(banning_again_replaces_the_end),
        TEST(a_ban_outlives_other_changes),
        TEST(many_end_at_once),
        TEST(roles_are_for_superusers_to_give),
        TEST(of_two_who_demote_each_other_one_remains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
