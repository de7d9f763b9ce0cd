#include "core/session.h"

#include "core/session_life.h"
#include "core/statements.h"

enum { RENAME, LIST, LIVE };

#define LIVE_OF                                                                                    \
    "sessions WHERE user_id = $1 AND expires_at > $2 AND used_at > $3 AND created_at > $4"
#define SESSION_COLUMNS "id, created_at, used_at, expires_at, address, user_agent, name"

static struct statement sql[] = {
    [RENAME] = {"session_rename",
                "UPDATE sessions SET name = COALESCE(CAST($3 AS TEXT), name) "
                "WHERE user_id = $1 AND id = $2 AND expires_at > $4 AND used_at > $5 "
                "AND created_at > $6 RETURNING " SESSION_COLUMNS},
    [LIST] = {"session_list",
              "SELECT " SESSION_COLUMNS " FROM " LIVE_OF " ORDER BY id DESC LIMIT 1000"},
    [LIVE] = {"session_count", "SELECT COUNT(*) FROM " LIVE_OF},
};

void session_list_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

static int64_t earlier(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static void read_session(struct ctx *c, const struct db_rows *rows, struct session *out) {
    *out = (struct session){
        .id = db_int(rows, 0),
        .created_at = db_int(rows, 1),
        .used_at = db_int(rows, 2),
        .expires_at =
            earlier(db_int(rows, 3), session_ends_at(c, db_int(rows, 1), db_int(rows, 2))),
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
