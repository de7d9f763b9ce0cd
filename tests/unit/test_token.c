#include "fixture.h"

#include <jansson.h>

#include "base/clock.h"
#include "base/digest.h"
#include "core/token.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

static struct token access_token(struct fixture *f) {
    return (struct token){TOKEN_ACCESS, 7, 9, f->c.now, f->c.now + CLOCK_HOUR};
}

static struct text signed_token(struct fixture *f, struct token t) {
    struct text jwt;
    assert_ok(token_sign(&f->c, &t, &jwt));
    return jwt;
}

static enum err verify(struct fixture *f, struct text jwt) {
    struct token t;
    return token_verify(&f->c, jwt, TOKEN_ACCESS, &t);
}

/* A part of a token, decoded, as JSON. */
static json_t *part(struct fixture *f, struct text jwt, int which) {
    struct text at;
    for (int i = 0; i <= which; i++)
        assert_true(text_split(&jwt, '.', &at));
    char *plain = arena_zero(&f->arena, at.size + 1);
    size_t size;
    assert_true(base64url_decode(at, plain, at.size, &size));
    json_t *json = json_loadb(plain, size, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    return json;
}

static void what_was_signed_is_read(void **state) {
    struct fixture *f = *state;
    struct token in = access_token(f), out;
    assert_ok(token_verify(&f->c, signed_token(f, in), TOKEN_ACCESS, &out));
    assert_int_equal(out.type, TOKEN_ACCESS);
    assert_int_equal(out.user_id, 7);
    assert_int_equal(out.session_id, 9);
    assert_int_equal(out.issued, in.issued / CLOCK_SECOND * CLOCK_SECOND);
    assert_int_equal(out.expires, in.expires / CLOCK_SECOND * CLOCK_SECOND);
    in.type = TOKEN_REFRESH;
    assert_ok(token_verify(&f->c, signed_token(f, in), TOKEN_REFRESH, &out));
}

static void it_is_a_jwt(void **state) {
    struct fixture *f = *state;
    struct text jwt = signed_token(f, access_token(f));
    json_t *header = part(f, jwt, 0), *claims = part(f, jwt, 1);
    assert_string_equal(json_string_value(json_object_get(header, "alg")), "HS256");
    assert_string_equal(json_string_value(json_object_get(header, "typ")), "JWT");
    assert_int_equal(strlen(json_string_value(json_object_get(header, "kid"))), 16);
    assert_string_equal(json_string_value(json_object_get(claims, "token_type")), "access");
    assert_string_equal(json_string_value(json_object_get(claims, "iss")), "rollcall");
    assert_int_equal(strlen(json_string_value(json_object_get(claims, "jti"))), 32);
    assert_int_equal(json_integer_value(json_object_get(claims, "user_id")), 7);
    assert_int_equal(json_integer_value(json_object_get(claims, "sid")), 9);
    assert_int_equal(json_integer_value(json_object_get(claims, "exp")) -
                         json_integer_value(json_object_get(claims, "iat")),
                     3600);
    assert_int_equal(json_object_size(claims), 7);
    json_decref(header);
    json_decref(claims);
}

static void every_token_is_another(void **state) {
    struct fixture *f = *state;
    assert_false(text_equal(signed_token(f, access_token(f)), signed_token(f, access_token(f))));
    const uint8_t jti[TOKEN_JTI_SIZE] = "0123456789abcde";
    struct token t = access_token(f);
    struct text one, two;
    assert_ok(token_sign_as(&f->c, &t, jti, &one));
    assert_ok(token_sign_as(&f->c, &t, jti, &two));
    assert_true(text_equal(one, two));
}

static void types_are_not_exchanged(void **state) {
    struct fixture *f = *state;
    struct token t = access_token(f), out;
    struct text access = signed_token(f, t);
    t.type = TOKEN_REFRESH;
    struct text refresh = signed_token(f, t);
    assert_int_equal(token_verify(&f->c, access, TOKEN_REFRESH, &out), ERR_TOKEN_INVALID);
    assert_int_equal(token_verify(&f->c, refresh, TOKEN_ACCESS, &out), ERR_TOKEN_INVALID);
}

static void it_expires(void **state) {
    struct fixture *f = *state;
    struct text jwt = signed_token(f, access_token(f));
    f->c.now += CLOCK_HOUR - CLOCK_SECOND;
    assert_ok(verify(f, jwt));
    f->c.now += CLOCK_SECOND;
    assert_int_equal(verify(f, jwt), ERR_TOKEN_INVALID);
    f->c.now -= CLOCK_HOUR + CLOCK_MINUTE; /* as far as clocks may differ */
    assert_ok(verify(f, jwt));
    f->c.now -= CLOCK_SECOND; /* issued in what is now the future */
    assert_int_equal(verify(f, jwt), ERR_TOKEN_INVALID);
}

static void no_character_can_be_changed(void **state) {
    struct fixture *f = *state;
    struct text jwt = signed_token(f, access_token(f));
    for (size_t i = 0; i < jwt.size; i++) {
        struct text forged = text_copy(&f->arena, jwt);
        ((char *)forged.at)[i] = jwt.at[i] == 'A' ? 'B' : 'A';
        assert_int_equal(verify(f, forged), ERR_TOKEN_INVALID);
    }
    for (size_t size = 0; size < jwt.size; size++)
        assert_int_equal(verify(f, (struct text){jwt.at, size}), ERR_TOKEN_INVALID);
    assert_int_equal(verify(f, text_format(&f->arena, "%.*sA", TEXT_ARGS(jwt))), ERR_TOKEN_INVALID);
    assert_int_equal(verify(f, text_format(&f->arena, "%.*s.", TEXT_ARGS(jwt))), ERR_TOKEN_INVALID);
    assert_int_equal(verify(f, text_format(&f->arena, "%.*s=", TEXT_ARGS(jwt))), ERR_TOKEN_INVALID);
}

/* HEADER.PAYLOAD signed with the service's own key: as somebody would who knew it. */
static struct text forge(struct fixture *f, const char *header, const char *payload,
                         struct text key) {
    struct text h = text_of(header), p = text_of(payload);
    uint8_t mac[DIGEST_SIZE];
    struct text both =
        text_format(&f->arena, "%.*s.%.*s", TEXT_ARGS(base64url_encode(&f->arena, h.at, h.size)),
                    TEXT_ARGS(base64url_encode(&f->arena, p.at, p.size)));
    digest_hmac(key, both, mac);
    return text_format(&f->arena, "%.*s.%.*s", TEXT_ARGS(both),
                       TEXT_ARGS(base64url_encode(&f->arena, mac, sizeof mac)));
}

struct around {
    const char *before, *after;
};

static const char *around(struct fixture *f, struct around a, const char *what) {
    return text_format(&f->arena, "%s%s%s", a.before, what, a.after).at;
}

#define GIVEN "a key from the configuration, long enough to be one"

static void no_other_header_will_do(void **state) {
    struct fixture *f = *state;
    fixture_reopen(f, NULL, TEXT(GIVEN));
    struct text jwt = signed_token(f, access_token(f));
    json_t *header = part(f, jwt, 0), *claims = part(f, jwt, 1);
    const char *kid = json_string_value(json_object_get(header, "kid"));
    char *payload = json_dumps(claims, JSON_COMPACT);
    const char *right =
        text_format(&f->arena, "{\"alg\":\"HS256\",\"kid\":\"%s\",\"typ\":\"JWT\"}", kid).at;
    assert_ok(verify(f, forge(f, right, payload, TEXT(GIVEN))));
    const struct around wrong[] = {
        {"{\"alg\":\"none\",\"kid\":\"", "\",\"typ\":\"JWT\"}"},
        {"{\"alg\":\"HS512\",\"kid\":\"", "\",\"typ\":\"JWT\"}"},
        {"{\"kid\":\"", "\",\"alg\":\"HS256\",\"typ\":\"JWT\"}"},
        {"{\"alg\":\"HS256\",\"kid\":\"", "\",\"typ\":\"jwt\"}"},
        {"{\"alg\":\"HS256\",\"kid\":\"../", "\",\"typ\":\"JWT\"}"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\"}", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(verify(f, forge(f, around(f, wrong[i], kid), payload, TEXT(GIVEN))),
                         ERR_TOKEN_INVALID);
    free(payload);
    json_decref(header);
    json_decref(claims);
}

static void only_our_own_claims_will_do(void **state) {
    struct fixture *f = *state;
    fixture_reopen(f, NULL, TEXT(GIVEN));
    json_t *header = part(f, signed_token(f, access_token(f)), 0);
    char *kid = json_dumps(header, JSON_COMPACT);
    const struct around claims[] = {
        {"{\"token_type\":\"access\",\"exp\":",
         ",\"iat\":1,\"jti\":\"0123456789abcdef0123456789abcdef\",\"user_id\":1,\"sid\":1,\"iss\":"
         "\"rollcall\"}"},
        {"{\"token_type\":\"access\",\"exp\":",
         ",\"iat\":1,\"jti\":\"0123456789abcdef0123456789abcdef\",\"user_id\":1,\"sid\":1,\"iss\":"
         "\"somebody\"}"},
        {"{\"token_type\":\"access\",\"exp\":",
         ",\"iat\":1,\"jti\":\"short\",\"user_id\":1,\"sid\":1,\"iss\":\"rollcall\"}"},
        {"{\"token_type\":\"access\",\"exp\":",
         ",\"iat\":1,\"jti\":\"0123456789abcdef0123456789abcdef\",\"user_id\":-1,\"sid\":1,\"iss\":"
         "\"rollcall\"}"},
        {"{\"token_type\":\"access\",\"exp\":",
         ",\"iat\":1,\"jti\":\"0123456789abcdef0123456789abcdef\",\"user_id\":1,\"sid\":1,\"iss\":"
         "\"rollcall\"} "},
        {"{\"exp\":",
         ",\"token_type\":\"access\",\"iat\":1,\"jti\":\"0123456789abcdef0123456789abcdef\",\"user_"
         "id\":1,\"sid\":1,\"iss\":\"rollcall\"}"},
        {"{\"token_type\":\"admin\",\"exp\":", "}"},
        {"{", "}"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        const char *good = around(f, claims[i], "99999999999"),
                   *wide = around(f, claims[i], "999999999999999999"),
                   *endless = around(f, claims[i], "99999999999999999999999");
        assert_int_equal(verify(f, forge(f, kid, good, TEXT(GIVEN))), i ? ERR_TOKEN_INVALID : OK);
        assert_int_equal(verify(f, forge(f, kid, wide, TEXT(GIVEN))), ERR_TOKEN_INVALID);
        assert_int_equal(verify(f, forge(f, kid, endless, TEXT(GIVEN))), ERR_TOKEN_INVALID);
    }
    free(kid);
    json_decref(header);
}

static void the_issuer_is_escaped_and_compared(void **state) {
    struct fixture *f = *state;
    struct policy p = fixture_policy();
    struct text old = signed_token(f, access_token(f));
    p.issuer = TEXT("\"quoted\",\"sid\":5 \xc3\xa4");
    fixture_reopen(f, &p, (struct text){0});
    struct text jwt = signed_token(f, access_token(f));
    json_t *claims = part(f, jwt, 1);
    assert_string_equal(json_string_value(json_object_get(claims, "iss")), p.issuer.at);
    assert_ok(verify(f, jwt));
    assert_int_equal(verify(f, old), ERR_TOKEN_INVALID);
    json_decref(claims);
}

static void keys_outlive_a_restart(void **state) {
    struct fixture *f = *state;
    struct text jwt = signed_token(f, access_token(f)), value;
    struct text sealed = seal(&f->c, "cursor", TEXT("42"));
    fixture_reopen(f, NULL, (struct text){0});
    assert_ok(verify(f, jwt));
    assert_ok(unseal(&f->c, "cursor", sealed, &value));
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM signing_keys"), 1);
}

static void a_rotated_key_still_verifies(void **state) {
    struct fixture *f = *state;
    struct text old = signed_token(f, access_token(f));
    f->c.now += CLOCK_SECOND;
    assert_ok(keyring_rotate(&f->c));
    struct text fresh = signed_token(f, access_token(f));
    assert_memory_not_equal(old.at, fresh.at, 70);
    assert_ok(verify(f, old));
    assert_ok(verify(f, fresh));
    fixture_reopen(f, NULL, (struct text){0});
    assert_ok(verify(f, old));
    assert_memory_equal(signed_token(f, access_token(f)).at, fresh.at, 70);
}

static void open_other(struct fixture *other, struct fixture *f) {
    struct db_options options = {0};
    *other = (struct fixture){0};
    assert_ok(core_open(&other->core, f->url, &options, &f->core.policy, (struct text){0}));
    other->c =
        (struct ctx){.core = &other->core, .arena = &f->arena, .now = f->c.now + CLOCK_SECOND};
    assert_ok(db_connect(&other->c.db, other->core.database));
    db_use(other->c.db, &f->arena);
}

static void close_other(struct fixture *other) {
    db_disconnect(other->c.db);
    core_close(&other->core);
}

/* Another process on the same database rotates; this one learns of it from the first token. */
static void a_foreign_rotation_is_found(void **state) {
    struct fixture *f = *state, other;
    open_other(&other, f);
    assert_ok(keyring_rotate(&other.c));
    struct text jwt = signed_token(&other, access_token(&other));
    assert_ok(verify(f, jwt));
    assert_memory_equal(signed_token(f, access_token(f)).at, jwt.at, 70);
    close_other(&other);
}

/* Neither another rotation nor a forged kid a moment before makes a good token wait. */
static void every_foreign_rotation_is_found_at_once(void **state) {
    struct fixture *f = *state, other;
    open_other(&other, f);
    for (int i = 0; i < 5; i++) {
        other.c.now += CLOCK_SECOND;
        assert_ok(keyring_rotate(&other.c));
        struct text jwt = signed_token(&other, access_token(&other));
        struct text forged = text_copy(&f->arena, jwt);
        ((char *)forged.at)[35] ^= 1; /* in the kid */
        assert_int_equal(verify(f, forged), ERR_TOKEN_INVALID);
        assert_ok(verify(f, jwt));
    }
    close_other(&other);
}

/* What rotation replaced a refresh token's life ago can have signed nothing that is still good. */
static void an_old_key_is_forgotten(void **state) {
    struct fixture *f = *state;
    int64_t lifetime = f->c.core->policy.refresh_lifetime;
    assert_ok(keyring_rotate(&f->c));
    f->c.now += lifetime - CLOCK_SECOND;
    assert_ok(keyring_rotate(&f->c));
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM signing_keys"), 3);
    f->c.now += 2 * CLOCK_SECOND;
    assert_ok(keyring_rotate(&f->c));
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM signing_keys"), 3);
}

static void housekeeping_takes_up_a_foreign_key(void **state) {
    struct fixture *f = *state, other;
    open_other(&other, f);
    assert_ok(keyring_rotate(&other.c));
    struct text theirs = signed_token(&other, access_token(&other));
    assert_ok(keyring_housekeeping(&f->c));
    assert_memory_equal(signed_token(f, access_token(f)).at, theirs.at, 70);
    close_other(&other);
}

static void a_given_key_signs_and_is_not_stored(void **state) {
    struct fixture *f = *state;
    struct text stored = signed_token(f, access_token(f));
    fixture_reopen(f, NULL, TEXT(GIVEN));
    struct text given = signed_token(f, access_token(f));
    assert_memory_not_equal(stored.at, given.at, 70);
    assert_ok(verify(f, stored));
    assert_ok(verify(f, given));
    assert_ok(keyring_rotate(&f->c));
    assert_memory_equal(signed_token(f, access_token(f)).at, given.at, 70);
    fixture_reopen(f, NULL, (struct text){0});
    assert_int_equal(verify(f, given), ERR_TOKEN_INVALID);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM signing_keys"), 2);
}

static enum err open_with(struct fixture *f, struct policy p, struct text key) {
    struct core core;
    struct db_options options = {0};
    enum err e = core_open(&core, f->url, &options, &p, key);
    if (e == OK)
        core_close(&core);
    return e;
}

static void senseless_settings_are_refused(void **state) {
    struct fixture *f = *state;
    struct policy p = fixture_policy();
    char long_one[600];
    for (size_t i = 0; i < sizeof long_one; i++)
        long_one[i] = "kv2#Qz8~pW"[i * i % 10];
    long_one[0] = '.'; /* nothing repeats itself */
    assert_int_equal(open_with(f, p, (struct text){long_one, 31}), ERR_VALIDATION);
    assert_int_equal(open_with(f, p, (struct text){long_one, 513}), ERR_VALIDATION);
    assert_int_equal(open_with(f, p, (struct text){long_one, 512}), OK);
    p.issuer = (struct text){long_one, 257};
    assert_int_equal(open_with(f, p, (struct text){0}), ERR_VALIDATION);
    p = fixture_policy();
    p.login_burst = 0;
    assert_int_equal(open_with(f, p, (struct text){0}), ERR_VALIDATION);
    p = fixture_policy();
    p.hash_passes = 0;
    assert_int_equal(open_with(f, p, (struct text){0}), ERR_VALIDATION);
    p = fixture_policy();
    p.access_lifetime = 0;
    assert_int_equal(open_with(f, p, (struct text){0}), ERR_VALIDATION);
}

static void keys_that_others_know_are_refused(void **state) {
    struct fixture *f = *state;
    const char *known[] = {
        "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
        "q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7",
        "abababbabaabababababbabababbababaabababb",
        "0123456789:;<=>?@ABCDEFGHIJKLMNO",
        "My-Very-Long-Secret-9af31c77e0b1d2",
        "please-CHANGE-ME-before-you-go-live",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(open_with(f, fixture_policy(), text_of(known[i])), ERR_VALIDATION);
    char raw[128]; /* the last one, decoded */
    size_t size;
    assert_true(base64url_decode(text_of(known[7]), raw, sizeof raw, &size));
    assert_int_equal(open_with(f, fixture_policy(), (struct text){raw, size}), ERR_VALIDATION);
    assert_ok(open_with(f, fixture_policy(), TEXT("9f3c1be07d52a8e64b07c9d1f35ae286")));
}

static void a_seal_holds(void **state) {
    struct fixture *f = *state;
    struct text value, sealed = seal(&f->c, "followers", TEXT("before=42"));
    assert_ok(unseal(&f->c, "followers", sealed, &value));
    assert_text(value, "before=42");
    assert_int_equal(unseal(&f->c, "following", sealed, &value), ERR_MALFORMED);
    for (size_t i = 0; i < sealed.size; i++) {
        struct text forged = text_copy(&f->arena, sealed);
        ((char *)forged.at)[i] = sealed.at[i] == 'A' ? 'B' : 'A';
        assert_int_equal(unseal(&f->c, "followers", forged, &value), ERR_MALFORMED);
        assert_int_equal(unseal(&f->c, "followers", (struct text){sealed.at, i}, &value),
                         ERR_MALFORMED);
    }
    assert_int_equal(unseal(&f->c, "followers", TEXT("n\xc3\xa9!"), &value), ERR_MALFORMED);
    assert_ok(unseal(&f->c, "x", seal(&f->c, "x", (struct text){0}), &value));
    assert_int_equal(value.size, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_signed_is_read),
        TEST(it_is_a_jwt),
        TEST(every_token_is_another),
        TEST(types_are_not_exchanged),
        TEST(it_expires),
        TEST(no_character_can_be_changed),
        TEST(no_other_header_will_do),
        TEST(only_our_own_claims_will_do),
        TEST(the_issuer_is_escaped_and_compared),
        TEST(keys_outlive_a_restart),
        TEST(a_rotated_key_still_verifies),
        TEST(a_foreign_rotation_is_found),
        TEST(every_foreign_rotation_is_found_at_once),
        TEST(an_old_key_is_forgotten),
        TEST(housekeeping_takes_up_a_foreign_key),
        TEST(a_given_key_signs_and_is_not_stored),
        TEST(senseless_settings_are_refused),
        TEST(keys_that_others_know_are_refused),
        TEST(a_seal_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
