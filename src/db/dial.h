/* How a connection to a PostgreSQL server comes about. */
#ifndef DB_DIAL_H
#define DB_DIAL_H

#include "db/wire.h"

/* Connects, within seconds, and says whether a pooler is between. NULL and a line in the log when
 * that fails; for a while after a failure at once, and without one. */
PGconn *dial(struct wire_settings *settings, bool *pooled);

#endif
