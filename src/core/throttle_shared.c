#include <stdlib.h>

#include "base/clock.h"
#include "core/statements.h"
#include "core/throttle_store.h"

/* Rows of each table at most. One of guesses takes about 100 bytes with its index. */
#define ROWS_MAX 500000
/* Sweeping is looking through a whole table. Others wait for the rows of one round at most. */
#define SWEEP_EVERY    CLOCK_MINUTE
#define SWEEP_AT_ONCE  "20000"
#define SWEEP_ROUNDS   100
#define SWEEP_LOCK_KEY "4206870392650297354"

enum {
    LOCK,
    LOCK_FLOOD,
    LOAD,
    KEEP,
    REMOVE,
    LOAD_FLOOD,
    KEEP_FLOOD,
    SWEEP_LOCK,
    SWEEP_GUESSES,
    TRIM_GUESSES,
    SWEEP_FLOODS,
    TRIM_FLOODS,
};

#define NOW "(SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS now) m"

/* What another transaction is about to write is passed over: nobody waits for anybody in a circle,
 * and it matters anyway. */
#define DELETE_SOME(table, which)                                                                  \
    "DELETE FROM " table " WHERE key IN (SELECT key FROM " which " FOR UPDATE OF t SKIP LOCKED)"
#define TRIM(table, order)                                                                         \
    DELETE_SOME(table,                                                                             \
                table " t ORDER BY " order " LIMIT LEAST(" SWEEP_AT_ONCE                           \
                      ", GREATEST(0, (SELECT COUNT(*) FROM " table ") - CAST($1 AS BIGINT)))")

/* The locks are the server's advisory ones, held until the transaction ends: they can be had for a
 * key that has no row yet, and a refused attempt writes nothing. Keys come in order, so that nobody
 * waits in a circle. What is read after the lock is what the last holder has left. */
static struct statement sql[] = {
    [LOCK] = {.name = "throttle_lock",
              .postgres = "SELECT pg_advisory_xact_lock($1), pg_advisory_xact_lock($2), "
                          "pg_advisory_xact_lock($3)"},
    [LOCK_FLOOD] = {.name = "throttle_lock_flood", .postgres = "SELECT pg_advisory_xact_lock($1)"},
    [LOAD] = {.name = "throttle_load",
              .postgres = "SELECT m.now, g.key, g.failures, g.failed_at, g.aged_at, g.reserved, "
                          "g.reserved_at, g.known_at FROM " NOW " LEFT JOIN throttle_guesses g "
                          "ON g.key IN ($1, $2, $3)"},
    [KEEP] = {.name = "throttle_keep",
              .postgres = "INSERT INTO throttle_guesses (key, failures, failed_at, aged_at, "
                          "reserved, reserved_at, known_at) VALUES ($1, $2, $3, $4, $5, $6, $7) "
                          "ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, "
                          "failed_at = excluded.failed_at, aged_at = excluded.aged_at, "
                          "reserved = excluded.reserved, reserved_at = excluded.reserved_at, "
                          "known_at = excluded.known_at"},
    [REMOVE] = {.name = "throttle_remove",
                .postgres = "DELETE FROM throttle_guesses WHERE key = $1"},
    [LOAD_FLOOD] = {.name = "throttle_load_flood",
                    .postgres = "SELECT m.now, f.paid_until FROM " NOW
                                " LEFT JOIN throttle_floods f ON f.key = $1"},
    [KEEP_FLOOD] = {.name = "throttle_keep_flood",
                    .postgres = "INSERT INTO throttle_floods (key, paid_until) VALUES ($1, $2) "
                                "ON CONFLICT (key) DO UPDATE SET paid_until = excluded.paid_until"},
    [SWEEP_LOCK] = {.name = "throttle_sweep_lock",
                    .postgres = "SELECT CASE WHEN pg_try_advisory_xact_lock(" SWEEP_LOCK_KEY
                                ") THEN 1 ELSE 0 END"},
    [SWEEP_GUESSES] = {.name = "throttle_sweep_guesses",
                       .postgres = DELETE_SOME(
                           "throttle_guesses",
                           "throttle_guesses t CROSS JOIN " NOW
                           " WHERE t.known_at IS NULL AND t.failures >> "
                           "CAST(LEAST(62, GREATEST(0, (m.now - t.aged_at) / $1)) AS INT) = 0 "
                           "AND (t.reserved = 0 OR t.reserved_at < m.now - $2) "
                           "LIMIT " SWEEP_AT_ONCE)},
    [TRIM_GUESSES] = {.name = "throttle_trim_guesses", /* in the order of guesses_lesser */
                      .postgres = TRIM("throttle_guesses",
                                       "t.failures > 0 OR t.reserved > 0, CASE WHEN t.failures > 0 "
                                       "OR t.reserved > 0 THEN t.failed_at ELSE t.known_at END")},
    [SWEEP_FLOODS] = {.name = "throttle_sweep_floods",
                      .postgres = DELETE_SOME("throttle_floods",
                                              "throttle_floods t CROSS JOIN " NOW
                                              " WHERE t.paid_until <= m.now LIMIT " SWEEP_AT_ONCE)},
    [TRIM_FLOODS] = {.name = "throttle_trim_floods",
                     .postgres = TRIM("throttle_floods", "t.paid_until")},
};

void throttle_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

static struct db_arg key_arg(uint64_t key) {
    return arg_int((int64_t)key);
}

/* A transaction that has begun badly is none. */
static enum err begun(struct ctx *c, enum err e) {
    return e == OK ? OK : db_end(c->db, e);
}

/* ---- Guessing -------------------------------------------------------------------------------- */

static int compare(const void *left, const void *right) {
    const int64_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

static enum err lock(struct ctx *c, const struct tally *t) {
    int64_t keys[TALLY_SIZE];
    for (int i = 0; i < TALLY_SIZE; i++)
        keys[i] = (int64_t)t->of[i].key;
    qsort(keys, TALLY_SIZE, sizeof *keys, compare);
    return db_exec(c->db, &sql[LOCK], ARGS(arg_int(keys[0]), arg_int(keys[1]), arg_int(keys[2])),
                   NULL);
}

static void read_guesses(const struct db_rows *rows, struct tally *t) {
    uint64_t key = (uint64_t)db_int(rows, 1);
    for (int i = 0; i < TALLY_SIZE; i++)
        if (t->of[i].key == key)
            t->of[i] = (struct guesses){
                .key = key,
                .failures = (uint32_t)db_int(rows, 2),
                .failed_at = db_int(rows, 3),
                .aged_at = db_int(rows, 4),
                .reserved = (uint32_t)db_int(rows, 5),
                .reserved_at = db_int(rows, 6),
                .known = !db_is_null(rows, 7),
                .known_at = db_int(rows, 7),
            };
}

static enum err load(struct ctx *c, struct tally *t, int64_t *now) {
    struct db_rows rows;
    bool first = true;
    db_query(c->db, &rows, &sql[LOAD],
             ARGS(key_arg(t->of[0].key), key_arg(t->of[1].key), key_arg(t->of[2].key)));
    for (; db_next(&rows); first = false) {
        *now = db_int(&rows, 0);
        for (int i = 0; i < TALLY_SIZE && first; i++)
            t->of[i] = guesses_none(t->of[i].key, *now);
        if (!db_is_null(&rows, 1))
            read_guesses(&rows, t);
    }
    TRY(db_close(&rows));
    for (int i = 0; i < TALLY_SIZE; i++) {
        t->before[i] = t->of[i];
        guesses_age(&t->of[i], *now);
    }
    return OK;
}

static enum err lock_and_load(struct ctx *c, struct tally *t, int64_t *now) {
    TRY(lock(c, t));
    return load(c, t, now);
}

static enum err shared_open(struct ctx *c, struct tally *t, int64_t *now) {
    TRY(db_begin(c->db));
    return begun(c, lock_and_load(c, t, now));
}

static enum err keep(struct ctx *c, const struct guesses *g) {
    if (!guesses_matter(g))
        return db_exec(c->db, &sql[REMOVE], ARGS(key_arg(g->key)), NULL);
    return db_exec(c->db, &sql[KEEP],
                   ARGS(key_arg(g->key), arg_int(g->failures), arg_int(g->failed_at),
                        arg_int(g->aged_at), arg_int(g->reserved), arg_int(g->reserved_at),
                        g->known ? arg_int(g->known_at) : arg_null()),
                   NULL);
}

static enum err keep_changed(struct ctx *c, const struct tally *t) {
    for (int i = 0; i < TALLY_SIZE; i++)
        if (!guesses_equal(&t->of[i], &t->before[i]))
            TRY(keep(c, &t->of[i]));
    return OK;
}

static enum err shared_close(struct ctx *c, const struct tally *t) {
    return db_end(c->db, keep_changed(c, t));
}

/* ---- Flooding -------------------------------------------------------------------------------- */

static enum err lock_and_load_flood(struct ctx *c, struct flood *f, int64_t *now) {
    struct db_rows rows;
    TRY(db_exec(c->db, &sql[LOCK_FLOOD], ARGS(key_arg(f->key)), NULL));
    TRY(db_one(c->db, &rows, &sql[LOAD_FLOOD], ARGS(key_arg(f->key))));
    *now = db_int(&rows, 0);
    f->paid_until = f->before = db_int(&rows, 1);
    return db_close(&rows);
}

static enum err shared_open_flood(struct ctx *c, struct flood *f, int64_t *now) {
    TRY(db_begin(c->db));
    return begun(c, lock_and_load_flood(c, f, now));
}

static enum err keep_flood(struct ctx *c, const struct flood *f) {
    if (f->paid_until == f->before)
        return OK;
    return db_exec(c->db, &sql[KEEP_FLOOD], ARGS(key_arg(f->key), arg_int(f->paid_until)), NULL);
}

static enum err shared_close_flood(struct ctx *c, const struct flood *f) {
    return db_end(c->db, keep_flood(c, f));
}

/* ---- Housekeeping ---------------------------------------------------------------------------- */

static enum err sweep_some(struct ctx *c, int statement, struct db_args args, int64_t *removed) {
    int64_t alone;
    *removed = 0;
    TRY(db_scalar(c->db, &sql[SWEEP_LOCK], NO_ARGS, &alone));
    return alone ? db_exec(c->db, &sql[statement], args, removed) : OK;
}

/* One node at a time. */
static enum err sweep(struct ctx *c, int statement, struct db_args args) {
    int64_t removed = 1;
    for (int round = 0; round < SWEEP_ROUNDS && removed > 0; round++) {
        TRY(db_begin(c->db));
        TRY(db_end(c->db, sweep_some(c, statement, args, &removed)));
    }
    return OK;
}

static enum err shared_housekeeping(struct ctx *c) {
    struct throttle *t = c->core->throttle;
    int64_t now = clock_monotonic();
    if (t->swept_at && now - t->swept_at < SWEEP_EVERY)
        return OK;
    t->swept_at = now;
    TRY(sweep(c, SWEEP_GUESSES, ARGS(arg_int(QUIET), arg_int(RESERVED_AT_MOST))));
    TRY(sweep(c, TRIM_GUESSES, ARGS(arg_int(ROWS_MAX))));
    TRY(sweep(c, SWEEP_FLOODS, NO_ARGS));
    return sweep(c, TRIM_FLOODS, ARGS(arg_int(ROWS_MAX)));
}

const struct throttle_store throttle_shared_store = {
    .open = shared_open,
    .close = shared_close,
    .open_flood = shared_open_flood,
    .close_flood = shared_close_flood,
    .housekeeping = shared_housekeeping,
};
