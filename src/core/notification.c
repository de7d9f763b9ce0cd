#include "core/notification.h"

#include "core/audit.h"
#include "core/catalog.h"
#include "core/statements.h"

enum { SWITCHES, ADD, COUNT, COUNTS, PAGE, READ_ONE, READ_ALL, COUNT_READ, REMOVE_ALL };

static struct statement sql[] = {
    [SWITCHES] = {"notification_switches", "SELECT switches FROM users WHERE id = $1"},
    [ADD] =
        {"notification_add",
         "INSERT INTO notifications (user_id, id, title, message, type, code, data, created_at) "
         "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"},
    [COUNT] = {"notification_count", "UPDATE user_counts SET notifications = notifications + 1, "
                                     "unread = unread + 1 WHERE user_id = $1"},
    [COUNTS] = {"notification_counts",
                "SELECT notifications, unread FROM user_counts WHERE user_id = $1"},
    [PAGE] = {"notification_page",
              "SELECT id, created_at, title, message, type, data, read_at "
              "FROM notifications WHERE user_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3"},
    [READ_ONE] = {"notification_read_one", "UPDATE notifications SET read_at = $3 "
                                           "WHERE user_id = $1 AND id = $2 AND read_at IS NULL"},
    [READ_ALL] = {"notification_read_all", "UPDATE notifications SET read_at = $2 "
                                           "WHERE user_id = $1 AND read_at IS NULL"},
    [COUNT_READ] = {"notification_count_read",
                    "UPDATE user_counts SET unread = unread - $2 WHERE user_id = $1"},
    [REMOVE_ALL] = {"notification_remove_all", "DELETE FROM notifications WHERE user_id = $1"},
};

void notification_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- Delivering ------------------------------------------------------------------------------ */

static enum err wanted(struct ctx *c, int64_t user_id, int code, bool *out) {
    int64_t switches;
    enum err e = db_scalar(c->db, &sql[SWITCHES], ARGS(arg_int(user_id)), &switches);
    if (e != OK)
        return e == ERR_NOT_FOUND ? ERR_USER_NOT_FOUND : e;
    *out = code < 0 || (switches >> code & 1);
    return OK;
}

static enum err add(struct ctx *c, int64_t user_id, const struct new_notification *in) {
    int64_t id, counted;
    struct text code = in->code < 0 ? TEXT("") : catalog_switch_code(in->code);
    TRY(db_next_id(c->db, "notifications", &id));
    /* It holds the account, and accounts come before counts. */
    TRY(audit_act(c, AUDIT_NOTIFY, user_id, audit_detail(c, "notification", id)));
    TRY(db_exec(c->db, &sql[ADD],
                ARGS(arg_int(user_id), arg_int(id), arg_text(in->title), arg_text(in->message),
                     arg_text(in->type), arg_text(code),
                     arg_text(in->data.size ? in->data : TEXT("{}")), arg_int(c->now)),
                NULL));
    TRY(db_exec(c->db, &sql[COUNT], ARGS(arg_int(user_id)), &counted));
    return counted ? OK : ERR_USER_NOT_FOUND; /* erased meanwhile */
}

enum err notification_send(struct ctx *c, int64_t user_id, const struct new_notification *in,
                           bool *delivered) {
    TRY(wanted(c, user_id, in->code, delivered));
    if (!*delivered)
        return audit_alone(c, &(struct audit_entry){.event = AUDIT_NOTIFY,
                                                    .outcome = AUDIT_OUTCOME_UNWANTED,
                                                    .user_id = user_id,
                                                    .actor_id = c->by.user_id});
    TRY(db_begin(c->db));
    return db_end(c->db, add(c, user_id, in));
}

/* ---- The inbox ------------------------------------------------------------------------------- */

static enum err read_counts(struct ctx *c, int64_t user_id, int64_t *total, int64_t *unread) {
    struct db_rows rows;
    enum err e = db_one(c->db, &rows, &sql[COUNTS], ARGS(arg_int(user_id)));
    if (e != OK)
        return e == ERR_NOT_FOUND ? ERR_USER_NOT_FOUND : e;
    *total = db_int(&rows, 0);
    *unread = db_int(&rows, 1);
    return db_close(&rows);
}

static enum err read_page(struct ctx *c, int64_t user_id, int64_t limit, int64_t offset,
                          struct notification *out, size_t *count) {
    struct db_rows rows;
    *count = 0;
    db_query(c->db, &rows, &sql[PAGE], ARGS(arg_int(user_id), arg_int(limit), arg_int(offset)));
    while (db_next(&rows)) {
        out[(*count)++] = (struct notification){.id = db_int(&rows, 0),
                                                .created_at = db_int(&rows, 1),
                                                .title = db_text(&rows, 2),
                                                .message = db_text(&rows, 3),
                                                .type = db_text(&rows, 4),
                                                .data = db_text(&rows, 5),
                                                .read_at = db_int(&rows, 6)};
    }
    return db_close(&rows);
}

enum err notification_page(struct ctx *c, int64_t user_id, int64_t limit, int64_t offset,
                           struct notification **out, size_t *count, int64_t *total,
                           int64_t *unread) {
    *out = ARENA_ARRAY(c->arena, struct notification, (size_t)limit);
    TRY(db_snapshot(c->db));
    enum err e = read_counts(c, user_id, total, unread);
    if (e == OK)
        e = read_page(c, user_id, limit, offset, *out, count);
    db_snapshot_end(c->db);
    return e;
}

/* ---- Reading it ------------------------------------------------------------------------------ */

static enum err mark(struct ctx *c, int64_t user_id, const int64_t *ids, size_t count,
                     int64_t *changed) {
    *changed = 0;
    if (count == 0)
        return db_exec(c->db, &sql[READ_ALL], ARGS(arg_int(user_id), arg_int(c->now)), changed);
    for (size_t i = 0; i < count; i++) {
        int64_t one;
        TRY(db_exec(c->db, &sql[READ_ONE], ARGS(arg_int(user_id), arg_int(ids[i]), arg_int(c->now)),
                    &one));
        *changed += one;
    }
    return OK;
}

static enum err mark_and_count(struct ctx *c, int64_t user_id, const int64_t *ids, size_t count,
                               int64_t *changed) {
    TRY(account_hold(c, user_id)); /* so that rows may be taken in any order */
    TRY(mark(c, user_id, ids, count, changed));
    if (*changed == 0)
        return OK;
    return db_exec(c->db, &sql[COUNT_READ], ARGS(arg_int(user_id), arg_int(*changed)), NULL);
}

enum err notification_read(struct ctx *c, int64_t user_id, const int64_t *ids, size_t count,
                           int64_t *changed) {
    TRY(db_begin(c->db));
    return db_end(c->db, mark_and_count(c, user_id, ids, count, changed));
}

enum err notification_erase_all(struct ctx *c, int64_t user_id) {
    return db_exec(c->db, &sql[REMOVE_ALL], ARGS(arg_int(user_id)), NULL);
}
