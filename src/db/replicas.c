#include "db/replicas.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

/* Clocks of two machines may run at different speeds, by less than this in the time of a lease. */
#define MARGIN (STANDBY_LEASE / 20)

struct replicas {
    struct standby **standbys;
    size_t count;
    atomic_size_t turn;
    pthread_t thread;
    pthread_mutex_t lock; /* the standbys' own are taken inside, never the other way round */
    pthread_cond_t wake;
    struct db_ticket *first, **end; /* that wait, the oldest first */
    bool stop;
};

/* ---- Replies that wait ---- */

/* The moment whose commits all of them have shown. */
static int64_t shown_by_all(const struct replicas *r) {
    int64_t least = r->count ? INT64_MAX : 0;
    for (size_t i = 0; i < r->count; i++) {
        int64_t shown = standby_shown(r->standbys[i]);
        least = shown < least ? shown : least;
    }
    return least;
}

static int64_t deadline_of(const struct db_ticket *ticket) {
    return ticket->since + STANDBY_LEASE + MARGIN;
}

/* Takes those off the queue that may go; NULL when none may. */
static struct db_ticket *take_settled(struct replicas *r) {
    int64_t shown = r->stop ? INT64_MAX : shown_by_all(r), now = clock_monotonic();
    struct db_ticket *taken = r->first, **end = &taken;
    while (*end && ((*end)->since <= shown || deadline_of(*end) <= now))
        end = &(*end)->next;
    r->first = *end;
    *end = NULL;
    if (!r->first)
        r->end = &r->first;
    return taken;
}

static void call_all(struct db_ticket *ticket) {
    while (ticket) {
        struct db_ticket *next = ticket->next; /* it may be gone afterwards */
        ticket->settled(ticket, OK);
        ticket = next;
    }
}

static void wait_for_more(struct replicas *r) {
    if (!r->first) {
        pthread_cond_wait(&r->wake, &r->lock);
        return;
    }
    int64_t until = deadline_of(r->first);
    const struct timespec end = {until / CLOCK_SECOND, until % CLOCK_SECOND * 1000};
    pthread_cond_clockwait(&r->wake, &r->lock, CLOCK_MONOTONIC, &end);
}

static void *settle(void *self) {
    struct replicas *r = self;
    pthread_mutex_lock(&r->lock);
    while (r->first || !r->stop) {
        struct db_ticket *settled = take_settled(r);
        if (!settled) {
            wait_for_more(r);
            continue;
        }
        pthread_mutex_unlock(&r->lock);
        call_all(settled);
        pthread_mutex_lock(&r->lock);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

static void wake_settler(void *self) {
    struct replicas *r = self;
    pthread_mutex_lock(&r->lock);
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
}

void replicas_settle(struct replicas *r, struct db_ticket *ticket) {
    pthread_mutex_lock(&r->lock);
    int64_t since = clock_monotonic();
    ticket->since = since;
    ticket->next = NULL;
    if (!r->first)
        pthread_cond_signal(&r->wake);
    *r->end = ticket;
    r->end = &ticket->next;
    pthread_mutex_unlock(&r->lock);
    for (size_t i = 0; i < r->count; i++)
        standby_hurry(r->standbys[i], since);
}

/* ---- All of them ---- */

size_t replicas_count(const struct replicas *r) {
    return r->count;
}

struct standby *replicas_at(const struct replicas *r, size_t index) {
    return r->standbys[index];
}

size_t replicas_next(struct replicas *r) {
    return r->count ? atomic_fetch_add(&r->turn, 1) % r->count : 0;
}

static void free_all(struct replicas *r) {
    for (size_t i = 0; i < r->count; i++)
        standby_stop(r->standbys[i]);
    pthread_cond_destroy(&r->wake);
    pthread_mutex_destroy(&r->lock);
    free(r->standbys);
    free(r);
}

enum err replicas_open(struct replicas **out, const char *primary, const char *const *urls,
                       size_t count) {
    struct replicas *r = calloc(1, sizeof *r);
    struct standby **standbys = calloc(count, sizeof(struct standby *));
    if (!r || (count && !standbys))
        log_out_of_memory(0);
    r->standbys = standbys;
    r->end = &r->first;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->wake, NULL);
    enum err e = OK;
    for (; e == OK && r->count < count; r->count += e == OK)
        e = standby_start(&r->standbys[r->count], primary, urls[r->count], wake_settler, r);
    if (e == OK && pthread_create(&r->thread, NULL, settle, r) != 0)
        e = ERR_UNAVAILABLE;
    if (e != OK) {
        free_all(r);
        return e;
    }
    *out = r;
    return OK;
}

void replicas_close(struct replicas *r) {
    if (!r)
        return;
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    free_all(r);
}
