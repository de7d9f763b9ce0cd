#include "core/idempotency.h"

#include <assert.h>
#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "core/secret.h"
#include "core/statements.h"

#define LIFETIME CLOCK_DAY

enum { LOAD, KEEP, ERASE_ALL, ANY_EXPIRED, DELETE_EXPIRED };

/* Those that another node is about to delete are passed over (`lock`). */
#define EXPIRED(lock)                                                                              \
    "DELETE FROM idempotency_keys WHERE (user_id, key_hash) IN (SELECT user_id, key_hash "         \
    "FROM idempotency_keys WHERE expires_at <= $1 ORDER BY expires_at LIMIT 500" lock ")"

static struct statement sql[] = {
    [LOAD] = {"idempotency_load",
              "SELECT memory, passes, fingerprint, answer FROM idempotency_keys "
              "WHERE user_id = $1 AND key_hash = $2 AND expires_at > $3"},
    [KEEP] = {"idempotency_keep",
              "INSERT INTO idempotency_keys "
              "(user_id, key_hash, fingerprint, memory, passes, answer, expires_at) "
              "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (user_id, key_hash) DO UPDATE "
              "SET fingerprint = excluded.fingerprint, memory = excluded.memory, "
              "passes = excluded.passes, answer = excluded.answer, "
              "expires_at = excluded.expires_at WHERE idempotency_keys.expires_at <= $8"},
    [ERASE_ALL] = {"idempotency_erase_all", "DELETE FROM idempotency_keys WHERE user_id = $1"},
    [ANY_EXPIRED] = {"idempotency_any_expired",
                     "SELECT user_id FROM idempotency_keys WHERE expires_at <= $1 LIMIT 1"},
    [DELETE_EXPIRED] = {.name = "idempotency_delete_expired",
                        .sqlite = EXPIRED(""),
                        .postgres = EXPIRED(" FOR UPDATE SKIP LOCKED")},
};

void idempotency_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- What follows from key and request ------------------------------------------------------- */

static_assert(sizeof((struct core){0}).idempotency_secret == DIGEST_SIZE, "a key for HMAC");
static_assert(DIGEST_SIZE >= crypto_pwhash_SALTBYTES, "a hash makes a salt");
static_assert(DIGEST_SIZE == crypto_kdf_KEYBYTES, "a hash makes a key");
static_assert(DIGEST_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "and another one");

enum err idempotency_open(struct ctx *c) {
    return secret_named(c, "idempotency", c->core->idempotency_secret,
                        sizeof c->core->idempotency_secret);
}

void idempotency_close(struct core *core) {
    sodium_memzero(core->idempotency_secret, sizeof core->idempotency_secret);
}

/* HMAC of the parts; none can be taken for another, as lengths come before what can be anything. */
static void mac(struct ctx *c, const struct idempotency *i, const char *purpose,
                struct text request, uint8_t out[DIGEST_SIZE]) {
    struct text head =
        text_format(c->arena, "%s %lld %zu ", purpose, (long long)i->user_id, i->key.size);
    char *all = arena_alloc(c->arena, head.size + i->key.size + request.size);
    memcpy(all, head.at, head.size);
    memcpy(all + head.size, i->key.at, i->key.size);
    if (request.size)
        memcpy(all + head.size + i->key.size, request.at, request.size);
    struct text secret = {(const char *)c->core->idempotency_secret, DIGEST_SIZE};
    digest_hmac(secret, (struct text){all, head.size + i->key.size + request.size}, out);
}

/* The salt is this service's and this key's own. */
static enum err stretch(struct ctx *c, const struct idempotency *i, struct idempotency_cost cost,
                        uint8_t out[DIGEST_SIZE]) {
    uint8_t salt[DIGEST_SIZE];
    mac(c, i, "salt", (struct text){0}, salt);
    int failed = crypto_pwhash(out, DIGEST_SIZE, i->request.at, i->request.size, salt,
                               (unsigned long long)cost.passes, (size_t)cost.memory * 1024,
                               crypto_pwhash_ALG_ARGON2ID13);
    if (!failed)
        return OK;
    log_line(LOG_ERROR, "no memory for an idempotency key");
    return ERR_UNAVAILABLE;
}

static enum err derive(struct ctx *c, struct idempotency *i, struct idempotency_cost cost) {
    uint8_t base[DIGEST_SIZE];
    if (i->derived && cost.memory == i->cost.memory && cost.passes == i->cost.passes)
        return OK;
    if (cost.memory)
        TRY(stretch(c, i, cost, base));
    else
        mac(c, i, "request", i->request, base);
    crypto_kdf_derive_from_key(i->fingerprint, sizeof i->fingerprint, 1, "idempote", base);
    crypto_kdf_derive_from_key(i->seal, sizeof i->seal, 2, "idempote", base);
    sodium_memzero(base, sizeof base);
    i->cost = cost;
    i->derived = true;
    return OK;
}

enum err idempotency_prepare(struct ctx *c, struct idempotency *i) {
    struct idempotency_cost cost = {0};
    if (i->secret)
        cost = (struct idempotency_cost){c->core->policy.hash_memory, c->core->policy.hash_passes};
    return derive(c, i, cost);
}

/* ---- Storing --------------------------------------------------------------------------------- */

#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE   crypto_aead_xchacha20poly1305_ietf_ABYTES

static struct text lock(struct ctx *c, const struct idempotency *i, struct text answer) {
    uint8_t *box = arena_alloc(c->arena, NONCE_SIZE + answer.size + TAG_SIZE);
    random_bytes(box, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE_SIZE, NULL, (const uint8_t *)answer.at,
                                               answer.size, NULL, 0, NULL, box, i->seal);
    return (struct text){(const char *)box, NONCE_SIZE + answer.size + TAG_SIZE};
}

static bool unlock(struct ctx *c, const struct idempotency *i, struct text box, struct text *out) {
    if (box.size < NONCE_SIZE + TAG_SIZE)
        return false;
    const uint8_t *nonce = (const uint8_t *)box.at;
    uint8_t *plain = arena_alloc(c->arena, box.size);
    out->at = (const char *)plain;
    out->size = box.size - NONCE_SIZE - TAG_SIZE;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, nonce + NONCE_SIZE,
                                                      box.size - NONCE_SIZE, NULL, 0, nonce,
                                                      i->seal) == 0;
}

enum err idempotency_load(struct ctx *c, const struct idempotency *i,
                          struct idempotency_record *out) {
    uint8_t hash[DIGEST_SIZE];
    struct db_rows rows;
    mac(c, i, "key", (struct text){0}, hash);
    TRY(db_one(c->db, &rows, &sql[LOAD],
               ARGS(arg_int(i->user_id), arg_blob(hash, sizeof hash), arg_int(c->now))));
    *out = (struct idempotency_record){
        {db_int(&rows, 0), db_int(&rows, 1)}, db_text(&rows, 2), db_text(&rows, 3)};
    return db_close(&rows);
}

enum err idempotency_load_latest(struct ctx *c, const struct idempotency *i,
                                 struct idempotency_record *out) {
    TRY(db_begin(c->db));
    return db_end(c->db, idempotency_load(c, i, out));
}

enum err idempotency_answer(struct ctx *c, struct idempotency *i,
                            const struct idempotency_record *record, struct text *out) {
    TRY(derive(c, i, record->cost));
    if (record->fingerprint.size != sizeof i->fingerprint ||
        !digest_equal(record->fingerprint.at, i->fingerprint, sizeof i->fingerprint))
        return ERR_KEY_REUSED;
    if (unlock(c, i, record->answer, out))
        return OK;
    log_line(LOG_ERROR, "a stored answer is not one of ours");
    return ERR_INTERNAL;
}

static enum err keep(struct ctx *c, const struct idempotency *i, struct text answer) {
    ASSERT(i->derived);
    uint8_t hash[DIGEST_SIZE];
    int64_t changed;
    struct text box = lock(c, i, answer);
    mac(c, i, "key", (struct text){0}, hash);
    TRY(db_exec(c->db, &sql[KEEP],
                ARGS(arg_int(i->user_id), arg_blob(hash, sizeof hash),
                     arg_blob(i->fingerprint, sizeof i->fingerprint),
                     arg_int_or_null(i->cost.memory), arg_int_or_null(i->cost.passes),
                     arg_blob(box.at, box.size), arg_int(c->now + LIFETIME), arg_int(c->now)),
                &changed));
    return changed ? OK : ERR_CONFLICT;
}

void idempotency_begin(struct ctx *c) {
    db_hold(c->db);
}

static enum err keep_with_the_rest(struct ctx *c, const struct idempotency *i, struct text answer) {
    TRY(db_begin(c->db));
    return db_end(c->db, keep(c, i, answer));
}

enum err idempotency_end(struct ctx *c, const struct idempotency *i, enum err result,
                         struct text answer) {
    if (result == OK)
        result = keep_with_the_rest(c, i, answer);
    return db_let_go(c->db, result);
}

/* ---- Deleting -------------------------------------------------------------------------------- */

#define AT_ONCE 500 /* the LIMIT of DELETE_EXPIRED */
#define ROUNDS  20

enum err idempotency_erase_all(struct ctx *c, int64_t user_id) {
    return db_exec(c->db, &sql[ERASE_ALL], ARGS(arg_int(user_id)), NULL);
}

static enum err delete_expired(struct ctx *c) {
    int64_t any, deleted = AT_ONCE;
    enum err e = db_scalar(c->db, &sql[ANY_EXPIRED], ARGS(arg_int(c->now)), &any);
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    for (int round = 0; round < ROUNDS && deleted == AT_ONCE; round++) {
        TRY(db_begin(c->db));
        TRY(db_end(c->db, db_exec(c->db, &sql[DELETE_EXPIRED], ARGS(arg_int(c->now)), &deleted)));
    }
    return OK;
}

enum err idempotency_housekeeping(struct ctx *c) {
    enum err deleted = delete_expired(c);
    enum err settled = db_wait(c->db);
    return deleted != OK ? deleted : settled;
}
