#include "core/login.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/audit.h"
#include "core/password.h"
#include "core/statements.h"
#include "core/throttle.h"

enum { BY_ID, LOCKED, BY_USERNAME, BY_EMAIL };

#define PROOF                                                                                      \
    "SELECT " ACCOUNT_COLUMNS ", c.last_login, c.password, c.changed_at FROM users u "             \
    "JOIN credentials c ON c.user_id = u.id "

static struct statement sql[] = {
    [BY_ID] = {"login_by_id", PROOF "WHERE u.id = $1"},
    [LOCKED] = {.name = "login_locked",
                .sqlite = PROOF "WHERE u.id = $1",
                .postgres = PROOF "WHERE u.id = $1 FOR UPDATE"},
    [BY_USERNAME] = {"login_by_username", PROOF "WHERE u.username_key = $1"},
    [BY_EMAIL] = {"login_by_email", PROOF "WHERE u.email_key = $1"},
};

void login_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* What a password is compared with. All zero when there is no such account. */
struct proof {
    struct account account;
    struct text hash;
    int64_t changed_at; /* tells whether it is still the same password later on */
};

static enum err find_proof(struct ctx *c, int statement, struct db_arg key, struct proof *out) {
    struct db_rows rows;
    *out = (struct proof){0};
    enum err e = db_one(c->db, &rows, &sql[statement], ARGS(key));
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    account_read(&rows, 0, &out->account);
    out->account.last_login = db_int(&rows, ACCOUNT_COLUMN_COUNT);
    out->hash = db_text(&rows, ACCOUNT_COLUMN_COUNT + 1);
    out->changed_at = db_int(&rows, ACCOUNT_COLUMN_COUNT + 2);
    return db_close(&rows);
}

static enum err find_by_login(struct ctx *c, struct text login, struct proof *out) {
    bool email = login.size && memchr(login.at, '@', login.size);
    struct text key = text_lower(c->arena, login);
    return find_proof(c, email ? BY_EMAIL : BY_USERNAME, arg_text(key), out);
}

/* ---- One attempt ----------------------------------------------------------------------------- */

/* An attempt as the throttle counts it. */
struct attempt {
    struct text name;
    const struct address *address;
};

static enum err attempt_begin(struct ctx *c, const struct attempt *a, int64_t *retry) {
    *retry = 0;
    return c->core->policy.rate_limit ? throttle_attempt(c, a->name, a->address, retry) : OK;
}

/* Tells the throttle what became of it, and passes it on. What could not be counted has not
 * happened: nobody hears whether the password was right. */
static enum err attempt_end(struct ctx *c, const struct attempt *a, enum err result) {
    if (!c->core->policy.rate_limit)
        return result;
    if (result == OK || result == ERR_BANNED)
        TRY(throttle_passed(c, a->name, a->address));
    else if (result == ERR_INVALID_CREDENTIALS)
        TRY(throttle_failed(c, a->name, a->address));
    else
        TRY(throttle_dropped(c, a->name, a->address));
    return result;
}

/* Whether the account may be entered by whoever knows its password. */
static enum err admit(const struct account *a) {
    if (!(a->flags & ACCOUNT_ACTIVE))
        return ERR_INVALID_CREDENTIALS;
    return a->flags & ACCOUNT_BANNED ? ERR_BANNED : OK;
}

/* One full hash, whoever it is. */
static enum err judge(struct ctx *c, const struct proof *p, struct text password) {
    bool right = password_verify(c, p->hash, password);
    return right ? admit(&p->account) : ERR_INVALID_CREDENTIALS;
}

/* A failure leaves the old hash, which is as good as before. */
static void rehash(struct ctx *c, const struct proof *p, struct text password) {
    struct text hash;
    if (!password_outdated(&c->core->policy, p->hash) || password_hash(c, password, &hash) != OK ||
        db_begin(c->db) != OK)
        return;
    if (db_end(c->db, password_rehash(c, p->account.id, p->hash, hash)) != OK)
        log_line(LOG_WARN, "password not rehashed user=%" PRId64, p->account.id);
}

/* Puts on record why somebody was not let in. What is opened is on record with what it opens. */
static enum err refused(struct ctx *c, enum audit_event event, int64_t user_id, enum err why) {
    if (why == ERR_RATE_LIMITED)
        audit_refused(c, &(struct audit_entry){.event = event,
                                               .outcome = AUDIT_OUTCOME_LIMITED,
                                               .user_id = user_id,
                                               .actor_id = c->by.user_id});
    if (why != ERR_INVALID_CREDENTIALS && why != ERR_BANNED)
        return why;
    enum audit_outcome outcome = why == ERR_BANNED ? AUDIT_OUTCOME_BANNED : AUDIT_OUTCOME_FAILED;
    TRY(audit_alone(
        c, &(struct audit_entry){
               .event = event, .outcome = outcome, .user_id = user_id, .actor_id = c->by.user_id}));
    return why;
}

static enum err attempt(struct ctx *c, const struct attempt *a, const struct proof *p,
                        struct text password, int64_t *retry) {
    TRY(attempt_begin(c, a, retry));
    return attempt_end(c, a, judge(c, p, password));
}

static enum err prove(struct ctx *c, enum audit_event event, struct text login,
                      struct text password, const struct address *address, struct proof *out,
                      int64_t *retry) {
    *retry = 0;
    TRY(find_by_login(c, login, out));
    /* One budget for an account, by whichever of its names somebody asks for it. */
    const struct attempt a = {out->account.id ? out->account.username : login, address};
    TRY(refused(c, event, out->account.id, attempt(c, &a, out, password, retry)));
    rehash(c, out, password);
    return OK;
}

static enum err prove_again(struct ctx *c, int64_t user_id, struct text password,
                            const struct address *address, enum err wrong, struct proof *out,
                            int64_t *retry) {
    *retry = 0;
    TRY(find_proof(c, BY_ID, arg_int(user_id), out));
    if (!out->account.id)
        return ERR_USER_NOT_FOUND;
    const struct attempt a = {out->account.username, address};
    enum err e = refused(c, AUDIT_PASSWORD_CONFIRM, user_id, attempt(c, &a, out, password, retry));
    return e == ERR_INVALID_CREDENTIALS ? wrong : e;
}

enum err login_verify(struct ctx *c, struct text login, struct text password,
                      const struct address *address, struct account *out, int64_t *retry) {
    struct proof proof;
    TRY(prove(c, AUDIT_PASSWORD_CHECK, login, password, address, &proof, retry));
    *out = proof.account;
    return audit_alone(c, &(struct audit_entry){.event = AUDIT_PASSWORD_CHECK,
                                                .user_id = proof.account.id,
                                                .actor_id = c->by.user_id});
}

enum err login_confirm(struct ctx *c, int64_t user_id, struct text password,
                       const struct address *address, enum err wrong, int64_t *retry) {
    struct proof proof;
    return prove_again(c, user_id, password, address, wrong, &proof, retry);
}

/* ---- What a right password opens ------------------------------------------------------------- */

static enum err open_noted(struct ctx *c, enum audit_event event, const struct account *account,
                           const struct origin *origin, struct credentials *credentials) {
    TRY(session_open(c, account, origin, credentials));
    return audit_self(c, event, account->id, audit_detail(c, "session", credentials->session_id));
}

/* Inside the transaction: a ban, an erasure or a new password may have come between the comparison
 * and the session. */
static enum err open_session(struct ctx *c, const struct proof *proven, const struct origin *origin,
                             struct account *account, struct credentials *credentials) {
    struct proof now;
    TRY(find_proof(c, LOCKED, arg_int(proven->account.id), &now));
    if (!now.account.id || now.changed_at != proven->changed_at)
        return ERR_INVALID_CREDENTIALS;
    TRY(admit(&now.account));
    *account = now.account;
    account->last_login = c->now;
    return open_noted(c, AUDIT_LOGIN, account, origin, credentials);
}

enum err login_open(struct ctx *c, struct text login, struct text password,
                    const struct origin *origin, struct account *account,
                    struct credentials *credentials, int64_t *retry) {
    struct proof proof;
    TRY(prove(c, AUDIT_LOGIN, login, password, &origin->address, &proof, retry));
    TRY(db_begin(c->db));
    enum err e = db_end(c->db, open_session(c, &proof, origin, account, credentials));
    return refused(c, AUDIT_LOGIN, proof.account.id, e);
}

static enum err which_taken(struct ctx *c, const struct new_account *in) {
    bool taken;
    TRY(account_username_taken(c, in->username, &taken));
    if (taken)
        return ERR_USERNAME_TAKEN;
    TRY(account_email_taken(c, in->email, 0, &taken));
    return taken ? ERR_EMAIL_TAKEN : OK;
}

/* Both are looked up at one moment, so that whoever loses a race for both is told of the name. */
static enum err refuse_taken(struct ctx *c, const struct new_account *in) {
    TRY(db_snapshot(c->db));
    enum err e = which_taken(c, in);
    db_snapshot_end(c->db);
    return e;
}

static enum err create(struct ctx *c, const struct new_account *in, struct text hash,
                       const struct origin *origin, struct account *account,
                       struct credentials *credentials) {
    TRY(account_create(c, in, hash, account));
    account->last_login = c->now;
    return open_noted(c, AUDIT_REGISTER, account, origin, credentials);
}

enum err login_register(struct ctx *c, const struct new_account *in, const struct origin *origin,
                        struct account *account, struct credentials *credentials) {
    struct text hash;
    TRY(refuse_taken(c, in)); /* before a hash is spent on it; account_create has the last word */
    TRY(password_hash(c, in->password, &hash));
    TRY(db_begin(c->db));
    return db_end(c->db, create(c, in, hash, origin, account, credentials));
}

/* ---- Changing the password ------------------------------------------------------------------- */

static enum err change(struct ctx *c, const struct proof *proven, const struct caller *caller,
                       struct text hash) {
    struct proof now;
    TRY(find_proof(c, LOCKED, arg_int(caller->user_id), &now));
    if (!now.account.id)
        return ERR_USER_NOT_FOUND;
    if (now.changed_at != proven->changed_at)
        return ERR_CURRENT_PASSWORD;
    TRY(password_store(c, caller->user_id, hash));
    TRY(audit_self(c, AUDIT_PASSWORD_CHANGE, caller->user_id, TEXT("")));
    return session_end_all(c, caller->user_id, caller->session_id, NULL);
}

enum err login_change_password(struct ctx *c, const struct caller *caller, struct text current,
                               struct text new_password, const struct address *address,
                               int64_t *retry) {
    struct proof proof;
    struct text hash;
    TRY(prove_again(c, caller->user_id, current, address, ERR_CURRENT_PASSWORD, &proof, retry));
    TRY(password_hash(c, new_password, &hash));
    TRY(db_begin(c->db));
    return db_end(c->db, change(c, &proof, caller, hash));
}

static enum err set(struct ctx *c, int64_t user_id, struct text hash) {
    struct account account;
    TRY(account_lock(c, user_id, &account));
    TRY(password_store(c, user_id, hash));
    TRY(audit_act(c, AUDIT_PASSWORD_SET, user_id, TEXT("")));
    return session_end_all(c, user_id, 0, NULL);
}

enum err login_set_password(struct ctx *c, int64_t user_id, struct text password) {
    struct text hash;
    TRY(password_hash(c, password, &hash));
    TRY(db_begin(c->db));
    return db_end(c->db, set(c, user_id, hash));
}
