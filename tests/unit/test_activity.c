#include "fixture.h"

#include "core/activity.h"

static const char *field;
static bool applied;

static enum err apply(struct fixture *f, const struct account *a, struct activity event) {
    field = NULL;
    enum err e = activity_apply(&f->c, a->id, &event, &applied, &field);
    fixture_settle(f);
    return e;
}

static struct account_counts counts(struct fixture *f, const struct account *a) {
    struct account_counts n;
    assert_ok(account_counts(&f->c, a->id, &n));
    return n;
}

static int64_t events(struct fixture *f) {
    return fixture_count(f, "SELECT COUNT(*) FROM activity_events");
}

static void increments_add_up(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann"), b = fixture_account(f, "bob");
    assert_ok(apply(f, &a, (struct activity){TEXT("e1"), 1, 50050, 3, 4, 5}));
    assert_true(applied);
    assert_ok(apply(f, &a, (struct activity){TEXT("e2"), 0, -50, -1, 0, 10}));
    struct account_counts n = counts(f, &a);
    assert_int_equal(n.campaigns, 1);
    assert_int_equal(n.earnings, 50000);
    assert_int_equal(n.posts, 2);
    assert_int_equal(n.likes, 4);
    assert_int_equal(n.comments, 15);
    assert_int_equal(counts(f, &b).earnings, 0);
}

static void an_event_counts_once(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann"), b = fixture_account(f, "bob");
    assert_ok(apply(f, &a, (struct activity){.event_id = TEXT("e1"), .posts = 1}));
    assert_ok(apply(f, &a, (struct activity){.event_id = TEXT("e1"), .posts = 7}));
    assert_false(applied);
    assert_int_equal(counts(f, &a).posts, 1);
    assert_ok(apply(f, &a, (struct activity){.event_id = TEXT("E1"), .posts = 1}));
    assert_true(applied);
    assert_ok(apply(f, &b, (struct activity){.event_id = TEXT("e1"), .posts = 1}));
    assert_true(applied);
    assert_int_equal(counts(f, &a).posts, 2);
    assert_int_equal(counts(f, &b).posts, 1);
}

static void assert_refused(struct fixture *f, const struct account *a, struct activity event,
                           enum err wanted, const char *wanted_field) {
    struct account_counts before = counts(f, a);
    int64_t had = events(f);
    assert_int_equal(apply(f, a, event), wanted);
    assert_string_equal(field, wanted_field);
    assert_false(applied);
    struct account_counts after = counts(f, a);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(events(f), had);
}

static void no_total_falls_below_zero(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann");
    assert_ok(apply(f, &a, (struct activity){TEXT("e"), 2, 2, 2, 2, 2}));
    assert_refused(f, &a, (struct activity){.event_id = TEXT("1"), .campaigns = -3}, ERR_BELOW_ZERO,
                   "campaigns");
    assert_refused(f, &a, (struct activity){.event_id = TEXT("2"), .earnings = -3, .posts = 1},
                   ERR_BELOW_ZERO, "earnings");
    assert_refused(f, &a, (struct activity){.event_id = TEXT("3"), .posts = -3}, ERR_BELOW_ZERO,
                   "posts");
    assert_refused(f, &a, (struct activity){.event_id = TEXT("4"), .likes = -3, .comments = -3},
                   ERR_BELOW_ZERO, "likes_received");
    assert_refused(f, &a, (struct activity){.event_id = TEXT("5"), .comments = INT64_MIN},
                   ERR_BELOW_ZERO, "comments_received");
    assert_refused(f, &a, (struct activity){.event_id = TEXT("6"), .posts = INT64_MIN + 1},
                   ERR_BELOW_ZERO, "posts");
    /* a refused event may come again */
    assert_ok(apply(f, &a, (struct activity){TEXT("1"), -2, -2, -2, -2, -2}));
    assert_true(applied);
    assert_int_equal(counts(f, &a).comments, 0);
}

static void no_total_overflows(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann");
    assert_ok(apply(f, &a, (struct activity){TEXT("e"), INT64_MAX, INT64_MAX - 1, 0, 0, 0}));
    assert_refused(f, &a, (struct activity){.event_id = TEXT("1"), .campaigns = 1}, ERR_VALIDATION,
                   "campaigns");
    assert_refused(f, &a, (struct activity){.event_id = TEXT("2"), .earnings = 2}, ERR_VALIDATION,
                   "earnings");
    assert_refused(f, &a, (struct activity){.event_id = TEXT("3"), .campaigns = INT64_MIN},
                   ERR_VALIDATION, "campaigns");
    assert_ok(apply(
        f, &a, (struct activity){.event_id = TEXT("4"), .campaigns = -INT64_MAX, .earnings = 1}));
    assert_int_equal(counts(f, &a).campaigns, 0);
    assert_true(counts(f, &a).earnings == INT64_MAX);
}

static void nobody_has_no_activity(void **state) {
    struct fixture *f = *state;
    struct account nobody = {.id = 99};
    assert_int_equal(apply(f, &nobody, (struct activity){.event_id = TEXT("e"), .posts = 1}),
                     ERR_USER_NOT_FOUND);
    assert_false(applied);
    assert_int_equal(events(f), 0);
}

static void erasing_leaves_the_others(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann"), b = fixture_account(f, "bob");
    assert_ok(apply(f, &a, (struct activity){.event_id = TEXT("e"), .posts = 1}));
    assert_ok(apply(f, &b, (struct activity){.event_id = TEXT("e"), .posts = 1}));
    assert_ok(db_begin(f->c.db));
    assert_ok(activity_erase_all(&f->c, a.id));
    fixture_commit(f);
    assert_int_equal(events(f), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(increments_add_up),  TEST(an_event_counts_once),   TEST(no_total_falls_below_zero),
        TEST(no_total_overflows), TEST(nobody_has_no_activity), TEST(erasing_leaves_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
