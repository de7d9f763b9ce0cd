#include "core/session.h"

#include <stdlib.h>

#include "core/session_uses.h"
#include "core/statements.h"

enum { USED, ANY_EXPIRED, END_EXPIRED };

/* Those that another node is about to delete are passed over (`lock`). */
#define DELETE_EXPIRED(lock)                                                                       \
    "DELETE FROM sessions WHERE (user_id, id) IN (SELECT user_id, id "                             \
    "FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT 500" lock ")"

static struct statement sql[] = {
    /* Whoever used it may have had a token that had run out: a session that was over by then, used
     * last before $5 or opened before $6, stays over. */
    [USED] = {"session_used",
              "UPDATE sessions SET used_at = CASE WHEN used_at < $3 THEN $3 ELSE used_at END, "
              "expires_at = CASE WHEN expires_at < $4 THEN $4 ELSE expires_at END "
              "WHERE user_id = $1 AND id = $2 "
              "AND expires_at > $3 AND used_at > $5 AND created_at > $6"},
    [ANY_EXPIRED] = {"session_any_expired",
                     "SELECT id FROM sessions WHERE expires_at <= $1 LIMIT 1"},
    [END_EXPIRED] = {.name = "session_end_expired",
                     .sqlite = DELETE_EXPIRED(""),
                     .postgres = DELETE_EXPIRED(" FOR UPDATE SKIP LOCKED")},
};

void session_housekeeping_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

#define USES_AT_ONCE    256 /* others wait for the writer meanwhile */
#define EXPIRED_AT_ONCE 500 /* the LIMIT of END_EXPIRED */
#define EXPIRED_ROUNDS  20

static enum err write_some_uses(struct ctx *c, const struct session_use *uses, size_t count) {
    const struct policy *p = &c->core->policy;
    for (size_t i = 0; i < count; i++)
        TRY(db_exec(c->db, &sql[USED],
                    ARGS(arg_int(uses[i].user_id), arg_int(uses[i].session_id),
                         arg_int(uses[i].used_at), arg_int(uses[i].expires_at),
                         arg_int(uses[i].used_at - p->session_idle),
                         arg_int(uses[i].used_at - p->session_lifetime)),
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
