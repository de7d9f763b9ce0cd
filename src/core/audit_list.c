#include "core/audit_list.h"

#include "base/log.h"
#include "core/statements.h"

enum { ALL, OF_USER, BY_ACTOR, BY_EVENT, BY_OUTCOME };

#define WALK   256 /* the LIMIT of WALKED */
#define ROUNDS 80

/* A walk along one index, by a key ($1) from a place on ($2, $3), and what else is asked of its
 * rows: $4 and $8 from when to when, $5 events, $6 outcome, $7 actor. The place of those that do
 * not match is wanted as well, to go on from there; user names are looked up for the others alone.
 */
#define MATCHES                                                                                    \
    "(CAST($5 AS BIGINT) = 0 OR (CAST($5 AS BIGINT) >> CAST(a.event AS INTEGER)) & 1 = 1) AND "    \
    "(CAST($6 AS BIGINT) = 0 OR a.outcome = $6) AND (CAST($7 AS BIGINT) = 0 OR a.actor_id = $7) "  \
    "AND a.created_at >= $4 AND a.created_at < $8"
#define NAME(column)                                                                               \
    "CASE WHEN " MATCHES " THEN (SELECT u.username FROM users u WHERE u.id = a." column ") END"
#define WALKED(where, order)                                                                       \
    "SELECT a.created_at, a.id, CASE WHEN " MATCHES " THEN 1 ELSE 0 END, a.user_id, a.event, "     \
    "a.outcome, a.via, a.actor_id, a.detail, a.address, a.user_agent, a.note, a.seq, "             \
    "CASE WHEN a.salt IS NULL THEN 1 ELSE 0 END, " NAME("user_id") ", " NAME(                      \
        "actor_id") " FROM "                                                                       \
                    "(SELECT * FROM audit WHERE " where " ORDER BY " order " LIMIT 256) a "        \
                    "WHERE CAST($1 AS BIGINT) IS NOT NULL AND CAST($2 AS BIGINT) IS NOT NULL "     \
                    "ORDER BY " order
#define BY_TIME(where)                                                                             \
    WALKED(where "(created_at, id) < ($2, $3) AND created_at >= $4", "created_at DESC, id DESC")

static struct statement sql[] = {
    [ALL] = {"audit_list_all", BY_TIME("")},
    [OF_USER] = {"audit_list_of_user", WALKED("user_id = $1 AND id < $3", "id DESC")},
    [BY_ACTOR] = {"audit_list_by_actor", BY_TIME("actor_id = $1 AND actor_id <> 0 AND ")},
    [BY_EVENT] = {"audit_list_by_event", BY_TIME("event = $1 AND ")},
    [BY_OUTCOME] = {"audit_list_by_outcome", BY_TIME("outcome = $1 AND outcome <> 1 AND ")},
};

void audit_list_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

struct walk {
    int statement;
    int64_t key;
    const struct audit_filter *filter;
    struct audit_place place;
    size_t limit;
};

static bool is_one(uint64_t events) {
    return events && !(events & (events - 1));
}

/* Most attempts go well, many fail, and all other outcomes are rare. */
static bool is_rare(int64_t outcome) {
    return outcome > AUDIT_OUTCOME_FAILED;
}

static void go_by(struct walk *w, int statement, int64_t key) {
    w->statement = statement;
    w->key = key;
}

/* By what is likely to leave the least. */
static void choose(struct walk *w) {
    const struct audit_filter *f = w->filter;
    if (f->user_id)
        go_by(w, OF_USER, f->user_id);
    else if (f->actor_id)
        go_by(w, BY_ACTOR, f->actor_id);
    else if (is_one(f->events) && !is_rare(f->outcome))
        go_by(w, BY_EVENT, __builtin_ctzll(f->events));
    else if (f->outcome > AUDIT_OUTCOME_OK)
        go_by(w, BY_OUTCOME, f->outcome);
    else
        go_by(w, ALL, 0);
}

static void read_row(const struct db_rows *rows, struct audit_row *out) {
    *out = (struct audit_row){
        .record = {.created_at = db_int(rows, 0),
                   .id = db_int(rows, 1),
                   .user_id = db_int(rows, 3),
                   .event = db_int(rows, 4),
                   .outcome = db_int(rows, 5),
                   .via = db_int(rows, 6),
                   .actor_id = db_int(rows, 7),
                   .detail = db_text(rows, 8),
                   .personal = {.address = db_text(rows, 9),
                                .user_agent = db_text(rows, 10),
                                .note = db_text(rows, 11)},
                   .seq = db_int(rows, 12)},
        .forgotten = db_int(rows, 13),
        .user = db_text(rows, 14),
        .actor = db_text(rows, 15),
    };
}

/* One round; *seen is how many rows there were. Ends before the record that no longer fits. */
static enum err walk_some(struct ctx *c, struct walk *w, struct audit_page *out, size_t *seen) {
    const struct audit_filter *f = w->filter;
    struct db_rows rows;
    *seen = 0;
    db_query(c->db, &rows, &sql[w->statement],
             ARGS(arg_int(w->key), arg_int(w->place.at), arg_int(w->place.id), arg_int(f->from),
                  arg_int((int64_t)f->events), arg_int(f->outcome), arg_int(f->actor_id),
                  arg_int(f->to)));
    while (!out->more && db_next(&rows)) {
        bool matches = db_int(&rows, 2);
        out->more = matches && out->count == w->limit;
        if (out->more)
            break;
        w->place = (struct audit_place){db_int(&rows, 0), db_int(&rows, 1)};
        ++*seen;
        if (matches)
            read_row(&rows, &out->rows[out->count++]);
    }
    return db_close(&rows);
}

enum err audit_list(struct ctx *c, const struct audit_filter *filter, struct audit_place place,
                    size_t limit, struct audit_page *out) {
    struct walk w = {.filter = filter, .place = place, .limit = limit};
    ASSERT(limit > 0 && limit <= AUDIT_PAGE_MAX);
    choose(&w);
    /* What is too late need not be walked over. */
    if (w.statement != OF_USER && w.place.at >= filter->to)
        w.place = (struct audit_place){filter->to, 0};
    *out = (struct audit_page){.rows = ARENA_ARRAY(c->arena, struct audit_row, limit)};
    size_t seen = WALK;
    for (int round = 0; round < ROUNDS && seen == WALK && out->count < limit; round++)
        TRY(walk_some(c, &w, out, &seen));
    out->more |= seen == WALK;
    out->next = w.place;
    return OK;
}
