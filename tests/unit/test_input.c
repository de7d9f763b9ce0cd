/* Bodies and queries become typed inputs, or the contract's error. */
#include "api_call.h"

#include <stdlib.h>

static enum err decode_call(struct api_call *a, const struct input *input, void *out) {
    memset(out, 0, input->size);
    return input_decode(&a->call, input, out);
}

static enum err decode_json(struct fixture *f, const char *body, const struct input *input,
                            void *out) {
    struct api_call *a = api_call_new(f);
    api_call_json(a, body);
    enum err e = decode_call(a, input, out);
    api_call_free(a);
    return e;
}

static enum err decode_form(struct fixture *f, const char *body, const struct input *input,
                            void *out) {
    struct api_call *a = api_call_new(f);
    api_call_form(a, body);
    enum err e = decode_call(a, input, out);
    api_call_free(a);
    return e;
}

static void assert_invalid(struct fixture *f, const char *body, const struct input *input,
                           const char *field, const char *message) {
    struct api_call *a = api_call_new(f);
    union {
        struct register_input largest;
    } out;
    assert_true(input->size <= sizeof out);
    api_call_json(a, body);
    assert_int_equal(decode_call(a, input, &out), ERR_VALIDATION);
    assert_string_equal(a->call.field, field);
    assert_string_equal(a->call.message, message);
    api_call_free(a);
}

static void json_and_form_give_the_same(void **state) {
    struct fixture *f = *state;
    struct history_input json, form;
    assert_ok(decode_json(f, "{\"page\": 3, \"limit\": 20}", input_history(), &json));
    assert_ok(decode_form(f, "page=3&limit=20", input_history(), &form));
    assert_true(json.page.given && json.limit.given && form.page.given && form.limit.given);
    assert_int_equal(json.page.value, 3);
    assert_int_equal(form.page.value, 3);
    assert_int_equal(json.limit.value, 20);
    assert_int_equal(form.limit.value, 20);
}

static void empty_body_is_an_empty_object(void **state) {
    struct fixture *f = *state;
    struct api_call *a = api_call_new(f);
    struct history_input in;
    api_call_header(a, "Content-Type", "text/html");
    assert_ok(decode_call(a, input_history(), &in));
    assert_false(in.page.given);
    api_call_free(a);
}

static void get_reads_the_query(void **state) {
    struct fixture *f = *state;
    struct api_call *a = api_call_new(f);
    struct user_list_input in;
    api_call_query(a, "search=&batch_size=1000&batch_number=0&ordering=-created_at&other=1");
    assert_ok(decode_call(a, input_user_list(), &in));
    assert_true(in.search.given && !in.search.value.size);
    assert_int_equal(in.batch_size.value, 100);
    assert_int_equal(in.ordering.value, -2);
    assert_false(in.first_name.given);
    api_call_free(a);
}

static enum err decode_typed(struct fixture *f, const char *type, const char *body) {
    struct api_call *a = api_call_new(f);
    struct history_input in;
    if (type)
        api_call_header(a, "Content-Type", type);
    a->x.request.body = text_of(body);
    enum err e = decode_call(a, input_history(), &in);
    api_call_free(a);
    return e;
}

static void media_types(void **state) {
    struct fixture *f = *state;
    static const char *const good[] = {
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/json ;charset=\"UTF-8\"",
        "application/json; profile=x",
    };
    static const char *const bad[] = {
        "text/plain",
        "application/json; charset=latin1",
        "application/json; a=b; charset=utf-16",
        "application/jsonp",
        "multipart/form-data; boundary=x",
        "",
        NULL,
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_ok(decode_typed(f, good[i], "{}"));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(decode_typed(f, bad[i], "{}"), ERR_MEDIA_TYPE);
    assert_ok(decode_typed(f, "application/x-www-form-urlencoded; charset=utf-8", "page=1"));
}

static void malformed_json(void **state) {
    struct fixture *f = *state;
    static const char *const bodies[] = {
        "{",
        "[]",
        "1",
        "null",
        "{} x",
        "{\"a\": 1, \"a\": 2}",
        "{\"a\": {\"b\": 1, \"b\": 2}}",
        "{\"a\": \"\\ud800\"}",
        "{\"a\": \"\\udc00\\ud800\"}",
        "{\"a\": \"\\u0000\"}",
        "{\"a\\u0000\": 1}",
        "{\"a\": \"\xff\"}",
        "{\"a\": \"\xed\xa0\x80\"}",
        "{\"a\": \"\xc0\xaf\"}",
        "{\"a\": 1e999}",
        "{\"a\": NaN}",
        "{'a': 1}",
        "{\"a\": 1,}",
        "{\"a\": \"line\nbreak\"}",
        " ",
    };
    struct nothing_input in;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        if (decode_json(f, bodies[i], input_nothing(), &in) != ERR_MALFORMED)
            fail_msg("taken: %s", bodies[i]);
}

/* `depth` levels of lists inside the object that is the first level. */
static enum err decode_nested(struct fixture *f, unsigned depth) {
    char body[4096] = "{\"a\": \"[{\\\"[\", \"b\": ";
    struct nothing_input in;
    for (unsigned i = 1; i < depth; i++)
        strcat(body, "[");
    for (unsigned i = 1; i < depth; i++)
        strcat(body, "]");
    strcat(body, "}");
    return decode_json(f, body, input_nothing(), &in);
}

static void nesting_ends_at_32(void **state) {
    assert_ok(decode_nested(*state, 32));
    assert_int_equal(decode_nested(*state, 33), ERR_MALFORMED);
    assert_int_equal(decode_nested(*state, 1000), ERR_MALFORMED);
}

static void malformed_forms(void **state) {
    struct fixture *f = *state;
    static const char *const bodies[] = {"page=1&page=2", "page=%zz", "page=%00", "page=%ff"};
    struct history_input in;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        if (decode_form(f, bodies[i], input_history(), &in) != ERR_MALFORMED)
            fail_msg("taken: %s", bodies[i]);
    assert_ok(decode_form(f, "other=1&other=2", input_history(), &in));
}

static void rules_of_fields(void **state) {
    struct fixture *f = *state;
    assert_invalid(f, "{}", input_login(), "username", "This field is required");
    assert_invalid(f, "{\"username\": null}", input_login(), "username",
                   "This field may not be null");
    assert_invalid(f, "{\"username\": \"\"}", input_login(), "username",
                   "This field may not be blank");
    assert_invalid(f, "{\"username\": 1}", input_login(), "username", "This field must be text");
    assert_invalid(f, "{\"username\": [\"a\"]}", input_login(), "username",
                   "This field must be text");
    assert_invalid(f, "{\"username\": \"a\"}", input_login(), "password", "This field is required");

    struct me_update_input in;
    assert_ok(decode_json(f, "{\"first_name\": null, \"bio\": null, \"avatar\": \"\"}",
                          input_me_update(), &in));
    assert_false(in.first_name.given);
    assert_true(in.bio.given && in.bio.null && !in.bio.value.size);
    assert_true(in.avatar.given && in.avatar.null);
    assert_false(in.email.given);
}

static void first_failing_field_is_told(void **state) {
    struct fixture *f = *state;
    assert_invalid(f, "{\"email\": \"bad\", \"username\": \"a\", \"password\": \"short\"}",
                   input_register(), "email", "Invalid email format");
    assert_invalid(f,
                   "{\"email\": \"a@example.com\", \"username\": \"a\", \"password\": \"short\"}",
                   input_register(), "password", "Password must be at least 8 characters long");
    assert_invalid(f,
                   "{\"email\": \"a@example.com\", \"username\": \"a\", \"password\": "
                   "\"password123\", \"password_confirm\": \"password124\"}",
                   input_register(), "password_confirm", "Passwords do not match");
}

static void lists(void **state) {
    struct fixture *f = *state;
    struct update_preferences_input in;
    assert_ok(decode_json(f, "{\"categories\": [\"beauty\", \"fashion\", \"beauty\"]}",
                          input_update_preferences(), &in));
    assert_int_equal(in.categories.value, 3);
    assert_false(in.networks.given);
    assert_ok(decode_form(f, "categories=fashion&networks=facebook&categories=technology",
                          input_update_preferences(), &in));
    assert_int_equal(in.categories.value, 5);
    assert_int_equal(in.networks.value, 2);
    assert_ok(decode_form(f, "categories=", input_update_preferences(), &in));
    assert_true(in.categories.given && !in.categories.value);
    assert_ok(decode_json(f, "{\"categories\": []}", input_update_preferences(), &in));
    assert_true(in.categories.given && !in.categories.value);
    assert_invalid(f, "{\"categories\": \"fashion\"}", input_update_preferences(), "categories",
                   "This field must be a list");
    assert_invalid(f, "{\"categories\": [\"fashion\", \"fish\"]}", input_update_preferences(),
                   "categories", "Unknown category");
    assert_invalid(f, "{\"categories\": [1]}", input_update_preferences(), "categories",
                   "This field must be text");

    struct notifications_read_input ids;
    assert_ok(decode_form(f, "id=5&id=7", input_notifications_read(), &ids));
    assert_int_equal(ids.id.count, 2);
    assert_int_equal(ids.id.at[1], 7);
}

static void numbers_past_64_bits_are_their_fields_fault(void **state) {
    struct fixture *f = *state;
    struct nothing_input nothing;
    assert_invalid(f, "{\"user_id\": 1, \"wall_id\": 9223372036854775808}", input_remove_wall(),
                   "wall_id", "This field must be a whole number");
    assert_invalid(f, "{\"id\": [1, -99999999999999999999]}", input_notifications_read(), "id",
                   "This field must be a whole number");
    assert_ok(decode_json(f, "{\"other\": 99999999999999999999}", input_nothing(), &nothing));
}

static void taken_names_are_told(void **state) {
    struct fixture *f = *state;
    fixture_account(f, "Alice");
    struct register_input in;
    assert_int_equal(decode_json(f, "{\"username\": \"aLICE\"}", input_register(), &in),
                     ERR_USERNAME_TAKEN);
    assert_int_equal(decode_json(f, "{\"username\": \"bob\", \"email\": \"ALICE@Example.com\"}",
                                 input_register(), &in),
                     ERR_EMAIL_TAKEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(json_and_form_give_the_same),
        TEST(empty_body_is_an_empty_object),
        TEST(get_reads_the_query),
        TEST(media_types),
        TEST(malformed_json),
        TEST(nesting_ends_at_32),
        TEST(malformed_forms),
        TEST(rules_of_fields),
        TEST(first_failing_field_is_told),
        TEST(lists),
        TEST(numbers_past_64_bits_are_their_fields_fault),
        TEST(taken_names_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
