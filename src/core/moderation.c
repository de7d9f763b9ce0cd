#include "core/moderation.h"

#include "base/clock.h"
#include "core/audit.h"
#include "core/session.h"
#include "core/statements.h"

enum { DUE };

static struct statement sql[] = {
    [DUE] = {"moderation_due", "SELECT id FROM users WHERE banned_until <= $1 "
                               "ORDER BY banned_until LIMIT 500"},
};

void moderation_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- Who may --------------------------------------------------------------------------------- */

static enum err may_act(const struct account *actor, const struct account *target) {
    if (!account_usable(actor) || !(actor->flags & ACCOUNT_ON_STAFF))
        return ERR_FORBIDDEN;
    return target->flags & ACCOUNT_ON_STAFF && !(actor->flags & ACCOUNT_SUPERUSER) ? ERR_FORBIDDEN
                                                                                   : OK;
}

static enum err lock_actor(struct ctx *c, const struct caller *by, struct account *actor) {
    enum err e = account_lock_shared(c, by->user_id, actor);
    return e == ERR_USER_NOT_FOUND ? ERR_FORBIDDEN : e;
}

/* Both accounts, the smaller id first: one order for all transactions. */
static enum err lock_both(struct ctx *c, const struct caller *by, int64_t user_id,
                          struct account *actor, struct account *target) {
    bool first = by->user_id < user_id;
    if (first)
        TRY(lock_actor(c, by, actor));
    TRY(account_lock(c, user_id, target));
    return first ? OK : lock_actor(c, by, actor);
}

/* account_lock for who may act on the account; `by` NULL is the operator. Who acts is judged by
 * what they are now and not when their request began: two who ban each other do not both succeed.
 */
static enum err lock_for(struct ctx *c, const struct caller *by, int64_t user_id,
                         struct account *target) {
    struct account actor;
    if (!by)
        return account_lock(c, user_id, target);
    if (by->user_id == user_id)
        return ERR_FORBIDDEN;
    TRY(lock_both(c, by, user_id, &actor, target));
    return may_act(&actor, target);
}

/* The same for what may be done to oneself as well. */
static enum err lock_for_or_own(struct ctx *c, const struct caller *by, int64_t user_id,
                                struct account *target) {
    return lock_for(c, by && by->user_id == user_id ? NULL : by, user_id, target);
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

/* ---- Bans ------------------------------------------------------------------------------------ */

static enum err record(struct ctx *c, enum audit_event event, int64_t user_id, struct text detail,
                       struct text note) {
    return audit_add(c, &(struct audit_entry){.event = event,
                                              .user_id = user_id,
                                              .actor_id = c->by.user_id,
                                              .detail = detail,
                                              .note = note});
}

/* "until=2024-01-15T10:30:00Z" */
static struct text until_detail(struct ctx *c, int64_t until) {
    char moment[CLOCK_TEXT_SIZE];
    if (!until)
        return TEXT("");
    clock_format(until, moment);
    return text_format(c->arena, "until=%s", moment);
}

static enum err ban(struct ctx *c, const struct caller *by, int64_t user_id, struct text reason,
                    int64_t until) {
    struct account before;
    TRY(lock_for(c, by, user_id, &before));
    struct account after = before;
    after.flags |= ACCOUNT_BANNED;
    after.ban_reason = reason;
    after.banned_until = until;
    TRY(account_set_flags(c, &before, &after));
    TRY(record(c, AUDIT_BAN, user_id, until_detail(c, until), reason));
    return session_end_all(c, user_id, 0, NULL);
}

enum err moderation_ban(struct ctx *c, const struct caller *by, int64_t user_id, struct text reason,
                        int64_t until) {
    TRY(db_begin(c->db));
    return denied(c, AUDIT_BAN, user_id, db_end(c->db, ban(c, by, user_id, reason, until)));
}

static enum err lift(struct ctx *c, const struct account *before) {
    struct account after = *before;
    after.flags &= ~(int64_t)ACCOUNT_BANNED;
    if (after.flags != before->flags)
        TRY(account_set_flags(c, before, &after));
    return record(c, AUDIT_UNBAN, before->id, TEXT(""), TEXT(""));
}

static enum err unban(struct ctx *c, const struct caller *by, int64_t user_id) {
    struct account before;
    TRY(lock_for(c, by, user_id, &before));
    return lift(c, &before);
}

enum err moderation_unban(struct ctx *c, const struct caller *by, int64_t user_id) {
    TRY(db_begin(c->db));
    return denied(c, AUDIT_UNBAN, user_id, db_end(c->db, unban(c, by, user_id)));
}

/* ---- … that end by themselves ---- */

#define DUE_AT_ONCE 500 /* the LIMIT of DUE */
#define DUE_ROUNDS  20

/* Another node may have lifted it meanwhile, or staff have given it another end. */
static enum err lift_if_due(struct ctx *c, int64_t user_id) {
    struct account account;
    enum err e = account_lock(c, user_id, &account);
    if (e != OK)
        return e == ERR_USER_NOT_FOUND ? OK : e;
    bool due = account.banned_until && account.banned_until <= c->now;
    return due ? lift(c, &account) : OK;
}

static enum err find_due(struct ctx *c, int64_t ids[DUE_AT_ONCE], size_t *count) {
    struct db_rows rows;
    *count = 0;
    db_query(c->db, &rows, &sql[DUE], ARGS(arg_int(c->now)));
    while (db_next(&rows))
        ids[(*count)++] = db_int(&rows, 0);
    return db_close(&rows);
}

static enum err lift_all(struct ctx *c, const int64_t *ids, size_t count) {
    for (size_t i = 0; i < count; i++) {
        TRY(db_begin(c->db));
        TRY(db_end(c->db, lift_if_due(c, ids[i])));
    }
    return OK;
}

enum err moderation_housekeeping(struct ctx *c) {
    int64_t ids[DUE_AT_ONCE];
    size_t count = DUE_AT_ONCE;
    for (int round = 0; round < DUE_ROUNDS && count == DUE_AT_ONCE; round++) {
        TRY(find_due(c, ids, &count));
        enum err lifted = lift_all(c, ids, count);
        enum err settled = db_wait(c->db);
        TRY(lifted);
        TRY(settled);
    }
    return OK;
}

/* ---- Sessions -------------------------------------------------------------------------------- */

static enum err force_logout(struct ctx *c, const struct caller *by, int64_t user_id,
                             int64_t *ended) {
    struct account target;
    TRY(lock_for(c, by, user_id, &target));
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
    TRY(lock_for_or_own(c, by, user_id, &target));
    return session_end_one(c, user_id, session_id);
}

enum err moderation_end_session(struct ctx *c, const struct caller *by, int64_t user_id,
                                int64_t session_id) {
    TRY(db_begin(c->db));
    return denied(c, AUDIT_SESSION_END, user_id,
                  db_end(c->db, end_session(c, by, user_id, session_id)));
}

/* ---- Profile and roles ----------------------------------------------------------------------- */

static enum err update(struct ctx *c, const struct caller *by, int64_t user_id,
                       const struct account_changes *changes) {
    struct account before, after;
    TRY(lock_for_or_own(c, by, user_id, &before));
    TRY(account_change(c, &before, changes, &after));
    struct text names = account_differences(c->arena, &before, &after);
    if (!names.size)
        return OK;
    return audit_act(c, AUDIT_UPDATE, user_id,
                     text_format(c->arena, "fields=%.*s", TEXT_ARGS(names)));
}

enum err moderation_update(struct ctx *c, const struct caller *by, int64_t user_id,
                           const struct account_changes *changes) {
    TRY(db_begin(c->db));
    return denied(c, AUDIT_UPDATE, user_id, db_end(c->db, update(c, by, user_id, changes)));
}

static enum err record_roles(struct ctx *c, enum audit_event event, int64_t user_id,
                             int64_t flags) {
    return flags ? audit_act(c, event, user_id, account_roles(c->arena, flags)) : OK;
}

static enum err set_roles(struct ctx *c, const struct caller *by, int64_t user_id, int64_t add,
                          int64_t remove) {
    struct account actor, before;
    if (by->user_id == user_id)
        return ERR_FORBIDDEN;
    TRY(lock_both(c, by, user_id, &actor, &before));
    if (!account_usable(&actor) || !(actor.flags & ACCOUNT_SUPERUSER))
        return ERR_FORBIDDEN;
    struct account after = before;
    after.flags = (before.flags | add) & ~remove;
    if (after.flags == before.flags)
        return OK;
    TRY(account_set_flags(c, &before, &after));
    TRY(record_roles(c, AUDIT_GRANT, user_id, after.flags & ~before.flags));
    return record_roles(c, AUDIT_REVOKE, user_id, before.flags & ~after.flags);
}

enum err moderation_set_roles(struct ctx *c, const struct caller *by, int64_t user_id, int64_t add,
                              int64_t remove) {
    TRY(db_begin(c->db));
    return denied(c, add ? AUDIT_GRANT : AUDIT_REVOKE, user_id,
                  db_end(c->db, set_roles(c, by, user_id, add, remove)));
}
