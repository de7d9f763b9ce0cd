#include "core/audit_read.h"

#include "base/log.h"
#include "core/audit.h"
#include "core/statements.h"

enum { SEALED, UNSEALED, EVENT_OF, EVENT_WITH, ERASED };

#define PAGE 500 /* the LIMIT of both */

/* Nothing in the database keeps a number from being there twice: the whole place counts. */
static struct statement sql[] = {
    [SEALED] = {"audit_page", "SELECT " AUDIT_COLUMNS " FROM audit WHERE seq >= $1 AND "
                              "(seq, user_id, id) > ($1, $2, $3) "
                              "ORDER BY seq, user_id, id LIMIT 500"},
    [UNSEALED] = {"audit_page_unsealed",
                  "SELECT " AUDIT_COLUMNS " FROM audit WHERE seq IS NULL AND id >= $1 AND "
                  "(id, user_id) > ($1, $2) ORDER BY id, user_id LIMIT 500"},
    [EVENT_OF] = {"audit_event_of",
                  "SELECT id FROM audit WHERE user_id = $1 AND event = $2 LIMIT 1"},
    [EVENT_WITH] = {"audit_event_with", "SELECT id FROM audit WHERE user_id = $1 AND event = $2 "
                                        "AND detail = $3 LIMIT 1"},
    [ERASED] = {"audit_erased", "SELECT user_id FROM erasures WHERE user_id = $1"},
};

void audit_read_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- Walking --------------------------------------------------------------------------------- */

/* How far a walk has come, with what it needs for a page. */
struct walker {
    const struct audit_walk *walk;
    struct ctx c; /* the caller's, with an arena that lasts for a page */
    struct arena arena;
    struct audit_record last;
    struct audit_record page[PAGE];
};

static struct db_args place(const struct walker *w, int statement, struct db_arg out[3]) {
    const struct audit_record *last = &w->last;
    if (statement == UNSEALED) {
        out[0] = arg_int(last->id);
        out[1] = arg_int(last->user_id);
        return (struct db_args){out, 2};
    }
    out[0] = arg_int(last->seq);
    out[1] = arg_int(last->user_id);
    out[2] = arg_int(last->id);
    return (struct db_args){out, 3};
}

static enum err read_page(struct walker *w, int statement, size_t *count) {
    struct db_arg args[3];
    struct db_rows rows;
    *count = 0;
    db_query(w->c.db, &rows, &sql[statement], place(w, statement, args));
    while (db_next(&rows)) {
        ASSERT(*count < PAGE);
        audit_record_read(&rows, &w->page[(*count)++]);
    }
    return db_close(&rows);
}

static enum err show_pages(struct walker *w, int statement) {
    size_t count = PAGE;
    while (count == PAGE) {
        TRY(read_page(w, statement, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(w->walk->record(w->walk->self, &w->c, &w->page[i]));
            w->last = w->page[i];
        }
        arena_reset(&w->arena);
    }
    return OK;
}

/* What has been sealed meanwhile, too: no record is missed between the two. */
static enum err show_end(struct walker *w) {
    TRY(show_pages(w, SEALED));
    if (w->walk->end)
        TRY(w->walk->end(w->walk->self, &w->c));
    w->last = (struct audit_record){0};
    return show_pages(w, UNSEALED);
}

static enum err show_all(struct walker *w) {
    TRY(show_pages(w, SEALED));
    TRY(db_snapshot(w->c.db));
    enum err e = show_end(w);
    db_snapshot_end(w->c.db);
    return e;
}

enum err audit_walk(struct ctx *c, const struct audit_walk *walk) {
    struct walker *w = ARENA_NEW(c->arena, struct walker);
    w->walk = walk;
    if (walk->after)
        w->last = (struct audit_record){.seq = walk->after, .user_id = INT64_MAX, .id = INT64_MAX};
    w->c = *c;
    w->c.arena = &w->arena;
    db_use(c->db, &w->arena);
    enum err e = show_all(w);
    db_use(c->db, c->arena);
    arena_free(&w->arena);
    return e;
}

/* ---- Single records -------------------------------------------------------------------------- */

static enum err exists(struct ctx *c, int statement, struct db_args args, bool *out) {
    int64_t id;
    enum err e = db_scalar(c->db, &sql[statement], args, &id);
    *out = e == OK;
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err audit_erased(struct ctx *c, int64_t user_id, bool trimmed, bool *out) {
    TRY(exists(c, EVENT_OF, ARGS(arg_int(user_id), arg_int(AUDIT_ERASE)), out));
    return *out || !trimmed ? OK : exists(c, ERASED, ARGS(arg_int(user_id)), out);
}

enum err audit_trimmed_to(struct ctx *c, struct text anchor, bool *out) {
    return exists(c, EVENT_WITH, ARGS(arg_int(0), arg_int(AUDIT_TRIM), arg_text(anchor)), out);
}
