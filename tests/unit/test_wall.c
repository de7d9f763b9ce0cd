#include "fixture.h"

#include "core/wall.h"

static struct wall put(struct fixture *f, const struct account *a, int network, const char *url,
                       const char *description) {
    struct wall w;
    assert_ok(wall_put(&f->c, a->id, network, text_of(url), text_of(description), &w));
    fixture_settle(f);
    return w;
}

static size_t list(struct fixture *f, const struct account *a, struct wall **out) {
    size_t count;
    assert_ok(wall_list(&f->c, a->id, out, &count));
    return count;
}

static void a_wall_is_listed(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann"), b = fixture_account(f, "bob");
    put(f, &a, 0, "https://example.com/w", "Custom");
    struct wall *walls;
    assert_int_equal(list(f, &a, &walls), 1);
    assert_int_equal(walls[0].id, 1);
    assert_int_equal(walls[0].network, 0);
    assert_text(walls[0].url, "https://example.com/w");
    assert_text(walls[0].description, "Custom");
    assert_int_equal(walls[0].created_at, f->c.now);
    assert_int_equal(walls[0].updated_at, f->c.now);
    assert_int_equal(list(f, &b, &walls), 0);
}

static void the_same_again_is_an_update(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann"), b = fixture_account(f, "bob");
    int64_t made = f->c.now;
    struct wall first = put(f, &a, 0, "https://example.com/w", "one");
    f->c.now += 10;
    struct wall again = put(f, &a, 0, "https://example.com/w", "two");
    assert_int_equal(again.id, first.id);
    assert_int_equal(again.created_at, made);
    assert_int_equal(again.updated_at, made + 10);
    assert_text(again.description, "two");
    struct wall *walls;
    assert_int_equal(list(f, &a, &walls), 1);
    assert_text(walls[0].description, "two");
    assert_int_equal(walls[0].updated_at, made + 10);

    /* ids are given to new ones only */
    assert_int_equal(put(f, &a, 1, "https://example.com/w", "").id, first.id + 1);
    assert_int_equal(put(f, &a, 0, "https://example.com/W", "").id, first.id + 2);
    assert_int_equal(put(f, &b, 0, "https://example.com/w", "").id, first.id + 3);
    assert_int_equal(list(f, &a, &walls), 3);
    assert_int_equal(walls[0].id, first.id + 2);
    assert_int_equal(walls[2].id, first.id);
}

static void many_walls(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann");
    for (int i = 0; i < 20; i++)
        put(f, &a, 0, text_cstr(&f->arena, text_format(&f->arena, "https://e/%d", i)), "");
    struct wall *walls;
    assert_int_equal(list(f, &a, &walls), 20);
    assert_text(walls[0].url, "https://e/19");
    assert_text(walls[19].url, "https://e/0");
}

static void remove_takes_ones_own_alone(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann"), b = fixture_account(f, "bob");
    struct wall w = put(f, &a, 0, "https://example.com/w", "");
    assert_int_equal(wall_remove(&f->c, b.id, w.id), ERR_NOT_FOUND);
    assert_int_equal(wall_remove(&f->c, a.id, 99), ERR_NOT_FOUND);
    assert_int_equal(wall_remove(&f->c, 99, w.id), ERR_USER_NOT_FOUND);
    assert_ok(wall_remove(&f->c, a.id, w.id));
    fixture_settle(f);
    struct wall *walls;
    assert_int_equal(list(f, &a, &walls), 0);
    assert_int_equal(wall_remove(&f->c, a.id, w.id), ERR_NOT_FOUND);
}

static void nobody_has_no_wall(void **state) {
    struct fixture *f = *state;
    struct wall w;
    assert_int_equal(wall_put(&f->c, 99, 0, TEXT("https://e"), TEXT(""), &w), ERR_USER_NOT_FOUND);
    fixture_settle(f);
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM social_walls"), 0);
}

static void erasing_leaves_the_others(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann"), b = fixture_account(f, "bob");
    struct wall *walls;
    put(f, &a, 0, "https://example.com/w", "");
    put(f, &b, 0, "https://example.com/w", "");
    assert_ok(db_begin(f->c.db));
    assert_ok(wall_erase_all(&f->c, a.id));
    fixture_commit(f);
    assert_int_equal(list(f, &a, &walls), 0);
    assert_int_equal(list(f, &b, &walls), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_wall_is_listed),   TEST(the_same_again_is_an_update),
        TEST(many_walls),         TEST(remove_takes_ones_own_alone),
        TEST(nobody_has_no_wall), TEST(erasing_leaves_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
