#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/service.h"
#include "cli/options.h"

static const struct setting_group *const groups[] = {
    &settings_database, &settings_listen, &settings_capacity, &settings_timeout,
    &settings_abuse,    &settings_token,  &settings_password, NULL};

static const struct setting *find(const char *name) {
    for (int g = 0; groups[g]; g++)
        for (unsigned i = 0; i < groups[g]->count; i++)
            if (strcmp(groups[g]->rows[i].name, name) == 0)
                return &groups[g]->rows[i];
    fail_msg("there is no --%s", name);
    return NULL;
}

static int start(void **state) {
    struct options *o = calloc(1, sizeof *o);
    options_start(o);
    *state = o;
    return 0;
}

static int end(void **state) {
    options_free(*state);
    free(*state);
    return 0;
}

static bool set(struct options *o, const char *name, const char *value) {
    struct text message;
    return option_set(o, find(name), value, "--test", &message);
}

/* Runs `rollcall serve` with one or two arguments through the parser; NULL leaves one out. */
static void parse(struct options *o, const char *first, const char *second) {
    const struct command_line line = {.settings = groups};
    char *argv[] = {(char *)"rollcall serve", (char *)first, (char *)second, NULL};
    command_line_parse(&line, first == NULL ? 1 : second == NULL ? 2 : 3, argv, o, NULL);
}

/* The defaults are values that one could have given. */
static void test_defaults_are_valid(void **state) {
    struct options *o = *state;
    for (int g = 0; groups[g]; g++)
        for (unsigned i = 0; i < groups[g]->count; i++) {
            const struct setting *s = &groups[g]->rows[i];
            const char *value = option_default(o, s, &o->arena);
            assert_non_null(value);
            if (s->kind == SETTING_OWN || (s->zero && strcmp(value, s->zero) == 0))
                continue;
            assert_true(set(o, s->name, value));
        }
    assert_string_equal(o->database, "sqlite:rollcall.db");
    assert_int_equal(o->http.header_timeout, 10000);
    assert_int_equal(o->policy.hash_memory, 19456);
    assert_true(o->policy.rate_limit);
}

static void test_numbers_keep_to_their_range(void **state) {
    struct options *o = *state;
    assert_true(set(o, "loops", "3"));
    assert_int_equal(o->http.loops, 3);
    static const char *const bad[] = {"0", "257", "-1", "3x", "", " 3", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(set(o, "loops", bad[i]));
    assert_int_equal(o->http.loops, 3);
    assert_true(set(o, "loops", "auto"));
    assert_int_equal(o->http.loops, 0);
    assert_false(set(o, "scan-workers", "auto"));
}

static void test_durations_have_units(void **state) {
    struct options *o = *state;
    static const struct {
        const char *text;
        unsigned ms;
    } good[] = {{"2", 2000}, {"500ms", 500}, {"10s", 10000}, {"2m", 120000}, {"1h", 3600000}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(set(o, "idle-timeout", good[i].text));
        assert_int_equal(o->http.idle_timeout, good[i].ms);
    }
    static const char *const bad[] = {"",   "s",  "-1s", "1.5s",      "10 s",
                                      "1d", "2h", "5ms", "9999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(set(o, "header-timeout", bad[i]));
    assert_int_equal(o->http.header_timeout, 10000);
}

static void test_words(void **state) {
    struct options *o = *state;
    assert_true(set(o, "rate-limit", "off"));
    assert_false(o->policy.rate_limit);
    assert_true(set(o, "password-policy", "strict"));
    assert_true(o->policy.strict_passwords);
    assert_true(set(o, "log-level", "debug"));
    assert_int_equal(o->log_level, LOG_DEBUG);
    assert_false(set(o, "rate-limit", "ON"));
    assert_false(set(o, "log-level", ""));
}

static void test_listeners(void **state) {
    struct options *o = *state;
    static const char *const good[] = {"127.0.0.1:0", "[::1]:8000=careers",
                                       "localhost:80=app,backend",
                                       "unix:/run/rollcall.sock=backend"};
    o->http.listen_count = 0;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(set(o, "listen", good[i]));
    assert_true(set(o, "listen", "tls:[::]:8443=app"));
    assert_true(o->listens[4].tls && !o->listens[3].tls);
    assert_string_equal(o->listens[4].address, "[::]:8443");
    assert_int_equal(o->listens[4].surfaces, service_surface(TEXT("app")));
    o->http.listen_count = 4;
    assert_int_equal(o->listens[0].surfaces, service_all_surfaces());
    assert_string_equal(o->listens[1].address, "[::1]:8000");
    assert_int_equal(o->listens[1].surfaces, service_surface(TEXT("careers")));
    assert_int_equal(o->listens[2].surfaces,
                     service_surface(TEXT("app")) | service_surface(TEXT("backend")));
    assert_string_equal(o->listens[3].address, "unix:/run/rollcall.sock");
    static const char *const bad[] = {
        "",      "8000",          ":8000",        "localhost:", "h:65536",
        "h:80=", "h:80=careers,", "h:80=porches", "unix:run",   "h:-1",
        "tls:",  "tls:8443",      "tls:h"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(set(o, "listen", bad[i]));
    assert_int_equal(o->http.listen_count, 4);
}

static void test_origins_and_networks(void **state) {
    struct options *o = *state;
    assert_true(set(o, "origin", "https://app.example.com"));
    assert_true(set(o, "origin", "http://localhost:3000"));
    static const char *const bad[] = {
        "",        "https://",   "app.example.com", "https://a/b", "https://A.com",
        "ftp://a", "https://a b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(set(o, "origin", bad[i]));
    assert_int_equal(o->http.origin_count, 2);
    assert_true(set(o, "trusted-proxy", "10.0.0.0/8"));
    assert_false(set(o, "trusted-proxy", "10.0.0.0/33"));
    assert_int_equal(o->http.trusted_proxy_count, 1);
}

static void test_message_names_option_and_value(void **state) {
    struct options *o = *state;
    struct text message;
    assert_false(option_set(o, find("hash-memory"), "12x", "ROLLCALL_HASH_MEMORY", &message));
    assert_string_equal(message.at,
                        "ROLLCALL_HASH_MEMORY: \"12x\" is not a number from 8 to 4194304");
    assert_false(option_set(o, find("rate-limit"), "no", "--rate-limit", &message));
    assert_string_equal(message.at, "--rate-limit: \"no\" is not off or on");
}

static void test_environment(void **state) {
    struct options *o = *state;
    setenv("ROLLCALL_HASH_PASSES", "4", 1);
    setenv("ROLLCALL_LISTEN", " 127.0.0.1:1=careers,app  127.0.0.1:2 ", 1);
    setenv("ROLLCALL_ORIGIN", "https://a.example,https://b.example", 1);
    setenv("ROLLCALL_ISSUER", "", 1);
    parse(o, NULL, NULL);
    assert_int_equal(o->policy.hash_passes, 4);
    assert_int_equal(o->http.listen_count, 2);
    assert_string_equal(o->listens[1].address, "127.0.0.1:2");
    assert_int_equal(o->http.origin_count, 2);
    assert_string_equal(o->policy.issuer.at, "rollcall");
}

static void test_command_line_wins(void **state) {
    struct options *o = *state;
    setenv("ROLLCALL_HASH_PASSES", "nonsense", 1);
    setenv("ROLLCALL_LISTEN", "127.0.0.1:1 127.0.0.1:2", 1);
    parse(o, "--hash-passes=5", "--listen=127.0.0.1:3");
    assert_int_equal(o->policy.hash_passes, 5);
    assert_int_equal(o->http.listen_count, 1);
    assert_string_equal(o->listens[0].address, "127.0.0.1:3");
}

static void test_lists_grow(void **state) {
    struct options *o = *state;
    parse(o, "--listen=127.0.0.1:3", "--listen=127.0.0.1:4");
    assert_int_equal(o->http.listen_count, 2);
    for (int i = 2; i < OPTIONS_LIST_MAX; i++)
        assert_true(set(o, "listen", "127.0.0.1:5"));
    assert_false(set(o, "listen", "127.0.0.1:5"));
}

static int clean_environment(void **state) {
    unsetenv("ROLLCALL_HASH_PASSES");
    unsetenv("ROLLCALL_LISTEN");
    unsetenv("ROLLCALL_ORIGIN");
    unsetenv("ROLLCALL_ISSUER");
    return end(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, clean_environment)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_defaults_are_valid),
        TEST(test_numbers_keep_to_their_range),
        TEST(test_durations_have_units),
        TEST(test_words),
        TEST(test_listeners),
        TEST(test_origins_and_networks),
        TEST(test_message_names_option_and_value),
        TEST(test_environment),
        TEST(test_command_line_wins),
        TEST(test_lists_grow),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
