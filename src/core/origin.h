/* Where a request came from, as it is stored: with a session, and in the audit trail. */
#ifndef CORE_ORIGIN_H
#define CORE_ORIGIN_H

#include "core/core.h"

/* The address; empty when it is unknown. */
struct text origin_address(struct arena *arena, const struct origin *origin);

/* At most 512 bytes of the user agent, as text that every engine stores and every reader can show:
 * UTF-8 without control characters. */
struct text origin_agent(struct arena *arena, const struct origin *origin);

#endif
