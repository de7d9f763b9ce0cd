#include "engine.h"
#include "fixture.h"

#include "base/clock.h"
#include "core/activity.h"
#include "core/catalog.h"
#include "core/check.h"
#include "core/follow.h"
#include "core/notification.h"
#include "core/preference.h"
#include "core/stats.h"
#include "core/wall.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

static void found(void *self, struct text sentence) {
    (void)self;
    print_error("%.*s\n", TEXT_ARGS(sentence));
}

/* Every counter and statistic agrees with the rows. */
static void assert_consistent(struct fixture *f) {
    int64_t differences;
    fixture_settle(f);
    assert_ok(check_run(&f->c, true, found, NULL, &differences));
    assert_int_equal(differences, 0);
}

static struct new_account newcomer(const char *name, const char *email) {
    return (struct new_account){
        .username = text_of(name),
        .email = text_of(email),
        .first_name = TEXT("Alice"),
        .last_name = TEXT("Smith"),
        .bio = TEXT("writes"),
        .avatar = TEXT("https://example.com/a.png"),
        .language = TEXT("es"),
        .sex = SEX_FEMALE,
        .birth_date = 10000,
        .flags = ACCOUNT_FLAGS_NEW,
    };
}

static enum err create(struct fixture *f, const struct new_account *in, struct account *out) {
    assert_ok(db_begin(f->c.db));
    enum err e = db_end(f->c.db, account_create(&f->c, in, TEXT("x"), out));
    fixture_settle(f);
    return e;
}

static enum err update(struct fixture *f, int64_t id, const struct account_changes *changes,
                       struct account *out) {
    enum err e = account_update(&f->c, id, changes, out);
    fixture_settle(f);
    return e;
}

/* ---- Creating -------------------------------------------------------------------------------- */

static void what_is_created_is_loaded(void **state) {
    struct fixture *f = *state;
    struct new_account in = newcomer("Alice", "Alice@example.com");
    struct account made, a;
    struct account_counts counts;
    assert_ok(create(f, &in, &made));
    assert_int_equal(made.id, 1);
    assert_ok(account_by_username(&f->c, TEXT("ALICE"), &a));
    assert_ok(account_counts(&f->c, 1, &counts));
    assert_int_equal(a.id, 1);
    assert_text(a.username, "Alice");
    assert_text(a.email, "Alice@example.com");
    assert_text(a.first_name, "Alice");
    assert_text(a.last_name, "Smith");
    assert_text(a.bio, "writes");
    assert_text(a.avatar, "https://example.com/a.png");
    assert_text(a.phone, "");
    assert_text(a.language, "es");
    assert_text(a.timezone, "UTC");
    assert_text(a.ban_reason, "");
    assert_int_equal(a.sex, SEX_FEMALE);
    assert_int_equal(a.birth_date, 10000);
    assert_int_equal(a.country, 0);
    assert_int_equal(a.city, 0);
    assert_int_equal(a.flags, ACCOUNT_FLAGS_NEW);
    assert_int_equal(a.switches, 127);
    assert_int_equal(a.created_at, f->c.now);
    assert_int_equal(a.updated_at, f->c.now);
    assert_int_equal(counts.followers + counts.following + counts.posts + counts.earnings, 0);
    assert_consistent(f);
}

static void assert_profile(struct fixture *f, const struct account *a,
                           const struct account_counts *counts) {
    assert_int_equal(a->id, 1);
    assert_text(a->username, "Alice");
    assert_text(a->email, "Alice@example.com");
    assert_text(a->first_name, "Alice");
    assert_text(a->last_name, "Smith");
    assert_text(a->bio, "writes");
    assert_text(a->avatar, "https://example.com/a.png");
    assert_int_equal(a->flags, ACCOUNT_FLAGS_NEW);
    assert_int_equal(a->created_at, f->c.now);
    assert_int_equal(a->updated_at, f->c.now);
    assert_int_equal(counts->followers, 2);
    assert_int_equal(counts->following, 3);
    assert_int_equal(counts->posts, 4);
}

static void a_profile_is_read_in_one_piece(void **state) {
    struct fixture *f = *state;
    struct new_account in = newcomer("Alice", "Alice@example.com");
    struct account made, a;
    struct account_counts counts;
    assert_ok(create(f, &in, &made));
    assert_true(engine_script(
        f->url, "UPDATE user_counts SET followers = 2, following = 3, posts = 4, likes = 5"));
    assert_ok(account_profile(&f->c, made.id, &a, &counts));
    assert_profile(f, &a, &counts);
    assert_ok(account_profile_by_username(&f->c, TEXT("aLICE"), &a, &counts));
    assert_profile(f, &a, &counts);
}

static void it_is_found_by_every_name(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "Alice"), a;
    struct account_counts counts;
    assert_ok(account_load(&f->c, alice.id, &a));
    assert_text(a.username, "Alice");
    assert_int_equal(a.birth_date, NO_DATE);
    assert_ok(account_by_username(&f->c, TEXT("aLiCe"), &a));
    assert_ok(account_by_email(&f->c, TEXT("ALICE@EXAMPLE.COM"), &a));
    assert_ok(account_by_login(&f->c, TEXT("alice"), &a));
    assert_ok(account_by_login(&f->c, TEXT("alice@example.com"), &a));
    assert_ok(account_profile(&f->c, alice.id, &a, &counts));
    assert_ok(account_counts(&f->c, alice.id, &counts));
    assert_int_equal(account_load(&f->c, 2, &a), ERR_USER_NOT_FOUND);
    assert_int_equal(account_load_full(&f->c, 2, &a), ERR_USER_NOT_FOUND);
    assert_int_equal(account_by_username(&f->c, TEXT("bob"), &a), ERR_USER_NOT_FOUND);
    assert_int_equal(account_by_username(&f->c, TEXT("alice@example.com"), &a), ERR_USER_NOT_FOUND);
    assert_int_equal(account_by_email(&f->c, TEXT("alice"), &a), ERR_USER_NOT_FOUND);
    assert_int_equal(account_by_login(&f->c, (struct text){0}, &a), ERR_USER_NOT_FOUND);
    assert_int_equal(account_profile(&f->c, -1, &a, &counts), ERR_USER_NOT_FOUND);
    assert_int_equal(account_counts(&f->c, 2, &counts), ERR_USER_NOT_FOUND);
}

static void names_and_addresses_are_unique(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), a;
    struct new_account in = newcomer("ALICE", "alice@example.com");
    bool taken;
    assert_int_equal(create(f, &in, &a), ERR_USERNAME_TAKEN);
    in = newcomer("bob", "ALICE@example.com");
    assert_int_equal(create(f, &in, &a), ERR_EMAIL_TAKEN);
    in = newcomer("bob", "bob@example.com");
    assert_ok(create(f, &in, &a));
    assert_true(a.id > alice.id);
    assert_ok(account_username_taken(&f->c, TEXT("Alice"), &taken));
    assert_true(taken);
    assert_ok(account_username_taken(&f->c, TEXT("carol"), &taken));
    assert_false(taken);
    assert_ok(account_email_taken(&f->c, TEXT("Alice@Example.com"), 0, &taken));
    assert_true(taken);
    assert_ok(account_email_taken(&f->c, TEXT("Alice@Example.com"), alice.id, &taken));
    assert_false(taken);
    assert_consistent(f);
}

/* ---- Who sees it ----------------------------------------------------------------------------- */

static void visibility(void **state) {
    (void)state;
    struct account a = {.id = 5, .flags = ACCOUNT_FLAGS_NEW};
    struct caller nobody = {0}, self = {.user_id = 5}, other = {.user_id = 6},
                  staff = {.user_id = 7, .staff = true};
    assert_true(account_visible_to(&a, &nobody));
    int64_t hidden[] = {ACCOUNT_ACTIVE, ACCOUNT_FLAGS_NEW | ACCOUNT_BANNED, ACCOUNT_PUBLIC, 0};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        a.flags = hidden[i];
        assert_false(account_listed(&a));
        assert_int_equal(account_usable(&a), hidden[i] == ACCOUNT_ACTIVE);
        assert_false(account_visible_to(&a, &nobody));
        assert_false(account_visible_to(&a, &other));
        assert_true(account_visible_to(&a, &self));
        assert_true(account_visible_to(&a, &staff));
    }
    a.id = 0; /* nobody is not a stranger to nobody */
    assert_false(account_visible_to(&a, &nobody));
}

/* ---- Changing -------------------------------------------------------------------------------- */

static void only_what_is_set_changes(void **state) {
    struct fixture *f = *state;
    struct new_account in = newcomer("alice", "alice@example.com");
    struct account made, a;
    assert_ok(create(f, &in, &made));
    f->c.now += CLOCK_HOUR;
    struct account_changes changes = {
        .set = FIELD_FIRST_NAME | FIELD_AVATAR | FIELD_SEX,
        .first_name = TEXT("Alicia"),
        .last_name = TEXT("ignored"),
        .sex = SEX_OTHER,
    };
    assert_ok(update(f, made.id, &changes, &a));
    assert_text(a.first_name, "Alicia");
    assert_ok(account_load(&f->c, made.id, &a));
    assert_text(a.first_name, "Alicia");
    assert_text(a.last_name, "Smith");
    assert_text(a.avatar, "");
    assert_text(a.bio, "writes");
    assert_int_equal(a.sex, SEX_OTHER);
    assert_int_equal(a.birth_date, 10000);
    assert_int_equal(a.updated_at, f->c.now);
    assert_int_equal(a.created_at, made.created_at);
    assert_consistent(f);
}

static void every_field_can_change(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), a;
    struct account_changes changes = {
        .set = 0xFFF,
        .email = TEXT("New@example.org"),
        .first_name = TEXT("F"),
        .last_name = TEXT("L"),
        .bio = TEXT("B"),
        .avatar = TEXT("A"),
        .phone = TEXT("+1234567890"),
        .language = TEXT("fr"),
        .timezone = TEXT("Europe/Paris"),
        .sex = SEX_MALE,
        .birth_date = -3653,
        .country = 1,
        .city = 1,
    };
    assert_ok(update(f, alice.id, &changes, &a));
    assert_ok(account_by_email(&f->c, TEXT("new@EXAMPLE.org"), &a));
    assert_text(a.email, "New@example.org");
    assert_text(a.first_name, "F");
    assert_text(a.last_name, "L");
    assert_text(a.bio, "B");
    assert_text(a.avatar, "A");
    assert_text(a.phone, "+1234567890");
    assert_text(a.language, "fr");
    assert_text(a.timezone, "Europe/Paris");
    assert_int_equal(a.sex, SEX_MALE);
    assert_int_equal(a.birth_date, -3653);
    assert_int_equal(a.country, 1);
    assert_int_equal(a.city, 1);
    assert_consistent(f);
    changes = (struct account_changes){.set = FIELD_SEX | FIELD_BIRTH_DATE | FIELD_COUNTRY,
                                       .birth_date = NO_DATE};
    assert_ok(update(f, alice.id, &changes, &a));
    assert_ok(account_load(&f->c, alice.id, &a));
    assert_int_equal(a.sex, SEX_UNKNOWN);
    assert_int_equal(a.birth_date, NO_DATE);
    assert_int_equal(a.country, 0);
    assert_int_equal(a.city, 0); /* lies in no country */
    assert_consistent(f);
}

static void no_change_is_no_transaction(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), a;
    f->c.now += CLOCK_HOUR;
    assert_ok(account_update(&f->c, alice.id, &(struct account_changes){0}, &a));
    assert_int_equal(a.updated_at, alice.updated_at);
    assert_false(db_pending(f->c.db));
}

static void a_changed_address_must_be_free(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), a;
    fixture_account(f, "bob");
    struct account_changes changes = {
        .set = FIELD_EMAIL | FIELD_BIO, .email = TEXT("BOB@example.com"), .bio = TEXT("lost")};
    assert_int_equal(update(f, alice.id, &changes, &a), ERR_EMAIL_TAKEN);
    assert_ok(account_load(&f->c, alice.id, &a));
    assert_text(a.bio, "");
    changes.email = TEXT("ALICE@example.com"); /* one's own, spelt otherwise */
    assert_ok(update(f, alice.id, &changes, &a));
    assert_int_equal(update(f, 99, &changes, &a), ERR_USER_NOT_FOUND);
}

/* A city of some other country than that of city 1. */
static const struct city *city_elsewhere(void) {
    for (int64_t id = 2;; id++) {
        const struct city *city = catalog_city(id);
        if (city && city->country != catalog_city(1)->country)
            return city;
    }
}

static enum err place(struct fixture *f, int64_t id, unsigned set, int64_t country, int64_t city,
                      struct account *out) {
    struct account_changes changes = {.set = set, .country = country, .city = city};
    return update(f, id, &changes, out);
}

static void a_city_lies_in_its_country(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), a;
    const struct city *other = city_elsewhere();
    int64_t id = alice.id, both = FIELD_COUNTRY | FIELD_CITY;
    assert_int_equal(place(f, id, both, 1, other->id, &a), ERR_CITY_OUTSIDE_COUNTRY);
    assert_int_equal(place(f, id, FIELD_CITY, 0, INT64_MAX, &a), ERR_CITY_OUTSIDE_COUNTRY);
    assert_ok(place(f, id, FIELD_CITY, 0, 1, &a)); /* brings its country */
    assert_int_equal(a.country, 1);
    assert_int_equal(place(f, id, FIELD_CITY, 0, other->id, &a), ERR_CITY_OUTSIDE_COUNTRY);
    assert_ok(place(f, id, FIELD_COUNTRY, 1, 0, &a)); /* the same country keeps the city */
    assert_int_equal(a.city, 1);
    assert_ok(place(f, id, FIELD_COUNTRY, other->country, 0, &a)); /* another drops it */
    assert_int_equal(a.city, 0);
    assert_ok(place(f, id, both, other->country, other->id, &a));
    assert_int_equal(a.city, other->id);
    assert_ok(place(f, id, FIELD_CITY, 0, 0, &a));
    assert_int_equal(a.country, other->country);
    struct new_account in = newcomer("bob", "bob@example.com");
    in.country = 1;
    in.city = other->id;
    assert_int_equal(create(f, &in, &a), ERR_CITY_OUTSIDE_COUNTRY);
    in.country = 0;
    assert_ok(create(f, &in, &a));
    assert_int_equal(a.country, other->country);
}

static void rights_are_granted_and_revoked(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), a;
    struct credentials s = fixture_session(f, &alice);
    struct caller caller;
    struct preference_changes likes = {.set = PREFERENCE_CATEGORIES, .categories = 5};
    assert_ok(preference_update(&f->c, alice.id, &likes)); /* … counts while she is active */
    assert_ok(account_grant(&f->c, alice.id, ACCOUNT_STAFF | ACCOUNT_SUPERUSER, 0));
    assert_ok(account_grant(&f->c, alice.id, 0, ACCOUNT_SUPERUSER));
    fixture_settle(f);
    assert_ok(session_by_access(&f->c, s.access, &caller));
    assert_true(caller.is_staff && !caller.superuser);
    assert_ok(account_grant(&f->c, alice.id, 0, ACCOUNT_ACTIVE));
    assert_consistent(f);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM sessions"), 0);
    assert_ok(account_grant(&f->c, alice.id, ACCOUNT_ACTIVE, 0));
    assert_consistent(f);
    assert_ok(account_load(&f->c, alice.id, &a));
    assert_int_equal(a.flags, ACCOUNT_FLAGS_NEW | ACCOUNT_STAFF);
    assert_int_equal(account_grant(&f->c, 99, ACCOUNT_STAFF, 0), ERR_USER_NOT_FOUND);
}

/* ---- Erasing --------------------------------------------------------------------------------- */

/* Gives the account a row in every table there is. */
static void leave_traces(struct fixture *f, const struct account *a, int64_t other) {
    struct caller caller = fixture_caller(a);
    struct follow follow;
    struct wall wall;
    bool done;
    const char *field;
    fixture_session(f, a);
    assert_ok(follow_add(&f->c, &caller, other, &follow));
    struct preference_changes preferences = {
        .set = PREFERENCE_CATEGORIES | PREFERENCE_NETWORKS, .categories = 5, .networks = 3};
    assert_ok(preference_update(&f->c, a->id, &preferences));
    struct new_notification note = {TEXT("t"), TEXT("m"), TEXT("campaign"), -1, TEXT("{}")};
    assert_ok(notification_send(&f->c, a->id, &note, &done));
    assert_ok(wall_put(&f->c, a->id, 0, TEXT("https://example.com/"), TEXT("d"), &wall));
    struct activity event = {.event_id = TEXT("e1"), .campaigns = 1, .earnings = 50, .posts = 2};
    assert_ok(activity_apply(&f->c, a->id, &event, &done, &field));
    fixture_settle(f);
}

static void erasing_leaves_nothing(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), bob = fixture_account(f, "bob"), a;
    struct account_counts counts;
    leave_traces(f, &alice, bob.id);
    leave_traces(f, &bob, alice.id);
    assert_consistent(f);
    assert_ok(account_erase(&f->c, alice.id));
    assert_consistent(f);
    assert_int_equal(account_load(&f->c, alice.id, &a), ERR_USER_NOT_FOUND);
    const char *tables[] = {"credentials",   "user_counts",     "sessions",
                            "directory",     "user_networks",   "social_walls",
                            "notifications", "activity_events", "user_categories"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct text sql = text_format(
            &f->arena,
            "SELECT count(*) FILTER (WHERE user_id = 1) * 100 + count(DISTINCT 1) FROM %s",
            tables[i]);
        assert_int_equal(fixture_count(f, sql.at), 1);
    }
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM follows"), 0);
    assert_ok(account_counts(&f->c, bob.id, &counts));
    assert_int_equal(counts.followers, 0);
    assert_int_equal(counts.following, 0);
    assert_int_equal(account_erase(&f->c, alice.id), ERR_USER_NOT_FOUND);
    fixture_account(f, "alice"); /* the name is free again */
    assert_int_equal(fixture_count(f, "SELECT max(id) FROM users"), 3);
}

static void every_statement_prepares(void **state) {
    struct fixture *f = *state;
    assert_ok(db_prepare_all(f->c.db));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_created_is_loaded),
        TEST(a_profile_is_read_in_one_piece),
        TEST(it_is_found_by_every_name),
        TEST(names_and_addresses_are_unique),
        TEST(visibility),
        TEST(only_what_is_set_changes),
        TEST(every_field_can_change),
        TEST(no_change_is_no_transaction),
        TEST(a_changed_address_must_be_free),
        TEST(a_city_lies_in_its_country),
        TEST(rights_are_granted_and_revoked),
        TEST(erasing_leaves_nothing),
        TEST(every_statement_prepares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
