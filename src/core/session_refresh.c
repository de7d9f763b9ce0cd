#include "core/session.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "core/audit.h"
#include "core/session_life.h"
#include "core/statements.h"

enum { LOAD, ROTATE };

static struct statement sql[] = {
    [LOAD] = {"session_load_refresh",
              "SELECT " SESSION_LIFE
              ", s.refresh_hash, s.refresh_previous, s.refreshed_at FROM sessions s "
              "JOIN users u ON u.id = s.user_id WHERE s.user_id = $1 AND s.id = $2"},
    [ROTATE] = {"session_rotate",
                "UPDATE sessions SET refresh_hash = $4, refresh_previous = $3, refreshed_at = $5, "
                "used_at = $5, expires_at = CASE WHEN expires_at < $6 THEN $6 ELSE expires_at END "
                "WHERE user_id = $1 AND id = $2 AND refresh_hash = $3"},
};

void session_refresh_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

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
    struct text current = db_text(rows, SESSION_LIFE_COUNT);
    r->refreshed_at = db_int(rows, SESSION_LIFE_COUNT + 2);
    r->created_at = session_life_read(rows).created_at;
    if (same_bytes(current, r->hash))
        r->standing = STANDING_CURRENT;
    else if (same_bytes(db_text(rows, SESSION_LIFE_COUNT + 1), r->hash) &&
             llabs(c->now - r->refreshed_at) <= GRACE)
        r->standing = STANDING_REPLACED;
    else
        r->standing = STANDING_REPLAYED;
    if (current.size == DIGEST_SIZE)
        memcpy(r->current, current.at, DIGEST_SIZE);
}

static enum err load_refresh(struct ctx *c, struct refresh *r) {
    struct db_rows rows;
    TRY(session_find(c, &rows, &sql[LOAD], r->token.user_id, r->token.session_id));
    struct session_life life = session_life_read(&rows);
    bool good = session_goes_on(c, &life);
    if (good) {
        read_refresh(c, &rows, r);
        session_note_use(c, &life, r->token.user_id, r->token.session_id);
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
                     arg_int(c->now), arg_int(session_ends_at(c, r->created_at, c->now))),
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
    int64_t ended;
    TRY(session_delete(c, token->user_id, token->session_id, &ended));
    return audit_add(
        c, &(struct audit_entry){.event = AUDIT_TOKEN_REUSE,
                                 .outcome = AUDIT_OUTCOME_FAILED,
                                 .user_id = token->user_id,
                                 .detail = audit_detail(c, "session", token->session_id)});
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
                               audit_detail(c, "session", r->token.session_id));
}

static enum err note_refresh(struct ctx *c, const struct token *token) {
    return audit_alone(
        c, &(struct audit_entry){.event = AUDIT_REFRESH,
                                 .user_id = token->user_id,
                                 .actor_id = token->user_id,
                                 .detail = audit_detail(c, "session", token->session_id)});
}

enum err session_refresh(struct ctx *c, struct text refresh_jwt, struct text *access,
                         struct text *refresh) {
    struct refresh r = {0};
    *refresh = (struct text){0};
    TRY(session_verify(c, refresh_jwt, TOKEN_REFRESH, &r.token));
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
    return session_sign(c, TOKEN_ACCESS, r.token.user_id, r.token.session_id, access);
}
