#include "db/dialler.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"

#define BACKOFF_FIRST (CLOCK_SECOND / 10)
#define BACKOFF_MAX   (2 * CLOCK_SECOND)
#define PATIENCE      5  /* seconds that one waits for an attempt */
#define STRAYS_MAX    64 /* attempts that nobody waits for any more */

struct attempt {
    struct attempt *next; /* in `late` */
    struct dialler *dialler;
    pthread_t thread;
    struct place first;
    bool pooled;
    bool done, left; /* left: nobody waits for it any more */
    struct line line;
};

struct dialler {
    char *url;
    int64_t timeout;
    enum log_level level; /* of failures */
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t ended;
    unsigned owners; /* the database, and every attempt */
    bool closed;     /* the database is no longer one of them */
    unsigned strays;
    struct attempt *late; /* have connected after they were left */
    struct place place;   /* where the last one led */
    bool away;            /* the last to end has failed */
    bool probing;         /* somebody finds out whether that is still so */
    int64_t backoff;      /* µs to the next attempt, should this one fail */
    int64_t retry_at;     /* monotonic: no attempt before */
};

struct dialler *dialler_new(const char *url, int64_t timeout) {
    struct dialler *d = calloc(1, sizeof *d);
    if (!d || !(d->url = strdup(url)))
        log_out_of_memory(0);
    d->timeout = timeout;
    d->level = LOG_ERROR;
    d->owners = 1;
    d->backoff = BACKOFF_FIRST;
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->ended, NULL);
    return d;
}

void dialler_quiet(struct dialler *d) {
    d->level = LOG_DEBUG;
}

/* Unlocks; whoever is the last one out clears up. */
static void leave(struct dialler *d) {
    bool last = --d->owners == 0;
    pthread_mutex_unlock(&d->lock);
    if (!last)
        return;
    pthread_cond_destroy(&d->ended);
    pthread_mutex_destroy(&d->lock);
    free(d->url);
    free(d);
}

static void discard(struct attempt *a) {
    PQfinish(a->line.conn);
    free(a);
}

static struct attempt *take_late(struct dialler *d) {
    struct attempt *a = d->late;
    if (a)
        d->late = a->next;
    return a;
}

void dialler_free(struct dialler *d) {
    struct attempt *a;
    pthread_mutex_lock(&d->lock);
    while ((a = take_late(d)))
        discard(a);
    d->closed = true;
    leave(d);
}

/* ---- Whether the server is there ---- */

static void note_success(struct dialler *d, const struct line *line) {
    d->place = line->place;
    d->away = false;
    d->retry_at = 0;
    d->backoff = BACKOFF_FIRST;
}

/* Of attempts that fail together one counts. */
static void note_failure(struct dialler *d) {
    int64_t now = clock_monotonic();
    if (d->away && now < d->retry_at)
        return;
    d->away = true;
    d->retry_at = now + d->backoff;
    d->backoff = d->backoff * 2 < BACKOFF_MAX ? d->backoff * 2 : BACKOFF_MAX;
}

static bool may_try(const struct dialler *d) {
    return d->strays < STRAYS_MAX && !d->probing && clock_monotonic() >= d->retry_at;
}

/* ---- Attempts ---- */

static void *run(void *argument) {
    struct attempt *a = argument;
    struct dialler *d = a->dialler;
    bool connected = dial(&a->line, d->url, &a->first, d->timeout, a->pooled, d->level);
    pthread_mutex_lock(&d->lock);
    if (connected)
        note_success(d, &a->line);
    else if (!a->left)
        note_failure(d);
    if (a->left)
        d->strays--;
    if (a->left && connected && !d->closed) {
        a->next = d->late;
        d->late = a;
    } else if (a->left) {
        discard(a);
    } else {
        a->done = true;
    }
    pthread_cond_broadcast(&d->ended);
    leave(d);
    return NULL;
}

static struct attempt *begin(struct dialler *d, bool pooled) {
    struct attempt *a = calloc(1, sizeof *a);
    if (!a)
        log_out_of_memory(0);
    a->dialler = d;
    a->first = d->place;
    a->pooled = pooled;
    if (pthread_create(&a->thread, NULL, run, a) != 0) {
        log_line(LOG_ERROR, "no thread to connect to the database with");
        free(a);
        return NULL;
    }
    d->owners++;
    return a;
}

/* Waits for it, or for another that nobody waits for. NULL when that has taken too long. A thread
 * that is done has only to return, but OpenSSL and Kerberos tidy up behind it: who waited for it
 * might end the process meanwhile, and with it what they tidy. */
static struct attempt *await(struct dialler *d, struct attempt *a) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PATIENCE;
    while (!a->done && !d->late &&
           pthread_cond_clockwait(&d->ended, &d->lock, CLOCK_MONOTONIC, &until) == 0)
        ;
    if (a->done) {
        pthread_join(a->thread, NULL);
        return a;
    }
    pthread_detach(a->thread);
    a->left = true;
    d->strays++;
    if (!d->late) {
        log_line(d->level, "no connection to the database within %d seconds", PATIENCE);
        note_failure(d);
    }
    return take_late(d);
}

static struct attempt *try(struct dialler *d, bool pooled) {
    if (!may_try(d))
        return NULL;
    bool probe = d->away;
    d->probing = probe;
    struct attempt *a = begin(d, pooled);
    if (a)
        a = await(d, a);
    if (probe)
        d->probing = false;
    return a;
}

bool dialler_get(struct dialler *d, struct line *out, bool pooled) {
    pthread_mutex_lock(&d->lock);
    struct attempt *a = take_late(d);
    if (!a)
        a = try(d, pooled);
    pthread_mutex_unlock(&d->lock);
    if (!a)
        return false;
    *out = a->line;
    free(a);
    return out->conn;
}
