/* What the platform's other services report about a user, applied exactly once per event. */
#ifndef CORE_ACTIVITY_H
#define CORE_ACTIVITY_H

#include "core/account.h"

struct activity {
    struct text event_id;
    int64_t campaigns, earnings /* cents */, posts, likes, comments; /* signed increments */
};

/* *applied is false when the event was known already. ERR_USER_NOT_FOUND; ERR_BELOW_ZERO, or
 * ERR_VALIDATION when a total would pass INT64_MAX, with *field naming the first increment at fault
 * as clients call it (nothing is then changed). Own transaction. */
enum err activity_apply(struct ctx *c, int64_t user_id, const struct activity *event, bool *applied,
                        const char **field);
enum err activity_erase_all(struct ctx *c, int64_t user_id); /* inside a transaction */

#endif
