/* Proving that the audit trail is what was sealed. */
#ifndef CORE_AUDIT_VERIFY_H
#define CORE_AUDIT_VERIFY_H

#include "core/audit_chain.h"

struct audit_report {
    int64_t records;  /* that are sealed */
    int64_t unsealed; /* that are not yet: the chain says nothing of them */
    int64_t faults;
    struct audit_end anchor, head;
};

/* Walks the whole chain. `fault` is called with a sentence for each record that was changed,
 * removed or moved. `expected`, unless NULL, is a head that was noted elsewhere: it must still be
 * in the chain. Returns a failure to read alone; faults are no failure. */
enum err audit_verify(struct ctx *c, const struct audit_end *expected,
                      void (*fault)(void *self, struct text sentence), void *self,
                      struct audit_report *out);

#endif
