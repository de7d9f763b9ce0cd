#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/throttle_store.h"

/* Entries sit in small sets found by the key, a keyed hash, so that nobody can know which share
 * one. In a full set the least worth keeping makes room. */
#define WAYS       8
#define GUESS_SETS 4096
#define FLOOD_SETS 2048

struct throttle_memory {
    pthread_mutex_t lock; /* held between open and close */
    struct guesses guesses[GUESS_SETS][WAYS];
    struct flood floods[FLOOD_SETS][WAYS];
};

struct throttle_memory *throttle_memory_new(void) {
    struct throttle_memory *m = calloc(1, sizeof *m);
    if (!m)
        log_out_of_memory(0);
    pthread_mutex_init(&m->lock, NULL);
    return m;
}

void throttle_memory_free(struct throttle_memory *m) {
    if (!m)
        return;
    pthread_mutex_destroy(&m->lock);
    free(m);
}

static struct throttle_memory *lock(struct ctx *c, int64_t *now) {
    struct throttle_memory *m = c->core->throttle->memory;
    pthread_mutex_lock(&m->lock);
    *now = clock_monotonic();
    return m;
}

static enum err unlock(struct throttle_memory *m) {
    pthread_mutex_unlock(&m->lock);
    return OK;
}

/* ---- Guessing -------------------------------------------------------------------------------- */

static struct guesses *find(struct throttle_memory *m, uint64_t key) {
    struct guesses *set = m->guesses[key % GUESS_SETS];
    for (int i = 0; i < WAYS; i++)
        if (set[i].key == key)
            return &set[i];
    return NULL;
}

/* A free entry, or the one to forget. */
static struct guesses *make_room(struct throttle_memory *m, uint64_t key, int64_t now) {
    struct guesses *set = m->guesses[key % GUESS_SETS], *least = set;
    for (int i = 0; i < WAYS; i++) {
        if (!set[i].key)
            return &set[i];
        guesses_age(&set[i], now);
        if (guesses_lesser(&set[i], least))
            least = &set[i];
    }
    return least;
}

static enum err memory_open(struct ctx *c, struct tally *t, int64_t *now) {
    struct throttle_memory *m = lock(c, now);
    for (int i = 0; i < TALLY_SIZE; i++) {
        struct guesses *g = find(m, t->of[i].key);
        t->of[i] = g ? *g : guesses_none(t->of[i].key, *now);
        t->before[i] = t->of[i];
        guesses_age(&t->of[i], *now);
    }
    return OK;
}

static void keep(struct throttle_memory *m, const struct guesses *g) {
    struct guesses *entry = find(m, g->key);
    if (guesses_matter(g))
        *(entry ? entry : make_room(m, g->key, clock_monotonic())) = *g;
    else if (entry)
        entry->key = 0;
}

static enum err memory_close(struct ctx *c, const struct tally *t) {
    struct throttle_memory *m = c->core->throttle->memory;
    for (int i = 0; i < TALLY_SIZE; i++)
        if (!guesses_equal(&t->of[i], &t->before[i]))
            keep(m, &t->of[i]);
    return unlock(m);
}

/* ---- Flooding -------------------------------------------------------------------------------- */

static struct flood *flood_slot(struct throttle_memory *m, uint64_t key) {
    struct flood *set = m->floods[key % FLOOD_SETS], *oldest = set;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (!set[i].key || (oldest->key && set[i].paid_until < oldest->paid_until))
            oldest = &set[i];
    }
    return oldest;
}

static enum err memory_open_flood(struct ctx *c, struct flood *f, int64_t *now) {
    struct flood *slot = flood_slot(lock(c, now), f->key);
    f->paid_until = f->before = slot->key == f->key ? slot->paid_until : 0;
    return OK;
}

static enum err memory_close_flood(struct ctx *c, const struct flood *f) {
    struct throttle_memory *m = c->core->throttle->memory;
    if (f->paid_until != f->before)
        *flood_slot(m, f->key) = *f;
    return unlock(m);
}

/* It never grows. */
static enum err memory_housekeeping(struct ctx *c) {
    (void)c;
    return OK;
}

const struct throttle_store throttle_memory_store = {
    .open = memory_open,
    .close = memory_close,
    .open_flood = memory_open_flood,
    .close_flood = memory_close_flood,
    .housekeeping = memory_housekeeping,
};
