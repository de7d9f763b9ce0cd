#include "fixture.h"

#include <stdio.h>

#include "base/text.h"
#include "cli/tally.h"
#include "core/preference.h"
#include "core/stats.h"

static struct account dated(struct fixture *f, const char *name, int64_t flags, enum sex sex,
                            int64_t birth_date) {
    struct account a = fixture_account_with(f, name, flags);
    const struct account_changes changes = {
        .set = FIELD_SEX | FIELD_BIRTH_DATE, .sex = sex, .birth_date = birth_date};
    assert_ok(account_update(&f->c, a.id, &changes, &a));
    fixture_settle(f);
    return a;
}

static void add(struct fixture *f, struct tally *t, const struct account *a, uint64_t categories) {
    const struct preference_changes changes = {.set = PREFERENCE_CATEGORIES,
                                               .categories = categories};
    assert_ok(preference_update(&f->c, a->id, &changes));
    fixture_settle(f);
    tally_add(t, a, categories);
}

/* What is counted from nothing is what the rules have kept all along. */
static void it_counts_what_the_rules_keep(void **state) {
    struct fixture *f = *state;
    struct tally *t = tally_new();
    const struct account people[] = {
        dated(f, "ann", ACCOUNT_FLAGS_NEW, SEX_FEMALE, 5000),
        dated(f, "bob", ACCOUNT_FLAGS_NEW, SEX_MALE, -3000),
        dated(f, "cem", ACCOUNT_ACTIVE, SEX_OTHER, 5000),
        dated(f, "dan", ACCOUNT_ACTIVE | ACCOUNT_BANNED | ACCOUNT_PUBLIC, SEX_MALE, 7000),
        dated(f, "eve", ACCOUNT_PUBLIC, SEX_FEMALE, 7000),
        fixture_account(f, "fay"),
    };
    for (size_t i = 0; i < sizeof people / sizeof *people; i++)
        add(f, t, &people[i], UINT64_C(0x1000011) << i);
    const struct tally_row *rows;
    size_t count = tally_rows(t, &rows), nonzero = 0;
    for (size_t i = 0; i < count; i++) {
        struct text kind = stats_kind_name(rows[i].kind);
        char sql[200];
        snprintf(sql, sizeof sql,
                 "SELECT total FROM statistics WHERE kind = '%.*s' AND item = %lld",
                 TEXT_ARGS(kind), (long long)rows[i].item);
        assert_int_equal(fixture_count(f, sql), rows[i].total);
        nonzero += rows[i].total != 0;
    }
    assert_int_equal(nonzero, count);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM statistics WHERE total <> 0"), count);
    tally_free(t);
}

static void rows_come_by_kind_and_item(void **state) {
    (void)state;
    struct tally *t = tally_new();
    for (int64_t i = 0; i < 3000; i++) {
        const struct account a = {
            .flags = ACCOUNT_FLAGS_NEW, .sex = SEX_MALE, .birth_date = i * 7919 % 2503 - 1000};
        tally_add(t, &a, 3);
    }
    const struct tally_row *rows;
    size_t count = tally_rows(t, &rows);
    assert_int_equal(count, 3 + 2503 + 2 + 1);
    for (size_t i = 1; i < count; i++) {
        int order = text_compare(stats_kind_name(rows[i - 1].kind), stats_kind_name(rows[i].kind));
        assert_true(order < 0 || (order == 0 && rows[i - 1].item < rows[i].item));
    }
    tally_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_counts_what_the_rules_keep, fixture_open, fixture_close),
        cmocka_unit_test(rows_come_by_kind_and_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
