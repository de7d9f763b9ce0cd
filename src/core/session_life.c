#include "core/session_life.h"

#include "base/clock.h"
#include "core/account.h"
#include "core/daily.h"
#include "core/session_uses.h"

struct session_life session_life_read(const struct db_rows *rows) {
    return (struct session_life){db_int(rows, 0), db_int(rows, 1), db_int(rows, 2),
                                 db_int(rows, 3)};
}

int64_t session_ends_at(const struct ctx *c, int64_t created_at, int64_t used_at) {
    const struct policy *p = &c->core->policy;
    int64_t idle = used_at + p->session_idle, whole = created_at + p->session_lifetime;
    return idle < whole ? idle : whole;
}

/* The end that is stored came from the settings of that time, which may have been others. */
bool session_goes_on(const struct ctx *c, const struct session_life *life) {
    struct account account = {.flags = life->flags};
    return account_usable(&account) && c->now < life->expires_at &&
           c->now < session_ends_at(c, life->created_at, life->used_at) &&
           life->used_at <= c->now + CLOCK_SLACK;
}

/* How stale used_at may be. */
static int64_t stale_after(const struct ctx *c) {
    int64_t part = c->core->policy.session_idle / 16;
    return part < CLOCK_MINUTE ? part : CLOCK_MINUTE;
}

bool session_note_use(struct ctx *c, const struct session_life *life, int64_t user_id,
                      int64_t session_id) {
    int64_t slides_to = session_ends_at(c, life->created_at, c->now);
    if (c->now - life->used_at < stale_after(c) && slides_to - life->expires_at < stale_after(c))
        return false;
    session_uses_put(c->core->uses, &(struct session_use){user_id, session_id, c->now, slides_to});
    daily_active(c, user_id);
    return true;
}

enum err session_find(struct ctx *c, struct db_rows *rows, struct statement *statement,
                      int64_t user_id, int64_t session_id) {
    enum err e = db_one(c->db, rows, statement, ARGS(arg_int(user_id), arg_int(session_id)));
    return e == ERR_NOT_FOUND ? ERR_TOKEN_INVALID : e;
}

enum err session_sign(struct ctx *c, enum token_type type, int64_t user_id, int64_t session_id,
                      struct text *out) {
    const struct policy *p = &c->core->policy;
    int64_t lifetime = type == TOKEN_ACCESS ? p->access_lifetime : p->refresh_lifetime;
    struct token token = {type, user_id, session_id, c->now, c->now + lifetime};
    return token_sign(c, &token, out);
}

enum err session_verify(struct ctx *c, struct text jwt, enum token_type type, struct token *out) {
    *out = (struct token){0};
    enum err e = token_verify(c, jwt, type, out);
    if (e == ERR_TOKEN_INVALID && out->expires && out->expires <= c->now)
        session_uses_put(c->core->uses,
                         &(struct session_use){out->user_id, out->session_id, c->now, 0});
    return e;
}
