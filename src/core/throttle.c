#include "core/throttle.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "core/secret.h"
#include "core/throttle_store.h"

static_assert(sizeof((struct throttle){0}).secret == crypto_shorthash_KEYBYTES, "SipHash's key");

static enum err choose_store(struct ctx *c, struct throttle *t) {
    if (!database_is_local(c->core->database)) {
        t->store = &throttle_shared_store;
        return secret_named(c, "throttle", t->secret, sizeof t->secret);
    }
    t->store = &throttle_memory_store;
    t->memory = throttle_memory_new();
    random_bytes(t->secret, sizeof t->secret);
    return OK;
}

enum err throttle_open(struct ctx *c, struct throttle **out) {
    const struct policy *p = &c->core->policy;
    ASSERT(p->login_burst && p->register_burst && p->register_per_minute);
    struct throttle *t = calloc(1, sizeof *t);
    if (!t)
        log_out_of_memory(0);
    t->limit.interval = CLOCK_MINUTE / p->register_per_minute;
    t->limit.tolerance = t->limit.interval * p->register_burst;
    enum err e = choose_store(c, t);
    if (e == OK)
        *out = t;
    else
        throttle_close(t);
    return e;
}

void throttle_close(struct throttle *t) {
    if (!t)
        return;
    throttle_memory_free(t->memory);
    sodium_memzero(t->secret, sizeof t->secret);
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

static struct tally tally_of(const struct throttle *t, struct text account,
                             const struct address *address) {
    struct subject name = subject_of('n', NULL), client = subject_of('a', address),
                   pair = subject_of('p', address);
    subject_add_name(&name, account);
    subject_add_name(&pair, account);
    return (struct tally){.of = {
                              [OF_ADDRESS] = {.key = key_of(t, &client)},
                              [OF_ACCOUNT] = {.key = key_of(t, &name)},
                              [OF_PAIR] = {.key = key_of(t, &pair)},
                          }};
}

/* ---- Guessing -------------------------------------------------------------------------------- */

static int64_t seconds(int64_t us) {
    return (us + CLOCK_SECOND - 1) / CLOCK_SECOND;
}

/* Refused attempts leave no trace: they can neither prolong a delay nor push others out. */
enum err throttle_attempt(struct ctx *c, struct text account, const struct address *address,
                          int64_t *retry) {
    const struct throttle *t = c->core->throttle;
    struct tally tally = tally_of(t, account, address);
    int64_t now;
    TRY(t->store->open(c, &tally, &now));
    int64_t wait = tally_wait(&tally, c->core->policy.login_burst, now);
    if (!wait)
        tally_reserve(&tally, now);
    TRY(t->store->close(c, &tally));
    *retry = seconds(wait);
    return wait ? ERR_RATE_LIMITED : OK;
}

enum err throttle_failed(struct ctx *c, struct text account, const struct address *address) {
    const struct throttle *t = c->core->throttle;
    struct tally tally = tally_of(t, account, address);
    int64_t now;
    TRY(t->store->open(c, &tally, &now));
    tally_failed(&tally, c->core->policy.login_burst, now);
    return t->store->close(c, &tally);
}

enum err throttle_passed(struct ctx *c, struct text account, const struct address *address) {
    const struct throttle *t = c->core->throttle;
    struct tally tally = tally_of(t, account, address);
    int64_t now;
    TRY(t->store->open(c, &tally, &now));
    tally_passed(&tally, now);
    return t->store->close(c, &tally);
}

enum err throttle_dropped(struct ctx *c, struct text account, const struct address *address) {
    const struct throttle *t = c->core->throttle;
    struct tally tally = tally_of(t, account, address);
    int64_t now;
    TRY(t->store->open(c, &tally, &now));
    tally_dropped(&tally);
    return t->store->close(c, &tally);
}

/* ---- Flooding -------------------------------------------------------------------------------- */

enum err throttle_take(struct ctx *c, const char *what, const struct address *address,
                       int64_t *retry) {
    const struct throttle *t = c->core->throttle;
    struct subject s = subject_of('f', address);
    subject_add(&s, what, strlen(what));
    struct flood flood = {.key = key_of(t, &s)};
    int64_t now;
    TRY(t->store->open_flood(c, &flood, &now));
    int64_t wait = flood_take(&flood, t->limit, now);
    TRY(t->store->close_flood(c, &flood));
    *retry = seconds(wait);
    return wait ? ERR_RATE_LIMITED : OK;
}

/* ---- Housekeeping ---------------------------------------------------------------------------- */

enum err throttle_housekeeping(struct ctx *c) {
    return c->core->throttle->store->housekeeping(c);
}
