#include "fixture.h"

#include "core/preference.h"
#include "core/stats.h"

#define BIT(n) (UINT64_C(1) << (n))

static void change(struct fixture *f, const struct account *a, struct preference_changes changes) {
    assert_ok(preference_update(&f->c, a->id, &changes));
    fixture_settle(f);
}

static struct preferences load(struct fixture *f, const struct account *a) {
    struct preferences p;
    assert_ok(preference_load(&f->c, a->id, &p));
    return p;
}

static void assert_categories(struct fixture *f, int64_t fashion, int64_t beauty, int64_t other) {
    int64_t counts[6];
    assert_ok(stats_preferences(&f->c, counts));
    assert_int_equal(counts[0], fashion);
    assert_int_equal(counts[1], beauty);
    assert_int_equal(counts[5], other);
}

static void a_new_account_has_every_switch_and_no_list(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann");
    struct preferences p = load(f, &a);
    assert_int_equal(p.account.id, a.id);
    assert_int_equal(p.account.switches, (1 << SWITCH_COUNT) - 1);
    assert_int_equal(p.categories, 0);
    assert_int_equal(p.networks, 0);
}

static void lists_replace_the_old_ones(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann"), b = fixture_account(f, "bob");
    change(f, &b, (struct preference_changes){.set = PREFERENCE_CATEGORIES, .categories = BIT(1)});
    change(f, &a,
           (struct preference_changes){.set = PREFERENCE_CATEGORIES | PREFERENCE_NETWORKS,
                                       .categories = BIT(0) | BIT(1) | BIT(CATEGORY_COUNT - 1),
                                       .networks = BIT(0) | BIT(NETWORK_COUNT - 1)});
    struct preferences p = load(f, &a);
    assert_int_equal(p.categories, BIT(0) | BIT(1) | BIT(CATEGORY_COUNT - 1));
    assert_int_equal(p.networks, BIT(0) | BIT(NETWORK_COUNT - 1));
    assert_categories(f, 1, 2, 1);

    change(
        f, &a,
        (struct preference_changes){.set = PREFERENCE_CATEGORIES, .categories = BIT(1) | BIT(7)});
    p = load(f, &a);
    assert_int_equal(p.categories, BIT(1) | BIT(7));
    assert_int_equal(p.networks, BIT(0) | BIT(NETWORK_COUNT - 1));
    assert_categories(f, 0, 2, 1);

    change(f, &a, (struct preference_changes){.set = PREFERENCE_CATEGORIES | PREFERENCE_NETWORKS});
    p = load(f, &a);
    assert_int_equal(p.categories, 0);
    assert_int_equal(p.networks, 0);
    assert_categories(f, 0, 1, 0);
}

static void what_is_not_set_stays(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann");
    change(f, &a,
           (struct preference_changes){.set = 0,
                                       .categories = BIT(3),
                                       .networks = BIT(3),
                                       .language = TEXT("fr"),
                                       .show_earnings = true});
    struct preferences p = load(f, &a);
    assert_int_equal(p.categories, 0);
    assert_int_equal(p.networks, 0);
    assert_text(p.account.language, "en");
    assert_int_equal(p.account.flags, ACCOUNT_FLAGS_NEW);
    assert_int_equal(p.account.updated_at, a.updated_at);
}

static void language_and_privacy(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann");
    int64_t listed;
    f->c.now += 5;
    change(f, &a,
           (struct preference_changes){.set = PREFERENCE_LANGUAGE | PREFERENCE_PUBLIC |
                                              PREFERENCE_SHOW_EARNINGS,
                                       .language = TEXT("pt-BR"),
                                       .profile_public = false,
                                       .show_earnings = true});
    struct preferences p = load(f, &a);
    assert_text(p.account.language, "pt-BR");
    assert_int_equal(p.account.flags,
                     ACCOUNT_ACTIVE | ACCOUNT_SHOW_EARNINGS | ACCOUNT_SHOW_CAMPAIGNS);
    assert_int_equal(p.account.updated_at, f->c.now);
    assert_ok(stats_accounts(&f->c, STATS_LISTED, &listed));
    assert_int_equal(listed, 0);
    assert_int_equal(fixture_count(f, "SELECT listed FROM directory"), 0);
    change(f, &a,
           (struct preference_changes){.set = PREFERENCE_PUBLIC | PREFERENCE_SHOW_CAMPAIGNS,
                                       .profile_public = true});
    assert_int_equal(load(f, &a).account.flags,
                     ACCOUNT_ACTIVE | ACCOUNT_PUBLIC | ACCOUNT_SHOW_EARNINGS);
    assert_int_equal(fixture_count(f, "SELECT listed FROM directory"), 1);
}

static void switches_change_under_the_mask_alone(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann");
    assert_ok(preference_set_switches(&f->c, a.id, 0x06, 0x04));
    fixture_settle(f);
    assert_int_equal(load(f, &a).account.switches, 0x7d);
    assert_ok(preference_set_switches(&f->c, a.id, 0x01, 0x7e));
    fixture_settle(f);
    assert_int_equal(load(f, &a).account.switches, 0x7c);
    assert_ok(preference_set_switches(&f->c, a.id, 0, 0));
    fixture_settle(f);
    assert_int_equal(load(f, &a).account.switches, 0x7c);
}

static void nobodys_preferences(void **state) {
    struct fixture *f = *state;
    struct preferences p;
    struct preference_changes changes = {.set = PREFERENCE_CATEGORIES, .categories = 1};
    assert_int_equal(preference_load(&f->c, 99, &p), ERR_USER_NOT_FOUND);
    assert_int_equal(preference_update(&f->c, 99, &changes), ERR_USER_NOT_FOUND);
    assert_int_equal(preference_set_switches(&f->c, 99, 1, 1), ERR_USER_NOT_FOUND);
    fixture_settle(f);
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM user_categories"), 0);
}

static void erasing_leaves_the_others(void **state) {
    struct fixture *f = *state;
    struct account a = fixture_account(f, "ann"), b = fixture_account(f, "bob");
    struct preference_changes all = {
        .set = PREFERENCE_CATEGORIES | PREFERENCE_NETWORKS, .categories = 7, .networks = 3};
    change(f, &a, all);
    change(f, &b, all);
    assert_ok(db_begin(f->c.db));
    assert_ok(preference_erase_all(&f->c, a.id));
    fixture_commit(f);
    assert_int_equal(load(f, &a).categories, 0);
    assert_int_equal(load(f, &a).networks, 0);
    assert_int_equal(load(f, &b).categories, 7);
    assert_int_equal(load(f, &b).networks, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_new_account_has_every_switch_and_no_list),
        TEST(lists_replace_the_old_ones),
        TEST(what_is_not_set_stays),
        TEST(language_and_privacy),
        TEST(switches_change_under_the_mask_alone),
        TEST(nobodys_preferences),
        TEST(erasing_leaves_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
