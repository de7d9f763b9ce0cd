/* Custom social walls: one per user, network and address. */
#ifndef CORE_WALL_H
#define CORE_WALL_H

#include "core/account.h"

struct wall {
    int64_t id, created_at, updated_at;
    int network; /* of the catalogue */
    struct text url, description;
};

/* Adds it, or renews the description of the same one. ERR_USER_NOT_FOUND. */
enum err wall_put(struct ctx *c, int64_t user_id, int network, struct text url,
                  struct text description, struct wall *out);
/* Newest first. */
enum err wall_list(struct ctx *c, int64_t user_id, struct wall **out, size_t *count);
/* ERR_USER_NOT_FOUND, ERR_NOT_FOUND. */
enum err wall_remove(struct ctx *c, int64_t user_id, int64_t wall_id);
enum err wall_erase_all(struct ctx *c, int64_t user_id); /* inside a transaction */

#endif
