#include "fixture.h"

#include <stdio.h>

#include "core/activity.h"
#include "core/check.h"
#include "core/follow.h"
#include "core/notification.h"
#include "core/preference.h"
#include "core/wall.h"
#include "engine.h"

struct findings {
    struct arena *arena;
    struct text sentences; /* each with a line break behind it */
};

static void collect(void *self, struct text sentence) {
    struct findings *all = self;
    all->sentences =
        text_format(all->arena, "%.*s%.*s\n", TEXT_ARGS(all->sentences), TEXT_ARGS(sentence));
}

static int64_t check(struct fixture *f, struct text *sentences) {
    struct findings all = {&f->arena, TEXT("")};
    int64_t differences;
    fixture_settle(f);
    assert_ok(check_run(&f->c, true, collect, &all, &differences));
    *sentences = all.sentences;
    return differences;
}

static void assert_sound(struct fixture *f) {
    struct text sentences;
    if (check(f, &sentences) != 0)
        fail_msg("%.*s", TEXT_ARGS(sentences));
}

/* Breaks the database behind the rules' back. */
static void spoil(struct fixture *f, const char *sql) {
    fixture_settle(f);
    assert_true(engine_script(f->url, sql));
}

/* Two accounts with something of everything. */
static void populate(struct fixture *f) {
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob");
    struct caller caller = fixture_caller(&ann);
    struct follow edge;
    struct wall wall;
    bool done;
    const char *field;
    assert_ok(follow_add(&f->c, &caller, bob.id, &edge));
    fixture_settle(f);
    struct new_notification notification = {.title = TEXT("t"), .code = -1};
    assert_ok(notification_send(&f->c, bob.id, &notification, &done));
    assert_ok(notification_send(&f->c, bob.id, &notification, &done));
    fixture_settle(f);
    int64_t first = 1, changed;
    assert_ok(notification_read(&f->c, bob.id, &first, 1, &changed));
    static const struct activity events[] = {
        {{"1", 1}, 1, INT64_MAX, 1, 1, 1},
        {{"2", 1}, 1, -INT64_MAX + 1, 1, 1, 1},
        {{"0", 1}, 1, INT64_MAX - 1, 1, 1, 1}, /* read in this order, the sum overflows */
    };
    for (int i = 0; i < 3; i++)
        assert_ok(activity_apply(&f->c, bob.id, &events[i], &done, &field));
    struct preference_changes likes = {
        .set = PREFERENCE_CATEGORIES | PREFERENCE_NETWORKS, .categories = 0x83, .networks = 1};
    assert_ok(preference_update(&f->c, ann.id, &likes));
    assert_ok(wall_put(&f->c, ann.id, 0, TEXT("https://e"), TEXT(""), &wall));
    struct account_changes changes = {.set = FIELD_SEX | FIELD_BIRTH_DATE | FIELD_BIO,
                                      .sex = SEX_FEMALE,
                                      .birth_date = 10000,
                                      .bio = TEXT("Crème brûlée")};
    assert_ok(account_update(&f->c, ann.id, &changes, &ann));
    fixture_session(f, &ann);
}

static void what_the_rules_write_is_sound(void **state) {
    struct fixture *f = *state;
    assert_sound(f);
    populate(f);
    assert_sound(f);
    struct account ann, after;
    assert_ok(account_load(&f->c, 1, &ann));
    after = ann;
    after.flags |= ACCOUNT_BANNED;
    assert_ok(db_begin(f->c.db));
    assert_ok(account_set_flags(&f->c, &ann, &after));
    fixture_commit(f);
    assert_sound(f);
    assert_ok(account_erase(&f->c, 1));
    assert_sound(f);
    assert_ok(account_erase(&f->c, 2));
    assert_sound(f);
}

static void each_thing_that_is_spoilt_is_found(void **state) {
    struct fixture *f = *state;
    static const char *const cases[][3] = {
        {"UPDATE user_counts SET followers = 5 WHERE user_id = 2",
         "UPDATE user_counts SET followers = 1 WHERE user_id = 2",
         "user 2: followers is 5, should be 1\n"},
        {"UPDATE user_counts SET following = 0 WHERE user_id = 1",
         "UPDATE user_counts SET following = 1 WHERE user_id = 1",
         "user 1: following is 0, should be 1\n"},
        {"UPDATE user_counts SET notifications = 3 WHERE user_id = 2",
         "UPDATE user_counts SET notifications = 2 WHERE user_id = 2",
         "user 2: notifications is 3, should be 2\n"},
        {"UPDATE user_counts SET unread = 2 WHERE user_id = 2",
         "UPDATE user_counts SET unread = 1 WHERE user_id = 2",
         "user 2: unread is 2, should be 1\n"},
        {"UPDATE user_counts SET earnings = earnings - 1 WHERE user_id = 2",
         "UPDATE user_counts SET earnings = earnings + 1 WHERE user_id = 2",
         "user 2: earnings is 9223372036854775806, should be 9223372036854775807\n"},
        {"UPDATE user_counts SET posts = 1, likes = 1, comments = 1, campaigns = 1 "
         "WHERE user_id = 2",
         "UPDATE user_counts SET posts = 3, likes = 3, comments = 3, campaigns = 3 "
         "WHERE user_id = 2",
         "user 2: campaigns is 1, should be 3\nuser 2: posts is 1, should be 3\n"
         "user 2: likes is 1, should be 3\nuser 2: comments is 1, should be 3\n"},
        {"UPDATE statistics SET total = 3 WHERE kind = 'accounts' AND item = 2",
         "UPDATE statistics SET total = 2 WHERE kind = 'accounts' AND item = 2",
         "statistics: accounts 2 is 3, should be 2\n"},
        {"DELETE FROM statistics WHERE kind = 'sex'", "INSERT INTO statistics VALUES ('sex', 2, 1)",
         "statistics: sex 2 is 0, should be 1\n"},
        {"UPDATE statistics SET total = 0 WHERE kind = 'birth_date'",
         "UPDATE statistics SET total = 1 WHERE kind = 'birth_date'",
         "statistics: birth_date 10000 is 0, should be 1\n"},
        {"DELETE FROM user_categories WHERE category = 7",
         "INSERT INTO user_categories VALUES (1, 7)", "statistics: category 7 is 1, should be 0\n"},
        {"INSERT INTO statistics VALUES ('nonsense', 1, 1)",
         "DELETE FROM statistics WHERE kind = 'nonsense'",
         "statistics: nonsense 1 is 1, should be 0\n"},
        {"UPDATE directory SET listed = 0 WHERE user_id = 1",
         "UPDATE directory SET listed = 1 WHERE user_id = 1",
         "user 1: listed in the directory is not what it should be\n"},
        {"UPDATE users SET bio = 'Creme brulee!' WHERE id = 1",
         "UPDATE users SET bio = 'Creme brulee' WHERE id = 1",
         "user 1: bio in the directory is not what it should be\n"},
        {"UPDATE users SET username_key = 'other' WHERE id = 2",
         "UPDATE users SET username_key = lower(username) WHERE id = 2",
         "user 2: username_key is not what it should be\n"},
        {"UPDATE users SET email_key = 'other@example.com' WHERE id = 2",
         "UPDATE users SET email_key = lower(email) WHERE id = 2",
         "user 2: email_key is not what it should be\n"},
        {"INSERT INTO user_networks VALUES (77, 1), (77, 2)",
         "DELETE FROM user_networks WHERE user_id = 77",
         "user 77: does not exist and has 2 rows by user_networks_user_id\n"},
        {"INSERT INTO follows VALUES (77, 78, 9, 9)", "DELETE FROM follows WHERE id = 9",
         "user 77: does not exist and has 1 rows by follows_follower_id\n"
         "user 78: does not exist and has 1 rows by follows_following_id\n"},
    };
    populate(f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text sentences;
        spoil(f, cases[i][0]);
        check(f, &sentences);
        assert_text(sentences, cases[i][2]);
        spoil(f, cases[i][1]);
        assert_sound(f);
    }
}

static void a_missing_row_is_found(void **state) {
    struct fixture *f = *state;
    struct text sentences;
    populate(f);
    spoil(f, "DELETE FROM credentials WHERE user_id = 1");
    assert_int_equal(check(f, &sentences), 1);
    assert_text(sentences, "user 1: has no row in credentials\n");
}

static void a_search_index_out_of_step_is_found(void **state) {
    struct fixture *f = *state;
    struct text sentences;
    if (!engine_is_sqlite())
        skip(); /* indexes of PostgreSQL's own are never out of step */
    populate(f);
    spoil(f, "DROP TRIGGER directory_changed; UPDATE users SET bio = 'x'; "
             "UPDATE directory SET bio = 'x'");
    assert_int_equal(check(f, &sentences), 2);
    assert_text(sentences, "search index: trigrams is not in step with the directory\n"
                           "search index: grams is not in step with the directory\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_the_rules_write_is_sound),
        TEST(each_thing_that_is_spoilt_is_found),
        TEST(a_missing_row_is_found),
        TEST(a_search_index_out_of_step_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
