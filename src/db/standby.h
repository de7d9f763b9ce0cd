/* A streaming standby of the primary, and how long it may be read from.
 *
 * What is promised: whoever has been told that something was written, and asks any node afterwards,
 * is answered from a state that has it. Two rules keep that, and no two machines' clocks are
 * compared:
 *
 * - A node reads from a standby on a lease. To renew it a watcher runs a round: it notes the time,
 *   asks the primary how far its log has come, and then the standby until that has replayed as
 *   much. The standby now shows all that was committed at the time noted; the lease runs from then.
 * - The reply to a write waits (replicas.h) until a round that began after the commit has ended, or
 *   as long as a lease runs: then no node has one any more that rests on an earlier round.
 *
 * A standby that was restarted may come back older than it went, so a round holds for one run of
 * the server (dial.h), which no connection outlives. Through a pooler a connection may meet another
 * server every time: there each request asks, in its transaction, which run it is. */
#ifndef DB_STANDBY_H
#define DB_STANDBY_H

#include "base/clock.h"
#include "db/wire.h"

#define STANDBY_LEASE (CLOCK_SECOND / 5)

struct standby;

/* Starts watching the standby at `url`. `shown` is called, on the watcher's thread, after every
 * round that has ended well. ERR_UNAVAILABLE when there is no memory or thread for it. */
enum err standby_start(struct standby **out, const char *primary, const char *url,
                       void (*shown)(void *self), void *self);
void standby_stop(struct standby *s);

/* For connections to read from it. */
struct wire_settings *standby_settings(struct standby *s);

/* Whether it may be read from now, in the run of the server that *run becomes. */
bool standby_serves(struct standby *s, char run[LINE_RUN_SIZE]);
/* A query for the run of the server that answers it. */
extern const struct statement *const standby_run;

/* The moment (monotonic) whose commits the standby has shown; 0: none yet. */
int64_t standby_shown(struct standby *s);

/* Somebody waits for a round that begins no earlier than `since`. */
void standby_hurry(struct standby *s, int64_t since);

static inline bool lease_holds(int64_t shown, int64_t now) {
    return shown > 0 && now < shown + STANDBY_LEASE;
}

#endif
