/* How a handle reads from a standby: a request at a time, from one of them. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/log.h"
#include "db/postgres.h"

struct postgres_reader {
    struct replicas *replicas;
    size_t first;            /* the one that this handle asks before the others */
    char run[LINE_RUN_SIZE]; /* of the server that is read from */
    bool failed;             /* since replica_on */
    struct wire wires[];     /* one to each */
};

void postgres_reader_open(struct postgres_db *db, struct replicas *replicas) {
    size_t count = replicas_count(replicas);
    struct postgres_reader *reader = calloc(1, sizeof *reader + count * sizeof reader->wires[0]);
    if (!reader)
        log_out_of_memory(0);
    reader->replicas = replicas;
    reader->first = replicas_next(replicas);
    for (size_t i = 0; i < count; i++)
        wire_open(&reader->wires[i], standby_settings(replicas_at(replicas, i)));
    db->reader = reader;
}

void postgres_reader_close(struct postgres_db *db) {
    for (size_t i = 0; db->reader && i < replicas_count(db->reader->replicas); i++)
        wire_close(&db->reader->wires[i]);
    free(db->reader);
}

/* A list of hosts would be several servers under one name. */
bool postgres_replica_fits(const char *place) {
    struct buffer url = {0};
    buffer_add_text(&url, TEXT("postgresql:"));
    buffer_add_text(&url, text_of(place));
    buffer_add_char(&url, '\0');
    PQconninfoOption *parts = PQconninfoParse(url.at, NULL);
    bool fits = parts != NULL;
    for (const PQconninfoOption *part = parts; fits && part->keyword; part++)
        if (part->val && strncmp(part->keyword, "host", 4) == 0 && strchr(part->val, ','))
            fits = false;
    PQconninfoFree(parts);
    buffer_free(&url);
    return fits;
}

bool postgres_has_replicas(const struct db *db) {
    return ((const struct postgres_db *)db)->reader != NULL;
}

bool postgres_on_replica(const struct postgres_db *db) {
    return db->on != &db->wire;
}

void postgres_replica_failed(struct postgres_db *db) {
    db->reader->failed = true;
}

/* Whether the connection is to that run of the server. */
static bool meets(const struct wire *w, const char *run) {
    return w->pooled || strcmp(w->run, run) == 0;
}

enum err postgres_ready(struct postgres_db *db) {
    TRY(wire_ready(db->on));
    return postgres_on_replica(db) && !meets(db->on, db->reader->run) ? ERR_UNAVAILABLE : OK;
}

/* Behind a pooler the server may be another one than in the last round, for this transaction: all
 * of the request is one, and begins by finding out. */
static bool is_met(struct postgres_db *db) {
    struct db_rows rows;
    if (db_snapshot(&db->base) != OK || db_one(&db->base, &rows, standby_run, NO_ARGS) != OK)
        return false;
    bool met = text_equal(db_text(&rows, 0), text_of(db->reader->run));
    return db_close(&rows) == OK && met;
}

static void leave(struct postgres_db *db) {
    if (postgres_on_replica(db) && db->on->pooled)
        db_snapshot_end(&db->base);
    db->on = &db->wire;
}

static bool take(struct postgres_db *db, size_t index) {
    struct postgres_reader *reader = db->reader;
    struct wire *w = &reader->wires[index];
    if (!standby_serves(replicas_at(reader->replicas, index), reader->run) || wire_ready(w) != OK)
        return false;
    if (!meets(w, reader->run)) {
        wire_drop(w);
        return false;
    }
    db->on = w;
    if (!w->pooled || is_met(db))
        return true;
    leave(db);
    return false;
}

void postgres_replica_on(struct db *base) {
    struct postgres_db *db = (struct postgres_db *)base;
    if (!db->reader)
        return;
    ASSERT(db->phase == PHASE_NONE && !postgres_on_replica(db));
    size_t count = replicas_count(db->reader->replicas);
    for (size_t i = 0; i < count && !take(db, (db->reader->first + i) % count); i++)
        ;
    db->reader->failed = false;
}

bool postgres_replica_off(struct db *base) {
    struct postgres_db *db = (struct postgres_db *)base;
    leave(db);
    ASSERT(db->phase == PHASE_NONE);
    return !db->reader || !db->reader->failed;
}
