/* What an account's owner may take away: reading all that is kept about one account, in runs of
 * bounded length, each from where the one before ended. No secrets: neither hashes nor tokens. */
#ifndef CORE_EXPORT_H
#define CORE_EXPORT_H

#include "core/account.h"

/* What the account's own rows say beyond struct account. */
struct export_account {
    struct account account; /* with last_login */
    struct account_counts counts;
    int64_t notifications, unread;
    int64_t password_changed_at; /* µs */
};
enum err export_account(struct ctx *c, int64_t user_id, struct export_account *out);

/* One end of an edge, seen from the other. */
struct export_edge {
    int64_t id, created_at;
    int64_t user_id;
    struct text username; /* empty: an account that strangers do not see */
};
enum export_direction { EXPORT_FOLLOWING, EXPORT_FOLLOWERS };

struct export_notification {
    int64_t id, created_at;
    int64_t read_at; /* 0: unread */
    struct text title, message, type, code, data;
};

struct export_event {
    struct text event_id;
    int64_t campaigns, earnings /* cents */, posts, likes, comments, created_at;
};

/* A record of the audit trail about the account. Where somebody else did it, that one's address and
 * user agent are nothing of the account's, and left out. */
struct export_record {
    int64_t id, created_at;
    int64_t event, outcome; /* audit_event_name, audit_outcome_name */
    bool own;               /* by the account itself */
    struct text address, user_agent, note;
};

/* Up to `limit` rows behind the one with the id `after` (0, or the empty text: from the first),
 * oldest first but events, which come in the order of their ids. Fewer than `limit`: there are no
 * more. */
enum err export_edges(struct ctx *c, int64_t user_id, enum export_direction direction,
                      int64_t after, size_t limit, struct export_edge **out, size_t *count);
enum err export_notifications(struct ctx *c, int64_t user_id, int64_t after, size_t limit,
                              struct export_notification **out, size_t *count);
enum err export_events(struct ctx *c, int64_t user_id, struct text after, size_t limit,
                       struct export_event **out, size_t *count);
enum err export_records(struct ctx *c, int64_t user_id, int64_t after, size_t limit,
                        struct export_record **out, size_t *count);

#endif
