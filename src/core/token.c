#include "core/token.h"

#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/locked.h"
#include "base/log.h"
#include "base/random.h"
#include "base/unicode.h"
#include "core/audit.h"
#include "core/guessable.h"
#include "core/secret.h"
#include "core/statements.h"

enum { LOAD_KEYS, ADD_KEY, DROP_KEYS };

static struct statement sql[] = {
    [LOAD_KEYS] = {"token_load_keys",
                   "SELECT kid, secret FROM signing_keys ORDER BY created_at DESC, kid"},
    [ADD_KEY] = {"token_add_key", "INSERT INTO signing_keys (kid, secret, created_at) "
                                  "VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"},
    [DROP_KEYS] = {"token_drop_keys", /* those replaced by $1 */
                   "DELETE FROM signing_keys WHERE created_at < (SELECT max(created_at) "
                   "FROM signing_keys WHERE created_at <= $1)"},
};

void token_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

#define SECRET_SIZE   32 /* of the keys we make */
#define SECRET_MAX    512
#define ISSUER_MAX    256
#define KID_SIZE      16
#define HEADER_BEFORE "{\"alg\":\"HS256\",\"kid\":\""
#define HEADER_AFTER  "\",\"typ\":\"JWT\"}"
#define HEADER_PLAIN  (sizeof HEADER_BEFORE - 1 + KID_SIZE + sizeof HEADER_AFTER - 1)
#define HEADER_SIZE   BASE64URL_SIZE(HEADER_PLAIN)
/* The characters of an encoded header that do not depend on the kid. */
#define HEADER_COMMON  ((sizeof HEADER_BEFORE - 1) / 3 * 4)
#define SIGNATURE_SIZE BASE64URL_SIZE(DIGEST_SIZE)

struct key {
    char kid[KID_SIZE];
    char header[HEADER_SIZE]; /* encoded */
    size_t secret_size;
    uint8_t secret[SECRET_MAX];
};

/* Never changed once published; kept until the keyring is closed, so that readers need no lock. */
struct key_set {
    struct key_set *older;
    size_t count;
    struct key keys[]; /* the first signs */
};

struct keyring {
    _Atomic(struct key_set *) current;
    pthread_mutex_t reload;
    atomic_uint_fast64_t reloads; /* that have begun */
    struct key *given;            /* NULL: none */
    struct buffer tail;           /* of every payload: the issuer and the closing brace */
    uint8_t seal[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
};

static struct key_set *set_alloc(size_t count) {
    return locked_alloc(sizeof(struct key_set) + count * sizeof(struct key));
}

static void key_header(struct key *key) {
    char plain[HEADER_PLAIN + 1];
    snprintf(plain, sizeof plain, HEADER_BEFORE "%.*s" HEADER_AFTER, KID_SIZE, key->kid);
    base64url_write(plain, HEADER_PLAIN, key->header);
}

static void hex(const uint8_t *bytes, size_t size, char *out) {
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
}

/* A kid that tells keys apart and gives nothing of them away. */
static void key_fill(struct key *key, struct text secret) {
    char named[3 + SECRET_MAX] = "kid";
    uint8_t digest[DIGEST_SIZE];
    ASSERT(secret.size <= SECRET_MAX);
    memcpy(named + 3, secret.at, secret.size);
    digest_sha256((struct text){named, 3 + secret.size}, digest);
    sodium_memzero(named, sizeof named);
    hex(digest, KID_SIZE / 2, key->kid);
    memcpy(key->secret, secret.at, secret.size);
    key->secret_size = secret.size;
    key_header(key);
}

static bool set_has(const struct key_set *set, const struct key *key) {
    for (size_t i = 0; i < set->count; i++)
        if (!memcmp(set->keys[i].kid, key->kid, KID_SIZE))
            return true;
    return false;
}

static struct key_set *set_add(struct key_set *set, const struct key *key) {
    if (set_has(set, key))
        return set;
    struct key_set *larger = set_alloc(set->count + 1);
    memcpy(larger->keys, set->keys, set->count * sizeof *key);
    larger->keys[set->count] = *key;
    larger->count = set->count + 1;
    locked_free(set);
    return larger;
}

static bool set_equal(const struct key_set *a, const struct key_set *b) {
    if (!a || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (memcmp(a->keys[i].kid, b->keys[i].kid, KID_SIZE))
            return false;
    return true;
}

static void publish(struct keyring *k, struct key_set *set) {
    struct key_set *current = atomic_load(&k->current);
    if (set_equal(current, set)) {
        locked_free(set);
        return;
    }
    set->older = current;
    atomic_store(&k->current, set);
}

static enum err load_keys(struct ctx *c, struct keyring *k) {
    struct key_set *set = set_alloc(0);
    if (k->given)
        set = set_add(set, k->given);
    struct db_rows rows;
    db_query(c->db, &rows, &sql[LOAD_KEYS], NO_ARGS);
    while (db_next(&rows)) {
        struct text kid = db_text(&rows, 0), secret = db_text(&rows, 1);
        struct key key = {0};
        if (secret.size >= SECRET_SIZE && secret.size <= SECRET_MAX)
            key_fill(&key, secret);
        if (kid.size == KID_SIZE && !memcmp(kid.at, key.kid, KID_SIZE))
            set = set_add(set, &key);
        else
            log_line(LOG_WARN, "signing key passed over: not one of ours kid=%.*s", TEXT_ARGS(kid));
        sodium_memzero(&key, sizeof key);
        sodium_memzero((char *)secret.at, secret.size);
    }
    enum err e = db_close(&rows);
    if (e != OK)
        locked_free(set);
    else
        publish(k, set);
    return e;
}

static enum err write_key(struct ctx *c, const struct key *key) {
    TRY(db_exec(c->db, &sql[DROP_KEYS], ARGS(arg_int(c->now - c->core->policy.refresh_lifetime)),
                NULL));
    return db_exec(c->db, &sql[ADD_KEY],
                   ARGS(arg_text((struct text){key->kid, KID_SIZE}),
                        arg_blob(key->secret, key->secret_size), arg_int(c->now)),
                   NULL);
}

static enum err write_noted(struct ctx *c, const struct key *key, bool rotates) {
    TRY(write_key(c, key));
    return rotates ? audit_act(c, AUDIT_KEY_ROTATE, 0, TEXT("")) : OK;
}

static enum err add_key(struct ctx *c, bool rotates) {
    uint8_t secret[SECRET_SIZE];
    random_bytes(secret, sizeof secret);
    struct key key = {0};
    key_fill(&key, (struct text){(char *)secret, sizeof secret});
    TRY(db_begin(c->db));
    TRY(db_end(c->db, write_noted(c, &key, rotates)));
    return db_wait(c->db);
}

static enum err load_all(struct ctx *c, struct keyring *k) {
    TRY(secret_named(c, "seal", k->seal, sizeof k->seal));
    TRY(load_keys(c, k));
    if (atomic_load(&k->current)->count)
        return OK;
    TRY(add_key(c, false));
    return load_keys(c, k);
}

static bool settings_sane(const struct policy *policy, struct text given) {
    if (given.size && (given.size < SECRET_SIZE || given.size > SECRET_MAX))
        log_line(LOG_ERROR, "the signing key must have %d to %d bytes", SECRET_SIZE, SECRET_MAX);
    else if (given.size && guessable_key(given))
        log_line(LOG_ERROR,
                 "the signing key is a well-known or made-up one: use a random one, such "
                 "as `openssl rand -hex 32` makes");
    else if (policy->issuer.size > ISSUER_MAX || !unicode_valid(policy->issuer))
        log_line(LOG_ERROR, "the issuer must be text of at most %d bytes", ISSUER_MAX);
    else
        return true;
    return false;
}

enum err keyring_open(struct ctx *c, struct keyring **out, struct text given) {
    const struct policy *policy = &c->core->policy;
    if (!settings_sane(policy, given))
        return ERR_VALIDATION;
    struct keyring *k = locked_alloc(sizeof *k);
    pthread_mutex_init(&k->reload, NULL);
    if (given.size) {
        k->given = locked_alloc(sizeof *k->given);
        key_fill(k->given, given);
    }
    struct json tail = json_writer(&k->tail);
    buffer_add_text(&k->tail, TEXT(",\"iss\":"));
    json_text(&tail, policy->issuer);
    buffer_add_char(&k->tail, '}');
    enum err e = load_all(c, k);
    if (e == OK)
        *out = k;
    else
        keyring_close(k);
    return e;
}

void keyring_close(struct keyring *k) {
    if (!k)
        return;
    for (struct key_set *set = atomic_load(&k->current), *older; set; set = older) {
        older = set->older;
        locked_free(set);
    }
    locked_free(k->given);
    buffer_free(&k->tail);
    pthread_mutex_destroy(&k->reload);
    locked_free(k);
}

enum err keyring_rotate(struct ctx *c) {
    TRY(add_key(c, true));
    return keyring_housekeeping(c);
}

enum err keyring_housekeeping(struct ctx *c) {
    struct keyring *k = c->core->keys;
    pthread_mutex_lock(&k->reload);
    k->reloads++;
    enum err e = load_keys(c, k);
    pthread_mutex_unlock(&k->reload);
    return e;
}

/* Looks into the database for keys that came since. Whoever asks while somebody looks waits for the
 * next look and shares it: forged kids cost one query at a time, however many there are. */
static enum err reload(struct ctx *c, struct keyring *k) {
    uint64_t begun = atomic_load(&k->reloads);
    enum err e = OK;
    pthread_mutex_lock(&k->reload);
    if (atomic_load(&k->reloads) == begun) {
        k->reloads++;
        e = load_keys(c, k);
    }
    pthread_mutex_unlock(&k->reload);
    return e;
}

static const struct key *find_key(const struct keyring *k, struct text header) {
    const struct key_set *set = atomic_load_explicit(&k->current, memory_order_acquire);
    for (size_t i = 0; i < set->count; i++)
        if (!memcmp(set->keys[i].header, header.at, HEADER_SIZE))
            return &set->keys[i];
    return NULL;
}

/* *out is NULL when nobody has such a key. */
static enum err key_for(struct ctx *c, struct text header, const struct key **out) {
    struct keyring *k = c->core->keys;
    *out = NULL;
    if (header.size != HEADER_SIZE)
        return OK;
    *out = find_key(k, header);
    if (*out || memcmp(atomic_load(&k->current)->keys[0].header, header.at, HEADER_COMMON))
        return OK;
    TRY(reload(c, k));
    *out = find_key(k, header);
    return OK;
}

/* ---- Tokens ---------------------------------------------------------------------------------- */

#define PAYLOAD_MAX 2048 /* more than an issuer of ISSUER_MAX bytes can make of it */
#define JWT_MAX     (HEADER_SIZE + 1 + BASE64URL_SIZE(PAYLOAD_MAX) + 1 + SIGNATURE_SIZE)

static const char *type_name(enum token_type type) {
    return type == TOKEN_ACCESS ? "access" : "refresh";
}

static void mac(const struct key *key, struct text data, uint8_t out[DIGEST_SIZE]) {
    digest_hmac((struct text){(const char *)key->secret, key->secret_size}, data, out);
}

enum err token_sign(struct ctx *c, const struct token *token, struct text *out) {
    uint8_t jti[TOKEN_JTI_SIZE];
    random_bytes(jti, sizeof jti);
    return token_sign_as(c, token, jti, out);
}

enum err token_sign_as(struct ctx *c, const struct token *token, const uint8_t jti[TOKEN_JTI_SIZE],
                       struct text *out) {
    const struct keyring *k = c->core->keys;
    const struct key *key = &atomic_load_explicit(&k->current, memory_order_acquire)->keys[0];
    char id[2 * TOKEN_JTI_SIZE];
    hex(jti, TOKEN_JTI_SIZE, id);
    struct text payload = text_format(
        c->arena,
        "{\"token_type\":\"%s\",\"exp\":%" PRId64 ",\"iat\":%" PRId64
        ",\"jti\":\"%.*s\",\"user_id\":%" PRId64 ",\"sid\":%" PRId64 "%.*s",
        type_name(token->type), token->expires / CLOCK_SECOND, token->issued / CLOCK_SECOND,
        (int)sizeof id, id, token->user_id, token->session_id, TEXT_ARGS(buffer_text(&k->tail)));
    size_t body = HEADER_SIZE + 1 + BASE64URL_SIZE(payload.size);
    size_t size = body + 1 + SIGNATURE_SIZE;
    char *jwt = arena_alloc(c->arena, size + 1);
    memcpy(jwt, key->header, HEADER_SIZE);
    jwt[HEADER_SIZE] = '.';
    base64url_write(payload.at, payload.size, jwt + HEADER_SIZE + 1);
    uint8_t signature[DIGEST_SIZE];
    mac(key, (struct text){jwt, body}, signature);
    jwt[body] = '.';
    base64url_write(signature, sizeof signature, jwt + body + 1);
    jwt[size] = '\0';
    *out = (struct text){jwt, size};
    return OK;
}

struct jwt {
    struct text header, payload, signature, signed_part;
};

static bool jwt_split(struct text in, struct jwt *out) {
    struct text rest = in;
    if (in.size > JWT_MAX || !text_split(&rest, '.', &out->header) ||
        !text_split(&rest, '.', &out->payload) || !text_split(&rest, '.', &out->signature) ||
        rest.at)
        return false;
    out->signed_part = (struct text){in.at, out->header.size + 1 + out->payload.size};
    return true;
}

static bool jwt_genuine(const struct key *key, const struct jwt *jwt) {
    uint8_t given[DIGEST_SIZE], made[DIGEST_SIZE];
    size_t size;
    if (!base64url_decode(jwt->signature, given, sizeof given, &size) || size != sizeof given)
        return false;
    mac(key, jwt->signed_part, made);
    return digest_equal(given, made, sizeof given);
}

static bool skip(struct text *rest, struct text expected) {
    if (!text_starts(*rest, expected))
        return false;
    rest->at += expected.size;
    rest->size -= expected.size;
    return true;
}

/* At most 18 digits, so that nothing can overflow. */
static bool take_number(struct text *rest, int64_t *out) {
    size_t digits = 0;
    *out = 0;
    while (digits < rest->size && rest->at[digits] >= '0' && rest->at[digits] <= '9') {
        if (digits == 18)
            return false;
        *out = *out * 10 + (rest->at[digits++] - '0');
    }
    rest->at += digits;
    rest->size -= digits;
    return digits > 0;
}

static bool take_time(struct text *rest, int64_t *out) {
    int64_t seconds;
    if (!take_number(rest, &seconds) || seconds > INT64_MAX / CLOCK_SECOND)
        return false;
    *out = seconds * CLOCK_SECOND;
    return true;
}

static bool skip_jti(struct text *rest) {
    if (rest->size < 2 * TOKEN_JTI_SIZE)
        return false;
    rest->at += 2 * TOKEN_JTI_SIZE;
    rest->size -= 2 * TOKEN_JTI_SIZE;
    return true;
}

/* Reads what token_sign_as wrote; anything else, though signed with our key, is not ours. */
static bool read_claims(const struct keyring *k, struct text claims, struct token *out) {
    struct text *rest = &claims;
    if (skip(rest, TEXT("{\"token_type\":\"access\"")))
        out->type = TOKEN_ACCESS;
    else if (skip(rest, TEXT("{\"token_type\":\"refresh\"")))
        out->type = TOKEN_REFRESH;
    else
        return false;
    return skip(rest, TEXT(",\"exp\":")) && take_time(rest, &out->expires) &&
           skip(rest, TEXT(",\"iat\":")) && take_time(rest, &out->issued) &&
           skip(rest, TEXT(",\"jti\":\"")) && skip_jti(rest) &&
           skip(rest, TEXT("\",\"user_id\":")) && take_number(rest, &out->user_id) &&
           skip(rest, TEXT(",\"sid\":")) && take_number(rest, &out->session_id) &&
           text_equal(*rest, buffer_text(&k->tail));
}

enum err token_verify(struct ctx *c, struct text in, enum token_type type, struct token *out) {
    struct jwt jwt;
    if (!jwt_split(in, &jwt))
        return ERR_TOKEN_INVALID;
    const struct key *key;
    TRY(key_for(c, jwt.header, &key));
    if (!key || !jwt_genuine(key, &jwt))
        return ERR_TOKEN_INVALID;
    char payload[PAYLOAD_MAX];
    size_t size;
    struct token claims;
    if (!base64url_decode(jwt.payload, payload, sizeof payload, &size) ||
        !read_claims(c->core->keys, (struct text){payload, size}, &claims))
        return ERR_TOKEN_INVALID;
    *out = claims;
    return out->type == type && out->expires > c->now && out->issued <= c->now + CLOCK_SLACK
               ? OK
               : ERR_TOKEN_INVALID;
}

/* ---- Seals ----------------------------------------------------------------------------------- */

#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE   crypto_aead_xchacha20poly1305_ietf_ABYTES

struct text seal(struct ctx *c, const char *purpose, struct text value) {
    size_t size = NONCE_SIZE + value.size + TAG_SIZE;
    uint8_t *box = arena_alloc(c->arena, size);
    random_bytes(box, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE_SIZE, NULL, (const uint8_t *)value.at,
                                               value.size, (const uint8_t *)purpose,
                                               strlen(purpose), NULL, box, c->core->keys->seal);
    return base64url_encode(c->arena, box, size);
}

enum err unseal(struct ctx *c, const char *purpose, struct text sealed, struct text *value) {
    uint8_t *box = arena_alloc(c->arena, sealed.size + 1);
    size_t size;
    if (!base64url_decode(sealed, box, sealed.size + 1, &size) || size < NONCE_SIZE + TAG_SIZE)
        return ERR_MALFORMED;
    char *plain = arena_alloc(c->arena, size);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)plain, NULL, NULL, box + NONCE_SIZE,
                                                   size - NONCE_SIZE, (const uint8_t *)purpose,
                                                   strlen(purpose), box, c->core->keys->seal))
        return ERR_MALFORMED;
    *value = (struct text){plain, size - NONCE_SIZE - TAG_SIZE};
    return OK;
}
