/* Group commit: one SQLite connection writes for all threads.
 *
 * A group is one SQLite transaction (BEGIN IMMEDIATE … COMMIT) and as many savepoints in it as
 * there were transactions of ours. It is closed by a thread of its own as soon as nobody is
 * announced, waiting or writing any more, when it is full, and after a few milliseconds in any
 * case. When a group cannot be committed every handle in it is told, and the connection is closed,
 * opened and tried out before another group begins: after a failed fsync the kernel answers the
 * next one with success, and nothing that rests on it may be acknowledged. */
#ifndef DB_GROUP_H
#define DB_GROUP_H

#include "db/link.h"

struct groups;
struct group;

/* What a handle still has to hear of; all zero: nothing. */
struct membership {
    struct group *group;
    enum err lost; /* an earlier group it was in has failed */
};

/* Opens the connection that writes and starts the thread. `wal_hook` (sqlite3_wal_hook) is told how
 * far the log has grown. */
enum err groups_open(struct groups **out, const struct sqlite_settings *settings,
                     int (*wal_hook)(void *self, sqlite3 *, const char *, int), void *self);

/* Closes the open group first. */
void groups_close(struct groups *g);

/* The connection, for whoever is between group_begin and group_end. */
struct link *groups_connection(struct groups *g);

/* The calling thread has the connection from group_begin to group_end. First come, first served;
 * ERR_UNAVAILABLE after the busy timeout. */
enum err group_begin(struct groups *g, struct membership *m);
enum err group_end(struct groups *g, enum err result);

bool group_is_pending(const struct membership *m);
void group_settle(struct groups *g, struct membership *m, struct db_ticket *ticket);
enum err group_wait(struct groups *g, struct membership *m);
/* Without wanting to know. */
void group_leave(struct groups *g, struct membership *m);

void groups_announce(struct groups *g);
void groups_retire(struct groups *g);

/* Between the two no group is open and none begins. */
void groups_pause(struct groups *g);
void groups_resume(struct groups *g);
/* A pause that does not wait for the open group: what whoever commits it may ask for. */
void groups_hold(struct groups *g);

#endif
