/* What is counted of guessing and flooding, and what follows from it: arithmetic, without a clock
 * and without a place to keep anything (throttle_store.h). Times are µs; `now` never lies before
 * what was counted, after guesses_age and in flood_take. */
#ifndef CORE_THROTTLE_POLICY_H
#define CORE_THROTTLE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

/* ---- Guessing -------------------------------------------------------------------------------- */

/* No attempt takes as long as this: what is still reserved then was lost, its node killed. */
#define RESERVED_AT_MOST (2 * CLOCK_MINUTE)
#define QUIET            (15 * CLOCK_MINUTE) /* halves the failures */

/* The count of one account, of one client address, or of the two together. */
struct guesses {
    uint64_t key;
    uint32_t failures, reserved; /* reserved: attempts under way */
    int64_t failed_at, aged_at, reserved_at;
    bool known; /* of a pair: the account was entered from there with the right password … */
    int64_t known_at; /* … then */
};

enum { OF_ADDRESS, OF_ACCOUNT, OF_PAIR, TALLY_SIZE };

/* The counts that an attempt bears on. */
struct tally {
    struct guesses of[TALLY_SIZE];
    struct guesses before[TALLY_SIZE]; /* as they were found, for the store to compare with */
};

/* Nothing counted yet. */
struct guesses guesses_none(uint64_t key, int64_t now);
/* Lets quiet time and lost reservations go. A clock that has been set back moves what lies in its
 * future to now, so that no delay lasts longer than it was. */
void guesses_age(struct guesses *g, int64_t now);
/* Whether there is anything worth keeping in it. */
bool guesses_matter(const struct guesses *g);
/* Whether `a` is a better one to forget than `b`: those that only remember a success go first. */
bool guesses_lesser(const struct guesses *a, const struct guesses *b);
bool guesses_equal(const struct guesses *a, const struct guesses *b);

/* µs to wait before an attempt; 0: go ahead. `burst` is policy.login_burst. */
int64_t tally_wait(const struct tally *t, unsigned burst, int64_t now);
/* An attempt goes ahead; one of the others must follow. */
void tally_reserve(struct tally *t, int64_t now);
void tally_failed(struct tally *t, unsigned burst, int64_t now);
void tally_passed(struct tally *t, int64_t now);
void tally_dropped(struct tally *t);

/* ---- Flooding -------------------------------------------------------------------------------- */

struct flood {
    uint64_t key;
    int64_t paid_until; /* the bucket is full again then (GCRA's theoretical arrival time) */
    int64_t before;     /* paid_until as it was found, for the store to compare with */
};

struct flood_limit {
    int64_t interval;  /* µs per token */
    int64_t tolerance; /* µs that a full bucket is worth */
};

/* Takes a token: 0, or the µs to wait for one. */
int64_t flood_take(struct flood *f, struct flood_limit limit, int64_t now);

#endif
