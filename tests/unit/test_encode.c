/* The shapes that several endpoints answer with. */
#include "api_call.h"

#include <stdlib.h>

#include "api/encode.h"
#include "core/catalog.h"

struct writing {
    struct buffer buffer;
    struct json json;
};

static int writing_open(void **state) {
    struct writing *w = calloc(1, sizeof *w);
    assert_non_null(w);
    catalog_start();
    w->json = json_writer(&w->buffer);
    json_open_object(&w->json);
    *state = w;
    return 0;
}

static int writing_close(void **state) {
    struct writing *w = *state;
    buffer_free(&w->buffer);
    free(w);
    return 0;
}

static void assert_written(struct writing *w, const char *wanted) {
    json_close_object(&w->json);
    assert_text(buffer_text(&w->buffer), wanted);
}

/* 2024-01-15T10:30:00Z */
#define MORNING INT64_C(1705314600000000)

static struct account alice(void) {
    return (struct account){
        .id = 123,
        .username = TEXT("alice"),
        .email = TEXT("alice@example.com"),
        .first_name = TEXT("Alice"),
        .last_name = TEXT("\xc3\x84\""),
        .phone = TEXT("+1234567890"),
        .language = TEXT("en"),
        .timezone = TEXT("UTC"),
        .sex = SEX_FEMALE,
        .birth_date = 0,
        .country = 1,
        .city = 1,
        .flags = ACCOUNT_FLAGS_NEW | ACCOUNT_STAFF,
        .created_at = MORNING,
        .last_login = MORNING + 1,
    };
}

static void full_profile_is_the_seeds(void **state) {
    struct writing *w = *state;
    struct account a = alice();
    encode_user_profile(&w->json, &a, true);
    assert_written(
        w, "{\"id\":123,\"username\":\"alice\",\"email\":\"alice@example.com\","
           "\"first_name\":\"Alice\",\"last_name\":\"\xc3\x84\\\"\","
           "\"date_joined\":\"2024-01-15T10:30:00Z\",\"last_login\":\"2024-01-15T10:30:00Z\","
           "\"is_active\":true,\"is_staff\":true,\"is_superuser\":false,"
           "\"country\":{\"id\":1,\"name\":\"United States\"},"
           "\"city\":{\"id\":1,\"name\":\"New York\"},\"language\":\"en\",\"timezone\":\"UTC\","
           "\"bio\":\"\",\"avatar\":\"\",\"sex\":\"female\",\"phone\":\"+1234567890\","
           "\"birth_date\":\"1970-01-01\"}");
}

static void strangers_see_no_private_keys(void **state) {
    struct writing *w = *state;
    struct account a = alice();
    encode_user_profile(&w->json, &a, false);
    json_close_object(&w->json);
    struct text t = buffer_text(&w->buffer);
    buffer_add_char(&w->buffer, '\0');
    assert_null(strstr(w->buffer.at, "email"));
    assert_null(strstr(w->buffer.at, "phone"));
    assert_null(strstr(w->buffer.at, "birth_date"));
    assert_true(t.size > 0);
}

static void what_is_unknown_is_null(void **state) {
    struct writing *w = *state;
    struct account a = {.id = 1, .birth_date = NO_DATE, .created_at = MORNING};
    encode_user_profile(&w->json, &a, true);
    assert_written(w, "{\"id\":1,\"username\":\"\",\"email\":\"\",\"first_name\":\"\","
                      "\"last_name\":\"\",\"date_joined\":\"2024-01-15T10:30:00Z\","
                      "\"last_login\":null,\"is_active\":false,\"is_staff\":false,"
                      "\"is_superuser\":false,\"country\":null,\"city\":null,\"language\":\"\","
                      "\"timezone\":\"\",\"bio\":\"\",\"avatar\":\"\",\"sex\":null,\"phone\":\"\","
                      "\"birth_date\":null}");
}

static void text_date_and_places(void **state) {
    struct writing *w = *state;
    encode_text_or_null(&w->json, "a", TEXT("x"));
    encode_text_or_null(&w->json, "b", TEXT(""));
    encode_date(&w->json, "c", 11016);
    encode_date(&w->json, "d", NO_DATE);
    encode_city(&w->json, "e", 0);
    encode_country(&w->json, "f", 1);
    assert_written(w, "{\"a\":\"x\",\"b\":null,\"c\":\"2000-02-29\",\"d\":null,\"e\":null,"
                      "\"f\":{\"id\":1,\"name\":\"United States\"}}");
}

static void switches_in_the_seeds_order(void **state) {
    struct writing *w = *state;
    encode_switches(&w->json, "notifications", 0x7b);
    assert_written(w, "{\"notifications\":{\"new_campaign\":true,\"end_campaign\":true,"
                      "\"near_campaign\":false,\"cause_campaign\":true,\"profile_status\":true,"
                      "\"post_status\":true,\"update_balance\":true}}");
}

static void status_words(void **state) {
    (void)state;
    assert_string_equal(encode_status(ACCOUNT_ACTIVE), "active");
    assert_string_equal(encode_status(ACCOUNT_ACTIVE | ACCOUNT_BANNED), "banned");
    assert_string_equal(encode_status(ACCOUNT_BANNED), "banned");
    assert_string_equal(encode_status(0), "inactive");
}

static void call_helpers(void **state) {
    struct fixture *f = *state;
    struct api_call *a = api_call_new(f);
    call_success(&a->call, "Done");
    assert_text(api_call_written(a), "{\"status\":\"success\",\"message\":\"Done\"}");
    call_created(&a->call);
    assert_int_equal(a->x.response.status, 201);

    static const struct {
        const char *segment;
        enum err err;
        int64_t id;
    } ids[] = {
        {"7", OK, 7},
        {"9223372036854775807", OK, INT64_MAX},
        {"9223372036854775808", ERR_VALIDATION, 0},
        {"0", ERR_VALIDATION, 0},
        {"-1", ERR_NOT_FOUND, 0},
        {"x", ERR_NOT_FOUND, 0},
        {"7x", ERR_NOT_FOUND, 0},
    };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        int64_t id = 0;
        a->x.request.params[0] = text_of(ids[i].segment);
        assert_int_equal(call_param_id(&a->call, 0, "id", &id), ids[i].err);
        if (ids[i].err == OK)
            assert_int_equal(id, ids[i].id);
    }
    api_call_free(a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, writing_open, writing_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(full_profile_is_the_seeds),
        TEST(strangers_see_no_private_keys),
        TEST(what_is_unknown_is_null),
        TEST(text_date_and_places),
        TEST(switches_in_the_seeds_order),
        TEST(status_words),
        cmocka_unit_test_setup_teardown(call_helpers, fixture_open, fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
