#include "fixture.h"

#include <stdio.h>

#include "core/directory.h"
#include "core/follow.h"

/* An account with names and a bio; "" for what it does not have. */
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

/* The names on the page, with blanks between. */
static const char *names(struct fixture *f, const struct directory_entry *entries, size_t count) {
    struct text all = TEXT("");
    for (size_t i = 0; i < count; i++)
        all = text_format(&f->arena, "%.*s%s%.*s", TEXT_ARGS(all), i ? " " : "",
                          TEXT_ARGS(entries[i].username));
    return text_cstr(&f->arena, all);
}

static void assert_list(struct fixture *f, const struct caller *caller,
                        struct directory_query query, const char *wanted, int64_t wanted_total) {
    struct directory_entry *entries;
    size_t count;
    int64_t total;
    struct caller nobody = {0};
    if (!query.limit)
        query.limit = 10;
    assert_ok(directory_list(&f->c, caller ? caller : &nobody, &query, &entries, &count, &total));
    assert_string_equal(names(f, entries, count), wanted);
    assert_int_equal(total, wanted_total);
}

/* Everybody that a search finds, by name. */
static void assert_found(struct fixture *f, const char *search, const char *wanted) {
    int64_t n = *wanted != '\0';
    for (const char *p = wanted; *p; p++)
        n += *p == ' ';
    assert_list(f, NULL, (struct directory_query){.search = text_of(search)}, wanted, n);
}

static void everybody_who_is_listed(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "Bob");
    struct account eve = fixture_account(f, "eve");
    struct account staff = fixture_account_with(f, "staff", ACCOUNT_FLAGS_NEW | ACCOUNT_STAFF);
    struct directory_query all = {0};
    assert_list(f, NULL, all, "ann Bob eve staff", 4);
    fixture_set_flags(f, &bob, ACCOUNT_ACTIVE);
    fixture_set_flags(f, &eve, ACCOUNT_FLAGS_NEW | ACCOUNT_BANNED);
    assert_list(f, NULL, all, "ann staff", 2);
    struct caller a = fixture_caller(&ann), b = fixture_caller(&bob), s = fixture_caller(&staff);
    assert_list(f, &a, all, "ann staff", 2);
    assert_list(f, &b, all, "ann Bob staff", 3);
    assert_list(f, &s, all, "ann Bob eve staff", 4);
    fixture_set_flags(f, &bob, ACCOUNT_FLAGS_NEW);
    assert_list(f, NULL, all, "ann Bob staff", 3);
    assert_ok(account_erase(&f->c, ann.id));
    fixture_settle(f);
    assert_list(f, NULL, all, "Bob staff", 2);
}

static void a_search_obeys_the_same_rule(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "needle-ann"), bob = fixture_account(f, "needle-bob");
    struct account staff =
        fixture_account_with(f, "needle-staff", ACCOUNT_FLAGS_NEW | ACCOUNT_STAFF);
    fixture_set_flags(f, &bob, ACCOUNT_ACTIVE);
    struct caller a = fixture_caller(&ann), b = fixture_caller(&bob), s = fixture_caller(&staff);
    static const char *const searches[] = {"needle", "ne", "e"};
    for (int i = 0; i < 3; i++) {
        struct directory_query query = {.search = text_of(searches[i])};
        assert_list(f, NULL, query, "needle-ann needle-staff", 2);
        assert_list(f, &a, query, "needle-ann needle-staff", 2);
        assert_list(f, &b, query, "needle-ann needle-bob needle-staff", 3);
        assert_list(f, &s, query, "needle-ann needle-bob needle-staff", 3);
    }
}

static void entries_say_what_the_list_shows(void **state) {
    struct fixture *f = *state;
    struct account ann = person(f, "ann", "Anna", "Smith", ""), bob = fixture_account(f, "bob");
    struct account_changes changes = {.set = FIELD_AVATAR, .avatar = TEXT("https://example.com/a")};
    assert_ok(account_update(&f->c, ann.id, &changes, &ann));
    struct caller caller = fixture_caller(&bob);
    struct follow edge;
    assert_ok(follow_add(&f->c, &caller, ann.id, &edge));
    fixture_settle(f);
    struct directory_query query = {.limit = 10};
    struct directory_entry *entries;
    size_t count;
    int64_t total;
    assert_ok(directory_list(&f->c, &caller, &query, &entries, &count, &total));
    assert_int_equal(entries[0].id, ann.id);
    assert_text(entries[0].first_name, "Anna");
    assert_text(entries[0].last_name, "Smith");
    assert_text(entries[0].avatar, "https://example.com/a");
    assert_true(entries[0].is_following);
    assert_false(entries[1].is_following);
}

static void orders(void **state) {
    struct fixture *f = *state;
    person(f, "dan", "Émile", "Zed", "");
    f->c.now++;
    person(f, "Abe", "zoe", "Young", "");
    f->c.now++;
    person(f, "cat", "Emil", "young", "");
    f->c.now++;
    person(f, "bea", "", "", "");
    static const char *const wanted[] = {"Abe bea cat dan", "dan Abe cat bea", "bea cat dan Abe",
                                         "bea Abe cat dan"};
    static const char *const reversed[] = {"dan cat bea Abe", "bea cat Abe dan", "Abe dan cat bea",
                                           "dan cat Abe bea"};
    for (int order = ORDER_USERNAME; order <= ORDER_LAST_NAME; order++) {
        struct directory_query query = {.order = (enum directory_order)order};
        assert_list(f, NULL, query, wanted[order], 4);
        query.search = TEXT("a"); /* everybody: walked */
        assert_list(f, NULL, query, wanted[order], 4);
        query.descending = true;
        assert_list(f, NULL, query, reversed[order], 4);
        query.offset = 1;
        query.limit = 1;
        query.search = TEXT("");
        const char *second = strchr(reversed[order], ' ') + 1;
        assert_list(f, NULL, query,
                    text_cstr(&f->arena, (struct text){second, strcspn(second, " ")}), 4);
    }
}

/* Enough accounts that do not match for the search index to be asked, not the order walked. */
static void crowd(struct fixture *f, int n) {
    for (int i = 0; i < n; i++) {
        char name[16];
        snprintf(name, sizeof name, "x%03d", i);
        fixture_account(f, name);
    }
}

static void pages(void **state) {
    struct fixture *f = *state;
    crowd(f, 30);
    person(f, "p1", "", "", "gardener");
    person(f, "p2", "", "", "gardener");
    person(f, "p3", "", "", "gardener");
    struct directory_query query = {.limit = 2};
    assert_list(f, NULL, query, "p1 p2", 33);
    query.offset = 2;
    assert_list(f, NULL, query, "p3 x000", 33);
    query.offset = 32;
    assert_list(f, NULL, query, "x029", 33);
    query.offset = 33;
    assert_list(f, NULL, query, "", 33);
    query.offset = INT64_MAX;
    assert_list(f, NULL, query, "", 33);
    query.search = TEXT("GARDEN");
    query.offset = 0;
    assert_list(f, NULL, query, "p1 p2", 3);
    query.offset = 2;
    assert_list(f, NULL, query, "p3", 3);
    query.offset = INT64_MAX;
    assert_list(f, NULL, query, "", 3);
    query = (struct directory_query){.search = TEXT("gard"), .descending = true, .limit = 2};
    assert_list(f, NULL, query, "p3 p2", 3);
    query = (struct directory_query){.search = TEXT("x"), .limit = 2, .offset = 28};
    assert_list(f, NULL, query, "x028 x029", 30);
}

static void search_is_blind_to_case_and_accents(void **state) {
    struct fixture *f = *state;
    crowd(f, 20);
    person(f, "a1", "José", "Müller", "");
    person(f, "a2", "JOSE", "Straße", "");
    person(f, "a3", "", "", "Crème brûlée");
    assert_found(f, "jose", "a1 a2");
    assert_found(f, "JOSÉ", "a1 a2");
    assert_found(f, "mull", "a1");
    assert_found(f, "MÜ", "a1");
    assert_found(f, "ü", "a1 a3"); /* Müller, brûlée */
    assert_found(f, "strasse", "a2");
    assert_found(f, "creme BRULEE", "a3");
    assert_found(f, "me b", "a3");
}

static void search_looks_within_one_field(void **state) {
    struct fixture *f = *state;
    crowd(f, 20);
    person(f, "a1", "John", "Smith", "likes tea");
    assert_found(f, "johnsmith", "");
    assert_found(f, "hns", "");
    assert_found(f, "n smi", "");
    assert_found(f, "a1", "a1");
    assert_found(f, "tea", "a1");
    assert_found(f, "es te", "a1");
    assert_found(f, " t", "a1");
    assert_found(f, "ohnn", "");
}

static void nothing_in_a_search_is_an_operator(void **state) {
    struct fixture *f = *state;
    crowd(f, 20);
    person(f, "a1", "", "", "100% sure");
    person(f, "a2", "", "", "under_score");
    person(f, "a3", "", "", "say \"hello\" now");
    person(f, "a4", "", "", "back\\slash * star");
    person(f, "a5", "", "", "this AND that OR near");
    person(f, "a6", "", "", "bio: {curly} (paren) ^caret -minus +plus");
    static const char *const searches[][2] = {
        {"100%", "a1"},      {"%", "a1"},       {"0%", "a1"},      {"1%0", ""},
        {"%%", ""},          {"r_s", "a2"},     {"_", "a2"},       {"u_d", ""},
        {"\"hello\"", "a3"}, {"\"", "a3"},      {"\"\"", ""},      {"\"\"\"", ""},
        {"y \"", "a3"},      {"k\\s", "a4"},    {"\\", "a4"},      {"* s", "a4"},
        {"*", "a4"},         {"sta*", ""},      {" AND ", "a5"},   {"this OR that", ""},
        {"t OR n", "a5"},    {"NEAR(", ""},     {"{curly}", "a6"}, {"bio:", "a6"},
        {"bio : x", ""},     {"(paren)", "a6"}, {"^ca", "a6"},     {"-m", "a6"},
        {"+plus", "a6"},     {"'", ""},         {"'; --", ""},     {"^", "a6"},
    };
    for (size_t i = 0; i < sizeof searches / sizeof *searches; i++)
        assert_found(f, searches[i][0], searches[i][1]);
}

static void characters_beyond_ascii_and_the_plane(void **state) {
    struct fixture *f = *state;
    crowd(f, 20);
    person(f, "a1", "山田", "太郎", "東京都に住んでいます");
    person(f, "a2", "", "", "rocket 🚀🚀 to 🌙 and 𝔸𝔹ℂ");
    person(f, "a3", "Владимир", "", "𠮷野家 𐍈𐍉");
    assert_found(f, "山", "a1");
    assert_found(f, "山田", "a1");
    assert_found(f, "京都に", "a1");
    assert_found(f, "東京都に住ん", "a1");
    assert_found(f, "京東", "");
    assert_found(f, "🚀", "a2");
    assert_found(f, "🚀🚀", "a2");
    assert_found(f, "🚀🚀 t", "a2");
    assert_found(f, "🚀🚀🚀", "");
    assert_found(f, "🌙🚀", "");
    assert_found(f, "abc", "a2"); /* 𝔸𝔹ℂ folds to abc */
    assert_found(f, "влад", "a3");
    assert_found(f, "𠮷", "a3");
    assert_found(f, "𠮷野家 𐍈", "a3");
    assert_found(f, "𐍉", "a3");
    assert_found(f, "𐍉𐍈", "");
}

static void what_folds_to_nothing_filters_nothing(void **state) {
    struct fixture *f = *state;
    person(f, "a1", "", "", "");
    person(f, "a2", "", "", "");
    assert_found(f, "", "a1 a2");
    assert_found(f, "\xcc\x81", "a1 a2"); /* a combining acute accent */
    assert_found(f, "\xcc\x81z", "");
}

static void filters_combine(void **state) {
    struct fixture *f = *state;
    crowd(f, 20);
    person(f, "a1", "Anna", "Smith", "likes tea");
    person(f, "a2", "Anna", "Jones", "likes tea");
    person(f, "a3", "Hannah", "Smith", "likes coffee");
    person(f, "a4", "Smith", "Anna", "likes tea");
    static const struct {
        const char *search, *first, *last, *wanted;
        int64_t total;
    } cases[] = {
        {"", "ann", "", "a1 a2 a3", 3},  {"", "", "smith", "a1 a3", 2},
        {"", "an", "", "a1 a2 a3", 3},   {"", "h", "", "a3 a4", 2},
        {"tea", "ann", "", "a1 a2", 2},  {"tea", "ann", "smith", "a1", 1},
        {"tea", "an", "smith", "a1", 1}, {"t", "an", "sm", "a1 a3", 2},
        {"te", "ann", "", "a1 a2", 2},   {"likes", "s", "", "a4", 1},
        {"anna", "smith", "", "a4", 1},  {"a4", "smith", "an", "a4", 1},
        {"", "anna", "anna", "", 0},     {"", "\" OR \"", "", "", 0},
        {"tea", "", "} : \"x", "", 0},   {"\xcc\x81", "ann", "\xcc\x81", "a1 a2 a3", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_list(f, NULL,
                    (struct directory_query){.search = text_of(cases[i].search),
                                             .first_name = text_of(cases[i].first),
                                             .last_name = text_of(cases[i].last)},
                    cases[i].wanted, cases[i].total);
}

static void what_changes_is_found_by_its_new_text_alone(void **state) {
    struct fixture *f = *state;
    crowd(f, 20);
    struct account a = person(f, "a1", "Anna", "", "old words");
    struct account_changes changes = {.set = FIELD_BIO, .bio = TEXT("new words")};
    assert_ok(account_update(&f->c, a.id, &changes, &a));
    fixture_settle(f);
    assert_found(f, "old w", "");
    assert_found(f, "ol", "");
    assert_found(f, "new w", "a1");
    assert_found(f, "anna", "a1");
    assert_ok(account_erase(&f->c, a.id));
    fixture_settle(f);
    assert_found(f, "new w", "");
    assert_found(f, "ew", "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(everybody_who_is_listed),
        TEST(a_search_obeys_the_same_rule),
        TEST(entries_say_what_the_list_shows),
        TEST(orders),
        TEST(pages),
        TEST(search_is_blind_to_case_and_accents),
        TEST(search_looks_within_one_field),
        TEST(nothing_in_a_search_is_an_operator),
        TEST(characters_beyond_ascii_and_the_plane),
        TEST(what_folds_to_nothing_filters_nothing),
        TEST(filters_combine),
        TEST(what_changes_is_found_by_its_new_text_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
