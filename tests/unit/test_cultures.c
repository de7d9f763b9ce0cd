#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/unicode.h"
#include "cli/cultures.h"

static void assert_names(struct arena *arena, const struct culture *c, int list) {
    assert_true(c->lists[list].count >= 2);
    for (size_t i = 0; i < c->lists[list].count; i++) {
        const struct culture_text *name = &c->lists[list].at[i];
        assert_true(name->text.size && unicode_valid(name->text));
        assert_true(text_equal(unicode_nfc(arena, name->text), name->text));
        if (list == LIST_BIO)
            continue;
        assert_true(name->ascii.size);
        for (size_t k = 0; k < name->ascii.size; k++)
            assert_in_range(name->ascii.at[k], 'a', 'z');
    }
}

static void every_place_has_people_and_every_name_a_spelling(void **state) {
    (void)state;
    struct arena arena = {0};
    catalog_start();
    struct cultures all = cultures_read(&arena);
    assert_true(all.count > 50);
    for (size_t i = 0; i < all.count; i++) {
        const struct place *p = &all.places[i];
        struct text canonical;
        assert_true(all.weights[i] > 0);
        assert_true(catalog_language(&arena, p->language, &canonical));
        assert_true(text_equal(canonical, p->language));
        assert_true(catalog_timezone(p->timezone));
        for (size_t k = 0; k < p->city_count; k++)
            assert_int_equal(p->cities[k]->country, p->country);
        for (int list = 0; list < LIST_COUNT; list++)
            assert_names(&arena, p->culture, list);
    }
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_place_has_people_and_every_name_a_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
