/* Groups. A transaction of one statement commits without waiting for the disk, so that nobody waits
 * for the rows it has changed while the disk is busy: a row that all write to would else take one
 * change per fsync. What a handle has committed like that is flushed together, at the end of a
 * round, and only then are its tickets settled, or handed on to wait for standbys. Flushing is a
 * commit that waits: all commits before it are then wherever the server's commits have to be. It
 * must be the same run of the same server, or it knows nothing of what that one has forgotten. */
#include <string.h>

#include "db/postgres.h"

enum { ASYNCHRONOUS, FLUSH };

static struct statement statements[] = {
    [ASYNCHRONOUS] = {.name = "postgres_asynchronous",
                      .postgres = "SELECT set_config('synchronous_commit', 'off', true)"},
    [FLUSH] = {.name = "postgres_flush",
               .postgres = "SELECT pg_logical_emit_message(true, 'rollcall', CAST('' AS TEXT))"},
};

void postgres_group_statements(void) {
    db_register(statements, sizeof statements / sizeof statements[0]);
}

bool postgres_group_fits(const struct postgres_db *db) {
    return !db->wire.pooled && *db->wire.run;
}

enum err postgres_group_start(struct postgres_db *db) {
    return wire_send(&db->wire, &statements[ASYNCHRONOUS], NO_ARGS);
}

void postgres_group_add(struct postgres_db *db) {
    struct postgres_group *g = &db->group;
    if (g->open && strcmp(g->run, db->wire.run) != 0)
        g->lost = true;
    g->open = true;
    memcpy(g->run, db->wire.run, sizeof g->run);
}

/* ---- On disk, or lost ---- */

static enum err flush_once(struct postgres_db *db) {
    struct wire *w = &db->wire;
    TRY(wire_ready(w));
    if (db->group.lost || strcmp(db->group.run, w->run) != 0)
        return ERR_UNAVAILABLE;
    TRY(wire_send(w, &statements[FLUSH], NO_ARGS));
    return wire_collect(w, NULL);
}

/* May be said as often as it takes. */
static enum err flush(struct postgres_db *db) {
    if (!db->group.open)
        return OK;
    enum err e = flush_once(db);
    return e == ERR_UNAVAILABLE && !db->wire.conn && db->wire.renew ? flush_once(db) : e;
}

static struct replicas *replicas_of(const struct postgres_db *db) {
    return ((struct postgres_database *)db->base.database)->replicas;
}

static void settle(const struct postgres_db *db, struct db_ticket *ticket, enum err result) {
    if (result == OK && db->reader)
        replicas_settle(replicas_of(db), ticket);
    else
        ticket->settled(ticket, result);
}

enum err postgres_group_end(struct postgres_db *db) {
    enum err e = flush(db);
    struct db_ticket *ticket = db->group.first;
    db->group = (struct postgres_group){0};
    for (struct db_ticket *next; ticket; ticket = next) {
        next = ticket->next;
        settle(db, ticket, e);
    }
    return e;
}

/* ---- Of db.h ---- */

bool postgres_pending(const struct db *base) {
    const struct postgres_db *db = (const struct postgres_db *)base;
    return db->group.pending || db->written;
}

void postgres_settle(struct db *base, struct db_ticket *ticket) {
    struct postgres_db *db = (struct postgres_db *)base;
    struct postgres_group *g = &db->group;
    bool grouped = g->pending;
    g->pending = db->written = false;
    if (!grouped) {
        settle(db, ticket, OK);
        return;
    }
    ticket->next = NULL;
    *(g->first ? &g->last->next : &g->first) = ticket;
    g->last = ticket;
}

enum err postgres_wait(struct db *base) {
    struct postgres_db *db = (struct postgres_db *)base;
    bool shown = db->reader && postgres_pending(base);
    db->written = false;
    enum err e = postgres_group_end(db);
    if (shown)
        replicas_wait(replicas_of(db));
    return e;
}
