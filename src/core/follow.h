/* The follow graph. Edges and both counters change in one transaction. */
#ifndef CORE_FOLLOW_H
#define CORE_FOLLOW_H

#include "core/account.h"

struct follow {
    int64_t id, follower_id, following_id, created_at;
    struct text follower_username, following_username;
};

/* ERR_USER_NOT_FOUND (unknown, or not visible to the caller), ERR_SELF_FOLLOW,
 * ERR_ALREADY_FOLLOWING. Own transaction. */
enum err follow_add(struct ctx *c, const struct caller *caller, int64_t following_id,
                    struct follow *out);

/* ERR_USER_NOT_FOUND, ERR_NOT_FOLLOWING. *stored_username is the account's name as stored. An edge
 * to an account that has since been hidden or banned can still be taken away; where there is no
 * edge either, such an account is ERR_USER_NOT_FOUND like an unknown one. Own transaction. */
enum err follow_remove(struct ctx *c, int64_t follower_id, struct text username,
                       struct text *stored_username);

#define FOLLOW_PAGE_DEFAULT 100
#define FOLLOW_PAGE_MAX     1000

/* A page of a list, newest first. `before` is an edge id (0: from the newest); *next the edge id to
 * go on before, 0 at the end. `count` is exact and counts hidden accounts too; rows leave them out
 * (contract §6), and a page is still full where there are more to show. */
struct follow_page {
    int64_t count;
    int64_t next;
    size_t size;
    struct follow *edges;      /* follow_edges */
    struct follow_user *users; /* follow_followers, follow_following */
};
struct follow_user {
    int64_t id;
    struct text username, first_name, last_name, avatar;
    bool is_following;   /* by the caller */
    int64_t followed_at; /* when that edge of the list was made */
    int64_t flags;       /* of the account */
};

enum err follow_edges(struct ctx *c, const struct caller *caller, int64_t before, int64_t limit,
                      struct follow_page *out);
enum err follow_followers(struct ctx *c, const struct caller *caller, int64_t user_id,
                          int64_t before, int64_t limit, struct follow_page *out);
enum err follow_following(struct ctx *c, const struct caller *caller, int64_t user_id,
                          int64_t before, int64_t limit, struct follow_page *out);

/* Removes every edge of an account that is being erased and corrects the other ends' counters.
 * Inside a transaction. */
enum err follow_erase_all(struct ctx *c, int64_t user_id);
/* The same for the oldest edges of an account that has more than `limit` followers, or follows more
 * than that: up to `limit` in each direction. *more: there were so many, and it may be called
 * again; else nothing has been removed. */
enum err follow_erase_some(struct ctx *c, int64_t user_id, int64_t limit, bool *more);

#endif
