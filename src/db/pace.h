/* How often a database commits, and how much at once. */
#ifndef DB_PACE_H
#define DB_PACE_H

#include "base/meter.h"

struct pace { /* all zero: nothing yet; any thread */
    struct meter commits, writes;
    _Atomic int64_t last; /* µs that the last commit took */
};

/* A commit that waited for the disk and began at `began` (monotonic), with `writes` transactions in
 * it. */
void pace_commit(struct pace *p, unsigned writes, int64_t began);
/* A transaction that a later commit makes durable. */
void pace_write(struct pace *p);

#endif
