/* What became of a COMMIT whose answer was lost with the connection. The server keeps that by the
 * number of the transaction, which comes along with the answer to its first statement. */
#ifndef DB_OUTCOME_H
#define DB_OUTCOME_H

#include "db/wire.h"

/* One transaction's. */
struct outcome {
    struct wire_answer number;
};

/* Once, before any handle is opened. */
void outcome_register(void);

/* Puts the question for the number on the wire, behind what begins the transaction. */
enum err outcome_note(struct outcome *o, struct wire *w);

/* After the connection was given up instead of an answer to COMMIT. If the other side has ended it,
 * asks on a new one; of a server that is silent nothing more is to be had. OK when the transaction
 * has been committed, as safely as any other. ERR_AGAIN when nothing of it was kept.
 * ERR_UNAVAILABLE when that cannot be known: a server that was restarted, has crashed or is another
 * one may give the number of what it forgot to somebody else's transaction, and behind a pooler no
 * server is known from another. */
enum err outcome_find(struct outcome *o, struct wire *w);

/* At the end of the transaction, and before it is begun once more. */
void outcome_forget(struct outcome *o);

#endif
