#include "core/throttle.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"

/* Entries sit in small sets found by a keyed hash, so that nobody can know which share one. In a
 * full set the least worth keeping makes room. Untouched pages cost nothing. */
#define WAYS       8
#define GUESS_SETS 4096
#define FLOOD_SETS 2048

#define QUIET           (15 * CLOCK_MINUTE)
#define ACCOUNT_CEILING CLOCK_MINUTE
#define ADDRESS_CEILING (15 * CLOCK_MINUTE)
#define ADDRESS_FACTOR  10

/* No attempt takes as long as this: what is still reserved then was lost. */
#define RESERVED_AT_MOST (2 * CLOCK_MINUTE)

struct guesses {
    uint64_t key; /* 0: free */
    int64_t failed_at, aged_at, reserved_at;
    uint32_t failures, reserved;
    bool known; /* of a pair: the account was entered from there with the right password … */
    int64_t known_at; /* … then */
};

struct flood {
    uint64_t key;
    int64_t paid_until; /* the bucket is full again then (GCRA's theoretical arrival time) */
};

struct throttle {
    pthread_mutex_t lock;
    uint8_t secret[crypto_shorthash_KEYBYTES];
    unsigned login_burst;
    int64_t flood_interval, flood_tolerance; /* µs per token, µs that a full bucket is worth */
    struct guesses guesses[GUESS_SETS][WAYS];
    struct flood floods[FLOOD_SETS][WAYS];
};

struct throttle *throttle_new(unsigned login_burst, unsigned register_burst,
                              unsigned register_per_minute) {
    ASSERT(login_burst && register_burst && register_per_minute);
    struct throttle *t = calloc(1, sizeof *t);
    if (!t)
        log_fatal("out of memory");
    pthread_mutex_init(&t->lock, NULL);
    random_bytes(t->secret, sizeof t->secret);
    t->login_burst = login_burst;
    t->flood_interval = CLOCK_MINUTE / register_per_minute;
    t->flood_tolerance = t->flood_interval * register_burst;
    return t;
}

void throttle_free(struct throttle *t) {
    if (!t)
        return;
    pthread_mutex_destroy(&t->lock);
    free(t);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

/* What is counted under one key. The first byte keeps the kinds apart. */
struct subject {
    uint8_t bytes[1 + 16 + 512];
    size_t size;
};

static void subject_add(struct subject *s, const void *bytes, size_t size) {
    size_t room = sizeof s->bytes - s->size;
    if (size > room) /* longer than any name there is */
        size = room;
    memcpy(s->bytes + s->size, bytes, size);
    s->size += size;
}

static struct subject subject_of(char kind, const struct address *address) {
    struct subject s = {.bytes = {(uint8_t)kind}, .size = 1};
    if (address) {
        struct address client = address_client(address);
        subject_add(&s, client.bytes, sizeof client.bytes);
    }
    return s;
}

static void subject_add_name(struct subject *s, struct text name) {
    size_t start = s->size;
    if (name.size)
        subject_add(s, name.at, name.size);
    for (size_t i = start; i < s->size; i++)
        if (s->bytes[i] >= 'A' && s->bytes[i] <= 'Z')
            s->bytes[i] = (uint8_t)(s->bytes[i] + ('a' - 'A'));
}

static uint64_t key_of(const struct throttle *t, const struct subject *s) {
    uint64_t key;
    crypto_shorthash((uint8_t *)&key, s->bytes, s->size, t->secret);
    return key ? key : 1;
}

struct keys {
    uint64_t account, address, pair;
};

static struct keys keys_of(const struct throttle *t, struct text account,
                           const struct address *address) {
    struct subject name = subject_of('n', NULL), client = subject_of('a', address),
                   pair = subject_of('p', address);
    subject_add_name(&name, account);
    subject_add_name(&pair, account);
    return (struct keys){key_of(t, &name), key_of(t, &client), key_of(t, &pair)};
}

/* ---- Guessing -------------------------------------------------------------------------------- */

/* Lets quiet time and lost reservations go. */
static void age(struct guesses *g, int64_t now) {
    int64_t quiet = (now - g->aged_at) / QUIET;
    if (g->failures && quiet > 0) {
        g->failures = quiet < 32 ? g->failures >> quiet : 0;
        g->aged_at += quiet * QUIET;
    }
    if (g->reserved && now - g->reserved_at > RESERVED_AT_MOST)
        g->reserved = 0;
}

static bool counts(const struct guesses *g) {
    return g->failures || g->reserved;
}

/* Whether `a` is a better one to forget than `b`: those that only remember a success go first. */
static bool lesser(const struct guesses *a, const struct guesses *b) {
    if (!a->key || !b->key)
        return !a->key;
    if (counts(a) != counts(b))
        return !counts(a);
    return counts(a) ? a->failed_at < b->failed_at : a->known_at < b->known_at;
}

static struct guesses *guesses_find(struct throttle *t, uint64_t key, int64_t now) {
    struct guesses *set = t->guesses[key % GUESS_SETS];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key != key)
            continue;
        age(&set[i], now);
        return &set[i];
    }
    return NULL;
}

/* The entry of `key`, made when there is none. */
static struct guesses *guesses_get(struct throttle *t, uint64_t key, int64_t now) {
    struct guesses *g = guesses_find(t, key, now);
    if (g)
        return g;
    struct guesses *set = t->guesses[key % GUESS_SETS];
    g = set;
    for (int i = 0; i < WAYS; i++) {
        age(&set[i], now);
        if (lesser(&set[i], g))
            g = &set[i];
    }
    *g = (struct guesses){.key = key, .failed_at = now, .aged_at = now};
    return g;
}

struct limit {
    uint32_t burst;
    int64_t ceiling;
};

static struct limit account_limit(const struct throttle *t) {
    return (struct limit){t->login_burst, ACCOUNT_CEILING};
}

static struct limit address_limit(const struct throttle *t) {
    return (struct limit){t->login_burst * ADDRESS_FACTOR, ADDRESS_CEILING};
}

/* How long after the last failure the next attempt may come. */
static int64_t delay(const struct guesses *g, struct limit limit) {
    if (g->failures < limit.burst)
        return 0;
    uint32_t doublings = g->failures - limit.burst;
    int64_t wait = doublings < 32 ? CLOCK_SECOND << doublings : limit.ceiling;
    return wait < limit.ceiling ? wait : limit.ceiling;
}

/* µs to wait; 0: go ahead. What is under way counts as failed until it is known better. */
static int64_t wait_of(const struct guesses *g, struct limit limit, int64_t now) {
    if (!g || g->failures + g->reserved < limit.burst)
        return 0;
    if (g->reserved)
        return CLOCK_SECOND;
    int64_t ready_at = g->failed_at + delay(g, limit);
    return ready_at > now ? ready_at - now : 0;
}

static void reserve(struct guesses *g, int64_t now) {
    g->reserved++;
    g->reserved_at = now;
}

static void release(struct guesses *g) {
    if (!g)
        return;
    if (g->reserved)
        g->reserved--;
    if (!counts(g) && !g->known)
        g->key = 0;
}

static void fail(struct guesses *g, struct limit limit, int64_t now) {
    if (g->reserved)
        g->reserved--;
    if (delay(g, limit) < limit.ceiling) /* counting on would only make it last longer */
        g->failures++;
    g->failed_at = g->aged_at = now;
}

static struct guesses *known_pair(struct throttle *t, const struct keys *keys, int64_t now) {
    struct guesses *pair = guesses_find(t, keys->pair, now);
    return pair && pair->known ? pair : NULL;
}

static int64_t wait_for(struct throttle *t, const struct keys *keys, int64_t now) {
    struct guesses *client = guesses_find(t, keys->address, now);
    int64_t wait = wait_of(client, address_limit(t), now);
    struct guesses *name = known_pair(t, keys, now);
    if (!name)
        name = guesses_find(t, keys->account, now);
    int64_t name_wait = wait_of(name, account_limit(t), now);
    return wait > name_wait ? wait : name_wait;
}

static int64_t seconds(int64_t us) {
    return (us + CLOCK_SECOND - 1) / CLOCK_SECOND;
}

/* Refused attempts leave no trace: they can neither prolong a delay nor push others out. */
int64_t throttle_attempt(struct throttle *t, struct text account, const struct address *address,
                         int64_t now) {
    struct keys keys = keys_of(t, account, address);
    pthread_mutex_lock(&t->lock);
    int64_t wait = wait_for(t, &keys, now);
    if (!wait) {
        reserve(guesses_get(t, keys.address, now), now);
        reserve(guesses_get(t, keys.account, now), now);
        struct guesses *pair = known_pair(t, &keys, now);
        if (pair)
            reserve(pair, now);
    }
    pthread_mutex_unlock(&t->lock);
    return seconds(wait);
}

void throttle_failed(struct throttle *t, struct text account, const struct address *address,
                     int64_t now) {
    struct keys keys = keys_of(t, account, address);
    pthread_mutex_lock(&t->lock);
    fail(guesses_get(t, keys.address, now), address_limit(t), now);
    fail(guesses_get(t, keys.account, now), account_limit(t), now);
    struct guesses *pair = known_pair(t, &keys, now);
    if (pair)
        fail(pair, account_limit(t), now);
    pthread_mutex_unlock(&t->lock);
}

void throttle_passed(struct throttle *t, struct text account, const struct address *address,
                     int64_t now) {
    struct keys keys = keys_of(t, account, address);
    pthread_mutex_lock(&t->lock);
    release(guesses_find(t, keys.address, now));
    struct guesses *name = guesses_get(t, keys.account, now);
    name->failures = 0;
    release(name);
    struct guesses *pair = guesses_get(t, keys.pair, now);
    pair->known = true;
    pair->known_at = now;
    pair->failures = 0;
    release(pair);
    pthread_mutex_unlock(&t->lock);
}

void throttle_dropped(struct throttle *t, struct text account, const struct address *address,
                      int64_t now) {
    struct keys keys = keys_of(t, account, address);
    pthread_mutex_lock(&t->lock);
    release(guesses_find(t, keys.address, now));
    release(guesses_find(t, keys.account, now));
    release(known_pair(t, &keys, now));
    pthread_mutex_unlock(&t->lock);
}

/* ---- Flooding -------------------------------------------------------------------------------- */

static struct flood *flood_get(struct throttle *t, uint64_t key) {
    struct flood *set = t->floods[key % FLOOD_SETS], *oldest = set;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (!set[i].key || (oldest->key && set[i].paid_until < oldest->paid_until))
            oldest = &set[i];
    }
    *oldest = (struct flood){.key = key};
    return oldest;
}

int64_t throttle_take(struct throttle *t, const char *what, const struct address *address,
                      int64_t now) {
    struct subject s = subject_of('f', address);
    subject_add(&s, what, strlen(what));
    uint64_t key = key_of(t, &s);
    pthread_mutex_lock(&t->lock);
    struct flood *f = flood_get(t, key);
    int64_t paid_until = (f->paid_until > now ? f->paid_until : now) + t->flood_interval;
    int64_t wait = paid_until - now - t->flood_tolerance;
    if (wait <= 0)
        f->paid_until = paid_until;
    pthread_mutex_unlock(&t->lock);
    return wait > 0 ? seconds(wait) : 0;
}
