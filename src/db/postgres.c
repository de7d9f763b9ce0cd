/* The PostgreSQL driver. A handle is a connection of its own (wire.h), opened when it is first
 * needed.
 *
 * Round trips: a transaction begins with its first statement and takes along statements whose
 * outcome nobody asks for; one of a single statement is that statement; a snapshot ends without a
 * wait; what is asked ahead (ahead.h) travels together. */
#include "db/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/bulk_driver.h"

#define TIMEOUT 5000 /* ms */

enum { BEGIN, SNAPSHOT, LIMIT, COMMIT, ROLLBACK, SEQUENCE_NEXT };

static struct statement statements[] = {
    [BEGIN] = {.name = "postgres_begin", .postgres = "BEGIN ISOLATION LEVEL READ COMMITTED"},
    [SNAPSHOT] = {.name = "postgres_snapshot",
                  .postgres = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
    [LIMIT] = {.name = "postgres_limit",
               .postgres = "SELECT set_config('statement_timeout', $1, true), "
                           "set_config('idle_in_transaction_session_timeout', $1, true)"},
    [COMMIT] = {.name = "postgres_commit", .postgres = "COMMIT"},
    [ROLLBACK] = {.name = "postgres_rollback", .postgres = "ROLLBACK"},
    [SEQUENCE_NEXT] = {.name = "postgres_sequence_next",
                       .postgres = "SELECT nextval(CAST(CAST($1 AS TEXT) AS regclass))"},
};

/* ---- Opening ---- */

/* An unescaped password is cut at its '/' or '@', and libpq would show the rest as a port or host.
 */
static bool part_makes_sense(const PQconninfoOption *part) {
    if (part->val && strcmp(part->keyword, "host") == 0)
        return strchr(part->val, '@') == NULL;
    if (part->val && strcmp(part->keyword, "port") == 0)
        return part->val[strspn(part->val, "0123456789,")] == '\0';
    return true;
}

static bool url_makes_sense(const char *url) {
    char *message = NULL;
    PQconninfoOption *parts = PQconninfoParse(url, &message);
    bool sense = parts && strstr(url, "://");
    for (const PQconninfoOption *part = parts; sense && part->keyword; part++)
        sense = part_makes_sense(part);
    PQconninfoFree(parts);
    PQfreemem(message); /* may quote the password */
    if (!sense)
        log_line(LOG_ERROR, "the database URL is not one: postgresql://USER@HOST:PORT/NAME?…, with "
                            "%%40, %%2F and %%3A for an @, / and : in names and passwords");
    return sense;
}

static enum err open_replicas(struct postgres_database *d, const char *url,
                              const struct db_options *options) {
    if (options->replica_count == 0 && !options->strangers)
        return OK;
    return replicas_open(&d->replicas, url, options->replicas, options->replica_count);
}

static enum err postgres_open(struct database **out, const char *place,
                              const struct db_options *options) {
    struct buffer url = {0};
    buffer_add_text(&url, TEXT("postgresql:"));
    buffer_add_text(&url, text_of(place));
    buffer_add_char(&url, '\0');
    struct postgres_database *d = calloc(1, sizeof *d);
    if (!d || !url_makes_sense(url.at)) {
        buffer_free(&url);
        free(d);
        return d ? ERR_VALIDATION : ERR_UNAVAILABLE;
    }
    db_register(statements, sizeof statements / sizeof statements[0]);
    postgres_group_register();
    outcome_register();
    int64_t timeout = options->answer_timeout ? options->answer_timeout : TIMEOUT;
    d->base.driver = &postgres_driver;
    wire_settings_open(&d->settings, url.at, timeout * 1000);
    enum err e = open_replicas(d, url.at, options);
    buffer_free(&url);
    if (e != OK) {
        wire_settings_close(&d->settings);
        free(d);
        return e;
    }
    d->flusher = flusher_new(&d->settings, d->replicas, &d->base.pace);
    *out = &d->base;
    return OK;
}

static void postgres_close(struct database *database) {
    struct postgres_database *d = (struct postgres_database *)database;
    flusher_free(d->flusher);
    replicas_close(d->replicas);
    wire_settings_close(&d->settings);
    free(d);
}

/* ---- Handles ---- */

static enum err postgres_connect(struct db **out, struct database *database) {
    struct postgres_db *db = calloc(1, sizeof *db);
    if (!db)
        return ERR_UNAVAILABLE;
    struct postgres_database *d = (struct postgres_database *)database;
    wire_open(&db->wire, &d->settings);
    db->on = &db->wire;
    if (d->replicas)
        postgres_reader_open(db, d->replicas);
    *out = &db->base;
    return OK;
}

static void postgres_ahead(struct db *base, const struct statement *s, struct db_args args) {
    struct postgres_db *db = (struct postgres_db *)base;
    if (db->phase == PHASE_NONE && !postgres_on_replica(db) && postgres_is_reading(s))
        ahead_ask(&db->ahead, &db->wire, s, args);
}

static void postgres_round_end(struct db *base) {
    struct postgres_db *db = (struct postgres_db *)base;
    ASSERT(db->phase == PHASE_NONE);
    ahead_forget(&db->ahead, &db->wire);
}

static void postgres_disconnect(struct db *base) {
    struct postgres_db *db = (struct postgres_db *)base;
    postgres_round_end(base);
    (void)!postgres_wait(base);
    ahead_close(&db->ahead);
    postgres_reader_close(db);
    wire_close(&db->wire);
    free(db);
}

static enum err postgres_check(struct db *base, const struct statement *s) {
    return wire_check(&((struct postgres_db *)base)->wire, s);
}

static enum err postgres_script(struct db *base, const char *sql) {
    struct postgres_db *db = (struct postgres_db *)base;
    ASSERT(db->phase != PHASE_NONE && !db->snapshot);
    if (db->failed == OK && db->phase == PHASE_BEGUN) {
        db->failed = wire_ready(&db->wire);
        if (db->failed == OK)
            db->failed = postgres_start(db);
    }
    if (db->failed == OK)
        db->failed = wire_script(&db->wire, sql);
    return db->failed;
}

/* ---- Transactions ---- */

static void begin(struct postgres_db *db, enum phase phase, bool snapshot) {
    ASSERT(db->phase == PHASE_NONE);
    db->phase = phase;
    db->snapshot = snapshot;
}

/* Behind a pooler a setting holds for a transaction or comes as a surprise to others. */
enum err postgres_start(struct postgres_db *db) {
    struct wire *w = db->on;
    TRY(wire_send(w, &statements[db->snapshot ? SNAPSHOT : BEGIN], NO_ARGS));
    db->phase = PHASE_RUNNING;
    if (!db->snapshot)
        TRY(outcome_note(&db->outcome, w));
    if (!w->pooled || w->settings->timeout <= 0)
        return OK;
    char limit[24];
    snprintf(limit, sizeof limit, "%lld", (long long)(w->settings->timeout / 1000));
    return wire_send(w, &statements[LIMIT], ARGS(arg_text(text_of(limit))));
}

static enum err postgres_begin(struct db *base) {
    struct postgres_db *db = (struct postgres_db *)base;
    ASSERT(!postgres_on_replica(db));
    begin(db, PHASE_BEGUN, false);
    return OK;
}

static enum err postgres_begin_single(struct db *base) {
    struct postgres_db *db = (struct postgres_db *)base;
    ASSERT(!postgres_on_replica(db));
    if (flusher_is_full(((struct postgres_database *)base->database)->flusher))
        return ERR_UNAVAILABLE;
    begin(db, PHASE_SINGLE, false);
    db->group.pending = true;
    return OK;
}

/* The answer tells: a transaction that has failed is rolled back, and COMMIT does not mind. */
static enum err commit(struct postgres_db *db) {
    PGresult *result;
    TRY(wire_send(&db->wire, &statements[COMMIT], NO_ARGS));
    enum err e = wire_collect(&db->wire, &result);
    if (e == ERR_UNAVAILABLE && !db->wire.conn)
        return outcome_find(&db->outcome, &db->wire);
    if (e != OK)
        return e;
    bool committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
    PQclear(result);
    return committed ? OK : ERR_UNAVAILABLE;
}

static enum err commit_timed(struct postgres_db *db) {
    int64_t began = clock_monotonic();
    TRY(commit(db));
    pace_commit(&db->base.database->pace, 1, began);
    return OK;
}

/* One failed statement makes the server pass over all that was sent with it, so the end of the
 * transaction goes apart. */
static void roll_back(struct wire *w) {
    if (w->conn && w->sent_count)
        (void)!wire_collect(w, NULL);
    if (w->conn && PQtransactionStatus(w->conn) != PQTRANS_IDLE &&
        wire_send(w, &statements[ROLLBACK], NO_ARGS) == OK)
        (void)!wire_collect(w, NULL);
}

static enum err postgres_end(struct db *base, enum err result) {
    struct postgres_db *db = (struct postgres_db *)base;
    ASSERT(db->phase != PHASE_NONE && !db->snapshot);
    if (result == OK)
        result = db->failed;
    if (db->phase == PHASE_RUNNING) {
        db->written = db->reader != NULL;
        if (result == OK)
            result = commit_timed(db);
        if (result != OK)
            roll_back(&db->wire);
    }
    outcome_forget(&db->outcome);
    db->phase = PHASE_NONE;
    db->failed = OK;
    return result;
}

static enum err postgres_next_id(struct db *base, const char *sequence, int64_t *out) {
    ASSERT(((struct postgres_db *)base)->phase != PHASE_NONE);
    char name[64];
    snprintf(name, sizeof name, "%s_id", sequence);
    return db_scalar(base, &statements[SEQUENCE_NEXT], ARGS(arg_text(text_of(name))), out);
}

static enum err postgres_snapshot(struct db *base) {
    begin((struct postgres_db *)base, PHASE_BEGUN, true);
    return OK;
}

static void postgres_snapshot_end(struct db *base) {
    struct postgres_db *db = (struct postgres_db *)base;
    ASSERT(db->phase != PHASE_NONE && db->snapshot);
    if (db->phase == PHASE_RUNNING && db->on->conn &&
        wire_send(db->on, &statements[COMMIT], NO_ARGS) == OK)
        (void)!wire_release(db->on);
    db->phase = PHASE_NONE;
    db->failed = OK;
    db->snapshot = false;
}

static void postgres_announce(struct database *database) {
    flusher_announce(((struct postgres_database *)database)->flusher);
}

static void postgres_retire(struct database *database) {
    flusher_retire(((struct postgres_database *)database)->flusher);
}

const struct driver postgres_driver = {
    .scheme = "postgresql",
    .alias = "postgres",
    .local = false,
    .dialect = {.prefix = "--postgres:",
                .id = "BIGINT",
                .text = "TEXT COLLATE \"C\"",
                .blob = "BYTEA",
                .clustered = "",
                .lock = "SET LOCAL statement_timeout = 0;"
                        "SELECT pg_advisory_xact_lock(8245927666837282151)"},
    .replica_fits = postgres_replica_fits,
    .open = postgres_open,
    .close = postgres_close,
    .connect = postgres_connect,
    .disconnect = postgres_disconnect,
    .text_of = wire_text,
    .check = postgres_check,
    .script = postgres_script,
    .ahead = postgres_ahead,
    .round_end = postgres_round_end,
    .query = postgres_query,
    .next = postgres_next,
    .finish = postgres_finish,
    .exec = postgres_exec,
    .integer = postgres_integer,
    .text = postgres_text,
    .is_null = postgres_is_null,
    .begin = postgres_begin,
    .begin_single = postgres_begin_single,
    .end = postgres_end,
    .next_id = postgres_next_id,
    .snapshot = postgres_snapshot,
    .snapshot_end = postgres_snapshot_end,
    .has_replicas = postgres_has_replicas,
    .replica_on = postgres_replica_on,
    .replica_off = postgres_replica_off,
    .pending = postgres_pending,
    .settle = postgres_settle,
    .wait = postgres_wait,
    .announce = postgres_announce,
    .retire = postgres_retire,
    .bulk = &postgres_bulk,
};
