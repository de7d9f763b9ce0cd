#include "db/flusher.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

/* Nobody waits for longer than the server is given for two flushes. */
#define WAITING_MAX 4096
/* A flush costs a commit, however many it is for. */
#define GATHER_MAX (CLOCK_SECOND / 1000)

struct waiting {
    struct db_ticket *ticket;
    char run[LINE_RUN_SIZE];
};

/* Those who wait, in the order in which they came. */
struct crowd {
    struct waiting *at;
    size_t count, room;
};

struct flusher {
    struct wire wire; /* the thread's own */
    struct replicas *replicas;
    struct pace *pace;
    pthread_t thread;
    bool started, stop;
    atomic_uint announced;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct crowd crowd;
    char flushed[LINE_RUN_SIZE]; /* where the last flush was; "": nowhere yet */
};

static struct statement flush_statement = {
    .name = "postgres_flush",
    .postgres = "SELECT pg_logical_emit_message(true, 'rollcall', CAST('' AS TEXT))"};

void flusher_register(void) {
    db_register(&flush_statement, 1);
}

/* ---- Flushing -------------------------------------------------------------------------------- */

static enum err flush_once(struct wire *w) {
    TRY(wire_ready(w));
    if (w->pooled)
        return ERR_UNAVAILABLE; /* servers are not known from one another */
    TRY(wire_send(w, &flush_statement, NO_ARGS));
    return wire_collect(w, NULL);
}

/* Who came last knows best which server it is: another one may never answer. A flush that is lost
 * may be said again. */
static enum err flush(struct wire *w, const struct crowd *crowd) {
    if (w->conn && strcmp(crowd->at[crowd->count - 1].run, w->run) != 0)
        wire_drop(w);
    enum err e = flush_once(w);
    return e == ERR_UNAVAILABLE && !w->conn && w->renew ? flush_once(w) : e;
}

/* What it makes durable has been counted already. */
static enum err flush_timed(struct flusher *f, const struct crowd *crowd) {
    int64_t began = clock_monotonic();
    TRY(flush(&f->wire, crowd));
    pace_commit(f->pace, 0, began);
    pthread_mutex_lock(&f->lock);
    memcpy(f->flushed, f->wire.run, sizeof f->flushed);
    pthread_mutex_unlock(&f->lock);
    return OK;
}

static void settle(const struct flusher *f, const struct crowd *crowd, enum err flushed) {
    for (size_t i = 0; i < crowd->count; i++) {
        const struct waiting *one = &crowd->at[i];
        bool durable = flushed == OK && strcmp(one->run, f->wire.run) == 0;
        if (durable && f->replicas)
            replicas_settle(f->replicas, one->ticket);
        else
            one->ticket->settled(one->ticket, durable ? OK : ERR_UNAVAILABLE);
    }
}

/* With the lock held, once somebody waits. */
static void gather(struct flusher *f) {
    int64_t until = clock_monotonic() + GATHER_MAX;
    const struct timespec end = {until / CLOCK_SECOND, until % CLOCK_SECOND * 1000};
    while (!f->stop && atomic_load(&f->announced) > 0)
        if (pthread_cond_clockwait(&f->wake, &f->lock, CLOCK_MONOTONIC, &end) != 0)
            return;
}

static void *run(void *self) {
    struct flusher *f = self;
    struct crowd mine = {0};
    pthread_setname_np(pthread_self(), "flusher");
    pthread_mutex_lock(&f->lock);
    while (f->crowd.count || !f->stop) {
        if (f->crowd.count == 0) {
            pthread_cond_wait(&f->wake, &f->lock);
            continue;
        }
        gather(f);
        struct crowd taken = f->crowd;
        f->crowd = (struct crowd){.at = mine.at, .room = mine.room};
        mine = taken;
        pthread_mutex_unlock(&f->lock);
        settle(f, &mine, flush_timed(f, &mine));
        pthread_mutex_lock(&f->lock);
    }
    pthread_mutex_unlock(&f->lock);
    free(mine.at);
    return NULL;
}

/* ---- Waiting --------------------------------------------------------------------------------- */

static void grow(struct crowd *crowd) {
    size_t room = crowd->room ? 2 * crowd->room : 64;
    struct waiting *grown = realloc(crowd->at, room * sizeof *grown);
    if (!grown)
        log_out_of_memory(0);
    crowd->at = grown;
    crowd->room = room;
}

static void start(struct flusher *f) {
    if (pthread_create(&f->thread, NULL, run, f) != 0)
        log_fatal("no thread for the flusher");
    f->started = true;
}

void flusher_settle(struct flusher *f, struct db_ticket *ticket, const char run[LINE_RUN_SIZE]) {
    pthread_mutex_lock(&f->lock);
    if (!f->started)
        start(f);
    if (f->crowd.count == f->crowd.room)
        grow(&f->crowd);
    struct waiting *one = &f->crowd.at[f->crowd.count++];
    one->ticket = ticket;
    memcpy(one->run, run, sizeof one->run);
    if (f->crowd.count == 1)
        pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
}

void flusher_announce(struct flusher *f) {
    atomic_fetch_add(&f->announced, 1);
}

void flusher_retire(struct flusher *f) {
    if (atomic_fetch_sub(&f->announced, 1) > 1)
        return;
    pthread_mutex_lock(&f->lock);
    if (f->crowd.count > 0)
        pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
}

bool flusher_is_full(struct flusher *f) {
    pthread_mutex_lock(&f->lock);
    bool full = f->crowd.count >= WAITING_MAX;
    pthread_mutex_unlock(&f->lock);
    return full;
}

bool flusher_meets(struct flusher *f, const char run[LINE_RUN_SIZE]) {
    pthread_mutex_lock(&f->lock);
    bool meets = !*f->flushed || strcmp(f->flushed, run) == 0;
    pthread_mutex_unlock(&f->lock);
    return meets;
}

/* ---- From beginning to end ------------------------------------------------------------------- */

struct flusher *flusher_new(struct wire_settings *settings, struct replicas *replicas,
                            struct pace *pace) {
    struct flusher *f = calloc(1, sizeof *f);
    if (!f)
        log_out_of_memory(0);
    wire_open(&f->wire, settings);
    f->replicas = replicas;
    f->pace = pace;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->wake, NULL);
    return f;
}

void flusher_free(struct flusher *f) {
    pthread_mutex_lock(&f->lock);
    f->stop = true;
    pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
    if (f->started)
        pthread_join(f->thread, NULL);
    pthread_cond_destroy(&f->wake);
    pthread_mutex_destroy(&f->lock);
    wire_close(&f->wire);
    free(f->crowd.at);
    free(f);
}
