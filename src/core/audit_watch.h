/* Whether the audit trail holds, as a server knows it. Verifying takes a while (some 20 s for a
 * million records), so no request waits for it: who asks is told what the last check has found, and
 * a new one begins in the background when that is older than a minute. A check looks at what has
 * come since the one before it; from time to time, by what that costs, at the whole chain again. */
#ifndef CORE_AUDIT_WATCH_H
#define CORE_AUDIT_WATCH_H

#include "core/audit_chain.h"

#define AUDIT_PROBLEMS_MAX 20

enum audit_state { AUDIT_CHECKING, AUDIT_HOLDS, AUDIT_BROKEN };

struct audit_standing {
    enum audit_state state; /* CHECKING: nothing is known yet */
    int64_t records;        /* in the chain */
    struct audit_end head;  /* where it ended */
    int64_t checked_at;     /* 0: never */
    int64_t faults;
    struct text problems[AUDIT_PROBLEMS_MAX]; /* the first of them, in words … */
    size_t problem_count;                     /* … and how many these are */
};

/* One per core; thread-safe. */
struct audit_watch;
struct audit_watch *audit_watch_new(void);
void audit_watch_free(struct audit_watch *watch);

/* What is known; texts in the arena. Asks for a check when that is old. */
void audit_watch_read(struct ctx *c, struct audit_standing *out);
/* The same without asking. */
enum audit_state audit_watch_state(const struct core *core);

/* For the thread that checks: waits until it is asked for; false when it is to end. */
bool audit_watch_wait(struct audit_watch *watch);
void audit_watch_stop(struct audit_watch *watch);

/* One check. ERR_UNAVAILABLE when the trail cannot be read, or the watch is stopped meanwhile; what
 * was known stays. */
enum err audit_watch_check(struct ctx *c);

#endif
