/* Reading the audit trail from its beginning to its end. */
#ifndef CORE_AUDIT_READ_H
#define CORE_AUDIT_READ_H

#include "core/audit_chain.h"

struct audit_walk {
    void *self;
    int64_t after; /* begins behind the record of this number; 0: with the first */
    /* Every record: those of the chain in the order of their numbers, then those that have not been
     * sealed yet. It is gone after the call; c->arena with it. */
    enum err (*record)(void *self, struct ctx *c, const struct audit_record *record);
    /* Unless NULL: called where the chain ends, before those that have not been sealed. */
    enum err (*end)(void *self, struct ctx *c);
};

/* Reads page by page, so that it may take as long as it likes beside a server that writes; only the
 * end is of one moment. Memory does not grow with the trail. Stops at the first error and returns
 * it. */
enum err audit_walk(struct ctx *c, const struct audit_walk *walk);

/* Whether the account has been erased, by a record of it; also by the list of erasures when
 * `trimmed`: the record may be gone then. */
enum err audit_erased(struct ctx *c, int64_t user_id, bool trimmed, bool *out);

/* Whether a record says that the trail was trimmed up to an end (audit_end_text). */
enum err audit_trimmed_to(struct ctx *c, struct text anchor, bool *out);

#endif
