/* What a request is going to ask the database first, sent before it is handled (db_ahead): then the
 * requests that wait together share their round trips. Nothing depends on it. */
#ifndef API_AHEAD_H
#define API_AHEAD_H

#include "api/call.h"

/* c->ctx is filled in; c->caller is not. */
void call_ahead(struct call *c);

/* For the tests: the handler named in a row; NULL behind the last. */
const char *call_ahead_handler(size_t row);

#endif
