#include "core/moderation.h"

#include "core/session.h"

static enum err may_act(const struct caller *by, const struct account *target) {
    if (!by)
        return OK;
    if (!by->staff || by->user_id == target->id)
        return ERR_FORBIDDEN;
    bool on_staff = target->flags & (ACCOUNT_STAFF | ACCOUNT_SUPERUSER);
    return on_staff && !by->superuser ? ERR_FORBIDDEN : OK;
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
    return banned ? session_end_all(c, user_id, 0, NULL) : OK;
}

enum err moderation_ban(struct ctx *c, const struct caller *by, int64_t user_id, bool banned,
                        struct text reason) {
    TRY(db_begin(c->db));
    return db_end(c->db, ban(c, by, user_id, banned, reason));
}

static enum err force_logout(struct ctx *c, const struct caller *by, int64_t user_id,
                             int64_t *ended) {
    struct account target;
    TRY(account_lock(c, user_id, &target));
    TRY(may_act(by, &target));
    return session_end_all(c, user_id, 0, ended);
}

enum err moderation_force_logout(struct ctx *c, const struct caller *by, int64_t user_id,
                                 int64_t *ended) {
    TRY(db_begin(c->db));
    return db_end(c->db, force_logout(c, by, user_id, ended));
}
