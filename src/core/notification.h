/* The inbox. */
#ifndef CORE_NOTIFICATION_H
#define CORE_NOTIFICATION_H

#include "core/account.h"

struct notification {
    int64_t id, created_at;
    struct text title, message, type;
    struct text data; /* a JSON object, as text */
    int64_t read_at;  /* 0: unread */
};
struct new_notification {
    struct text title, message, type;
    int code;         /* which switch it obeys; -1: none */
    struct text data; /* "{}" when empty */
};

/* Delivers to one user. *delivered is false when the user has the switch off: then nothing is
 * written. ERR_USER_NOT_FOUND. Own transaction. */
enum err notification_send(struct ctx *c, int64_t user_id, const struct new_notification *in,
                           bool *delivered);

enum err notification_page(struct ctx *c, int64_t user_id, int64_t limit, int64_t offset,
                           struct notification **out, size_t *count, int64_t *total,
                           int64_t *unread);

/* Marks ids, or all when count is 0, as read. Ids that are not the user's are passed over;
 * *changed counts those that were unread. Own transaction. */
enum err notification_read(struct ctx *c, int64_t user_id, const int64_t *ids, size_t count,
                           int64_t *changed);

enum err notification_erase_all(struct ctx *c, int64_t user_id); /* inside a transaction */

#endif
