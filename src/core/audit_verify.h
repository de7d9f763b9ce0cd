/* Proving that the audit trail is what was sealed. */
#ifndef CORE_AUDIT_VERIFY_H
#define CORE_AUDIT_VERIFY_H

#include "core/audit_chain.h"

struct audit_report {
    int64_t records;  /* that are sealed and were looked at */
    int64_t unsealed; /* that are not yet: the chain says nothing of them */
    int64_t faults;
    struct audit_end anchor, head;
};

struct audit_check {
    /* NULL: the whole chain; else what comes behind this record, which has been checked before. */
    const struct audit_end *from;
    /* Unless NULL a head that was noted elsewhere: it must still be in the chain. */
    const struct audit_end *expected;
    /* Called with a sentence for each record that was changed, removed or moved. */
    void (*fault)(void *self, struct text sentence);
    /* Unless NULL: once it says so, the check ends with ERR_UNAVAILABLE. */
    bool (*stopped)(void *self);
    void *self;
};

/* Walks the chain. Returns a failure to read alone; faults are no failure. */
enum err audit_verify(struct ctx *c, const struct audit_check *how, struct audit_report *out);

#endif
