#include "core/moderation.h"

#include "core/audit.h"
#include "core/session.h"

static enum err may_act(const struct caller *by, const struct account *target) {
    if (!by)
        return OK;
    if (!by->staff || by->user_id == target->id)
        return ERR_FORBIDDEN;
    bool on_staff = target->flags & (ACCOUNT_STAFF | ACCOUNT_SUPERUSER);
    return on_staff && !by->superuser ? ERR_FORBIDDEN : OK;
}

/* The same for what may be done to oneself as well. */
static enum err may_act_or_own(const struct caller *by, const struct account *target) {
    return by && by->user_id == target->id ? OK : may_act(by, target);
}

static enum err ban(struct ctx *c, const struct caller *by, int64_t user_id, bool banned,
                    struct text reason) {
    struct account before;
    TRY(account_lock(c, user_id, &before));
    TRY(may_act(by, &before));
    struct account after = before;
    after.flags = banned ? before.flags | ACCOUNT_BANNED : before.flags & ~(int64_t)ACCOUNT_BANNED;
    after.ban_reason = banned ? reason : (struct text){0};
    if (after.flags != before.flags || banned)
        TRY(account_set_flags(c, &before, &after));
    TRY(audit_add(c, &(struct audit_entry){.event = banned ? AUDIT_BAN : AUDIT_UNBAN,
                                           .user_id = user_id,
                                           .actor_id = c->by.user_id,
                                           .note = after.ban_reason}));
    return banned ? session_end_all(c, user_id, 0, NULL) : OK;
}

/* What was not theirs to do is on record as well. */
static enum err denied(struct ctx *c, enum audit_event event, int64_t user_id, enum err e) {
    if (e == ERR_FORBIDDEN)
        TRY(audit_alone(c, &(struct audit_entry){.event = event,
                                                 .outcome = AUDIT_OUTCOME_DENIED,
                                                 .user_id = user_id,
                                                 .actor_id = c->by.user_id}));
    return e;
}

enum err moderation_ban(struct ctx *c, const struct caller *by, int64_t user_id, bool banned,
                        struct text reason) {
    TRY(db_begin(c->db));
    enum err e = db_end(c->db, ban(c, by, user_id, banned, reason));
    return denied(c, banned ? AUDIT_BAN : AUDIT_UNBAN, user_id, e);
}

static enum err force_logout(struct ctx *c, const struct caller *by, int64_t user_id,
                             int64_t *ended) {
    struct account target;
    TRY(account_lock(c, user_id, &target));
    TRY(may_act(by, &target));
    TRY(audit_act(c, AUDIT_FORCE_LOGOUT, user_id, TEXT("")));
    return session_end_all(c, user_id, 0, ended);
}

enum err moderation_force_logout(struct ctx *c, const struct caller *by, int64_t user_id,
                                 int64_t *ended) {
    TRY(db_begin(c->db));
    return denied(c, AUDIT_FORCE_LOGOUT, user_id,
                  db_end(c->db, force_logout(c, by, user_id, ended)));
}

static enum err end_session(struct ctx *c, const struct caller *by, int64_t user_id,
                            int64_t session_id) {
    struct account target;
    TRY(account_lock(c, user_id, &target));
    TRY(may_act_or_own(by, &target));
    return session_end_one(c, user_id, session_id);
}

enum err moderation_end_session(struct ctx *c, const struct caller *by, int64_t user_id,
                                int64_t session_id) {
    TRY(db_begin(c->db));
    return denied(c, AUDIT_SESSION_END, user_id,
                  db_end(c->db, end_session(c, by, user_id, session_id)));
}
