/* What staff may do to an account. Acting on staff wants a superuser; nobody acts on themselves,
 * but for what is said to be allowed. What was refused (ERR_FORBIDDEN) is on record as well. `by`
 * NULL: the command line, which may do anything. Each is a transaction of its own. */
#ifndef CORE_MODERATION_H
#define CORE_MODERATION_H

#include "core/account.h"

/* Bans, ending every session in the same transaction. `until` is when the ban ends by itself, µs;
 * 0: when somebody lifts it. Banning the banned renews reason and end. ERR_USER_NOT_FOUND,
 * ERR_FORBIDDEN. */
enum err moderation_ban(struct ctx *c, const struct caller *by, int64_t user_id, struct text reason,
                        int64_t until);
/* Lifts a ban, if there is one. The same errors. */
enum err moderation_unban(struct ctx *c, const struct caller *by, int64_t user_id);

/* Lifts the bans whose time has come; on record as done by the server. Called twice a second by the
 * server's housekeeper; of several nodes one does it. A transaction for each, waited for; none when
 * there is nothing to lift. */
enum err moderation_housekeeping(struct ctx *c);

/* Ends every session of the account. The same errors. `ended` may be NULL. */
enum err moderation_force_logout(struct ctx *c, const struct caller *by, int64_t user_id,
                                 int64_t *ended);

/* Ends one session of the account, one's own included. ERR_NOT_FOUND when it is not that account's;
 * the same errors. */
enum err moderation_end_session(struct ctx *c, const struct caller *by, int64_t user_id,
                                int64_t session_id);

/* account_update, of oneself too. What has changed is on record by its name. */
enum err moderation_update(struct ctx *c, const struct caller *by, int64_t user_id,
                           const struct account_changes *changes);

/* Gives and takes ACCOUNT_STAFF and ACCOUNT_SUPERUSER. `by` must be a superuser still when it is
 * done, so that of two who demote each other one remains. `by` is never NULL: the command line has
 * account_grant. The same errors. */
enum err moderation_set_roles(struct ctx *c, const struct caller *by, int64_t user_id, int64_t add,
                              int64_t remove);

#endif
