/* How often something happens: counted where it happens, read by others. Any thread; a count costs
 * some nanoseconds. */
#ifndef BASE_METER_H
#define BASE_METER_H

#include <stdatomic.h>
#include <stdint.h>

#define METER_WINDOW 10 /* seconds that meter_recent tells of */
#define METER_SLOTS  16

struct meter { /* all zero: nothing yet */
    _Atomic uint64_t total;
    _Atomic uint64_t seconds[METER_SLOTS]; /* the second above, the count in it below */
};

/* `now`: µs of the monotonic clock. */
void meter_add(struct meter *m, unsigned count, int64_t now);

uint64_t meter_total(const struct meter *m);
/* How many there were in the last METER_WINDOW seconds that are over. */
uint64_t meter_recent(const struct meter *m, int64_t now);

#endif
