/* Limits on guessing and on flooding. In memory, bounded, on the monotonic clock: a jump of the
 * wall clock moves nothing. Never a permanent lock-out: the delay between attempts grows to a
 * ceiling and shrinks with quiet. Thread-safe.
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

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/text.h"

struct throttle;

struct throttle *throttle_new(unsigned login_burst, unsigned register_burst,
                              unsigned register_per_minute);
void throttle_free(struct throttle *t);

/* 0 when a password attempt for `account` (the login name, folded by the callee) from `address` may
 * go ahead, else the seconds to wait. Reserves the attempt, so that parallel ones cannot all slip
 * through: throttle_passed, throttle_failed or throttle_dropped must follow. */
int64_t throttle_attempt(struct throttle *t, struct text account, const struct address *address,
                         int64_t now_monotonic);
void throttle_failed(struct throttle *t, struct text account, const struct address *address,
                     int64_t now_monotonic);
void throttle_passed(struct throttle *t, struct text account, const struct address *address,
                     int64_t now_monotonic);
/* The attempt came to nothing: the password was never compared. */
void throttle_dropped(struct throttle *t, struct text account, const struct address *address,
                      int64_t now_monotonic);

/* Token bucket per address for registrations and e-mail checks: 0, or the seconds to wait. */
int64_t throttle_take(struct throttle *t, const char *what, const struct address *address,
                      int64_t now_monotonic);

#endif
