/* Makes durable what was committed without a wait for the disk (postgres_group.c): a thread with a
 * connection of its own, both made when they are first needed.
 *
 * Flushing is a commit that waits: all commits before it are then wherever the server's commits
 * have to be. One does for all who wait, and meanwhile others gather for the next. It must be the
 * same run of the same server, or it knows nothing of what that one has forgotten. */
#ifndef DB_FLUSHER_H
#define DB_FLUSHER_H

#include "db/pace.h"
#include "db/replicas.h"

struct flusher;

/* Once, before any handle is opened. */
void flusher_register(void);

/* Tickets go on to `replicas`, unless that is NULL. Flushes count in `pace`. All must outlive it.
 */
struct flusher *flusher_new(struct wire_settings *settings, struct replicas *replicas,
                            struct pace *pace);
/* After the tickets have been settled. */
void flusher_free(struct flusher *f);

/* Says that somebody may soon join those who wait, and takes that back: a flush is put off for as
 * long as anybody is announced, but not for more than a millisecond. */
void flusher_announce(struct flusher *f);
void flusher_retire(struct flusher *f);

/* Whether so many wait already that nobody should join them. */
bool flusher_is_full(struct flusher *f);

/* Whether the last flush was on that run of the server, or there has been none. If not, one of the
 * two connections is to what the server no longer is, or calls itself. */
bool flusher_meets(struct flusher *f, const char run[LINE_RUN_SIZE]);

/* Settles the ticket when all that has been committed by now on that run of the server (dial.h) is
 * durable; with ERR_UNAVAILABLE when it cannot be known to be. */
void flusher_settle(struct flusher *f, struct db_ticket *ticket, const char run[LINE_RUN_SIZE]);

#endif
