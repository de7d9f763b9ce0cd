#include "cli/housekeeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/audit.h"
#include "core/audit_chain.h"
#include "core/daily.h"
#include "core/erasure.h"
#include "core/idempotency.h"
#include "core/moderation.h"
#include "core/session.h"
#include "core/throttle.h"

#define INTERVAL    (500 * 1000 * 1000) /* ns: within a second all is sealed, what is due lifted */
#define TIDY_EVERY  10                  /* so many of those */
#define COUNT_EVERY 2

struct housekeeper {
    struct core *core;
    struct db *db;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stop;                          /* under mutex */
    bool unlifted, unsealed, uncounted; /* the last round could not: that has been said */
};

/* Waits for the next round. False when it is to be the last one. */
static bool wait_for_round(struct housekeeper *h) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += INTERVAL;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&h->mutex);
    int waited = 0;
    while (!h->stop && waited == 0)
        waited = pthread_cond_clockwait(&h->wake, &h->mutex, CLOCK_MONOTONIC, &until);
    bool go_on = !h->stop;
    pthread_mutex_unlock(&h->mutex);
    return go_on;
}

/* What it cannot write now is written in a later round. */
static void tidy(struct housekeeper *h, struct arena *arena) {
    struct ctx c = {.core = h->core, .db = h->db, .arena = arena, .now = clock_now()};
    enum err e = session_housekeeping(&c);
    enum err written = db_wait(h->db);
    if (e != OK || written != OK)
        log_line(LOG_WARN, "sessions could not be tidied up; will try again");
    if (idempotency_housekeeping(&c) != OK)
        log_line(LOG_WARN, "idempotency keys could not be tidied up; will try again");
    if (throttle_housekeeping(&c) != OK)
        log_line(LOG_WARN, "limits could not be tidied up; will try again");
    if (keyring_housekeeping(&c) != OK)
        log_line(LOG_WARN, "signing keys could not be read; will try again");
    if (erasure_housekeeping(&c) != OK)
        log_line(LOG_WARN, "the erasure journal could not be brought up to date; will try again");
    if (audit_housekeeping(&c) != OK)
        log_line(LOG_WARN, "refused attempts could not be written to the audit trail");
    if (audit_trim(&c) != OK)
        log_line(LOG_WARN, "the audit trail could not be trimmed; will try again");
    arena_reset(arena);
}

static void lift_bans(struct housekeeper *h, struct arena *arena) {
    struct ctx c = {.core = h->core, .db = h->db, .arena = arena, .now = clock_now()};
    enum err e = moderation_housekeeping(&c);
    if (e != OK && !h->unlifted)
        log_line(LOG_WARN, "bans whose time has come could not be lifted; will try again");
    h->unlifted = e != OK;
    arena_reset(arena);
}

static void count_days(struct housekeeper *h, struct arena *arena) {
    struct ctx c = {.core = h->core, .db = h->db, .arena = arena, .now = clock_now()};
    enum err e = daily_housekeeping(&c);
    if (e != OK && !h->uncounted)
        log_line(LOG_WARN, "daily figures could not be written; will try again");
    h->uncounted = e != OK;
    arena_reset(arena);
}

static void seal_audit(struct housekeeper *h, struct arena *arena) {
    struct ctx c = {.core = h->core, .db = h->db, .arena = arena, .now = clock_now()};
    enum err e = audit_seal(&c);
    if (e != OK && !h->unsealed)
        log_line(LOG_WARN, "the audit trail could not be sealed; will try again");
    h->unsealed = e != OK;
    arena_reset(arena);
}

static void *work(void *self) {
    struct housekeeper *h = self;
    struct arena arena = {0};
    db_use(h->db, &arena);
    for (unsigned round = 1; wait_for_round(h); round++) {
        if (round % TIDY_EVERY == 0)
            tidy(h, &arena);
        lift_bans(h, &arena);
        if (round % COUNT_EVERY == 0)
            count_days(h, &arena);
        seal_audit(h, &arena);
    }
    tidy(h, &arena);
    count_days(h, &arena);
    seal_audit(h, &arena);
    arena_free(&arena);
    return NULL;
}

struct housekeeper *housekeeper_start(struct core *core) {
    struct housekeeper *h = calloc(1, sizeof *h);
    ASSERT(h != NULL);
    h->core = core;
    if (db_connect(&h->db, core->database) != OK) {
        free(h);
        return NULL;
    }
    pthread_cond_init(&h->wake, NULL);
    pthread_mutex_init(&h->mutex, NULL);
    if (pthread_create(&h->thread, NULL, work, h) != 0)
        log_fatal("no thread for housekeeping");
    return h;
}

void housekeeper_stop(struct housekeeper *h) {
    pthread_mutex_lock(&h->mutex);
    h->stop = true;
    pthread_cond_signal(&h->wake);
    pthread_mutex_unlock(&h->mutex);
    pthread_join(h->thread, NULL);
    pthread_cond_destroy(&h->wake);
    pthread_mutex_destroy(&h->mutex);
    db_disconnect(h->db);
    free(h);
}
