/* The standbys that are read from, and the replies that wait for them: see standby.h. */
#ifndef DB_REPLICAS_H
#define DB_REPLICAS_H

#include "db/standby.h"

struct replicas;

/* Watches a standby at each URL. With none, it is not known which there are: everything waits until
 * no node can have a lease that is older. */
enum err replicas_open(struct replicas **out, const char *primary, const char *const *urls,
                       size_t count);
/* Answers what still waits. NULL is none. */
void replicas_close(struct replicas *r);

size_t replicas_count(const struct replicas *r);
struct standby *replicas_at(const struct replicas *r, size_t index);
/* One after the other, to share readers out. */
size_t replicas_next(struct replicas *r);

/* Calls the ticket, with OK and in the order in which they came, once everything that was committed
 * by now will be seen by whoever asks any node. */
void replicas_settle(struct replicas *r, struct db_ticket *ticket);

#endif
