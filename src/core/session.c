#include "core/session.h"

#include <inttypes.h>

#include "base/digest.h"
#include "base/random.h"
#include "core/audit.h"
#include "core/daily.h"
#include "core/origin.h"
#include "core/session_life.h"
#include "core/statements.h"

enum { OPEN, LOGGED_IN, BY_ACCESS, BY_COOKIE, END, END_ALL };

static struct statement sql[] = {
    [OPEN] = {"session_open",
              "INSERT INTO sessions (user_id, id, created_at, used_at, expires_at, cookie_hash, "
              "refresh_hash, address, user_agent, name) "
              "VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9)"},
    [LOGGED_IN] = {"session_logged_in",
                   "UPDATE credentials SET last_login = $2 WHERE user_id = $1"},
    [BY_ACCESS] = {"session_by_access",
                   "SELECT " SESSION_LIFE
                   ", u.username FROM sessions s JOIN users u ON u.id = s.user_id "
                   "WHERE s.user_id = $1 AND s.id = $2"},
    [BY_COOKIE] = {"session_by_cookie", "SELECT " SESSION_LIFE ", u.username, s.cookie_hash "
                                        "FROM sessions s JOIN users u ON u.id = s.user_id "
                                        "WHERE s.user_id = $1 AND s.id = $2"},
    [END] = {"session_end",
             "DELETE FROM sessions WHERE user_id = $1 AND id = $2 AND expires_at > $3"},
    [END_ALL] = {.name = "session_end_all", /* in the order in which housekeeping takes them */
                 .sqlite = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2",
                 .postgres = "DELETE FROM sessions WHERE user_id = $1 AND id IN (SELECT id FROM "
                             "sessions WHERE user_id = $1 AND id <> $2 ORDER BY id FOR UPDATE)"},
};

void session_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- Opening --------------------------------------------------------------------------------- */

#define RANDOM_SIZE 32
#define RANDOM_TEXT BASE64URL_SIZE(RANDOM_SIZE)

static enum err make_credentials(struct ctx *c, int64_t user_id, int64_t id,
                                 struct credentials *out, uint8_t cookie_hash[DIGEST_SIZE]) {
    uint8_t bytes[RANDOM_SIZE];
    char text[RANDOM_TEXT];
    random_bytes(bytes, sizeof bytes);
    base64url_write(bytes, sizeof bytes, text);
    digest_sha256((struct text){text, sizeof text}, cookie_hash);
    out->session_id = id;
    out->cookie =
        text_format(c->arena, "%" PRId64 ".%" PRId64 ".%.*s", user_id, id, (int)sizeof text, text);
    TRY(session_sign(c, TOKEN_ACCESS, user_id, id, &out->access));
    return session_sign(c, TOKEN_REFRESH, user_id, id, &out->refresh);
}

enum err session_open(struct ctx *c, const struct account *account, const struct origin *origin,
                      struct credentials *out) {
    int64_t id;
    uint8_t cookie_hash[DIGEST_SIZE], refresh_hash[DIGEST_SIZE];
    TRY(db_next_id(c->db, "sessions", &id));
    TRY(make_credentials(c, account->id, id, out, cookie_hash));
    digest_sha256(out->refresh, refresh_hash);
    TRY(db_exec(c->db, &sql[OPEN],
                ARGS(arg_int(account->id), arg_int(id), arg_int(c->now),
                     arg_int(session_ends_at(c, c->now, c->now)),
                     arg_blob(cookie_hash, sizeof cookie_hash),
                     arg_blob(refresh_hash, sizeof refresh_hash),
                     arg_text(origin_address(c->arena, origin)),
                     arg_text(origin_agent(c->arena, origin)), arg_text(origin->name)),
                NULL));
    daily_active(c, account->id);
    return db_exec(c->db, &sql[LOGGED_IN], ARGS(arg_int(account->id), arg_int(c->now)), NULL);
}

/* ---- Who holds a credential ------------------------------------------------------------------ */

struct holder {
    int64_t user_id, session_id;
    bool by_cookie;
};

static void read_caller(const struct db_rows *rows, const struct holder *h, struct caller *out) {
    int64_t flags = session_life_read(rows).flags;
    *out = (struct caller){
        .user_id = h->user_id,
        .session_id = h->session_id,
        .username = db_text(rows, SESSION_LIFE_COUNT),
        .staff = flags & ACCOUNT_ON_STAFF,
        .superuser = flags & ACCOUNT_SUPERUSER,
        .is_staff = flags & ACCOUNT_STAFF,
        .by_cookie = h->by_cookie,
    };
}

static void find_ahead(struct ctx *c, int statement, const struct holder *h) {
    db_ahead(c->db, &sql[statement], ARGS(arg_int(h->user_id), arg_int(h->session_id)));
}

enum err session_by_access_ahead(struct ctx *c, struct text jwt, int64_t *user_id) {
    struct token token;
    TRY(session_verify(c, jwt, TOKEN_ACCESS, &token));
    find_ahead(c, BY_ACCESS, &(struct holder){token.user_id, token.session_id, false});
    *user_id = token.user_id;
    return OK;
}

enum err session_by_access(struct ctx *c, struct text jwt, struct caller *out) {
    struct token token;
    struct db_rows rows;
    TRY(session_verify(c, jwt, TOKEN_ACCESS, &token));
    TRY(session_find(c, &rows, &sql[BY_ACCESS], token.user_id, token.session_id));
    struct holder holder = {token.user_id, token.session_id, false};
    struct session_life life = session_life_read(&rows);
    bool good = session_goes_on(c, &life);
    if (good) {
        session_note_use(c, &life, holder.user_id, holder.session_id);
        read_caller(&rows, &holder, out);
    }
    TRY(db_close(&rows));
    return good ? OK : ERR_TOKEN_INVALID;
}

static bool cookie_parse(struct text cookie, struct holder *out, struct text *secret) {
    struct text user, session;
    out->by_cookie = true;
    return text_split(&cookie, '.', &user) && text_split(&cookie, '.', &session) &&
           text_split(&cookie, '.', secret) && !cookie.at && secret->size == RANDOM_TEXT &&
           text_to_int(user, &out->user_id) && text_to_int(session, &out->session_id);
}

void session_by_cookie_ahead(struct ctx *c, struct text cookie, int64_t *user_id) {
    struct holder holder;
    struct text secret;
    if (!cookie_parse(cookie, &holder, &secret))
        return;
    find_ahead(c, BY_COOKIE, &holder);
    *user_id = holder.user_id;
}

static bool same_hash(struct text stored, struct text secret) {
    uint8_t hash[DIGEST_SIZE];
    digest_sha256(secret, hash);
    return stored.size == sizeof hash && digest_equal(stored.at, hash, sizeof hash);
}

enum err session_by_cookie(struct ctx *c, struct text cookie, struct caller *out) {
    struct holder holder;
    struct text secret;
    struct db_rows rows;
    if (!cookie_parse(cookie, &holder, &secret))
        return ERR_TOKEN_INVALID;
    TRY(session_find(c, &rows, &sql[BY_COOKIE], holder.user_id, holder.session_id));
    struct session_life life = session_life_read(&rows);
    bool good =
        same_hash(db_text(&rows, SESSION_LIFE_COUNT + 1), secret) && session_goes_on(c, &life);
    if (good) {
        read_caller(&rows, &holder, out);
        out->slid = session_note_use(c, &life, holder.user_id, holder.session_id);
    }
    TRY(db_close(&rows));
    return good ? OK : ERR_TOKEN_INVALID;
}

/* ---- Ending ---------------------------------------------------------------------------------- */

enum err session_delete(struct ctx *c, int64_t user_id, int64_t session_id, int64_t *deleted) {
    return db_exec(c->db, &sql[END], ARGS(arg_int(user_id), arg_int(session_id), arg_int(c->now)),
                   deleted);
}

enum err session_end_one(struct ctx *c, int64_t user_id, int64_t session_id) {
    int64_t changed = 0;
    TRY(session_delete(c, user_id, session_id, &changed));
    if (!changed)
        return ERR_NOT_FOUND;
    bool logout = user_id == c->by.user_id && session_id == c->by.session_id;
    return audit_act(c, logout ? AUDIT_LOGOUT : AUDIT_SESSION_END, user_id,
                     audit_detail(c, "session", session_id));
}

enum err session_end(struct ctx *c, int64_t user_id, int64_t session_id) {
    TRY(db_begin(c->db));
    return db_end(c->db, session_end_one(c, user_id, session_id));
}

enum err session_logout(struct ctx *c, int64_t user_id, struct text refresh_jwt) {
    struct token token;
    enum err e = token_verify(c, refresh_jwt, TOKEN_REFRESH, &token);
    if (e == ERR_TOKEN_INVALID || (e == OK && token.user_id != user_id))
        return ERR_REFRESH_NOT_OWN;
    TRY(e);
    e = session_end(c, user_id, token.session_id);
    return e == ERR_NOT_FOUND ? ERR_REFRESH_NOT_OWN : e;
}

enum err session_end_all(struct ctx *c, int64_t user_id, int64_t except, int64_t *ended) {
    return db_exec(c->db, &sql[END_ALL], ARGS(arg_int(user_id), arg_int(except)), ended);
}

static enum err logout_everywhere(struct ctx *c, int64_t user_id) {
    int64_t ended;
    TRY(account_hold(c, user_id));
    TRY(session_end_all(c, user_id, 0, &ended));
    return audit_self(c, AUDIT_LOGOUT, user_id, audit_detail(c, "sessions", ended));
}

enum err session_logout_everywhere(struct ctx *c, int64_t user_id) {
    TRY(db_begin(c->db));
    return db_end(c->db, logout_everywhere(c, user_id));
}
