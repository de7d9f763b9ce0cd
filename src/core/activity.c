#include "core/activity.h"

#include "core/audit.h"
#include "core/statements.h"

enum { ADD, APPLY, TOTALS, REMOVE_ALL };

#define TOTALS_OF                                                                                  \
    "SELECT campaigns, earnings, posts, likes, comments FROM user_counts WHERE user_id = $1"

static struct statement sql[] = {
    [ADD] =
        {"activity_add",
         "INSERT INTO activity_events (user_id, event_id, campaigns, earnings, posts, likes, "
         "comments, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"},
    [APPLY] = {"activity_apply",
               "UPDATE user_counts SET campaigns = campaigns + $2, earnings = earnings + $3, "
               "posts = posts + $4, likes = likes + $5, comments = comments + $6 "
               "WHERE user_id = $1 AND campaigns BETWEEN $7 AND $8 AND earnings BETWEEN $9 AND $10 "
               "AND posts BETWEEN $11 AND $12 AND likes BETWEEN $13 AND $14 "
               "AND comments BETWEEN $15 AND $16"},
    [TOTALS] = {.name = "activity_totals",
                .sqlite = TOTALS_OF,
                .postgres = TOTALS_OF " FOR UPDATE"},
    [REMOVE_ALL] = {"activity_remove_all", "DELETE FROM activity_events WHERE user_id = $1"},
};

void activity_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

#define COUNTER_COUNT 5

/* The increments in the order of the statements, under the names that clients know them by. */
struct increments {
    int64_t by[COUNTER_COUNT];
    int64_t low[COUNTER_COUNT], high[COUNTER_COUNT]; /* what a total may be before the increment */
};
static const char *const fields[COUNTER_COUNT] = {"campaigns", "earnings", "posts",
                                                  "likes_received", "comments_received"};

/* The sums must stay within 0 … INT64_MAX. An increment of INT64_MIN fits no total. */
static struct increments increments_of(const struct activity *event) {
    struct increments in = {
        .by = {event->campaigns, event->earnings, event->posts, event->likes, event->comments}};
    for (int i = 0; i < COUNTER_COUNT; i++) {
        int64_t by = in.by[i];
        in.low[i] = by >= 0 ? 0 : by == INT64_MIN ? INT64_MAX : -by;
        in.high[i] = by == INT64_MIN ? 0 : by > 0 ? INT64_MAX - by : INT64_MAX;
    }
    return in;
}

/* Why the increments could not be applied. OK when nothing speaks against them any more: another
 * writer has moved the totals meanwhile. From now on nobody does. */
static enum err objection(struct ctx *c, int64_t user_id, const struct increments *in,
                          const char **field) {
    struct db_rows rows;
    enum err e = db_one(c->db, &rows, &sql[TOTALS], ARGS(arg_int(user_id)));
    if (e != OK)
        return e == ERR_NOT_FOUND ? ERR_USER_NOT_FOUND : e;
    enum err why = OK;
    for (int i = 0; i < COUNTER_COUNT && why == OK; i++) {
        int64_t total = db_int(&rows, i);
        *field = fields[i];
        if (total < in->low[i])
            why = ERR_BELOW_ZERO;
        else if (total > in->high[i])
            why = ERR_VALIDATION;
    }
    TRY(db_close(&rows));
    return why;
}

static enum err apply(struct ctx *c, int64_t user_id, const struct increments *in,
                      int64_t *changed) {
    return db_exec(
        c->db, &sql[APPLY],
        ARGS(arg_int(user_id), arg_int(in->by[0]), arg_int(in->by[1]), arg_int(in->by[2]),
             arg_int(in->by[3]), arg_int(in->by[4]), arg_int(in->low[0]), arg_int(in->high[0]),
             arg_int(in->low[1]), arg_int(in->high[1]), arg_int(in->low[2]), arg_int(in->high[2]),
             arg_int(in->low[3]), arg_int(in->high[3]), arg_int(in->low[4]), arg_int(in->high[4])),
        changed);
}

static enum err add(struct ctx *c, int64_t user_id, const struct activity *event, bool *applied,
                    const char **field) {
    struct increments in = increments_of(event);
    int64_t changed;
    TRY(db_exec(c->db, &sql[ADD],
                ARGS(arg_int(user_id), arg_text(event->event_id), arg_int(in.by[0]),
                     arg_int(in.by[1]), arg_int(in.by[2]), arg_int(in.by[3]), arg_int(in.by[4]),
                     arg_int(c->now)),
                &changed));
    *applied = changed;
    if (!changed)
        return OK;
    /* It holds the account, and accounts come before counts. */
    TRY(audit_act(c, AUDIT_ACTIVITY, user_id, TEXT("")));
    TRY(apply(c, user_id, &in, &changed));
    if (changed)
        return OK;
    TRY(objection(c, user_id, &in, field));
    TRY(apply(c, user_id, &in, &changed));
    return changed ? OK : ERR_INTERNAL;
}

enum err activity_apply(struct ctx *c, int64_t user_id, const struct activity *event, bool *applied,
                        const char **field) {
    *applied = false;
    TRY(db_begin(c->db));
    enum err e = db_end(c->db, add(c, user_id, event, applied, field));
    *applied = *applied && e == OK;
    return e;
}

enum err activity_erase_all(struct ctx *c, int64_t user_id) {
    return db_exec(c->db, &sql[REMOVE_ALL], ARGS(arg_int(user_id)), NULL);
}
