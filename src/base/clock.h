/* Time. Wall time is microseconds since 1970 in UTC and goes into the database; monotonic time is
 * for timeouts and limits, which must not move when somebody sets the clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

#define CLOCK_SECOND ((int64_t)1000000)
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR   (60 * CLOCK_MINUTE)
#define CLOCK_DAY    (24 * CLOCK_HOUR)

int64_t clock_now(void);       /* µs since 1970 */
int64_t clock_monotonic(void); /* µs since some fixed moment; never goes back */

#define CLOCK_TEXT_SIZE 21 /* "2024-01-15T10:30:00Z" and its NUL */
/* Whole seconds, rounded down. Moments outside the years 0001 to 9999 read as the nearest inside.
 */
void clock_format(int64_t us, char out[CLOCK_TEXT_SIZE]);

/* RFC 3339: a date and a time of day with its offset from UTC, "2024-01-15T10:30:00.5+02:00";
 * digits beyond the microsecond are passed over. False when malformed, when there is no such moment
 * (nor are there leap seconds), or when its date there is outside the years 0001 to 9999. */
bool clock_parse(struct text t, int64_t *us);

/* Dates are days since 1970-01-01, proleptic Gregorian. "YYYY-MM-DD", years 0001 to 9999; false
 * when malformed or when there is no such day. */
bool clock_parse_date(struct text t, int64_t *days);
/* Days outside those years read as the nearest inside. */
void clock_format_date(int64_t days, char out[11]);
int64_t clock_date_of(int64_t us);
/* The date `years` before `days`; 29 February becomes 28 February. */
int64_t clock_years_before(int64_t days, int years);

#endif
