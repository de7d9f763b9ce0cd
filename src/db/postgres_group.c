/* Groups. A transaction of one statement commits without waiting for the disk, so that nobody waits
 * for the rows it has changed while the disk is busy: a row that all write to would else take one
 * change per fsync. Its ticket is settled when a flush that began afterwards has ended (flusher.h),
 * and where there are standbys, when they show it. */
#include <pthread.h>
#include <string.h>

#include "db/postgres.h"

static struct statement asynchronous = {.name = "postgres_asynchronous",
                                        .postgres =
                                            "SELECT set_config('synchronous_commit', 'off', true)"};

void postgres_group_register(void) {
    db_register(&asynchronous, 1);
    flusher_register();
}

bool postgres_group_fits(const struct postgres_db *db) {
    return !db->wire.pooled && *db->wire.run;
}

/* The last flush may have been on another run of the server than this connection leads to, or on
 * one that goes by another name since. Whichever is of the past: a new connection is not, and the
 * flusher goes where the last of a crowd has been. */
enum err postgres_group_meet(struct postgres_db *db) {
    struct flusher *flusher = ((struct postgres_database *)db->base.database)->flusher;
    if (!postgres_group_fits(db) || flusher_meets(flusher, db->wire.run))
        return OK;
    wire_drop(&db->wire);
    return wire_ready(&db->wire);
}

enum err postgres_group_start(struct postgres_db *db) {
    return wire_send(&db->wire, &asynchronous, NO_ARGS);
}

void postgres_group_add(struct postgres_db *db) {
    struct postgres_group *g = &db->group;
    if (g->open && strcmp(g->run, db->wire.run) != 0)
        g->lost = true;
    g->open = true;
    memcpy(g->run, db->wire.run, sizeof g->run);
    pace_write(&db->base.database->pace);
}

/* ---- Of db.h ---- */

bool postgres_pending(const struct db *base) {
    const struct postgres_db *db = (const struct postgres_db *)base;
    return db->group.pending || db->written;
}

void postgres_settle(struct db *base, struct db_ticket *ticket) {
    struct postgres_db *db = (struct postgres_db *)base;
    struct postgres_database *d = (struct postgres_database *)base->database;
    const struct postgres_group group = db->group;
    db->group = (struct postgres_group){0};
    db->written = false;
    if (group.lost)
        ticket->settled(ticket, ERR_UNAVAILABLE);
    else if (group.open)
        flusher_settle(d->flusher, ticket, group.run);
    else if (d->replicas)
        replicas_settle(d->replicas, ticket);
    else
        ticket->settled(ticket, OK);
}

struct waiter {
    struct db_ticket ticket; /* first: the one is the other */
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool settled;
    enum err result;
};

static void wake_waiter(struct db_ticket *ticket, enum err result) {
    struct waiter *w = (struct waiter *)ticket;
    pthread_mutex_lock(&w->lock);
    w->result = result;
    w->settled = true;
    pthread_cond_signal(&w->done);
    pthread_mutex_unlock(&w->lock);
}

enum err postgres_wait(struct db *db) {
    if (!postgres_pending(db))
        return OK;
    struct waiter w = {.ticket = {.settled = wake_waiter},
                       .lock = PTHREAD_MUTEX_INITIALIZER,
                       .done = PTHREAD_COND_INITIALIZER};
    postgres_settle(db, &w.ticket);
    pthread_mutex_lock(&w.lock);
    while (!w.settled)
        pthread_cond_wait(&w.done, &w.lock);
    pthread_mutex_unlock(&w.lock);
    return w.result;
}
