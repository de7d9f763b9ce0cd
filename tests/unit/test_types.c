/* What each type of field takes and refuses, and what it makes of it. */
#include "api_call.h"

#include <stdlib.h>

#include "api/format.h"
#include "api/types.h"
#include "base/clock.h"
#include "core/catalog.h"
#include "core/token.h"

union slot {
    struct in_text text;
    struct in_int integer;
    struct in_bool boolean;
    struct in_bits bits;
    struct in_ids ids;
};

static enum err take_value(struct fixture *f, enum field_type type, struct value v,
                           union slot *out) {
    struct api_call *a = api_call_new(f);
    struct taking t = {
        .call = &a->call, .input = input_nothing(), .field = "x", .values = &v, .count = 1};
    memset(out, 0, sizeof *out);
    enum err e = types_take(&t, type, out);
    if (e == ERR_VALIDATION)
        assert_string_equal(a->call.field, "x");
    api_call_free(a);
    return e;
}

static enum err take_word(struct fixture *f, enum field_type type, const char *word,
                          union slot *out) {
    return take_value(f, type, (struct value){.kind = VALUE_WORD, .text = text_of(word)}, out);
}

static void assert_taken(struct fixture *f, enum field_type type, const char *word,
                         const char *kept) {
    union slot out;
    if (take_word(f, type, word, &out) != OK)
        fail_msg("refused: %s", word);
    assert_true(out.text.given);
    assert_text(out.text.value, kept);
}

static void assert_refused(struct fixture *f, enum field_type type, const char *const *words,
                           size_t count) {
    union slot out;
    for (size_t i = 0; i < count; i++)
        if (take_word(f, type, words[i], &out) != ERR_VALIDATION)
            fail_msg("taken: %s", words[i]);
}
#define REFUSED(f, type, ...)                                                                      \
    assert_refused(f, type, (const char *const[]){__VA_ARGS__},                                    \
                   sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static int64_t number(struct fixture *f, enum field_type type, const char *word) {
    union slot out;
    if (take_word(f, type, word, &out) != OK)
        fail_msg("refused: %s", word);
    return out.integer.value;
}

static const char *repeated(struct fixture *f, const char *piece, size_t times) {
    size_t size = strlen(piece);
    char *at = arena_alloc(&f->arena, size * times + 1);
    for (size_t i = 0; i < times; i++)
        memcpy(at + i * size, piece, size);
    at[size * times] = '\0';
    return at;
}

static void text_is_normalised_and_counted(void **state) {
    struct fixture *f = *state;
    assert_taken(f, TYPE_NAME, "e\xcc\x81", "\xc3\xa9");
    assert_taken(f, TYPE_NAME, " Alice ", " Alice ");
    assert_taken(f, TYPE_NAME, repeated(f, "\xc3\xa9", 150), repeated(f, "\xc3\xa9", 150));
    REFUSED(f, TYPE_NAME, repeated(f, "\xc3\xa9", 151), "a\nb", "a\x7f", "a\xe2\x80\xa8");
    assert_taken(f, TYPE_BIO, "a\r\n\tb", "a\r\n\tb");
    REFUSED(f, TYPE_BIO, "a\x01", repeated(f, "a", 2001));
    REFUSED(f, TYPE_TITLE, " ", repeated(f, "a", 201), "a\nb");
    REFUSED(f, TYPE_MESSAGE, " \n", repeated(f, "a", 4001));
    REFUSED(f, TYPE_REASON, repeated(f, "a", 1001));
    REFUSED(f, TYPE_SEARCH, repeated(f, "a", 201));
    REFUSED(f, TYPE_TOKEN, repeated(f, "a", 4097));
    REFUSED(f, TYPE_EVENT_ID, repeated(f, "a", 129));
}

static void numbers(void **state) {
    struct fixture *f = *state;
    assert_int_equal(number(f, TYPE_ID, "9223372036854775807"), INT64_MAX);
    REFUSED(f, TYPE_ID, "0", "-1", "9223372036854775808", "1.0", "1e3", "+1", " 1", "0x1", "");
    assert_int_equal(number(f, TYPE_BATCH_SIZE, "101"), 100);
    REFUSED(f, TYPE_BATCH_SIZE, "0", "-1", "ten", "");
    assert_int_equal(number(f, TYPE_FOLLOW_LIMIT, "5000"), 1000);
    REFUSED(f, TYPE_FOLLOW_LIMIT, "0");
    assert_int_equal(number(f, TYPE_BATCH_NUMBER, "0"), 0);
    REFUSED(f, TYPE_BATCH_NUMBER, "-1");
    REFUSED(f, TYPE_LIMIT, "0", "101");
    REFUSED(f, TYPE_PAGE, "0");
    assert_int_equal(number(f, TYPE_INCREMENT, "-1000000000000"), -1000000000000);
    REFUSED(f, TYPE_INCREMENT, "1000000000001", "-1000000000001");

    union slot out;
    assert_ok(take_value(f, TYPE_ID, (struct value){.kind = VALUE_INT, .integer = 7}, &out));
    assert_int_equal(out.integer.value, 7);
    struct value wrong[] = {{.kind = VALUE_TEXT, .text = TEXT("7")},
                            {.kind = VALUE_REAL, .real = 7},
                            {.kind = VALUE_BOOL, .boolean = true},
                            {.kind = VALUE_LIST},
                            {.kind = VALUE_OBJECT, .text = TEXT("{}")}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(take_value(f, TYPE_ID, wrong[i], &out), ERR_VALIDATION);
}

static void booleans(void **state) {
    struct fixture *f = *state;
    static const char *const yes[] = {"true", "1", "on"}, *const no[] = {"false", "0", "off"};
    union slot out;
    for (size_t i = 0; i < 3; i++) {
        assert_ok(take_word(f, TYPE_BOOL, yes[i], &out));
        assert_true(out.boolean.value);
        assert_ok(take_word(f, TYPE_BOOL, no[i], &out));
        assert_false(out.boolean.value);
    }
    REFUSED(f, TYPE_BOOL, "yes", "TRUE", "2", "");
    assert_ok(take_value(f, TYPE_BOOL, (struct value){.kind = VALUE_BOOL, .boolean = true}, &out));
    assert_true(out.boolean.value);
    assert_int_equal(
        take_value(f, TYPE_BOOL, (struct value){.kind = VALUE_INT, .integer = 1}, &out),
        ERR_VALIDATION);
    assert_int_equal(
        take_value(f, TYPE_BOOL, (struct value){.kind = VALUE_TEXT, .text = TEXT("true")}, &out),
        ERR_VALIDATION);
}

static void money(void **state) {
    struct fixture *f = *state;
    assert_int_equal(number(f, TYPE_CENTS, "500"), 50000);
    assert_int_equal(number(f, TYPE_CENTS, "-0.05"), -5);
    assert_int_equal(number(f, TYPE_CENTS, "12.3"), 1230);
    assert_int_equal(number(f, TYPE_CENTS, "12.340"), 1234);
    assert_int_equal(number(f, TYPE_CENTS, "1000000000000.00"), 100000000000000);
    REFUSED(f, TYPE_CENTS, "0.001", "1000000000000.01", "1e3", ".5", "5.", "-", "", "1,5", "--1",
            "+1");
    static const struct {
        double real;
        int64_t cents;
    } reals[] = {{0.1 + 0.2, 30}, {19.99, 1999}, {-1.1, -110}, {999999999999.99, 99999999999999}};
    union slot out;
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        assert_ok(take_value(f, TYPE_CENTS,
                             (struct value){.kind = VALUE_REAL, .real = reals[i].real}, &out));
        assert_int_equal(out.integer.value, reals[i].cents);
    }
    static const double bad[] = {0.001, 19.995, 1e13, 1e300, 1e-300};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(
            take_value(f, TYPE_CENTS, (struct value){.kind = VALUE_REAL, .real = bad[i]}, &out),
            ERR_VALIDATION);
}

static void dates(void **state) {
    struct fixture *f = *state;
    char today[11], tomorrow[11];
    clock_format_date(clock_date_of(f->c.now), today);
    clock_format_date(clock_date_of(f->c.now) + 1, tomorrow);
    assert_int_equal(number(f, TYPE_BIRTH_DATE, "2000-02-29"), 11016);
    assert_int_equal(number(f, TYPE_BIRTH_DATE, today), clock_date_of(f->c.now));
    assert_int_equal(number(f, TYPE_BIRTH_DATE, "1900-01-01"), -25567);
    REFUSED(f, TYPE_BIRTH_DATE, "1899-12-31", tomorrow, "2001-02-29", "2000-1-1", "01/01/2000",
            "2000-01-01T00:00:00Z", "");
}

static void words(void **state) {
    struct fixture *f = *state;
    assert_int_equal(number(f, TYPE_SEX, "male"), SEX_MALE);
    assert_int_equal(number(f, TYPE_SEX, "other"), SEX_OTHER);
    REFUSED(f, TYPE_SEX, "Male", "unknown");
    assert_int_equal(number(f, TYPE_ORDERING, "username"), 0);
    assert_int_equal(number(f, TYPE_ORDERING, "-username"), -1);
    assert_int_equal(number(f, TYPE_ORDERING, "-last_name"), -4);
    REFUSED(f, TYPE_ORDERING, "id", "--username", "-", "", "username ", "USERNAME");
    assert_int_equal(number(f, TYPE_UNIT, "percent"), 1);
    assert_int_equal(number(f, TYPE_STATUS, "inactive"), 3);
    assert_int_equal(number(f, TYPE_NETWORK, "facebook"), 1);
    REFUSED(f, TYPE_NETWORK, "myspace");
    assert_int_equal(number(f, TYPE_SWITCH, "update_balance"), 6);
    REFUSED(f, TYPE_SWITCH, "spam");
}

static void places(void **state) {
    struct fixture *f = *state;
    assert_int_equal(number(f, TYPE_COUNTRY, "1"), 1);
    assert_int_equal(number(f, TYPE_CITY, "1"), 1);
    REFUSED(f, TYPE_COUNTRY, "0", "99999", "US");
    REFUSED(f, TYPE_CITY, "0", "99999999");
    assert_taken(f, TYPE_LANGUAGE, "ES", "es");
    REFUSED(f, TYPE_LANGUAGE, "xx", "english", "e");
    assert_taken(f, TYPE_TIMEZONE, "Europe/Berlin", "Europe/Berlin");
    REFUSED(f, TYPE_TIMEZONE, "Mars/Base", "CET/../x");
}

static enum err take_place(struct fixture *f, const char *body, struct update_profile_input *out) {
    struct api_call *a = api_call_new(f);
    api_call_json(a, body);
    memset(out, 0, sizeof *out);
    enum err e = input_decode(&a->call, input_update_profile(), out);
    api_call_free(a);
    return e;
}

static void city_lies_in_the_country(void **state) {
    struct fixture *f = *state;
    struct update_profile_input in;
    assert_ok(take_place(f, "{\"country\": 1, \"city\": 1}", &in));
    assert_int_equal(in.city.value, 1);
    assert_ok(take_place(f, "{\"city\": 1}", &in));
    assert_ok(take_place(f, "{\"country\": 2, \"city\": null}", &in));
    assert_int_equal(take_place(f, "{\"country\": 2, \"city\": 1}", &in), ERR_CITY_OUTSIDE_COUNTRY);
    assert_int_equal(take_place(f, "{\"country\": null, \"city\": 1}", &in),
                     ERR_CITY_OUTSIDE_COUNTRY);
}

static void usernames(void **state) {
    struct fixture *f = *state;
    assert_taken(f, TYPE_USERNAME_NEW, "alice", "alice");
    assert_taken(f, TYPE_USERNAME_NEW, "_A.b-c+9", "_A.b-c+9");
    assert_taken(f, TYPE_USERNAME_NEW, repeated(f, "a", 150), repeated(f, "a", 150));
    REFUSED(f, TYPE_USERNAME_NEW, "", ".a", "-a", "+a", "a b", "a@b", "a/b", "\xc3\xa9", " a",
            "a\n", repeated(f, "a", 151));
    REFUSED(f, TYPE_USERNAME_NEW, "me", "ME", "login", "logout", "register", "token", "follow",
            "following", "admin", "Root", "system", "support");
}

static void emails(void **state) {
    struct fixture *f = *state;
    assert_taken(f, TYPE_EMAIL, "User.Name+tag@Example.COM", "User.Name+tag@example.com");
    assert_taken(f, TYPE_EMAIL,
                 "a@b\xc3\xbc"
                 "cher.example",
                 "a@xn--bcher-kva.example");
    assert_taken(f, TYPE_EMAIL, "!#$%&'*+-/=?^_`{|}~@a.bc", "!#$%&'*+-/=?^_`{|}~@a.bc");
    REFUSED(f, TYPE_EMAIL, "", "a", "@", "a@", "@b.c", "a@b", "a@b..c", "a@.b.c", "a@b.c.",
            ".a@b.c", "a.@b.c", "a..b@b.c", "a b@c.de", "a@b c.de", "a@@b.c", "a@b@c.d",
            "\"a\"@b.c", "a@-b.c", "a@b-.c", "a@b_c.de", "a@[127.0.0.1]", "a@127.0.0.1",
            "\xc3\xa9@b.cd", "a@b.cd ", " a@b.cd", "a@b.cd\n", "a(c)@b.cd");
    REFUSED(f, TYPE_EMAIL, text_format(&f->arena, "%s@b.cd", repeated(f, "a", 65)).at,
            text_format(&f->arena, "a@%s.cd", repeated(f, "b", 64)).at,
            text_format(&f->arena, "a@%sde", repeated(f, "bc.", 90)).at);
}

static void urls(void **state) {
    struct fixture *f = *state;
    static const char *const good[] = {
        "https://example.com/avatar.jpg",
        "HTTP://example.com",
        "http://example.com:8080/a?b=c#d",
        "http://[2001:db8::1]:80/",
        ("https://b\xc3\xbc"
         "cher.example/\xc3\xa9"),
        "https://example.com?x=a@b",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_taken(f, TYPE_URL, good[i], good[i]);
    REFUSED(f, TYPE_URL, "", "example.com", "ftp://example.com", "javascript:alert(1)", "http://",
            "http:///x", "http://a b.com", "http://user@example.com", "http://u:p@example.com/",
            "http://:80/", "http://a:b/", "http://a:99999/", "http://a\\@b/", "http://a/\n",
            "http://a/<x>", "http://[::1", "http://[::1]x/", "http://[1.2.3.4]/", " http://a/",
            "http://a/\xc2\xa0", text_format(&f->arena, "http://a/%s", repeated(f, "a", 2040)).at);
}

static void phones(void **state) {
    struct fixture *f = *state;
    assert_taken(f, TYPE_PHONE, "+1234567890", "+1234567890");
    assert_taken(f, TYPE_PHONE, " 1234567890", "+1234567890"); /* an unescaped '+' in a form */
    assert_taken(f, TYPE_PHONE, "+49 30 123-456.78", "+493012345678");
    REFUSED(f, TYPE_PHONE, "1234567890", "+1234567", "+1234567890123456", "+0123456789",
            "+12a45678", "++12345678", "+", "+(12)3456789");
    union slot out;
    assert_int_equal(take_value(f, TYPE_PHONE,
                                (struct value){.kind = VALUE_TEXT, .text = TEXT(" 1234567890")},
                                &out),
                     ERR_VALIDATION);
}

static void passwords(void **state) {
    struct fixture *f = *state;
    assert_taken(f, TYPE_PASSWORD_NEW, " p\xc3\xa4ssword ", " p\xc3\xa4ssword ");
    assert_taken(f, TYPE_PASSWORD, "a\xcc\x88", "\xc3\xa4");
    assert_taken(f, TYPE_PASSWORD_NEW, repeated(f, "a", 1024), repeated(f, "a", 1024));
    REFUSED(f, TYPE_PASSWORD_NEW, "seven77", "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
            repeated(f, "a", 1025));
    REFUSED(f, TYPE_PASSWORD, repeated(f, "a", 1025));
}

static void objects(void **state) {
    struct fixture *f = *state;
    assert_taken(f, TYPE_OBJECT, "{ \"b\" : 1, \"a\": [true, \"\\u00e9\"] }",
                 "{\"b\":1,\"a\":[true,\"\xc3\xa9\"]}");
    REFUSED(f, TYPE_OBJECT, "[]", "1", "x", "", "{\"a\":1,\"a\":2}",
            text_format(&f->arena, "{\"a\":\"%s\"}", repeated(f, "a", 4096)).at);
    union slot out;
    assert_ok(take_value(f, TYPE_OBJECT,
                         (struct value){.kind = VALUE_OBJECT, .text = TEXT("{\"a\":1}")}, &out));
    assert_text(out.text.value, "{\"a\":1}");
    assert_int_equal(
        take_value(f, TYPE_OBJECT, (struct value){.kind = VALUE_TEXT, .text = TEXT("{}")}, &out),
        ERR_VALIDATION);
}

static void cursors_are_sealed(void **state) {
    struct fixture *f = *state;
    struct text sealed = seal(&f->c, "follows", TEXT("42"));
    assert_int_equal(number(f, TYPE_CURSOR, text_cstr(&f->arena, sealed)), 42);
    char *forged = (char *)text_cstr(&f->arena, sealed);
    forged[0] ^= 1;
    REFUSED(f, TYPE_CURSOR, forged, "42", "",
            text_cstr(&f->arena, seal(&f->c, "other", TEXT("42"))));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

/* given and null stand first in the slot of every type. */
static void every_type_can_be_cleared(void **state) {
    (void)state;
    static const enum field_type types[] = {
#define TYPE(name, slot) TYPE_##name,
#include "api/types.def"
#undef TYPE
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        union slot out = {0};
        types_clear(types[i], &out);
        assert_true(out.text.given && out.text.null);
        assert_true(out.integer.given && out.ids.null && out.ids.count == 0);
        assert_true(out.text.value.size == 0 && out.bits.value == 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(text_is_normalised_and_counted),
        TEST(numbers),
        TEST(booleans),
        TEST(money),
        TEST(dates),
        TEST(words),
        TEST(places),
        TEST(city_lies_in_the_country),
        TEST(usernames),
        TEST(emails),
        TEST(urls),
        TEST(phones),
        TEST(passwords),
        TEST(objects),
        TEST(cursors_are_sealed),
        cmocka_unit_test(every_type_can_be_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
