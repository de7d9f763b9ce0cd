#include "fixture.h"

#include "base/clock.h"
#include "core/preference.h"
#include "core/roster.h"

static struct account person(struct fixture *f, const char *name, const char *first,
                             const char *last, const char *bio) {
    struct account a = fixture_account(f, name);
    struct account_changes changes = {
        .set = FIELD_FIRST_NAME | FIELD_LAST_NAME | FIELD_BIO,
        .first_name = text_of(first),
        .last_name = text_of(last),
        .bio = text_of(bio),
    };
    assert_ok(account_update(&f->c, a.id, &changes, &a));
    fixture_settle(f);
    return a;
}

/* Newest first, unless the query says otherwise. */
static struct roster_query all(void) {
    return (struct roster_query){.category = NO_CATEGORY, .descending = true, .limit = 10};
}

static void assert_roster(struct fixture *f, const struct roster_query *query, const char *wanted,
                          int64_t wanted_total) {
    struct roster_entry *entries;
    size_t count;
    int64_t total;
    assert_ok(roster_list(&f->c, query, &entries, &count, &total));
    struct text names = TEXT("");
    for (size_t i = 0; i < count; i++)
        names = text_format(&f->arena, "%.*s%s%.*s", TEXT_ARGS(names), i ? " " : "",
                            TEXT_ARGS(entries[i].account.username));
    assert_text(names, wanted);
    assert_int_equal(total, wanted_total);
}

static void assert_accounts(struct fixture *f, const char *q, enum roster_status status,
                            int64_t limit, int64_t offset, const char *wanted,
                            int64_t wanted_total) {
    struct roster_query query = all();
    query.q = text_of(q);
    query.status = status;
    query.limit = limit;
    query.offset = offset;
    assert_roster(f, &query, wanted, wanted_total);
}

static void accounts_by_status(void **state) {
    struct fixture *f = *state;
    fixture_account(f, "ann");
    struct account bob = fixture_account(f, "bob"), eve = fixture_account(f, "eve");
    struct account zoe = fixture_account(f, "zoe"), max = fixture_account(f, "max");
    fixture_set_flags(f, &bob, ACCOUNT_FLAGS_NEW | ACCOUNT_BANNED);
    fixture_set_flags(f, &eve, 0);
    fixture_set_flags(f, &zoe, ACCOUNT_BANNED);
    fixture_set_flags(f, &max, ACCOUNT_ACTIVE);
    assert_accounts(f, "", STATUS_ANY, 10, 0, "max zoe eve bob ann", 5);
    assert_accounts(f, "", STATUS_ACTIVE, 10, 0, "max ann", 2);
    assert_accounts(f, "", STATUS_BANNED, 10, 0, "zoe bob", 2);
    assert_accounts(f, "", STATUS_INACTIVE, 10, 0, "eve", 1);
    assert_accounts(f, "", STATUS_ANY, 2, 1, "zoe eve", 5);
    assert_accounts(f, "", STATUS_ANY, 2, INT64_MAX, "", 5);
    assert_accounts(f, "@", STATUS_ANY, 10, 0, "", 0);
    assert_accounts(f, "o", STATUS_ANY, 10, 0, "zoe bob", 2);
    assert_accounts(f, "o", STATUS_ACTIVE, 10, 0, "", 0);
    assert_accounts(f, "e", STATUS_INACTIVE, 10, 0, "eve", 1);
    assert_accounts(f, "bob", STATUS_BANNED, 10, 0, "bob", 1);
}

static void accounts_by_name_or_start_of_the_address(void **state) {
    struct fixture *f = *state;
    person(f, "a1", "Anna", "Smith", "mail me: bob@example.com");
    person(f, "bob", "", "", "");
    person(f, "BOBBY", "", "", "");
    assert_accounts(f, "bob@example.com", STATUS_ANY, 10, 0, "bob a1", 2);
    assert_accounts(f, "BOB", STATUS_ANY, 10, 0, "BOBBY bob a1", 3);
    assert_accounts(f, "BOB@", STATUS_ANY, 1, 0, "bob", 2);
    assert_accounts(f, "BOB@", STATUS_ANY, 1, 1, "a1", 2);
    assert_accounts(f, "a1@e", STATUS_ANY, 10, 0, "a1", 1);
    assert_accounts(f, "example.com", STATUS_ANY, 10, 0, "a1", 1);
    assert_accounts(f, "smith", STATUS_ACTIVE, 10, 0, "a1", 1);
    assert_accounts(f, "%", STATUS_ANY, 10, 0, "", 0);
    assert_accounts(f, "\"", STATUS_ANY, 10, 0, "", 0);
    assert_accounts(f, "\xcc\x81", STATUS_ANY, 10, 0, "BOBBY bob a1", 3);
}

static void accounts_are_whole(void **state) {
    struct fixture *f = *state;
    struct account a = person(f, "a1", "Anna", "Smith", "bio");
    fixture_session(f, &a);
    struct roster_query query = all();
    struct roster_entry *entries;
    size_t count;
    int64_t total;
    assert_ok(roster_list(&f->c, &query, &entries, &count, &total));
    assert_int_equal(entries[0].account.id, a.id);
    assert_text(entries[0].account.email, "a1@example.com");
    assert_text(entries[0].account.bio, "bio");
    assert_int_equal(entries[0].account.flags, ACCOUNT_FLAGS_NEW);
    assert_int_equal(entries[0].account.last_login, f->c.now);
    assert_true(entries[0].account.birth_date == NO_DATE);
    assert_int_equal(entries[0].followers, 0);
}

static void roles_are_parts_of_the_whole(void **state) {
    struct fixture *f = *state;
    fixture_account(f, "user");
    fixture_account_with(f, "staff", ACCOUNT_FLAGS_NEW | ACCOUNT_STAFF);
    fixture_account_with(f, "super", ACCOUNT_FLAGS_NEW | ACCOUNT_SUPERUSER);
    fixture_account_with(f, "both", ACCOUNT_FLAGS_NEW | ACCOUNT_STAFF | ACCOUNT_SUPERUSER);
    fixture_account_with(f, "gone", ACCOUNT_STAFF);
    static const char *const wanted[] = {"gone both super staff user", "user", "gone staff",
                                         "both super"};
    static const int64_t totals[] = {5, 1, 2, 2};
    struct roster_query query = all();
    for (query.role = ROLE_ANY; query.role <= ROLE_SUPERUSER; query.role++)
        assert_roster(f, &query, wanted[query.role], totals[query.role]);
    query.status = STATUS_ACTIVE;
    query.role = ROLE_USER;
    assert_roster(f, &query, "user", 1);
    query.role = ROLE_STAFF;
    assert_roster(f, &query, "staff", 1);
}

/* Days of joining need not be in the order of ids: a clock may have been set back. */
static void days_of_joining_include_their_ends(void **state) {
    struct fixture *f = *state;
    int64_t day = f->c.now / CLOCK_DAY * CLOCK_DAY;
    static const int offsets[] = {0, 3, 1, 2};
    for (int i = 0; i < 4; i++) {
        f->c.now = day + offsets[i] * CLOCK_DAY;
        char name[] = {'d', (char)('0' + offsets[i]), '\0'};
        fixture_account(f, name);
    }
    struct roster_query query = all();
    query.dated = true;
    query.joined_from = day + CLOCK_DAY;
    query.joined_till = day + 3 * CLOCK_DAY;
    assert_roster(f, &query, "d2 d1", 2);
    query.joined_till++;
    assert_roster(f, &query, "d2 d1 d3", 3);
    query.descending = false;
    query.limit = 1;
    query.offset = 1;
    assert_roster(f, &query, "d1", 3);
    query.order = ROSTER_USERNAME;
    assert_roster(f, &query, "d2", 3);
    query.joined_from = query.joined_till;
    assert_roster(f, &query, "", 0);
}

static void interests_and_languages(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob");
    struct preference_changes art = {.set = PREFERENCE_CATEGORIES, .categories = 1 << 3 | 1 << 5};
    struct preference_changes es = {.set = PREFERENCE_LANGUAGE, .language = TEXT("es")};
    assert_ok(preference_update(&f->c, ann.id, &art));
    assert_ok(preference_update(&f->c, bob.id, &es));
    fixture_settle(f);
    struct roster_query query = all();
    query.category = 5;
    assert_roster(f, &query, "ann", 1);
    query.language = TEXT("es");
    assert_roster(f, &query, "", 0);
    query.category = NO_CATEGORY;
    assert_roster(f, &query, "bob", 1);
    query.language = TEXT("e");
    assert_roster(f, &query, "", 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(accounts_by_status),
        TEST(accounts_by_name_or_start_of_the_address),
        TEST(accounts_are_whole),
        TEST(roles_are_parts_of_the_whole),
        TEST(days_of_joining_include_their_ends),
        TEST(interests_and_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
