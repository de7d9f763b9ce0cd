#include "core/wall.h"

#include "core/audit.h"
#include "core/catalog.h"
#include "core/statements.h"

enum { RENEW, ADD, LIST, REMOVE, REMOVE_ALL };

/* The owner must stay until the wall is there (`lock`). */
#define ADD_WALL(key, lock)                                                                        \
    "INSERT INTO social_walls (user_id, network, wall_url, description, created_at, "              \
    "updated_at, id) SELECT id, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), "          \
    "CAST($5 AS BIGINT), CAST($5 AS BIGINT), CAST($6 AS BIGINT) FROM users WHERE id = $1 " lock    \
    "ON CONFLICT (user_id, network, " key ") DO UPDATE "                                           \
    "SET description = excluded.description, updated_at = excluded.updated_at "                    \
    "RETURNING id, created_at"

static struct statement sql[] = {
    [RENEW] = {"wall_renew", "UPDATE social_walls SET description = $4, updated_at = $5 "
                             "WHERE user_id = $1 AND network = $2 AND wall_url = $3 "
                             "RETURNING id, created_at"},
    [ADD] = {.name = "wall_add",
             .sqlite = ADD_WALL("wall_url", ""),
             .postgres = ADD_WALL("md5(wall_url)", "FOR KEY SHARE ")},
    [LIST] = {"wall_list", "SELECT id, network, wall_url, description, created_at, updated_at "
                           "FROM social_walls WHERE user_id = $1 ORDER BY id DESC"},
    [REMOVE] = {"wall_remove", "DELETE FROM social_walls WHERE user_id = $1 AND id = $2"},
    [REMOVE_ALL] = {"wall_remove_all", "DELETE FROM social_walls WHERE user_id = $1"},
};

void wall_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* Runs RENEW or ADD, which give back the row's id and when it was made. ERR_NOT_FOUND: no row. */
static enum err write(struct ctx *c, int statement, struct db_args args, struct wall *out) {
    struct db_rows rows;
    TRY(db_one(c->db, &rows, &sql[statement], args));
    out->id = db_int(&rows, 0);
    out->created_at = db_int(&rows, 1);
    return db_close(&rows);
}

static enum err put(struct ctx *c, int64_t user_id, struct wall *w) {
    struct db_arg args[] = {
        arg_int(user_id),         arg_int(w->network),    arg_text(w->url),
        arg_text(w->description), arg_int(w->updated_at), arg_null(),
    };
    enum err e = write(c, RENEW, (struct db_args){args, 5}, w);
    if (e != ERR_NOT_FOUND)
        return e;
    TRY(db_next_id(c->db, "social_walls", &args[5].number));
    args[5].type = DB_INT;
    e = write(c, ADD, (struct db_args){args, 6}, w);
    return e == ERR_NOT_FOUND ? ERR_USER_NOT_FOUND : e;
}

static enum err put_noted(struct ctx *c, int64_t user_id, struct wall *w) {
    TRY(put(c, user_id, w));
    return audit_act(c, AUDIT_WALL_PUT, user_id, audit_detail(c, "wall", w->id));
}

enum err wall_put(struct ctx *c, int64_t user_id, int network, struct text url,
                  struct text description, struct wall *out) {
    *out = (struct wall){
        .network = network, .url = url, .description = description, .updated_at = c->now};
    TRY(db_begin(c->db));
    return db_end(c->db, put_noted(c, user_id, out));
}

enum err wall_list(struct ctx *c, int64_t user_id, struct wall **out, size_t *count) {
    size_t capacity = 0;
    struct db_rows rows;
    *out = NULL;
    *count = 0;
    db_query(c->db, &rows, &sql[LIST], ARGS(arg_int(user_id)));
    while (db_next(&rows)) {
        if (*count == capacity) {
            capacity = capacity ? 2 * capacity : 8;
            struct wall *larger = ARENA_ARRAY(c->arena, struct wall, capacity);
            if (*count)
                memcpy(larger, *out, *count * sizeof **out);
            *out = larger;
        }
        (*out)[(*count)++] = (struct wall){.id = db_int(&rows, 0),
                                           .network = (int)db_int(&rows, 1),
                                           .url = db_text(&rows, 2),
                                           .description = db_text(&rows, 3),
                                           .created_at = db_int(&rows, 4),
                                           .updated_at = db_int(&rows, 5)};
    }
    return db_close(&rows);
}

static enum err remove_one(struct ctx *c, int64_t user_id, int64_t wall_id) {
    struct account owner;
    int64_t changed;
    TRY(db_exec(c->db, &sql[REMOVE], ARGS(arg_int(user_id), arg_int(wall_id)), &changed));
    if (changed)
        return audit_act(c, AUDIT_WALL_REMOVE, user_id, audit_detail(c, "wall", wall_id));
    TRY(account_load(c, user_id, &owner));
    return ERR_NOT_FOUND;
}

enum err wall_remove(struct ctx *c, int64_t user_id, int64_t wall_id) {
    TRY(db_begin(c->db));
    return db_end(c->db, remove_one(c, user_id, wall_id));
}

enum err wall_erase_all(struct ctx *c, int64_t user_id) {
    return db_exec(c->db, &sql[REMOVE_ALL], ARGS(arg_int(user_id)), NULL);
}
