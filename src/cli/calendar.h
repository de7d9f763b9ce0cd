/* Daily figures counted from nothing (core/daily.h keeps those of a living database). */
#ifndef CLI_CALENDAR_H
#define CLI_CALENDAR_H

#include <stdint.h>

#include "core/daily.h"

struct calendar;

/* For moments since 1970 and before `until`. */
struct calendar *calendar_new(int64_t until);
void calendar_free(struct calendar *k);

void calendar_count(struct calendar *k, enum daily kind, int64_t moment);

/* Every day that has a figure, by kind and day. Ends at the first error and returns it. */
enum err calendar_each(const struct calendar *k,
                       enum err (*day)(void *self, enum daily kind, int64_t day, int64_t total),
                       void *self);

#endif
