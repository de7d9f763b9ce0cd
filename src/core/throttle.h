/* Limits on guessing and on flooding. Bounded, and never a permanent lock-out: the delay between
 * attempts grows to a ceiling and shrinks with quiet. Thread-safe.
 *
 * They hold for the database as a whole: nodes that share one count in it, in transactions of their
 * own, on its server's clock; a process that has it to itself counts in memory, on the monotonic
 * clock (throttle_store.h). Counts may be forgotten: in a crash of the server, in a restart of the
 * process, and where there are too many of them the oldest are.
 *
 * Passwords: failures are counted per account and per client address. The first `login_burst` (ten
 * times that per address) are free; after that each further one doubles the wait, 1 s, 2 s, 4 s, …
 * up to a minute for an account and a quarter of an hour for an address, and attempts come one at a
 * time. Every 15 quiet minutes halve the count; the right password clears the account's. To an
 * address from which the account has been entered with the right password only its own failures
 * count for that account, so that whoever hammers on it from elsewhere cannot keep its owner out.
 */
#ifndef CORE_THROTTLE_H
#define CORE_THROTTLE_H

#include "core/core.h"

/* Reads the limits from c->core->policy, and loads or makes what the nodes share.
 * ERR_UNAVAILABLE, logged. */
enum err throttle_open(struct ctx *c, struct throttle **out);
void throttle_close(struct throttle *t);

/* Outside a transaction, all of these: ERR_UNAVAILABLE when the counts cannot be reached. */

/* OK when a password attempt for `account` (the login name, folded by the callee) from `address`
 * may go ahead; ERR_RATE_LIMITED with the seconds to wait. Reserves the attempt, so that parallel
 * ones cannot all slip through: throttle_passed, throttle_failed or throttle_dropped must follow.
 * Should it not, because the process dies, the attempt counts as failed for two minutes. */
enum err throttle_attempt(struct ctx *c, struct text account, const struct address *address,
                          int64_t *retry);
enum err throttle_failed(struct ctx *c, struct text account, const struct address *address);
enum err throttle_passed(struct ctx *c, struct text account, const struct address *address);
/* The attempt came to nothing: the password was never compared. */
enum err throttle_dropped(struct ctx *c, struct text account, const struct address *address);

/* Token bucket per address for registrations and e-mail checks: OK, or ERR_RATE_LIMITED with the
 * seconds to wait. */
enum err throttle_take(struct ctx *c, const char *what, const struct address *address,
                       int64_t *retry);

/* Forgets what no longer matters. Called every few seconds by the server's housekeeper; looks once
 * a minute. */
enum err throttle_housekeeping(struct ctx *c);

#endif
