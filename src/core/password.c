#include "core/password.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>

#include "base/log.h"
#include "base/unicode.h"
#include "core/effort.h"
#include "core/statements.h"

enum { LOAD, STORE, REHASH };

static struct statement sql[] = {
    [LOAD] = {"password_load", "SELECT password, changed_at FROM credentials WHERE user_id = $1"},
    [STORE] = {"password_store",
               "INSERT INTO credentials (user_id, password, changed_at) VALUES ($1, $2, $3) "
               "ON CONFLICT (user_id) DO UPDATE SET password = excluded.password, changed_at = "
               "CASE WHEN excluded.changed_at > credentials.changed_at THEN excluded.changed_at "
               "ELSE credentials.changed_at + 1 END"},
    [REHASH] = {"password_rehash",
                "UPDATE credentials SET password = $3 WHERE user_id = $1 AND password = $2"},
};

void password_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- Hashes ---------------------------------------------------------------------------------- */

static struct text normalised(struct ctx *c, struct text password) {
    return unicode_valid(password) ? unicode_nfc(c->arena, password) : password;
}

static bool hash_into(struct ctx *c, struct text password, char out[crypto_pwhash_STRBYTES]) {
    const struct policy *p = &c->core->policy;
    struct text nfc = normalised(c, password);
    return crypto_pwhash_str(out, nfc.at ? nfc.at : "", nfc.size, p->hash_passes,
                             (size_t)p->hash_memory * 1024) == 0;
}

enum err password_hash(struct ctx *c, struct text password, struct text *out) {
    char hash[crypto_pwhash_STRBYTES];
    if (!hash_into(c, password, hash)) {
        log_line(LOG_ERROR, "no memory to hash a password");
        return ERR_UNAVAILABLE;
    }
    *out = text_copy(c->arena, text_of(hash));
    return OK;
}

/* Bytes as the PHC string format has them. */
static struct text phc_base64(struct arena *arena, const unsigned char *bytes, size_t size) {
    const int variant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    size_t room = sodium_base64_encoded_len(size, variant);
    return text_of(sodium_bin2base64(arena_alloc(arena, room), room, bytes, size, variant));
}

enum err password_hash_salted(struct ctx *c, struct text password,
                              const unsigned char salt[PASSWORD_SALT], struct text *out) {
    _Static_assert(PASSWORD_SALT == crypto_pwhash_SALTBYTES, "libsodium's salts");
    const struct policy *p = &c->core->policy;
    struct text nfc = normalised(c, password);
    unsigned char hash[32];
    if (crypto_pwhash(hash, sizeof hash, nfc.at ? nfc.at : "", nfc.size, salt, p->hash_passes,
                      (size_t)p->hash_memory * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        log_line(LOG_ERROR, "no memory to hash a password");
        return ERR_UNAVAILABLE;
    }
    *out = text_format(c->arena, "$argon2id$v=19$m=%u,t=%u,p=1$%s$%s", p->hash_memory,
                       p->hash_passes, phc_base64(c->arena, salt, PASSWORD_SALT).at,
                       phc_base64(c->arena, hash, sizeof hash).at);
    return OK;
}

/* Memory and passes of an Argon2id hash; false when it is something else. */
static bool read_cost(struct text hash, unsigned *memory, unsigned *passes) {
    char stored[crypto_pwhash_STRBYTES];
    if (hash.size >= sizeof stored)
        return false;
    memcpy(stored, hash.at, hash.size);
    stored[hash.size] = '\0';
    return sscanf(stored, "$argon2id$v=19$m=%u,t=%u,", memory, passes) == 2;
}

static bool is_of_today(const struct policy *policy, struct text hash) {
    unsigned memory, passes;
    return read_cost(hash, &memory, &passes) && memory == policy->hash_memory &&
           passes == policy->hash_passes;
}

static bool compare(struct ctx *c, struct text hash, struct text password) {
    char stored[crypto_pwhash_STRBYTES];
    if (hash.size >= sizeof stored)
        return false;
    memcpy(stored, hash.at, hash.size);
    stored[hash.size] = '\0';
    struct text nfc = normalised(c, password);
    errno = 0;
    bool right = crypto_pwhash_str_verify(stored, nfc.at ? nfc.at : "", nfc.size) == 0;
    if (!right && errno == ENOMEM) /* nobody may be told that it is wrong */
        log_out_of_memory(0);
    return right;
}

/* One full hash, thrown away. */
static void hash_nothing(struct ctx *c, struct text password) {
    char out[crypto_pwhash_STRBYTES];
    int64_t begin = effort_begin();
    if (hash_into(c, password, out))
        effort_note(c->core->effort, begin);
}

bool password_verify(struct ctx *c, struct text hash, struct text password) {
    if (!hash.size) {
        hash_nothing(c, password);
        return false;
    }
    int64_t begin = effort_begin();
    bool right = compare(c, hash, password);
    if (is_of_today(&c->core->policy, hash)) {
        effort_note(c->core->effort, begin);
        return right;
    }
    if (!effort_known(c->core->effort))
        hash_nothing(c, password);
    effort_make_up(c->core->effort, begin);
    return right;
}

bool password_outdated(const struct policy *policy, struct text hash) {
    unsigned memory, passes;
    return !read_cost(hash, &memory, &passes) || memory < policy->hash_memory ||
           passes < policy->hash_passes;
}

enum err password_load(struct ctx *c, int64_t user_id, struct text *hash, int64_t *changed_at) {
    *hash = (struct text){0};
    *changed_at = 0;
    struct db_rows rows;
    enum err e = db_one(c->db, &rows, &sql[LOAD], ARGS(arg_int(user_id)));
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    *hash = db_text(&rows, 0);
    *changed_at = db_int(&rows, 1);
    return db_close(&rows);
}

enum err password_store(struct ctx *c, int64_t user_id, struct text hash) {
    return db_exec(c->db, &sql[STORE], ARGS(arg_int(user_id), arg_text(hash), arg_int(c->now)),
                   NULL);
}

enum err password_rehash(struct ctx *c, int64_t user_id, struct text old, struct text hash) {
    return db_exec(c->db, &sql[REHASH], ARGS(arg_int(user_id), arg_text(old), arg_text(hash)),
                   NULL);
}
