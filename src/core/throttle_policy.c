#include "core/throttle_policy.h"

#include "base/clock.h"

#define ACCOUNT_CEILING CLOCK_MINUTE
#define ADDRESS_CEILING (15 * CLOCK_MINUTE)
#define ADDRESS_FACTOR  10

/* ---- One count ------------------------------------------------------------------------------- */

struct guesses guesses_none(uint64_t key, int64_t now) {
    return (struct guesses){.key = key, .failed_at = now, .aged_at = now};
}

static void not_after(int64_t *moment, int64_t now) {
    if (*moment > now)
        *moment = now;
}

void guesses_age(struct guesses *g, int64_t now) {
    not_after(&g->failed_at, now);
    not_after(&g->aged_at, now);
    not_after(&g->reserved_at, now);
    not_after(&g->known_at, now);
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

bool guesses_matter(const struct guesses *g) {
    return counts(g) || g->known;
}

bool guesses_lesser(const struct guesses *a, const struct guesses *b) {
    if (counts(a) != counts(b))
        return !counts(a);
    return counts(a) ? a->failed_at < b->failed_at : a->known_at < b->known_at;
}

bool guesses_equal(const struct guesses *a, const struct guesses *b) {
    return a->key == b->key && a->failures == b->failures && a->reserved == b->reserved &&
           a->failed_at == b->failed_at && a->aged_at == b->aged_at &&
           a->reserved_at == b->reserved_at && a->known == b->known && a->known_at == b->known_at;
}

/* ---- Delays ---------------------------------------------------------------------------------- */

struct limit {
    uint32_t burst;
    int64_t ceiling;
};

static struct limit account_limit(unsigned burst) {
    return (struct limit){burst, ACCOUNT_CEILING};
}

static struct limit address_limit(unsigned burst) {
    return (struct limit){burst * ADDRESS_FACTOR, ADDRESS_CEILING};
}

/* How long after the last failure the next attempt may come. */
static int64_t delay(const struct guesses *g, struct limit limit) {
    if (g->failures < limit.burst)
        return 0;
    uint32_t doublings = g->failures - limit.burst;
    int64_t wait = doublings < 32 ? CLOCK_SECOND << doublings : limit.ceiling;
    return wait < limit.ceiling ? wait : limit.ceiling;
}

/* What is under way counts as failed until it is known better. */
static int64_t wait_of(const struct guesses *g, struct limit limit, int64_t now) {
    if (g->failures + g->reserved < limit.burst)
        return 0;
    if (g->reserved)
        return CLOCK_SECOND;
    int64_t ready_at = g->failed_at + delay(g, limit);
    return ready_at > now ? ready_at - now : 0;
}

int64_t tally_wait(const struct tally *t, unsigned burst, int64_t now) {
    const struct guesses *name = t->of[OF_PAIR].known ? &t->of[OF_PAIR] : &t->of[OF_ACCOUNT];
    int64_t name_wait = wait_of(name, account_limit(burst), now);
    int64_t wait = wait_of(&t->of[OF_ADDRESS], address_limit(burst), now);
    return wait > name_wait ? wait : name_wait;
}

/* ---- Attempts -------------------------------------------------------------------------------- */

static void reserve(struct guesses *g, int64_t now) {
    g->reserved++;
    g->reserved_at = now;
}

static void release(struct guesses *g) {
    if (g->reserved)
        g->reserved--;
}

static void fail(struct guesses *g, struct limit limit, int64_t now) {
    release(g);
    if (delay(g, limit) < limit.ceiling) /* counting on would only make it last longer */
        g->failures++;
    g->failed_at = g->aged_at = now;
}

void tally_reserve(struct tally *t, int64_t now) {
    reserve(&t->of[OF_ADDRESS], now);
    reserve(&t->of[OF_ACCOUNT], now);
    if (t->of[OF_PAIR].known)
        reserve(&t->of[OF_PAIR], now);
}

void tally_failed(struct tally *t, unsigned burst, int64_t now) {
    fail(&t->of[OF_ADDRESS], address_limit(burst), now);
    fail(&t->of[OF_ACCOUNT], account_limit(burst), now);
    if (t->of[OF_PAIR].known)
        fail(&t->of[OF_PAIR], account_limit(burst), now);
}

void tally_passed(struct tally *t, int64_t now) {
    tally_dropped(t);
    t->of[OF_ACCOUNT].failures = 0;
    struct guesses *pair = &t->of[OF_PAIR];
    pair->known = true;
    pair->known_at = now;
    pair->failures = 0;
}

void tally_dropped(struct tally *t) {
    for (int i = 0; i < TALLY_SIZE; i++)
        release(&t->of[i]);
}

/* ---- Flooding -------------------------------------------------------------------------------- */

int64_t flood_take(struct flood *f, struct flood_limit limit, int64_t now) {
    if (f->paid_until > now + limit.tolerance) /* the clock has been set back */
        f->paid_until = now + limit.tolerance;
    int64_t paid_until = (f->paid_until > now ? f->paid_until : now) + limit.interval;
    int64_t wait = paid_until - now - limit.tolerance;
    if (wait > 0)
        return wait;
    f->paid_until = paid_until;
    return 0;
}
