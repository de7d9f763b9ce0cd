/* Where limits are counted. A process that has its database to itself counts in memory, on the
 * monotonic clock. Nodes that share one count in it, on its server's clock, so that a client has
 * one budget however many nodes it asks.
 *
 * Between `open` and `close` nobody else touches the same counts, on any node. */
#ifndef CORE_THROTTLE_STORE_H
#define CORE_THROTTLE_STORE_H

#include "core/core.h"
#include "core/throttle_policy.h"

struct throttle_store {
    /* Finds the counts of a tally, whose keys are set, aged to *now. ERR_UNAVAILABLE with nothing
     * open. */
    enum err (*open)(struct ctx *c, struct tally *t, int64_t *now);
    /* Keeps what has changed. */
    enum err (*close)(struct ctx *c, const struct tally *t);

    /* The same for a bucket. */
    enum err (*open_flood)(struct ctx *c, struct flood *f, int64_t *now);
    enum err (*close_flood)(struct ctx *c, const struct flood *f);

    /* Forgets what no longer matters, and the oldest of what is too much. */
    enum err (*housekeeping)(struct ctx *c);
};

extern const struct throttle_store throttle_memory_store, throttle_shared_store;

/* The counts of this process. Untouched pages cost nothing. */
struct throttle_memory;
struct throttle_memory *throttle_memory_new(void);
void throttle_memory_free(struct throttle_memory *m);

struct throttle {
    const struct throttle_store *store;
    struct throttle_memory *memory; /* NULL in the shared store */
    uint8_t secret[16];             /* of the keys; of the shared store all nodes have the same */
    struct flood_limit limit;
    int64_t swept_at; /* monotonic; for the housekeeper alone */
};

#endif
