#include "core/setup.h"

#include <endian.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/random.h"
#include "core/audit.h"
#include "core/password.h"
#include "core/statements.h"

enum { ANY_ACCOUNT, WITHDRAW, OFFER, FIND, SPEND };

/* What is on offer is a row of `secrets`: the hash of the token, and when it ends. */
#define NAMED "name = 'setup'"

static struct statement sql[] = {
    [ANY_ACCOUNT] = {"setup_any_account", "SELECT id FROM users LIMIT 1"},
    [WITHDRAW] = {"setup_withdraw", "DELETE FROM secrets WHERE " NAMED},
    [OFFER] = {"setup_offer", "INSERT INTO secrets (name, value) VALUES ('setup', $1) "
                              "ON CONFLICT (name) DO UPDATE SET value = excluded.value"},
    [FIND] = {"setup_find", "SELECT value FROM secrets WHERE " NAMED},
    [SPEND] = {"setup_spend", "DELETE FROM secrets WHERE " NAMED " AND value = $1"},
};

void setup_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

#define LIFETIME   CLOCK_HOUR
#define TOKEN_SIZE 32

struct offer {
    uint8_t hash[DIGEST_SIZE];
    uint8_t ends[8]; /* µs, the highest byte first */
};

static int64_t end_of(const struct offer *o) {
    uint64_t big;
    memcpy(&big, o->ends, sizeof big);
    return (int64_t)be64toh(big);
}

/* ---- Offering -------------------------------------------------------------------------------- */

static struct text make_token(struct ctx *c, struct offer *out) {
    uint8_t bytes[TOKEN_SIZE];
    random_bytes(bytes, sizeof bytes);
    struct text token = base64url_encode(c->arena, bytes, sizeof bytes);
    uint64_t ends = htobe64((uint64_t)(c->now + LIFETIME));
    digest_sha256(token, out->hash);
    memcpy(out->ends, &ends, sizeof ends);
    return token;
}

static enum err offer(struct ctx *c, struct text *token) {
    struct offer made;
    int64_t id;
    TRY(db_exec(c->db, &sql[WITHDRAW], NO_ARGS, NULL));
    enum err e = db_scalar(c->db, &sql[ANY_ACCOUNT], NO_ARGS, &id);
    if (e != ERR_NOT_FOUND)
        return e;
    *token = make_token(c, &made);
    return db_exec(c->db, &sql[OFFER], ARGS(arg_blob(&made, sizeof made)), NULL);
}

enum err setup_offer(struct ctx *c, struct text *token) {
    *token = (struct text){0};
    TRY(db_begin(c->db));
    TRY(db_end(c->db, offer(c, token)));
    return db_wait(c->db);
}

/* ---- Taking it up ---------------------------------------------------------------------------- */

/* ERR_FORBIDDEN when nothing is on offer (any more). A clock that was set back makes it no
 * younger. */
static enum err find_offer(struct ctx *c, struct offer *out) {
    struct db_rows rows;
    enum err e = db_one(c->db, &rows, &sql[FIND], NO_ARGS);
    if (e != OK)
        return e == ERR_NOT_FOUND ? ERR_FORBIDDEN : e;
    struct text value = db_text(&rows, 0);
    TRY(db_close(&rows));
    if (value.size != sizeof *out)
        return ERR_FORBIDDEN;
    memcpy(out, value.at, sizeof *out);
    int64_t left = end_of(out) - c->now;
    return left > 0 && left <= LIFETIME + CLOCK_SLACK ? OK : ERR_FORBIDDEN;
}

static enum err refuse_second(struct ctx *c) {
    bool there;
    TRY(account_superuser_exists(c, &there));
    return there ? ERR_FORBIDDEN : OK;
}

static bool matches(const struct offer *o, struct text token) {
    uint8_t hash[DIGEST_SIZE];
    digest_sha256(token, hash);
    return digest_equal(hash, o->hash, sizeof hash);
}

enum err setup_check(struct ctx *c, struct text token) {
    struct offer on_offer;
    TRY(find_offer(c, &on_offer));
    TRY(refuse_second(c));
    if (matches(&on_offer, token))
        return OK;
    TRY(audit_alone(c,
                    &(struct audit_entry){.event = AUDIT_SETUP, .outcome = AUDIT_OUTCOME_FAILED}));
    return ERR_FORBIDDEN;
}

/* Whoever removes the row is the one. */
static enum err spend(struct ctx *c, struct text token) {
    struct offer on_offer;
    int64_t changed = 0;
    TRY(find_offer(c, &on_offer));
    if (!matches(&on_offer, token))
        return ERR_FORBIDDEN;
    TRY(db_exec(c->db, &sql[SPEND], ARGS(arg_blob(&on_offer, sizeof on_offer)), &changed));
    return changed ? refuse_second(c) : ERR_FORBIDDEN;
}

static enum err create(struct ctx *c, struct text token, const struct new_account *in,
                       struct text hash, const struct origin *origin, struct account *account,
                       struct credentials *credentials) {
    TRY(spend(c, token));
    TRY(account_create(c, in, hash, account));
    account->last_login = c->now;
    TRY(session_open(c, account, origin, credentials));
    return audit_self(c, AUDIT_SETUP, account->id,
                      audit_detail(c, "session", credentials->session_id));
}

enum err setup_finish(struct ctx *c, struct text token, const struct new_account *in,
                      const struct origin *origin, struct account *account,
                      struct credentials *credentials) {
    struct text hash;
    TRY(password_hash(c, in->password, &hash));
    TRY(db_begin(c->db));
    return db_end(c->db, create(c, token, in, hash, origin, account, credentials));
}
