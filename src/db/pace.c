#include "db/pace.h"

#include "base/clock.h"

void pace_commit(struct pace *p, unsigned writes, int64_t began) {
    int64_t now = clock_monotonic();
    meter_add(&p->commits, 1, now);
    meter_add(&p->writes, writes, now);
    atomic_store_explicit(&p->last, now - began, memory_order_relaxed);
}

void pace_write(struct pace *p) {
    meter_add(&p->writes, 1, clock_monotonic());
}
