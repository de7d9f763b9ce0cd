/* Moves the write-ahead log into the database file, on a thread and a connection of its own, so
 * that no transaction pays for it. Usually that goes on beside readers and writers; since a log
 * that is always being added to never starts afresh, writers are paused for the moment it takes to
 * move the rest, and for as long as it takes once the log has reached its limit. */
#ifndef DB_CHECKPOINT_H
#define DB_CHECKPOINT_H

#include "db/group.h"

struct checkpointer;

/* Needs checkpointer_start before it works; until then it only notes how far the log has grown. */
enum err checkpointer_open(struct checkpointer **out, const struct sqlite_settings *settings);
enum err checkpointer_start(struct checkpointer *c, struct groups *groups);

/* A sqlite3_wal_hook for the connection that writes. */
int checkpointer_hook(void *self, sqlite3 *handle, const char *name, int pages);

/* Ends the thread. The writers still run. */
void checkpointer_stop(struct checkpointer *c);

/* Closes. SQLite moves what is left when no other process has the database open. */
void checkpointer_close(struct checkpointer *c);

#endif
