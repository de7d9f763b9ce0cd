/* The audit trail as lists, newest first. */
#ifndef CORE_AUDIT_LIST_H
#define CORE_AUDIT_LIST_H

#include "core/audit.h"
#include "core/audit_chain.h"

/* What is shown; all zero but `to`: everything. */
struct audit_filter {
    int64_t user_id;  /* about this account; 0: any */
    int64_t actor_id; /* done by this one; 0: anybody */
    uint64_t events;  /* bit n: event n; 0: any */
    int64_t outcome;  /* enum audit_outcome; 0: any */
    int64_t from, to; /* µs; `to` is the first moment that is too late */
};

/* Where a record stands in the order. The lists of one account go by id alone, as does whatever
 * happens at one moment. */
struct audit_place {
    int64_t at, id;
};
#define AUDIT_NEWEST ((struct audit_place){INT64_MAX, INT64_MAX})

struct audit_row {
    struct audit_record record; /* without commitment, salt and digest */
    bool forgotten;
    struct text user, actor; /* user names; empty: no such account (any more) */
};

struct audit_page {
    struct audit_row *rows;
    size_t count;
    bool more;               /* there are more, or may be … */
    struct audit_place next; /* … behind this place */
};

#define AUDIT_PAGE_MAX 100

/* Up to `limit` (1 to AUDIT_PAGE_MAX) records behind `place`. Each filter alone goes along an
 * index; where several leave little, no more than 20,480 records are looked at: the page is then
 * short, or empty, and `more`. */
enum err audit_list(struct ctx *c, const struct audit_filter *filter, struct audit_place place,
                    size_t limit, struct audit_page *out);

#endif
