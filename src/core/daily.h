/* What happened on each day (UTC), for charts. No writer waits for a figure:
 *
 * - Sign-ups and logins are counted when their audit records are sealed, in that transaction: each
 *   once, whatever crashes, within a second.
 * - Follows, and who was active, are counted in memory and written once a second. A process that is
 *   killed loses the last of them, and whoever goes on is counted a minute later.
 *
 * What was counted stays when an account is erased or a record trimmed: it is history. */
#ifndef CORE_DAILY_H
#define CORE_DAILY_H

#include "core/core.h"

enum daily {
    DAILY_SIGNUPS,
    DAILY_ACTIVE, /* accounts of which a session was used, each once */
    DAILY_LOGINS_OK,
    DAILY_LOGINS_FAILED,
    DAILY_FOLLOWED,
    DAILY_UNFOLLOWED,
    DAILY_COUNT
};

/* The days of which there are figures to be had at once. */
#define DAILY_DAYS_MAX 366

/* The name of a kind in the database. */
struct text daily_name(enum daily kind);

/* One per core; thread-safe. */
struct daily_counts;
struct daily_counts *daily_new(void);
void daily_free(struct daily_counts *counts);

/* Counts one at the moment of `c`, in memory. For FOLLOWED and UNFOLLOWED. */
void daily_count(struct ctx *c, enum daily kind);
/* The account is using a session. In memory, bounded: what finds no room is dropped. */
void daily_active(struct ctx *c, int64_t user_id);

/* Adds to the figure of a day. Inside a transaction, at its end: rows are shared by all writers. */
enum err daily_add(struct ctx *c, enum daily kind, int64_t day, int64_t count);

/* Writes down what has been counted in memory; called once a second by the server's housekeeper.
 * Own transactions, waited for; none when there is nothing to write. What cannot be written is kept
 * for the next time. */
enum err daily_housekeeping(struct ctx *c);

/* The figures of `days` days (at most DAILY_DAYS_MAX), the last of which is today. */
enum err daily_read(struct ctx *c, enum daily kind, int days, int64_t *out);

#endif
