#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/catalog.h"

static int start(void **state) {
    static struct arena arena;
    catalog_start();
    *state = &arena;
    return 0;
}

static int stop(void **state) {
    arena_free(*state);
    return 0;
}

static void assert_text(struct text got, const char *wanted) {
    if (!text_equal(got, text_of(wanted)))
        fail_msg("\"%.*s\" is not \"%s\"", TEXT_ARGS(got), wanted);
}

static void the_codes_of_the_contract(void **state) {
    (void)state;
    static const char *const first[] = {"fashion", "beauty", "technology", "food", "travel"};
    for (int i = 0; i < 5; i++)
        assert_text(catalog_category_code(i), first[i]);
    assert_text(catalog_category_code(CATEGORY_COUNT - 1), "events");
    assert_text(catalog_network_code(0), "instagram");
    assert_text(catalog_network_code(NETWORK_COUNT - 1), "threads");
    assert_text(catalog_switch_code(3), "cause_campaign");
    assert_text(catalog_switch_name(3), "Causes");
    assert_text(catalog_switch_name(SWITCH_COUNT - 1), "Update balance");
}

static void a_code_and_its_position_are_each_others(void **state) {
    (void)state;
    for (int i = 0; i < CATEGORY_COUNT; i++)
        assert_int_equal(catalog_category(catalog_category_code(i)), i);
    for (int i = 0; i < NETWORK_COUNT; i++)
        assert_int_equal(catalog_network(catalog_network_code(i)), i);
    for (int i = 0; i < SWITCH_COUNT; i++)
        assert_int_equal(catalog_switch(catalog_switch_code(i)), i);
    assert_int_equal(catalog_category(TEXT("Fashion")), -1);
    assert_int_equal(catalog_category(TEXT("")), -1);
    assert_int_equal(catalog_network(TEXT("instagra")), -1);
    assert_int_equal(catalog_switch(TEXT("new_campaign ")), -1);
}

/* Ids that have been shipped; whoever regenerates the files must find them again. */
static void shipped_ids(void **state) {
    (void)state;
    assert_text(catalog_country(1)->name, "United States");
    assert_text(catalog_country(1)->code, "US");
    assert_text(catalog_country(2)->name, "Andorra");
    assert_text(catalog_country(76)->code, "FR");
    assert_text(catalog_country(249)->code, "ZW");
    assert_text(catalog_country(250)->code, "XK");
    assert_text(catalog_city(1)->name, "New York");
    assert_int_equal(catalog_city(1)->country, 1);
    assert_text(catalog_city(2)->name, "Shanghai");
    assert_text(catalog_city(16)->name, "São Paulo");
    assert_text(catalog_city(24323)->name, "Pantai Cenang");
}

static void ids_that_are_nobodys(void **state) {
    (void)state;
    static const int64_t ids[] = {0, -1, 24324, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        assert_null(catalog_country(ids[i]));
        assert_null(catalog_city(ids[i]));
    }
    assert_null(catalog_country(251));
}

static void countries_come_by_name(void **state) {
    (void)state;
    const struct country *all;
    assert_int_equal(catalog_countries(&all), 250);
    assert_text(all[0].name, "Afghanistan");
    assert_text(all[1].name, "Åland Islands");
    assert_text(all[2].name, "Albania");
    assert_text(all[249].name, "Zimbabwe");
    for (size_t i = 0; i < 250; i++)
        assert_ptr_equal(catalog_country(all[i].id), &all[i]);
}

static void every_city_has_a_country(void **state) {
    (void)state;
    for (int64_t id = 1; id <= 24323; id++) {
        const struct city *city = catalog_city(id);
        assert_non_null(city);
        assert_int_equal(city->id, id);
        assert_non_null(catalog_country(city->country));
        assert_true(city->population >= 15000);
    }
}

static void cities_by_prefix(void **state) {
    const struct city *found[5];
    assert_int_equal(catalog_cities(*state, 1, TEXT("new y"), found, 5), 1);
    assert_int_equal(found[0]->id, 1);
    assert_int_equal(catalog_cities(*state, 0, TEXT("SAO paulo"), found, 5), 1);
    assert_text(found[0]->name, "São Paulo");
    assert_int_equal(catalog_cities(*state, 0, TEXT("são p"), found, 1), 1);
    assert_text(found[0]->name, "São Paulo");
    assert_int_equal(catalog_cities(*state, 1, TEXT("são paulo"), found, 5), 0);
    assert_int_equal(catalog_cities(*state, 0, TEXT("no such city"), found, 5), 0);
}

static void most_people_first(void **state) {
    const struct city *found[100];
    assert_int_equal(catalog_cities(*state, 0, TEXT(""), found, 100), 100);
    assert_text(found[0]->name, "Shanghai");
    for (int i = 1; i < 100; i++)
        assert_true(found[i - 1]->population >= found[i]->population);
    assert_int_equal(catalog_cities(*state, 1, TEXT(""), found, 2), 2);
    assert_text(found[0]->name, "New York");
    assert_text(found[1]->name, "Los Angeles");
    assert_int_equal(catalog_cities(*state, 0, TEXT(""), found, 0), 0);
}

static void language_tags(void **state) {
    static const char *const good[][2] = {
        {"en", "en"},           {"EN", "en"},         {"es-mx", "es-MX"},
        {"eng", "en"},          {"ger", "de"},        {"zh-hant-tw", "zh-Hant-TW"},
        {"SR-LATN", "sr-Latn"}, {"es-419", "es-419"}, {"gsw-ch", "gsw-CH"},
        {"zza", "zza"},         {"aa", "aa"},         {"ZH-hANT", "zh-Hant"},
    };
    struct text out;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(catalog_language(*state, text_of(good[i][0]), &out));
        assert_text(out, good[i][1]);
    }
}

static void what_is_no_language_tag(void **state) {
    static const char *const bad[] = {
        "",           "e",
        "-",          "en-",
        "-en",        "en--US",
        "xx",         "english",
        "en_US",      "en-USA",
        "en-ZQ",      "en-12",
        "en-1234",    "en-US-GB",
        "en-us-x",    "en-Latn-Latn",
        "en US",      " en",
        "zh-TW-Hant", "i-klingon",
        "x-private",  "mis",
        "und",        "e1",
        "en-Lat1",    "en-\xc3\xa9\xc3\xa9",
        "\xc3\xa9n",  "# ",
    };
    struct text out;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (catalog_language(*state, text_of(bad[i]), &out))
            fail_msg("\"%s\" passed as \"%.*s\"", bad[i], TEXT_ARGS(out));
    }
}

static void time_zones(void **state) {
    (void)state;
    static const char *const good[] = {
        "UTC",  "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+12", "Africa/Abidjan",
        "Zulu", "US/Pacific"};
    static const char *const bad[] = {
        "",        "utc",       "Europe",          "Europe/",     "Europe/Berlin ", "Mars/Olympus",
        "Factory", "posix/UTC", "Europe/Berlin\n", "# Time zones"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(catalog_timezone(text_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(catalog_timezone(text_of(bad[i])));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_codes_of_the_contract),
        cmocka_unit_test(a_code_and_its_position_are_each_others),
        cmocka_unit_test(shipped_ids),
        cmocka_unit_test(ids_that_are_nobodys),
        cmocka_unit_test(countries_come_by_name),
        cmocka_unit_test(every_city_has_a_country),
        cmocka_unit_test(cities_by_prefix),
        cmocka_unit_test(most_people_first),
        cmocka_unit_test(language_tags),
        cmocka_unit_test(what_is_no_language_tag),
        cmocka_unit_test(time_zones),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
