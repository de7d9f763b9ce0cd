#include "core/session.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/random.h"
#include "core/audit.h"
#include "core/daily.h"
#include "core/origin.h"
#include "core/session_uses.h"
#include "core/statements.h"

enum {
    OPEN,
    LOGGED_IN,
    BY_ACCESS,
    BY_COOKIE,
    LOAD_REFRESH,
    ROTATE,
    END,
    END_ALL,
    RENAME,
    LIST,
    LIVE,
    USED,
    ANY_EXPIRED,
    END_EXPIRED,
};

/* Those that another node is about to delete are passed over (`lock`). */
#define DELETE_EXPIRED(lock)                                                                       \
    "DELETE FROM sessions WHERE (user_id, id) IN (SELECT user_id, id "                             \
    "FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT 500" lock ")"

/* What tells whether a session lives; `struct life`. */
#define LIFE       "s.used_at, s.expires_at, s.created_at, u.flags"
#define LIFE_COUNT 4
#define LIVE_OF                                                                                    \
    "sessions WHERE user_id = $1 AND expires_at > $2 AND used_at > $3 AND created_at > $4"
#define SESSION_COLUMNS "id, created_at, used_at, expires_at, address, user_agent, name"

static struct statement sql[] = {
    [OPEN] = {"session_open",
              "INSERT INTO sessions (user_id, id, created_at, used_at, expires_at, cookie_hash, "
              "refresh_hash, address, user_agent, name) "
              "VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9)"},
    [LOGGED_IN] = {"session_logged_in",
                   "UPDATE credentials SET last_login = $2 WHERE user_id = $1"},
    [BY_ACCESS] = {"session_by_access",
                   "SELECT " LIFE ", u.username FROM sessions s JOIN users u ON u.id = s.user_id "
                   "WHERE s.user_id = $1 AND s.id = $2"},
    [BY_COOKIE] = {"session_by_cookie", "SELECT " LIFE ", u.username, s.cookie_hash "
                                        "FROM sessions s JOIN users u ON u.id = s.user_id "
                                        "WHERE s.user_id = $1 AND s.id = $2"},
    [LOAD_REFRESH] = {"session_load_refresh",
                      "SELECT " LIFE
                      ", s.refresh_hash, s.refresh_previous, s.refreshed_at FROM sessions s "
                      "JOIN users u ON u.id = s.user_id WHERE s.user_id = $1 AND s.id = $2"},
    [ROTATE] = {"session_rotate",
                "UPDATE sessions SET refresh_hash = $4, refresh_previous = $3, refreshed_at = $5, "
                "used_at = $5, expires_at = CASE WHEN expires_at < $6 THEN $6 ELSE expires_at END "
                "WHERE user_id = $1 AND id = $2 AND refresh_hash = $3"},
    [END] = {"session_end",
             "DELETE FROM sessions WHERE user_id = $1 AND id = $2 AND expires_at > $3"},
    [END_ALL] = {.name = "session_end_all", /* in the order in which housekeeping takes them */
                 .sqlite = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2",
                 .postgres = "DELETE FROM sessions WHERE user_id = $1 AND id IN (SELECT id FROM "
                             "sessions WHERE user_id = $1 AND id <> $2 ORDER BY id FOR UPDATE)"},
    [RENAME] = {"session_rename",
                "UPDATE sessions SET name = COALESCE(CAST($3 AS TEXT), name) "
                "WHERE user_id = $1 AND id = $2 AND expires_at > $4 AND used_at > $5 "
                "AND created_at > $6 RETURNING " SESSION_COLUMNS},
    [LIST] = {"session_list",
              "SELECT " SESSION_COLUMNS " FROM " LIVE_OF " ORDER BY id DESC LIMIT 1000"},
    [LIVE] = {"session_count", "SELECT COUNT(*) FROM " LIVE_OF},
    [USED] = {"session_used",
              "UPDATE sessions SET used_at = CASE WHEN used_at < $3 THEN $3 ELSE used_at END, "
              "expires_at = CASE WHEN expires_at < $4 THEN $4 ELSE expires_at END "
              "WHERE user_id = $1 AND id = $2"},
    [ANY_EXPIRED] = {"session_any_expired",
                     "SELECT id FROM sessions WHERE expires_at <= $1 LIMIT 1"},
    [END_EXPIRED] = {.name = "session_end_expired",
                     .sqlite = DELETE_EXPIRED(""),
                     .postgres = DELETE_EXPIRED(" FOR UPDATE SKIP LOCKED")},
};

void session_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- How long they live ---------------------------------------------------------------------- */

struct life {
    int64_t used_at, expires_at, created_at, flags;
};

static struct life read_life(const struct db_rows *rows) {
    return (struct life){db_int(rows, 0), db_int(rows, 1), db_int(rows, 2), db_int(rows, 3)};
}

/* When a session ends unless it is used again. */
static int64_t end_of(const struct ctx *c, int64_t created_at, int64_t used_at) {
    const struct policy *p = &c->core->policy;
    int64_t idle = used_at + p->session_idle, whole = created_at + p->session_lifetime;
    return idle < whole ? idle : whole;
}

/* The end that is stored came from the settings of that time, which may have been others. */
static bool alive(const struct ctx *c, const struct life *life) {
    struct account account = {.flags = life->flags};
    return account_usable(&account) && c->now < life->expires_at &&
           c->now < end_of(c, life->created_at, life->used_at) &&
           life->used_at <= c->now + CLOCK_SLACK;
}

/* ---- Opening --------------------------------------------------------------------------------- */

#define RANDOM_SIZE 32
#define RANDOM_TEXT BASE64URL_SIZE(RANDOM_SIZE)

static enum err sign(struct ctx *c, enum token_type type, int64_t user_id, int64_t session_id,
                     struct text *out) {
    const struct policy *p = &c->core->policy;
    int64_t lifetime = type == TOKEN_ACCESS ? p->access_lifetime : p->refresh_lifetime;
    struct token token = {type, user_id, session_id, c->now, c->now + lifetime};
    return token_sign(c, &token, out);
}

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
    TRY(sign(c, TOKEN_ACCESS, user_id, id, &out->access));
    return sign(c, TOKEN_REFRESH, user_id, id, &out->refresh);
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
                     arg_int(end_of(c, c->now, c->now)), arg_blob(cookie_hash, sizeof cookie_hash),
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

/* How stale used_at may be. */
static int64_t stale_after(const struct ctx *c) {
    int64_t part = c->core->policy.session_idle / 16;
    return part < CLOCK_MINUTE ? part : CLOCK_MINUTE;
}

/* Whether there was anything to note. */
static bool note_use(struct ctx *c, const struct life *life, const struct holder *h) {
    if (c->now - life->used_at < stale_after(c))
        return false;
    int64_t slides_to = end_of(c, life->created_at, c->now);
    session_uses_put(c->core->uses,
                     &(struct session_use){h->user_id, h->session_id, c->now, slides_to});
    daily_active(c, h->user_id);
    return true;
}

/* token_verify. That a token has been found expired is noted as well, though it prolongs nothing:
 * so it stays expired when the clock is set back. */
static enum err verify(struct ctx *c, struct text jwt, enum token_type type, struct token *out) {
    *out = (struct token){0};
    enum err e = token_verify(c, jwt, type, out);
    if (e == ERR_TOKEN_INVALID && out->expires && out->expires <= c->now)
        session_uses_put(c->core->uses,
                         &(struct session_use){out->user_id, out->session_id, c->now, 0});
    return e;
}

static void read_caller(const struct db_rows *rows, const struct holder *h, struct caller *out) {
    int64_t flags = read_life(rows).flags;
    *out = (struct caller){
        .user_id = h->user_id,
        .session_id = h->session_id,
        .username = db_text(rows, LIFE_COUNT),
        .staff = flags & (ACCOUNT_STAFF | ACCOUNT_SUPERUSER),
        .superuser = flags & ACCOUNT_SUPERUSER,
        .is_staff = flags & ACCOUNT_STAFF,
        .by_cookie = h->by_cookie,
    };
}

/* db_one by the key of a session. */
static enum err find(struct ctx *c, struct db_rows *rows, int statement, int64_t user_id,
                     int64_t session_id) {
    enum err e = db_one(c->db, rows, &sql[statement], ARGS(arg_int(user_id), arg_int(session_id)));
    return e == ERR_NOT_FOUND ? ERR_TOKEN_INVALID : e;
}

static void find_ahead(struct ctx *c, int statement, const struct holder *h) {
    db_ahead(c->db, &sql[statement], ARGS(arg_int(h->user_id), arg_int(h->session_id)));
}

enum err session_by_access_ahead(struct ctx *c, struct text jwt, int64_t *user_id) {
    struct token token;
    TRY(verify(c, jwt, TOKEN_ACCESS, &token));
    find_ahead(c, BY_ACCESS, &(struct holder){token.user_id, token.session_id, false});
    *user_id = token.user_id;
    return OK;
}

enum err session_by_access(struct ctx *c, struct text jwt, struct caller *out) {
    struct token token;
    struct db_rows rows;
    TRY(verify(c, jwt, TOKEN_ACCESS, &token));
    TRY(find(c, &rows, BY_ACCESS, token.user_id, token.session_id));
    struct holder holder = {token.user_id, token.session_id, false};
    struct life life = read_life(&rows);
    bool good = alive(c, &life);
    if (good) {
        note_use(c, &life, &holder);
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
    TRY(find(c, &rows, BY_COOKIE, holder.user_id, holder.session_id));
    struct life life = read_life(&rows);
    bool good = same_hash(db_text(&rows, LIFE_COUNT + 1), secret) && alive(c, &life);
    if (good) {
        read_caller(&rows, &holder, out);
        out->slid = note_use(c, &life, &holder);
    }
    TRY(db_close(&rows));
    return good ? OK : ERR_TOKEN_INVALID;
}

static struct text session_detail(struct ctx *c, int64_t session_id) {
    return audit_detail(c, "session", session_id);
}

/* ---- Refreshing ------------------------------------------------------------------------------ */

#define GRACE (10 * CLOCK_SECOND)

enum standing {
    STANDING_CURRENT,
    STANDING_REPLACED, /* a moment ago: a client that asked twice at once */
    STANDING_REPLAYED,
};

struct refresh {
    struct token token;
    uint8_t hash[DIGEST_SIZE];    /* of the token presented */
    uint8_t current[DIGEST_SIZE]; /* stored */
    enum standing standing;
    int64_t refreshed_at;
    int64_t created_at; /* of the session */
};

static bool same_bytes(struct text stored, const uint8_t hash[DIGEST_SIZE]) {
    return stored.size == DIGEST_SIZE && digest_equal(stored.at, hash, DIGEST_SIZE);
}

static void read_refresh(struct ctx *c, const struct db_rows *rows, struct refresh *r) {
    struct text current = db_text(rows, LIFE_COUNT);
    r->refreshed_at = db_int(rows, LIFE_COUNT + 2);
    r->created_at = read_life(rows).created_at;
    if (same_bytes(current, r->hash))
        r->standing = STANDING_CURRENT;
    else if (same_bytes(db_text(rows, LIFE_COUNT + 1), r->hash) &&
             llabs(c->now - r->refreshed_at) <= GRACE)
        r->standing = STANDING_REPLACED;
    else
        r->standing = STANDING_REPLAYED;
    if (current.size == DIGEST_SIZE)
        memcpy(r->current, current.at, DIGEST_SIZE);
}

static enum err load_refresh(struct ctx *c, struct refresh *r) {
    struct db_rows rows;
    TRY(find(c, &rows, LOAD_REFRESH, r->token.user_id, r->token.session_id));
    struct life life = read_life(&rows);
    bool good = alive(c, &life);
    if (good) {
        read_refresh(c, &rows, r);
        note_use(c, &life,
                 &(struct holder){r->token.user_id, r->token.session_id, .by_cookie = false});
    }
    TRY(db_close(&rows));
    return good ? OK : ERR_TOKEN_INVALID;
}

/* The token that takes the place of the one presented, issued at `when`. It follows from that one,
 * so that signing it again within the grace gives the same token: only its hash is stored. */
static enum err sign_successor(struct ctx *c, const struct refresh *r, int64_t when,
                               struct text *out) {
    uint8_t jti[DIGEST_SIZE];
    digest_sha256((struct text){(const char *)r->hash, sizeof r->hash}, jti);
    struct token token = {TOKEN_REFRESH, r->token.user_id, r->token.session_id, when,
                          when + c->core->policy.refresh_lifetime};
    return token_sign_as(c, &token, jti, out);
}

/* *rotated is false when somebody else was faster. */
static enum err rotate(struct ctx *c, const struct refresh *r, struct text *refresh,
                       bool *rotated) {
    TRY(sign_successor(c, r, c->now, refresh));
    uint8_t hash[DIGEST_SIZE];
    digest_sha256(*refresh, hash);
    int64_t changed;
    TRY(db_exec(c->db, &sql[ROTATE],
                ARGS(arg_int(r->token.user_id), arg_int(r->token.session_id),
                     arg_blob(r->hash, sizeof r->hash), arg_blob(hash, sizeof hash),
                     arg_int(c->now), arg_int(end_of(c, r->created_at, c->now))),
                &changed));
    *rotated = changed == 1;
    return OK;
}

static enum err repeat_successor(struct ctx *c, const struct refresh *r, struct text *refresh) {
    TRY(sign_successor(c, r, r->refreshed_at, refresh));
    uint8_t hash[DIGEST_SIZE];
    digest_sha256(*refresh, hash);
    /* They differ when the signing key or the lifetime changed within the grace. */
    return digest_equal(hash, r->current, sizeof hash) ? OK : ERR_TOKEN_INVALID;
}

static enum err end_replayed(struct ctx *c, const struct token *token) {
    TRY(db_exec(c->db, &sql[END],
                ARGS(arg_int(token->user_id), arg_int(token->session_id), arg_int(c->now)), NULL));
    return audit_add(c, &(struct audit_entry){.event = AUDIT_TOKEN_REUSE,
                                              .outcome = AUDIT_OUTCOME_FAILED,
                                              .user_id = token->user_id,
                                              .detail = session_detail(c, token->session_id)});
}

static enum err rotate_or_end(struct ctx *c, struct refresh *r, struct text *refresh, bool *ended) {
    bool rotated = false;
    for (int tries = 0; tries < 2 && !rotated; tries++) {
        TRY(load_refresh(c, r));
        if (r->standing == STANDING_REPLACED)
            return repeat_successor(c, r, refresh);
        if (r->standing == STANDING_REPLAYED) {
            *ended = true;
            return end_replayed(c, &r->token);
        }
        if (!c->core->policy.refresh_rotation)
            return OK;
        TRY(rotate(c, r, refresh, &rotated));
    }
    return rotated ? OK : ERR_TOKEN_INVALID;
}

static enum err exchange(struct ctx *c, struct refresh *r, struct text *refresh, bool *ended) {
    TRY(rotate_or_end(c, r, refresh, ended));
    return *ended ? OK
                  : audit_self(c, AUDIT_REFRESH, r->token.user_id,
                               session_detail(c, r->token.session_id));
}

static enum err note_refresh(struct ctx *c, const struct token *token) {
    return audit_alone(c, &(struct audit_entry){.event = AUDIT_REFRESH,
                                                .user_id = token->user_id,
                                                .actor_id = token->user_id,
                                                .detail = session_detail(c, token->session_id)});
}

enum err session_refresh(struct ctx *c, struct text refresh_jwt, struct text *access,
                         struct text *refresh) {
    struct refresh r = {0};
    *refresh = (struct text){0};
    TRY(verify(c, refresh_jwt, TOKEN_REFRESH, &r.token));
    digest_sha256(refresh_jwt, r.hash);
    TRY(load_refresh(c, &r));
    if (c->core->policy.refresh_rotation || r.standing == STANDING_REPLAYED) {
        bool ended = false;
        TRY(db_begin(c->db));
        TRY(db_end(c->db, exchange(c, &r, refresh, &ended)));
        if (ended) {
            log_line(LOG_WARN, "refresh token replayed, session ended user=%" PRId64,
                     r.token.user_id);
            return ERR_TOKEN_INVALID;
        }
    } else {
        TRY(note_refresh(c, &r.token));
    }
    return sign(c, TOKEN_ACCESS, r.token.user_id, r.token.session_id, access);
}

/* ---- Ending ---------------------------------------------------------------------------------- */

enum err session_end_one(struct ctx *c, int64_t user_id, int64_t session_id) {
    int64_t changed = 0;
    TRY(db_exec(c->db, &sql[END], ARGS(arg_int(user_id), arg_int(session_id), arg_int(c->now)),
                &changed));
    if (!changed)
        return ERR_NOT_FOUND;
    bool logout = user_id == c->by.user_id && session_id == c->by.session_id;
    return audit_act(c, logout ? AUDIT_LOGOUT : AUDIT_SESSION_END, user_id,
                     session_detail(c, session_id));
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

/* ---- Listing and naming ---------------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static void read_session(struct ctx *c, const struct db_rows *rows, struct session *out) {
    *out = (struct session){
        .id = db_int(rows, 0),
        .created_at = db_int(rows, 1),
        .used_at = db_int(rows, 2),
        .expires_at = earlier(db_int(rows, 3), end_of(c, db_int(rows, 1), db_int(rows, 2))),
        .address = db_text(rows, 4),
        .user_agent = db_text(rows, 5),
        .name = db_text(rows, 6),
    };
}

static enum err rename_one(struct ctx *c, int64_t user_id, int64_t session_id,
                           const struct text *name, struct session *out) {
    const struct policy *p = &c->core->policy;
    struct db_rows rows;
    TRY(db_one(c->db, &rows, &sql[RENAME],
               ARGS(arg_int(user_id), arg_int(session_id), name ? arg_text(*name) : arg_null(),
                    arg_int(c->now), arg_int(c->now - p->session_idle),
                    arg_int(c->now - p->session_lifetime))));
    read_session(c, &rows, out);
    return db_close(&rows);
}

enum err session_rename(struct ctx *c, int64_t user_id, int64_t session_id, const struct text *name,
                        struct session *out) {
    TRY(db_begin(c->db));
    return db_end(c->db, rename_one(c, user_id, session_id, name, out));
}

enum err session_count(struct ctx *c, int64_t user_id, int64_t *out) {
    const struct policy *p = &c->core->policy;
    return db_scalar(c->db, &sql[LIVE],
                     ARGS(arg_int(user_id), arg_int(c->now), arg_int(c->now - p->session_idle),
                          arg_int(c->now - p->session_lifetime)),
                     out);
}

enum err session_list(struct ctx *c, int64_t user_id, struct session **out, size_t *count) {
    size_t room = 16;
    struct session *list = ARENA_ARRAY(c->arena, struct session, room);
    struct db_rows rows;
    *count = 0;
    const struct policy *p = &c->core->policy;
    db_query(c->db, &rows, &sql[LIST],
             ARGS(arg_int(user_id), arg_int(c->now), arg_int(c->now - p->session_idle),
                  arg_int(c->now - p->session_lifetime)));
    while (db_next(&rows)) {
        if (*count == room) {
            struct session *wider = ARENA_ARRAY(c->arena, struct session, 2 * room);
            memcpy(wider, list, room * sizeof *list);
            list = wider;
            room *= 2;
        }
        read_session(c, &rows, &list[(*count)++]);
    }
    *out = list;
    return db_close(&rows);
}

/* ---- Housekeeping ---------------------------------------------------------------------------- */

#define USES_AT_ONCE    256 /* others wait for the writer meanwhile */
#define EXPIRED_AT_ONCE 500 /* the LIMIT of END_EXPIRED */
#define EXPIRED_ROUNDS  20

static enum err write_some_uses(struct ctx *c, const struct session_use *uses, size_t count) {
    for (size_t i = 0; i < count; i++)
        TRY(db_exec(c->db, &sql[USED],
                    ARGS(arg_int(uses[i].user_id), arg_int(uses[i].session_id),
                         arg_int(uses[i].used_at), arg_int(uses[i].expires_at)),
                    NULL));
    return OK;
}

static int compare_uses(const void *left, const void *right) {
    const struct session_use *a = left, *b = right;
    if (a->user_id != b->user_id)
        return a->user_id < b->user_id ? -1 : 1;
    return a->session_id < b->session_id ? -1 : a->session_id > b->session_id;
}

/* In one order, so that nodes that write the same sessions do not wait for each other in a circle.
 */
static enum err write_uses(struct ctx *c) {
    struct session_use *uses;
    size_t count = session_uses_take(c->core->uses, c->arena, &uses);
    qsort(uses, count, sizeof *uses, compare_uses);
    for (size_t done = 0; done < count; done += USES_AT_ONCE) {
        size_t some = count - done < USES_AT_ONCE ? count - done : USES_AT_ONCE;
        TRY(db_begin(c->db));
        TRY(db_end(c->db, write_some_uses(c, uses + done, some)));
    }
    return OK;
}

static enum err end_expired(struct ctx *c) {
    int64_t any, ended = EXPIRED_AT_ONCE;
    enum err e = db_scalar(c->db, &sql[ANY_EXPIRED], ARGS(arg_int(c->now)), &any);
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    for (int round = 0; round < EXPIRED_ROUNDS && ended == EXPIRED_AT_ONCE; round++) {
        TRY(db_begin(c->db));
        TRY(db_end(c->db, db_exec(c->db, &sql[END_EXPIRED], ARGS(arg_int(c->now)), &ended)));
    }
    return OK;
}

enum err session_housekeeping(struct ctx *c) {
    enum err written = write_uses(c);
    enum err ended = end_expired(c);
    enum err settled = db_wait(c->db);
    return written != OK ? written : ended != OK ? ended : settled;
}
