#include "core/export.h"

#include "core/statements.h"

enum { ACCOUNT, FOLLOWING, FOLLOWERS, NOTIFICATIONS, EVENTS, RECORDS };

#define EDGES(other, owner)                                                                        \
    "SELECT f.id, f." other ", CASE WHEN (u.flags & $3) = $4 THEN u.username ELSE '' END, "        \
    "f.created_at FROM follows f CROSS JOIN users u WHERE u.id = f." other " AND f." owner         \
    " = $1 AND f.id > $2 ORDER BY f.id LIMIT $5"

static struct statement sql[] = {
    [ACCOUNT] = {"export_account",
                 "SELECT " ACCOUNT_COLUMNS ", c.last_login, c.changed_at, "
                 "n.followers, n.following, n.posts, n.likes, n.comments, n.campaigns, n.earnings, "
                 "n.notifications, n.unread FROM users u JOIN credentials c ON c.user_id = u.id "
                 "JOIN user_counts n ON n.user_id = u.id WHERE u.id = $1"},
    [FOLLOWING] = {"export_following", EDGES("following_id", "follower_id")},
    [FOLLOWERS] = {"export_followers", EDGES("follower_id", "following_id")},
    [NOTIFICATIONS] = {"export_notifications",
                       "SELECT id, created_at, read_at, title, message, type, code, data "
                       "FROM notifications WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3"},
    [EVENTS] = {"export_events",
                "SELECT event_id, campaigns, earnings, posts, likes, comments, created_at "
                "FROM activity_events WHERE user_id = $1 AND event_id > $2 "
                "ORDER BY event_id LIMIT $3"},
    [RECORDS] = {"export_records",
                 "SELECT id, created_at, event, outcome, actor_id, note, "
                 "CASE WHEN actor_id IN (0, user_id) THEN address END, "
                 "CASE WHEN actor_id IN (0, user_id) THEN user_agent END "
                 "FROM audit WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3"},
};

void export_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

enum err export_account(struct ctx *c, int64_t user_id, struct export_account *out) {
    struct db_rows rows;
    *out = (struct export_account){0};
    enum err e = db_one(c->db, &rows, &sql[ACCOUNT], ARGS(arg_int(user_id)));
    if (e != OK)
        return e == ERR_NOT_FOUND ? ERR_USER_NOT_FOUND : e;
    int at = ACCOUNT_COLUMN_COUNT;
    account_read(&rows, 0, &out->account);
    out->account.last_login = db_int(&rows, at++);
    out->password_changed_at = db_int(&rows, at++);
    int64_t *const numbers[] = {
        &out->counts.followers, &out->counts.following, &out->counts.posts,
        &out->counts.likes,     &out->counts.comments,  &out->counts.campaigns,
        &out->counts.earnings,  &out->notifications,    &out->unread};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        *numbers[i] = db_int(&rows, at++);
    return db_close(&rows);
}

enum err export_edges(struct ctx *c, int64_t user_id, enum export_direction direction,
                      int64_t after, size_t limit, struct export_edge **out, size_t *count) {
    struct db_rows rows;
    struct export_edge *edges = ARENA_ARRAY(c->arena, struct export_edge, limit);
    *out = edges;
    *count = 0;
    db_query(c->db, &rows, &sql[direction == EXPORT_FOLLOWING ? FOLLOWING : FOLLOWERS],
             ARGS(arg_int(user_id), arg_int(after),
                  arg_int(ACCOUNT_ACTIVE | ACCOUNT_PUBLIC | ACCOUNT_BANNED),
                  arg_int(ACCOUNT_ACTIVE | ACCOUNT_PUBLIC), arg_int((int64_t)limit)));
    while (db_next(&rows))
        edges[(*count)++] = (struct export_edge){.id = db_int(&rows, 0),
                                                 .user_id = db_int(&rows, 1),
                                                 .username = db_text(&rows, 2),
                                                 .created_at = db_int(&rows, 3)};
    return db_close(&rows);
}

enum err export_notifications(struct ctx *c, int64_t user_id, int64_t after, size_t limit,
                              struct export_notification **out, size_t *count) {
    struct db_rows rows;
    struct export_notification *list = ARENA_ARRAY(c->arena, struct export_notification, limit);
    *out = list;
    *count = 0;
    db_query(c->db, &rows, &sql[NOTIFICATIONS],
             ARGS(arg_int(user_id), arg_int(after), arg_int((int64_t)limit)));
    while (db_next(&rows))
        list[(*count)++] = (struct export_notification){.id = db_int(&rows, 0),
                                                        .created_at = db_int(&rows, 1),
                                                        .read_at = db_int(&rows, 2),
                                                        .title = db_text(&rows, 3),
                                                        .message = db_text(&rows, 4),
                                                        .type = db_text(&rows, 5),
                                                        .code = db_text(&rows, 6),
                                                        .data = db_text(&rows, 7)};
    return db_close(&rows);
}

enum err export_events(struct ctx *c, int64_t user_id, struct text after, size_t limit,
                       struct export_event **out, size_t *count) {
    struct db_rows rows;
    struct export_event *events = ARENA_ARRAY(c->arena, struct export_event, limit);
    *out = events;
    *count = 0;
    db_query(
        c->db, &rows, &sql[EVENTS],
        ARGS(arg_int(user_id), arg_text(after.at ? after : TEXT("")), arg_int((int64_t)limit)));
    while (db_next(&rows))
        events[(*count)++] = (struct export_event){.event_id = db_text(&rows, 0),
                                                   .campaigns = db_int(&rows, 1),
                                                   .earnings = db_int(&rows, 2),
                                                   .posts = db_int(&rows, 3),
                                                   .likes = db_int(&rows, 4),
                                                   .comments = db_int(&rows, 5),
                                                   .created_at = db_int(&rows, 6)};
    return db_close(&rows);
}

enum err export_records(struct ctx *c, int64_t user_id, int64_t after, size_t limit,
                        struct export_record **out, size_t *count) {
    struct db_rows rows;
    struct export_record *records = ARENA_ARRAY(c->arena, struct export_record, limit);
    *out = records;
    *count = 0;
    db_query(c->db, &rows, &sql[RECORDS],
             ARGS(arg_int(user_id), arg_int(after), arg_int((int64_t)limit)));
    while (db_next(&rows))
        records[(*count)++] = (struct export_record){.id = db_int(&rows, 0),
                                                     .created_at = db_int(&rows, 1),
                                                     .event = db_int(&rows, 2),
                                                     .outcome = db_int(&rows, 3),
                                                     .own = db_int(&rows, 4) == user_id,
                                                     .note = db_text(&rows, 5),
                                                     .address = db_text(&rows, 6),
                                                     .user_agent = db_text(&rows, 7)};
    return db_close(&rows);
}
