#include "core/erasure.h"

#include <stdio.h>

#include "core/follow.h"
#include "engine.h"
#include "fixture.h"

#define FOLLOWERS 60000
#define LIMIT     400 /* ms that a server may take for a statement */

/* Followers by the thousand, and an account that follows the first half of them. */
static void make_star(struct fixture *f, const struct account *star) {
    char sql[2000];
    snprintf(sql, sizeof sql,
             "INSERT INTO users (id, username, username_key, email, email_key, flags, switches, "
             "created_at, updated_at) WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL "
             "SELECT i + 1 FROM n WHERE i < %d) SELECT i, 'u' || i, 'u' || i, 'u' || i, 'u' || i, "
             "17, 0, 1, 1 FROM n;"
             "INSERT INTO user_counts (user_id, following, followers) SELECT id, 1, 1 - id %% 2 "
             "FROM users WHERE id >= 1000;"
             "INSERT INTO follows (follower_id, following_id, id, created_at) "
             "SELECT id, %d, id, 1 FROM users WHERE id >= 1000;"
             "INSERT INTO follows (follower_id, following_id, id, created_at) "
             "SELECT %d, id, 1000000 + id, 1 FROM users WHERE id >= 1000 AND id %% 2 = 0;"
             "UPDATE user_counts SET followers = %d, following = %d WHERE user_id = %d;",
             FOLLOWERS + 999, (int)star->id, (int)star->id, FOLLOWERS, FOLLOWERS / 2,
             (int)star->id);
    fixture_settle(f);
    assert_true(engine_script(f->url, sql));
}

/* What takes longer than the server allows a statement is done in parts. */
static void erasing_a_star_takes_no_long_statement(void **state) {
    struct fixture *f = *state;
    struct account star = fixture_account(f, "star");
    make_star(f, &star);
    struct policy policy = fixture_policy();
    struct core core;
    struct arena arena = {0};
    const struct db_options impatient = {.answer_timeout = LIMIT};
    assert_ok(core_open(&core, f->url, &impatient, &policy, (struct text){0}));
    struct ctx c = {.core = &core, .arena = &arena, .now = f->c.now};
    assert_ok(db_connect(&c.db, core.database));
    db_use(c.db, &arena);
    assert_ok(account_erase(&c, star.id));
    assert_ok(db_wait(c.db));
    db_disconnect(c.db);
    core_close(&core);
    arena_free(&arena);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM follows"), 0);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM user_counts "
                                      "WHERE followers <> 0 OR following <> 0"),
                     0);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM users"), FOLLOWERS);
}

static void erasing_part_of_the_edges_keeps_the_counts_right(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), fans[3];
    for (int i = 0; i < 3; i++) {
        char name[8];
        snprintf(name, sizeof name, "fan%d", i);
        fans[i] = fixture_account(f, name);
        struct caller caller = fixture_caller(&fans[i]), own = fixture_caller(&ann);
        struct follow edge;
        assert_ok(follow_add(&f->c, &caller, ann.id, &edge));
        if (i == 0)
            assert_ok(follow_add(&f->c, &own, fans[0].id, &edge));
        fixture_settle(f);
    }
    bool more;
    assert_ok(db_begin(f->c.db));
    assert_ok(follow_erase_some(&f->c, ann.id, 2, &more));
    fixture_commit(f);
    assert_true(more);
    struct account_counts counts;
    assert_ok(account_counts(&f->c, ann.id, &counts));
    assert_int_equal(counts.followers, 1);
    assert_int_equal(counts.following, 0);
    assert_ok(db_begin(f->c.db));
    assert_ok(follow_erase_some(&f->c, ann.id, 2, &more));
    fixture_commit(f);
    assert_false(more);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM follows"), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(erasing_a_star_takes_no_long_statement, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(erasing_part_of_the_edges_keeps_the_counts_right,
                                        fixture_open, fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
