#include "fixture.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/embed.h"
#include "core/password.h"
#include "core/password_policy.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

static struct text hashed(struct fixture *f, struct text password) {
    struct text hash;
    assert_ok(password_hash(&f->c, password, &hash));
    return hash;
}

static void a_hash_fits_its_password_alone(void **state) {
    struct fixture *f = *state;
    struct text hash = hashed(f, TEXT("password123"));
    assert_true(text_starts(hash, TEXT("$argon2id$v=19$m=64,t=1,p=1$")));
    assert_true(password_verify(&f->c, hash, TEXT("password123")));
    assert_false(password_verify(&f->c, hash, TEXT("password124")));
    assert_false(password_verify(&f->c, hash, TEXT("password123 ")));
    assert_false(password_verify(&f->c, hash, TEXT("Password123")));
    assert_false(password_verify(&f->c, hash, (struct text){0}));
    assert_false(text_equal(hash, hashed(f, TEXT("password123"))));
}

static void a_given_salt_gives_the_same_hash_every_time(void **state) {
    struct fixture *f = *state;
    const unsigned char salt[PASSWORD_SALT] = "sixteen bytes!!", other[PASSWORD_SALT] = "others";
    struct text hash, again, different;
    assert_ok(password_hash_salted(&f->c, TEXT("password123"), salt, &hash));
    assert_ok(password_hash_salted(&f->c, TEXT("password123"), salt, &again));
    assert_ok(password_hash_salted(&f->c, TEXT("password123"), other, &different));
    assert_true(text_equal(hash, again));
    assert_false(text_equal(hash, different));
    assert_true(password_verify(&f->c, hash, TEXT("password123")));
    assert_false(password_verify(&f->c, hash, TEXT("password124")));
    assert_false(password_outdated(&f->core.policy, hash));
}

static void no_byte_is_cut_off(void **state) {
    struct fixture *f = *state;
    char long_one[PASSWORD_MAX_BYTES];
    memset(long_one, 'x', sizeof long_one);
    struct text hash = hashed(f, (struct text){long_one, sizeof long_one});
    assert_true(password_verify(&f->c, hash, (struct text){long_one, sizeof long_one}));
    assert_false(password_verify(&f->c, hash, (struct text){long_one, sizeof long_one - 1}));
}

static void both_spellings_of_a_letter_are_one(void **state) {
    struct fixture *f = *state;
    struct text hash = hashed(f, TEXT("pa\u0308ssword123")); /* a and a combining diaeresis */
    assert_true(password_verify(&f->c, hash, TEXT("p\u00e4ssword123")));
    assert_false(password_verify(&f->c, hash, TEXT("password123")));
}

static void nothing_and_nonsense_verify_nothing(void **state) {
    struct fixture *f = *state;
    assert_false(password_verify(&f->c, (struct text){0}, TEXT("password123")));
    assert_false(password_verify(&f->c, (struct text){0}, (struct text){0}));
    assert_false(password_verify(&f->c, TEXT("!"), TEXT("!")));
    assert_false(password_verify(&f->c, TEXT("$argon2id$v=19$m=64,t=1,p=1$"), TEXT("password123")));
    char endless[4096];
    memset(endless, '$', sizeof endless);
    assert_false(password_verify(&f->c, (struct text){endless, sizeof endless}, TEXT("x")));
}

/* The least processor time of some, in µs: what others on the machine do can only add to it. */
static int64_t cost_of(struct fixture *f, struct text hash) {
    int64_t least = INT64_MAX;
    for (int i = 0; i < 41; i++) {
        int64_t start = fixture_cpu_time();
        password_verify(&f->c, hash, TEXT("wrong password"));
        int64_t cost = fixture_cpu_time() - start;
        least = cost < least ? cost : least;
    }
    return least;
}

/* Time does not tell who exists: a hash of nothing costs what a real one does, of any age. Memory
 * that is new to the process may cost as much again; what is skipped would be a hundredth. */
static void whoever_it_is_costs_the_same(void **state) {
    struct fixture *f = *state;
    struct text old = text_copy(&f->arena, hashed(f, TEXT("password123")));
    struct policy dear = fixture_policy();
    dear.hash_memory = 4096;
    fixture_reopen(f, &dear, (struct text){0});
    int64_t outdated_first = cost_of(f, old);
    int64_t known = cost_of(f, hashed(f, TEXT("password123")));
    assert_in_range(outdated_first, known / 4, known * 4);
    assert_in_range(cost_of(f, (struct text){0}), known / 4, known * 4);
    assert_in_range(cost_of(f, old), known / 4, known * 4);
    assert_in_range(cost_of(f, TEXT("not a hash")), known / 4, known * 4);
}

static void weaker_settings_are_outdated(void **state) {
    struct fixture *f = *state;
    struct policy p = fixture_policy();
    struct text hash = hashed(f, TEXT("password123"));
    assert_false(password_outdated(&p, hash));
    p.hash_memory = 128;
    assert_true(password_outdated(&p, hash));
    p.hash_memory = 32;
    assert_false(password_outdated(&p, hash));
    p.hash_passes = 2;
    assert_true(password_outdated(&p, hash));
    p.hash_passes = 1;
    assert_true(password_outdated(&p, TEXT("$2b$12$abcdefghijklmnopqrstuv")));
    assert_true(password_outdated(&p, TEXT("$argon2i$v=19$m=64,t=9,p=1$YQ$YQ")));
}

static void objections(void **state) {
    struct fixture *f = *state;
    struct policy p = policy_default();
    char long_one[PASSWORD_MAX_BYTES + 1];
    memset(long_one, 'x', sizeof long_one);
    assert_null(password_objection(&p, &f->arena, TEXT("password123")));
    assert_null(password_objection(&p, &f->arena, TEXT("12345678")));
    assert_null(password_objection(&p, &f->arena, TEXT("        ")));
    assert_null(password_objection(&p, &f->arena,
                                   TEXT("\u00e4\u00f6\u00fc\u00df\u00e4\u00f6\u00fc\u00df")));
    assert_null(password_objection(&p, &f->arena, (struct text){long_one, PASSWORD_MAX_BYTES}));
    const char *too_short = "Password must be at least 8 characters long";
    assert_string_equal(password_objection(&p, &f->arena, TEXT("1234567")), too_short);
    assert_string_equal(password_objection(&p, &f->arena, TEXT("\u00e4\u00f6\u00fc\u00df")),
                        too_short);
    assert_string_equal(password_objection(&p, &f->arena, (struct text){0}), too_short);
    assert_string_equal(password_objection(&p, &f->arena, (struct text){long_one, sizeof long_one}),
                        "Password must be at most 1024 bytes long");
    assert_non_null(password_objection(&p, &f->arena, TEXT("password\xff\xfe")));
    p.strict_passwords = true;
    assert_string_equal(password_objection(&p, &f->arena, TEXT("password123")),
                        "Password must be at least 15 characters long");
    assert_null(password_objection(&p, &f->arena, TEXT("correct horse battery")));
}

static void common_passwords_are_refused_by_the_strict_policy(void **state) {
    struct fixture *f = *state;
    struct policy p = policy_default();
    const char *common[] = {
        "q1w2e3r4t5y6u7i8o9p0", /* in the list */
        "Password1234567!",     /* with something around it */
        "!!!!!!11111dragon2024", "passwordpassword",
        "PasswordPassword99",    "aaaaaaaaaaaaaaa",
        "abc1abc1abc1abc1",      "111111111111111",
        "qwerty12345678910",     "P@$$w0rd12345678",
        "Pássword19283746",      "ｐａｓｓｗｏｒｄ1928374655",
        "abcdefghijklmnop",      "ZYXWVUTSRQPONMLK",
        "sunshinesuperman",      "987monkeydragon654",
    };
    const char *fine[] = {
        "correct horse battery staple", "password and something more",
        "8392017465520398475",          "\u00e4\u00f6\u00fc \u00e4\u00f6\u00fc\u00df und noch eins",
        "~~~~~~~~ zxv ~~~~~~",          "73946aa1850273644",
    };
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        assert_null(password_objection(&p, &f->arena, text_of(common[i])));
        p.strict_passwords = true;
        const char *objection = password_objection(&p, &f->arena, text_of(common[i]));
        if (!objection)
            fail_msg("%s", common[i]);
        assert_string_equal(objection, "Password is too common");
        p.strict_passwords = false;
    }
    p.strict_passwords = true;
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_null(password_objection(&p, &f->arena, text_of(fine[i])));
}

/* Every line of the list is found, the first and the last too: with digits behind it, which make
 * it long enough, where it begins and ends with a letter and is long enough to be a word. */
static void the_whole_list_is_searched(void **state) {
    struct fixture *f = *state;
    struct policy p = policy_default();
    p.strict_passwords = true;
    struct text list = {0}, line;
    size_t lines = 0, all = 0;
    for (const struct embedded *e = embedded_data; e->name; e++)
        if (!strcmp(e->name, "common_passwords.txt"))
            list = embedded_text(e);
    while (text_split(&list, '\n', &line)) {
        all += line.size && line.at[0] != '#';
        if (line.size < 4 || !isalpha(line.at[0]) || !isalpha(line.at[line.size - 1]))
            continue;
        struct text longer = text_format(&f->arena, "%.*s19283746502468013", TEXT_ARGS(line));
        if (!password_objection(&p, &f->arena, longer))
            fail_msg("%.*s", TEXT_ARGS(line));
        lines++;
    }
    assert_true(lines > 8900);
    assert_true(all > 10000);
}

static const char *resemblance(struct fixture *f, const char *password) {
    struct policy p = policy_default();
    p.strict_passwords = true;
    if (password_objection(&p, &f->arena, text_of(password)))
        fail_msg("%s", password);
    return password_resemblance(&p, &f->arena, text_of(password), TEXT("Brack.Wottle"),
                                TEXT("rear-admiral1906@zanzabel.example"));
}

static void names_of_the_owner_count_for_nothing(void **state) {
    struct fixture *f = *state;
    const char *of_name[] = {"brackwottle 5821",   "Brack Wottle 5821", "582 wottle brack",
                             "58-elttow-kcarb-21", "Br4ckw0tt1e/5821",  "brâckwöttle.5821",
                             "brackwottlewelcome"};
    const char *of_address[] = {"rearadmiral 5821", "1906 lar1mda raer", "zanzabel.example",
                                "Brack @ Zanzabel 1", "wottle zanzabel admiral"};
    const char *fine[] = {"brack is what i asked for", "an admiral at the rear of it",
                          "plausible otters juggle"};
    for (size_t i = 0; i < sizeof of_name / sizeof *of_name; i++)
        assert_string_equal(resemblance(f, of_name[i]), "Password is too similar to the username");
    for (size_t i = 0; i < sizeof of_address / sizeof *of_address; i++)
        assert_string_equal(resemblance(f, of_address[i]),
                            "Password is too similar to the email address");
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_null(resemblance(f, fine[i]));
}

static void without_names_nothing_resembles_them(void **state) {
    struct fixture *f = *state;
    struct policy p = policy_default();
    struct text none = {0}, password = TEXT("plausible otters");
    assert_null(password_resemblance(&p, &f->arena, TEXT("grace"), TEXT("grace"), none));
    p.strict_passwords = true;
    assert_null(password_resemblance(&p, &f->arena, password, none, none));
    assert_null(password_resemblance(&p, &f->arena, password, TEXT("ott"), TEXT("p@x.yz")));
}

static void a_stored_hash_is_loaded(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct text hash, better = hashed(f, TEXT("password123"));
    int64_t changed_at, before;
    assert_ok(password_load(&f->c, alice.id, &hash, &before));
    assert_true(password_verify(&f->c, hash, TEXT("password123")));
    assert_ok(db_begin(f->c.db));
    assert_ok(password_rehash(&f->c, alice.id, hash, better));
    assert_ok(password_rehash(&f->c, alice.id, hash, TEXT("stale")));
    fixture_commit(f);
    assert_ok(password_load(&f->c, alice.id, &hash, &changed_at));
    assert_true(text_equal(hash, better));
    assert_int_equal(changed_at, before);
    assert_ok(password_load(&f->c, 99, &hash, &changed_at));
    assert_int_equal(hash.size, 0);
}

/* Even when the clock has gone back, a new password bears a moment of its own. */
static void every_change_has_its_moment(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct text hash;
    int64_t first, second;
    assert_ok(password_load(&f->c, alice.id, &hash, &first));
    f->c.now -= CLOCK_DAY;
    assert_ok(db_begin(f->c.db));
    assert_ok(password_store(&f->c, alice.id, TEXT("another")));
    fixture_commit(f);
    assert_ok(password_load(&f->c, alice.id, &hash, &second));
    assert_text(hash, "another");
    assert_true(second > first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_hash_fits_its_password_alone),
        TEST(a_given_salt_gives_the_same_hash_every_time),
        TEST(no_byte_is_cut_off),
        TEST(both_spellings_of_a_letter_are_one),
        TEST(nothing_and_nonsense_verify_nothing),
        TEST(whoever_it_is_costs_the_same),
        TEST(weaker_settings_are_outdated),
        TEST(objections),
        TEST(common_passwords_are_refused_by_the_strict_policy),
        TEST(the_whole_list_is_searched),
        TEST(names_of_the_owner_count_for_nothing),
        TEST(without_names_nothing_resembles_them),
        TEST(a_stored_hash_is_loaded),
        TEST(every_change_has_its_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
