/* Requests with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07), on the routes
 * that are marked ONCE: the same key with the same body is answered again as the first time, with
 * `Idempotency-Replayed: true`, and nothing is done twice, whichever nodes are asked at whatever
 * moments. */
#ifndef API_ONCE_H
#define API_ONCE_H

#include "api/call.h"

/* Whether the route knows such keys and the request has one. */
bool once_asked(const struct call *c);

/* Reads the input and runs the handler, or answers what it answered before. ERR_KEY_MALFORMED;
 * ERR_KEY_REUSED when the key came with another request. What fails is not remembered: it may be
 * sent again. */
enum err once_run(struct call *c);

#endif
