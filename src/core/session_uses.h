/* Which sessions have been used since somebody last looked: kept in memory, so that a request that
 * only reads writes nothing. Bounded; what finds no room is dropped. */
#ifndef CORE_SESSION_USES_H
#define CORE_SESSION_USES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct session_use {
    int64_t user_id; /* never 0 */
    int64_t session_id;
    int64_t used_at;
    int64_t expires_at; /* 0: it moves nothing */
};

/* One per core; thread-safe. */
struct session_uses;

struct session_uses *session_uses_new(void);
void session_uses_free(struct session_uses *uses);

void session_uses_put(struct session_uses *uses, const struct session_use *use);

/* Takes all of them out, one for each session, into `arena`; how many. */
size_t session_uses_take(struct session_uses *uses, struct arena *arena, struct session_use **out);

#endif
