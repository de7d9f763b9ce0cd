/* For targets that need a service: one for the whole run, on a new database, with one account and
 * one session. Nothing is written for an input. */
#ifndef FUZZ_SERVED_H
#define FUZZ_SERVED_H

#include <stdlib.h>

#include "fixture.h"

#include "fuzz.h"

struct served {
    struct fixture *f;
    struct account account;
    struct credentials credentials;
};

static struct served served;

static void served_stop(void) {
    void *state = served.f;
    fixture_close(&state);
}

/* What is in the arena afterwards stays: inputs have arenas of their own. */
static inline void served_start(void) {
    if (served.f != NULL)
        return;
    void *state;
    ASSERT(fixture_open(&state) == 0);
    served.f = state;
    served.account = fixture_account(served.f, "ana");
    served.credentials = fixture_session(served.f, &served.account);
    fixture_settle(served.f);
    atexit(served_stop);
}

/* The context for one input; what it allocates, and what the database hands out, is in `arena`. */
static inline struct ctx served_context(struct arena *arena) {
    struct ctx c = served.f->c;
    c.arena = arena;
    db_use(c.db, arena);
    return c;
}

#endif
