/* What staff may do to an account. Acting on staff wants a superuser; nobody acts on themselves. */
#ifndef CORE_MODERATION_H
#define CORE_MODERATION_H

#include "core/account.h"

/* Bans (ending every session in the same transaction) or lifts the ban. ERR_USER_NOT_FOUND,
 * ERR_FORBIDDEN. `by` NULL: the command line, which may do anything. Banning the banned renews the
 * reason. */
enum err moderation_ban(struct ctx *c, const struct caller *by, int64_t user_id, bool banned,
                        struct text reason);

/* Ends every session of the account. The same errors. Own transaction. `ended` may be NULL. */
enum err moderation_force_logout(struct ctx *c, const struct caller *by, int64_t user_id,
                                 int64_t *ended);

/* Ends one session of the account, one's own included. ERR_NOT_FOUND when it is not that account's;
 * the same errors. Own transaction. */
enum err moderation_end_session(struct ctx *c, const struct caller *by, int64_t user_id,
                                int64_t session_id);

#endif
