/* Gets connections to one database for all its handles, and leaves the server alone while it is
 * known to be away. Every attempt has a thread of its own, so that nobody waits longer than he is
 * willing to, whatever the network and the resolver do. Any thread. */
#ifndef DB_DIALLER_H
#define DB_DIALLER_H

#include "db/dial.h"

struct dialler;

/* `timeout` as in dial(). */
struct dialler *dialler_new(const char *url, int64_t timeout);

/* Failures are logged for debugging alone; before it is used. */
void dialler_quiet(struct dialler *d);

/* Does not wait for attempts that are still under way. */
void dialler_free(struct dialler *d);

/* A connection, within five seconds. False when there is none to be had: after a failure at once,
 * for 100 ms at first and 2 s at last; and then one attempt at a time finds out whether the server
 * is back. An attempt that takes longer is not lost: its connection is the next one's. */
bool dialler_get(struct dialler *d, struct line *out, bool pooled);

#endif
