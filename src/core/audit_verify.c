#include "core/audit_verify.h"

#include <inttypes.h>

#include "core/audit_read.h"

struct verifier {
    const struct audit_check *how;
    struct audit_report *report;
    struct audit_end last;            /* up to here it has been seen */
    const struct audit_end *expected; /* NULL: none, or found */
};

#define FAULT(v, c, ...) say(v, text_format((c)->arena, __VA_ARGS__))

static void say(struct verifier *v, struct text sentence) {
    v->report->faults++;
    v->how->fault(v->how->self, sentence);
}

/* How every sentence about one begins. */
#define RECORD         "record %" PRId64 " (user=%" PRId64 " id=%" PRId64 ")"
#define RECORD_ARGS(r) (r)->seq, (r)->user_id, (r)->id

static bool same_digest(struct text stored, const uint8_t digest[DIGEST_SIZE]) {
    return stored.size == DIGEST_SIZE && !memcmp(stored.at, digest, DIGEST_SIZE);
}

/* ---- One record ------------------------------------------------------------------------------ */

/* Forgetting is for the erased. */
static enum err check_forgotten(struct verifier *v, struct ctx *c, const struct audit_record *r) {
    bool subject = false, actor = false, trimmed = v->report->anchor.seq > 0;
    if (r->user_id)
        TRY(audit_erased(c, r->user_id, trimmed, &subject));
    if (r->actor_id && !subject)
        TRY(audit_erased(c, r->actor_id, trimmed, &actor));
    if (!subject && !actor)
        FAULT(v, c, RECORD ": its address, user agent and note are gone, and no account was erased",
              RECORD_ARGS(r));
    return OK;
}

static enum err check_personal(struct verifier *v, struct ctx *c, const struct audit_record *r) {
    const struct audit_personal *p = &r->personal;
    if (!p->salt.size && !p->address.size && !p->user_agent.size && !p->note.size)
        return check_forgotten(v, c, r);
    uint8_t commitment[DIGEST_SIZE];
    audit_commit(p, commitment);
    if (!same_digest(r->commitment, commitment))
        FAULT(v, c, RECORD ": its address, user agent or note has been changed", RECORD_ARGS(r));
    return OK;
}

static void check_digest(struct verifier *v, struct ctx *c, const struct audit_record *r) {
    uint8_t digest[DIGEST_SIZE];
    audit_digest(v->last.digest, r->seq, r, digest);
    if (!same_digest(r->digest, digest))
        FAULT(v, c, RECORD ": it has been changed or moved, or the one before it", RECORD_ARGS(r));
}

static void check_expected(struct verifier *v, struct ctx *c, const struct audit_record *r) {
    if (!v->expected || v->expected->seq != r->seq)
        return;
    if (!same_digest(r->digest, v->expected->digest))
        FAULT(v, c, RECORD ": it is not the one that is expected", RECORD_ARGS(r));
    v->expected = NULL;
}

/* ---- The chain ------------------------------------------------------------------------------- */

static void missing(struct verifier *v, struct ctx *c, int64_t first, int64_t last) {
    if (first == last)
        FAULT(v, c, "record %" PRId64 " is missing", first);
    else
        FAULT(v, c, "records %" PRId64 " to %" PRId64 " are missing", first, last);
}

/* Retention may have removed the beginning since the walk began. */
static enum err skip_trimmed(struct verifier *v, struct ctx *c) {
    struct audit_end anchor, head;
    TRY(audit_ends(c, &anchor, &head));
    if (anchor.seq > v->last.seq)
        v->last = v->report->anchor = anchor;
    return OK;
}

static enum err check_sealed(struct verifier *v, struct ctx *c, const struct audit_record *r) {
    if (r->seq <= v->last.seq) {
        FAULT(v, c, RECORD ": there is or was another one of that number", RECORD_ARGS(r));
        return OK;
    }
    if (r->seq > v->last.seq + 1)
        TRY(skip_trimmed(v, c));
    if (r->seq <= v->last.seq)
        return OK;
    if (r->seq > v->last.seq + 1)
        missing(v, c, v->last.seq + 1, r->seq - 1);
    else
        check_digest(v, c, r);
    check_expected(v, c, r);
    TRY(check_personal(v, c, r));
    v->report->records++;
    v->last.seq = r->seq;
    if (r->digest.size == DIGEST_SIZE)
        memcpy(v->last.digest, r->digest.at, DIGEST_SIZE);
    return OK;
}

static enum err check_record(void *self, struct ctx *c, const struct audit_record *r) {
    struct verifier *v = self;
    if (v->how->stopped && v->how->stopped(v->how->self))
        return ERR_UNAVAILABLE;
    if (r->seq)
        return check_sealed(v, c, r);
    v->report->unsealed++;
    return check_personal(v, c, r);
}

static void check_head(struct verifier *v, struct ctx *c, const struct audit_end *head) {
    if (head->seq > v->last.seq)
        missing(v, c, v->last.seq + 1, head->seq);
    else if (head->seq < v->last.seq)
        FAULT(v, c, "the chain ends at record %" PRId64 ", and there is a record %" PRId64,
              head->seq, v->last.seq);
    else if (memcmp(head->digest, v->last.digest, DIGEST_SIZE) != 0)
        FAULT(v, c, "record %" PRId64 " is not the one that the chain ended with", head->seq);
}

/* An anchor, which lets the beginning be gone, is itself on record. */
static enum err check_anchor(struct verifier *v, struct ctx *c) {
    const struct audit_end *anchor = &v->report->anchor;
    bool trimmed;
    if (!anchor->seq)
        return OK;
    TRY(audit_trimmed_to(c, audit_end_text(c->arena, anchor), &trimmed));
    if (!trimmed)
        FAULT(v, c, "no record says that those up to %" PRId64 " were removed for their age",
              anchor->seq);
    return OK;
}

static void check_not_found(struct verifier *v, struct ctx *c) {
    const struct audit_end *expected = v->expected, *anchor = &v->report->anchor;
    if (!expected)
        return;
    bool is_anchor =
        expected->seq == anchor->seq && !memcmp(expected->digest, anchor->digest, DIGEST_SIZE);
    if (!is_anchor)
        FAULT(v, c, "record %" PRId64 ", which is expected, is not there", expected->seq);
}

static enum err check_end(void *self, struct ctx *c) {
    struct verifier *v = self;
    struct audit_end anchor;
    TRY(audit_ends(c, &anchor, &v->report->head));
    if (anchor.seq > v->last.seq)
        v->last = anchor;
    v->report->anchor = anchor;
    check_head(v, c, &v->report->head);
    check_not_found(v, c);
    return check_anchor(v, c);
}

enum err audit_verify(struct ctx *c, const struct audit_check *how, struct audit_report *out) {
    struct verifier v = {.how = how, .report = out, .expected = how->expected};
    *out = (struct audit_report){0};
    TRY(audit_ends(c, &out->anchor, &out->head));
    v.last = how->from ? *how->from : out->anchor;
    if (v.expected && v.expected->seq == 0)
        v.expected = NULL; /* noted before there was a record */
    return audit_walk(c, &(struct audit_walk){.self = &v,
                                              .after = how->from ? how->from->seq : 0,
                                              .record = check_record,
                                              .end = check_end});
}
