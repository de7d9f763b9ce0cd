#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/postgres.h"

/* Statements that wait on the wire at most, before somebody asks how they went. */
#define WAITING_MAX 512

struct cursor {
    PGresult *result;
    bool kept; /* the result is not the cursor's */
    int row;   /* -1 before the first */
    unsigned slot;
};

/* ---- Running ---- */

bool postgres_is_reading(const struct statement *s) {
    struct text sql = text_of(wire_text(s));
    return text_starts(sql, TEXT("SELECT")) || text_starts(sql, TEXT("WITH"));
}

static enum err refuse_writing(const struct statement *s) {
    log_line(LOG_ERROR, "statement %s writes outside a transaction", s->name);
    return ERR_INTERNAL;
}

/* Puts the beginning of the transaction and `s` on the wire. */
static enum err put(struct postgres_db *db, const struct statement *s, struct db_args args) {
    struct wire *w = db->on;
    ASSERT(db->phase != PHASE_SINGLE_RUN);
    if (db->phase != PHASE_RUNNING) {
        TRY(ahead_collect(&db->ahead, &db->wire));
        TRY(postgres_ready(db));
    }
    if (db->phase == PHASE_SINGLE) {
        TRY(postgres_group_meet(db));
        db->phase = postgres_group_fits(db) ? PHASE_SINGLE_RUN : PHASE_BEGUN;
    }
    if (db->phase == PHASE_BEGUN)
        TRY(postgres_start(db));
    if (db->phase == PHASE_SINGLE_RUN)
        TRY(postgres_group_start(db));
    return wire_send(w, s, args);
}

static enum err run_once(struct postgres_db *db, const struct statement *s, struct db_args args,
                         PGresult **out) {
    TRY(put(db, s, args));
    return wire_collect(db->on, out);
}

/* A connection that turns out to be of no use is replaced and the same said again, where that
 * cannot do anything twice: a lone query, or the first statement of a transaction, which has
 * committed nothing. A transaction of one statement may have, unless the server says that it
 * failed. What a standby fails to answer is for the primary. */
static bool may_repeat(const struct postgres_db *db, enum phase before) {
    const struct wire *w = &db->wire;
    if (w->conn || !w->renew)
        return false;
    return before == PHASE_SINGLE ? w->refused : before != PHASE_RUNNING;
}

enum err postgres_run(struct postgres_db *db, const struct statement *s, struct db_args args,
                      PGresult **out) {
    if (db->failed != OK)
        return db->failed;
    if (db->phase == PHASE_NONE && !postgres_is_reading(s))
        return refuse_writing(s);
    enum phase before = db->phase;
    enum err e = run_once(db, s, args, out);
    if (e != OK && postgres_on_replica(db)) {
        postgres_replica_failed(db);
    } else if (e == ERR_UNAVAILABLE && may_repeat(db, before)) {
        db->phase = before;
        e = run_once(db, s, args, out);
    }
    if (db->phase == PHASE_SINGLE_RUN && e == OK)
        postgres_group_add(db);
    if (db->phase != PHASE_NONE)
        db->failed = e;
    return e;
}

/* ---- Rows ---- */

void postgres_query(struct db *base, struct db_rows *rows, const struct statement *s,
                    struct db_args args) {
    struct postgres_db *db = (struct postgres_db *)base;
    if (wire_statement(&db->wire, s)->open)
        log_fatal("statement %s: already open", s->name);
    PGresult *result = NULL;
    if (db->phase == PHASE_NONE && !base->wrote && !postgres_on_replica(db))
        rows->error = ahead_find(&db->ahead, &db->wire, s, args, &result);
    bool kept = result;
    if (!kept && rows->error == OK)
        rows->error = postgres_run(db, s, args, &result);
    if (rows->error != OK)
        return;
    struct cursor *cursor = malloc(sizeof *cursor);
    if (!cursor)
        log_out_of_memory(0);
    *cursor = (struct cursor){result, kept, -1, s->slot};
    db->wire.statements[s->slot].open = true;
    rows->cursor = cursor;
}

static void leave(struct db_rows *rows) {
    struct cursor *cursor = rows->cursor;
    ((struct postgres_db *)rows->db)->wire.statements[cursor->slot].open = false;
    if (!cursor->kept)
        PQclear(cursor->result);
    free(cursor);
    rows->cursor = NULL;
}

bool postgres_next(struct db_rows *rows) {
    struct cursor *cursor = rows->cursor;
    if (++cursor->row < PQntuples(cursor->result))
        return true;
    leave(rows);
    return false;
}

enum err postgres_finish(struct db_rows *rows) {
    leave(rows);
    return rows->error;
}

enum err postgres_exec(struct db *base, const struct statement *s, struct db_args args,
                       int64_t *changed) {
    struct postgres_db *db = (struct postgres_db *)base;
    bool may_wait = db->phase == PHASE_BEGUN || db->phase == PHASE_RUNNING;
    if (may_wait && !changed && db->wire.sent_count < WAITING_MAX) {
        if (db->failed == OK)
            db->failed = put(db, s, args);
        return db->failed;
    }
    PGresult *result;
    TRY(postgres_run(db, s, args, &result));
    if (changed)
        *changed = strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return OK;
}

/* ---- Columns, in binary ---- */

static const PGresult *result_of(const struct db_rows *rows, int *row) {
    const struct cursor *cursor = rows->cursor;
    *row = cursor->row;
    return cursor->result;
}

enum { OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23 };

int64_t postgres_integer(const struct db_rows *rows, int column) {
    int row;
    const PGresult *result = result_of(rows, &row);
    if (PQgetisnull(result, row, column))
        return 0;
    const char *at = PQgetvalue(result, row, column);
    uint64_t big;
    uint32_t middle;
    uint16_t small;
    switch (PQftype(result, column)) {
    case OID_INT8:
        memcpy(&big, at, sizeof big);
        return (int64_t)be64toh(big);
    case OID_INT4:
        memcpy(&middle, at, sizeof middle);
        return (int32_t)be32toh(middle);
    case OID_INT2:
        memcpy(&small, at, sizeof small);
        return (int16_t)be16toh(small);
    default:
        return strtoll(at, NULL, 10);
    }
}

struct text postgres_text(const struct db_rows *rows, int column) {
    int row;
    const PGresult *result = result_of(rows, &row);
    struct text value = {PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column)};
    return text_copy(rows->db->arena, value);
}

bool postgres_is_null(const struct db_rows *rows, int column) {
    int row;
    const PGresult *result = result_of(rows, &row);
    return PQgetisnull(result, row, column);
}
