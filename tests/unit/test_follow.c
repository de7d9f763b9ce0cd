#include "fixture.h"

#include <stdio.h>

#include "core/follow.h"

static enum err follow(struct fixture *f, const struct account *who, const struct account *whom) {
    struct caller caller = fixture_caller(who);
    struct follow edge;
    enum err e = follow_add(&f->c, &caller, whom->id, &edge);
    fixture_settle(f);
    return e;
}

static enum err unfollow(struct fixture *f, const struct account *who, const char *name) {
    struct text stored;
    enum err e = follow_remove(&f->c, who->id, text_of(name), &stored);
    fixture_settle(f);
    return e;
}

static void assert_counts(struct fixture *f, const struct account *a, int64_t followers,
                          int64_t following) {
    struct account_counts counts;
    assert_ok(account_counts(&f->c, a->id, &counts));
    assert_int_equal(counts.followers, followers);
    assert_int_equal(counts.following, following);
}

static void follow_makes_an_edge(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "Bob");
    struct caller caller = fixture_caller(&ann);
    struct follow edge;
    assert_ok(follow_add(&f->c, &caller, bob.id, &edge));
    fixture_settle(f);
    assert_int_equal(edge.id, 1);
    assert_int_equal(edge.follower_id, ann.id);
    assert_int_equal(edge.following_id, bob.id);
    assert_int_equal(edge.created_at, f->c.now);
    assert_text(edge.follower_username, "ann");
    assert_text(edge.following_username, "Bob");
    assert_counts(f, &ann, 0, 1);
    assert_counts(f, &bob, 1, 0);
}

static void follow_refuses(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob");
    struct account nobody = {.id = 999}, below = {.id = -1};
    assert_int_equal(follow(f, &ann, &nobody), ERR_USER_NOT_FOUND);
    assert_int_equal(follow(f, &ann, &below), ERR_USER_NOT_FOUND);
    assert_int_equal(follow(f, &ann, &ann), ERR_SELF_FOLLOW);
    assert_ok(follow(f, &ann, &bob));
    assert_int_equal(follow(f, &ann, &bob), ERR_ALREADY_FOLLOWING);
    assert_counts(f, &ann, 0, 1);
    assert_counts(f, &bob, 1, 0);
}

static void who_is_hidden_can_be_followed_by_staff_alone(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob");
    struct account staff = fixture_account_with(f, "staff", ACCOUNT_FLAGS_NEW | ACCOUNT_STAFF);
    static const int64_t hidden[] = {ACCOUNT_ACTIVE, ACCOUNT_PUBLIC,
                                     ACCOUNT_FLAGS_NEW | ACCOUNT_BANNED};
    for (size_t i = 0; i < 3; i++) {
        fixture_set_flags(f, &bob, hidden[i]);
        assert_int_equal(follow(f, &ann, &bob), ERR_USER_NOT_FOUND);
    }
    assert_ok(follow(f, &staff, &bob));
    assert_counts(f, &bob, 1, 0);
}

static void an_erased_follower_leaves_nothing(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob");
    assert_ok(account_erase(&f->c, ann.id));
    fixture_settle(f);
    assert_int_equal(follow(f, &ann, &bob), ERR_USER_NOT_FOUND);
    assert_counts(f, &bob, 0, 0);
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM follows"), 0);
}

static void unfollow_takes_it_away(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "Bob");
    struct text stored;
    assert_ok(follow(f, &ann, &bob));
    assert_ok(follow(f, &bob, &ann));
    assert_ok(follow_remove(&f->c, ann.id, TEXT("bOB"), &stored));
    fixture_settle(f);
    assert_text(stored, "Bob");
    assert_counts(f, &ann, 1, 0);
    assert_counts(f, &bob, 0, 1);
    assert_int_equal(unfollow(f, &ann, "bob"), ERR_NOT_FOLLOWING);
    assert_int_equal(unfollow(f, &ann, "nobody"), ERR_USER_NOT_FOUND);
    assert_int_equal(unfollow(f, &ann, "ann"), ERR_NOT_FOLLOWING);
    assert_counts(f, &ann, 1, 0);
    assert_ok(follow(f, &ann, &bob));
}

static void who_is_hidden_can_be_unfollowed(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob");
    assert_ok(follow(f, &ann, &bob));
    fixture_set_flags(f, &bob, ACCOUNT_FLAGS_NEW | ACCOUNT_BANNED);
    assert_ok(unfollow(f, &ann, "bob"));
    assert_counts(f, &bob, 0, 0);
    /* … and then gives no sign of being there */
    assert_int_equal(unfollow(f, &ann, "bob"), ERR_USER_NOT_FOUND);
}

/* `n` accounts u1, u2 … that follow `target`, in this order. */
static void make_followers(struct fixture *f, const struct account *target, struct account *out,
                           int n) {
    for (int i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, "u%d", i + 1);
        out[i] = fixture_account(f, name);
        assert_ok(follow(f, &out[i], target));
    }
}

static void lists_are_newest_first_in_pages(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), u[5];
    struct caller nobody = {0};
    struct follow_page page;
    make_followers(f, &ann, u, 5);
    assert_ok(follow_followers(&f->c, &nobody, ann.id, 0, 2, &page));
    assert_int_equal(page.count, 5);
    assert_int_equal(page.size, 2);
    assert_text(page.users[0].username, "u5");
    assert_text(page.users[1].username, "u4");
    assert_ok(follow_followers(&f->c, &nobody, ann.id, page.next, 2, &page));
    assert_text(page.users[0].username, "u3");
    assert_text(page.users[1].username, "u2");
    assert_ok(follow_followers(&f->c, &nobody, ann.id, page.next, 2, &page));
    assert_int_equal(page.size, 1);
    assert_int_equal(page.next, 0);
    assert_text(page.users[0].username, "u1");
}

static void a_last_page_that_is_just_full_has_no_next(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), u[3];
    struct caller nobody = {0};
    struct follow_page page;
    make_followers(f, &ann, u, 3);
    assert_ok(follow_followers(&f->c, &nobody, ann.id, 0, 3, &page));
    assert_int_equal(page.size, 3);
    assert_int_equal(page.next, 0);
}

static void the_hidden_are_counted_but_not_shown(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), u[5];
    struct account staff = fixture_account_with(f, "staff", ACCOUNT_FLAGS_NEW | ACCOUNT_STAFF);
    struct follow_page page;
    make_followers(f, &ann, u, 5);
    fixture_set_flags(f, &u[4], ACCOUNT_ACTIVE);
    fixture_set_flags(f, &u[3], ACCOUNT_FLAGS_NEW | ACCOUNT_BANNED);
    fixture_set_flags(f, &u[1], ACCOUNT_PUBLIC);

    struct caller nobody = {0};
    assert_ok(follow_followers(&f->c, &nobody, ann.id, 0, 2, &page));
    assert_int_equal(page.count, 5);
    assert_int_equal(page.size, 2); /* full, though three stand between */
    assert_text(page.users[0].username, "u3");
    assert_text(page.users[1].username, "u1");
    assert_int_equal(page.next, 0);

    struct caller self = fixture_caller(&u[4]);
    assert_ok(follow_followers(&f->c, &self, ann.id, 0, 10, &page));
    assert_int_equal(page.size, 3);
    assert_text(page.users[0].username, "u5");

    struct caller seeing = fixture_caller(&staff);
    assert_ok(follow_followers(&f->c, &seeing, ann.id, 0, 10, &page));
    assert_int_equal(page.size, 5);
}

static void is_following_is_the_callers_view(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob"), u[2];
    make_followers(f, &ann, u, 2);
    assert_ok(follow(f, &bob, &u[0]));
    assert_ok(follow(f, &ann, &u[1]));
    struct follow_page page;
    struct caller caller = fixture_caller(&bob), nobody = {0};
    assert_ok(follow_followers(&f->c, &caller, ann.id, 0, 10, &page));
    assert_false(page.users[0].is_following);
    assert_true(page.users[1].is_following);
    assert_ok(follow_followers(&f->c, &nobody, ann.id, 0, 10, &page));
    assert_false(page.users[0].is_following);
    assert_false(page.users[1].is_following);
    assert_ok(follow_following(&f->c, &caller, bob.id, 0, 10, &page));
    assert_int_equal(page.size, 1);
    assert_text(page.users[0].username, "u1");
    assert_true(page.users[0].is_following);
}

static void edges_are_the_callers_own(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob");
    struct account eve = fixture_account(f, "eve");
    assert_ok(follow(f, &ann, &bob));
    assert_ok(follow(f, &ann, &eve));
    assert_ok(follow(f, &eve, &ann));
    struct follow_page page;
    struct caller caller = fixture_caller(&ann);
    assert_ok(follow_edges(&f->c, &caller, 0, 1, &page));
    assert_int_equal(page.count, 2);
    assert_int_equal(page.size, 1);
    assert_text(page.edges[0].following_username, "eve");
    assert_ok(follow_edges(&f->c, &caller, page.next, 1, &page));
    assert_int_equal(page.next, 0);
    assert_int_equal(page.edges[0].id, 1);
    assert_int_equal(page.edges[0].follower_id, ann.id);
    assert_int_equal(page.edges[0].following_id, bob.id);
    assert_text(page.edges[0].follower_username, "ann");
    assert_text(page.edges[0].following_username, "bob");
    assert_int_equal(page.edges[0].created_at, f->c.now);
}

static void lists_of_nobody(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann");
    struct caller nobody = {0}, caller = fixture_caller(&ann);
    struct follow_page page;
    assert_int_equal(follow_followers(&f->c, &nobody, 999, 0, 10, &page), ERR_USER_NOT_FOUND);
    assert_ok(follow_following(&f->c, &nobody, ann.id, 0, 10, &page));
    assert_int_equal(page.size, 0);
    assert_int_equal(page.count, 0);
    assert_int_equal(page.next, 0);
    assert_ok(follow_edges(&f->c, &caller, 0, 100000, &page));
    assert_int_equal(page.size, 0);
}

static void erasing_corrects_the_other_ends(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob");
    struct account eve = fixture_account(f, "eve");
    assert_ok(follow(f, &ann, &bob));
    assert_ok(follow(f, &bob, &ann));
    assert_ok(follow(f, &eve, &bob));
    assert_ok(follow(f, &eve, &ann));
    assert_ok(db_begin(f->c.db));
    assert_ok(follow_erase_all(&f->c, bob.id));
    fixture_commit(f);
    assert_counts(f, &ann, 1, 0);
    assert_counts(f, &eve, 0, 1);
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM follows"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(follow_makes_an_edge),
        TEST(follow_refuses),
        TEST(who_is_hidden_can_be_followed_by_staff_alone),
        TEST(an_erased_follower_leaves_nothing),
        TEST(unfollow_takes_it_away),
        TEST(who_is_hidden_can_be_unfollowed),
        TEST(lists_are_newest_first_in_pages),
        TEST(a_last_page_that_is_just_full_has_no_next),
        TEST(the_hidden_are_counted_but_not_shown),
        TEST(is_following_is_the_callers_view),
        TEST(edges_are_the_callers_own),
        TEST(lists_of_nobody),
        TEST(erasing_corrects_the_other_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
