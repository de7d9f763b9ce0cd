#include "base/meter.h"

#include "base/clock.h"

#define COUNT_BITS 32
#define COUNT_MASK UINT32_MAX

static uint64_t second_of(int64_t now) {
    return (uint64_t)(now / CLOCK_SECOND);
}

void meter_add(struct meter *m, unsigned count, int64_t now) {
    uint64_t second = second_of(now);
    _Atomic uint64_t *slot = &m->seconds[second % METER_SLOTS];
    uint64_t before = atomic_load_explicit(slot, memory_order_relaxed), after;
    do
        after =
            (before >> COUNT_BITS == (second & COUNT_MASK) ? before : second << COUNT_BITS) + count;
    while (!atomic_compare_exchange_weak_explicit(slot, &before, after, memory_order_relaxed,
                                                  memory_order_relaxed));
    atomic_fetch_add_explicit(&m->total, count, memory_order_relaxed);
}

uint64_t meter_total(const struct meter *m) {
    return atomic_load_explicit(&m->total, memory_order_relaxed);
}

uint64_t meter_recent(const struct meter *m, int64_t now) {
    uint64_t second = second_of(now), recent = 0;
    for (uint64_t ago = 1; ago <= METER_WINDOW && ago <= second; ago++) {
        uint64_t slot =
            atomic_load_explicit(&m->seconds[(second - ago) % METER_SLOTS], memory_order_relaxed);
        if (slot >> COUNT_BITS == ((second - ago) & COUNT_MASK))
            recent += slot & COUNT_MASK;
    }
    return recent;
}
