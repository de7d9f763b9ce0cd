/* Proving who one is: every place that takes a password goes through here, so that limits, timing
 * and answers are the same everywhere. All of it runs on the hash lane. */
#ifndef CORE_LOGIN_H
#define CORE_LOGIN_H

#include "core/session.h"

/* Checks a password against a login name (user name or e-mail address), throttled per account and
 * per address. ERR_INVALID_CREDENTIALS (unknown, wrong, inactive: same work, same answer),
 * ERR_BANNED (right password), ERR_RATE_LIMITED with *retry in seconds. Rehashes an outdated hash.
 * Opens nothing. */
enum err login_verify(struct ctx *c, struct text login, struct text password,
                      const struct address *address, struct account *out, int64_t *retry);

/* The same for a signed-in user who repeats the password; `wrong` is returned when it is wrong. */
enum err login_confirm(struct ctx *c, int64_t user_id, struct text password,
                       const struct address *address, enum err wrong, int64_t *retry);

/* login_verify, then a session. */
enum err login_open(struct ctx *c, struct text login, struct text password,
                    const struct origin *origin, struct account *account,
                    struct credentials *credentials, int64_t *retry);

/* Creates an account and opens its first session, in one transaction. ERR_USERNAME_TAKEN,
 * ERR_EMAIL_TAKEN. How many an address may make is the caller's to limit (throttle_take). */
enum err login_register(struct ctx *c, const struct new_account *in, const struct origin *origin,
                        struct account *account, struct credentials *credentials);

/* Changes the password after login_confirm and ends all sessions but the caller's. */
enum err login_change_password(struct ctx *c, const struct caller *caller, struct text current,
                               struct text new_password, const struct address *address,
                               int64_t *retry);

/* Sets a password from the command line and ends all sessions. Own transaction. */
enum err login_set_password(struct ctx *c, int64_t user_id, struct text password);

#endif
