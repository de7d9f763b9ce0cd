#include "cli/calendar.h"

#include <stdlib.h>

#include "base/log.h"

struct calendar {
    int64_t days;
    uint32_t *totals; /* `days` of each kind */
};

struct calendar *calendar_new(int64_t until) {
    struct calendar *k = malloc(sizeof *k);
    if (!k)
        log_out_of_memory(0);
    k->days = clock_date_of(until) + 1;
    k->totals = calloc((size_t)k->days * DAILY_COUNT, sizeof *k->totals);
    if (!k->totals)
        log_out_of_memory(0);
    return k;
}

void calendar_free(struct calendar *k) {
    free(k->totals);
    free(k);
}

void calendar_count(struct calendar *k, enum daily kind, int64_t moment) {
    int64_t day = clock_date_of(moment);
    ASSERT(day >= 0 && day < k->days);
    k->totals[kind * k->days + day]++;
}

enum err calendar_each(const struct calendar *k,
                       enum err (*day)(void *self, enum daily kind, int64_t day, int64_t total),
                       void *self) {
    for (enum daily kind = 0; kind < DAILY_COUNT; kind++)
        for (int64_t d = 0; d < k->days; d++) {
            uint32_t total = k->totals[kind * k->days + d];
            if (total)
                TRY(day(self, kind, d, total));
        }
    return OK;
}
