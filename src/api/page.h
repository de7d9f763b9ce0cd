/* Lists that are read by page number. */
#ifndef API_PAGE_H
#define API_PAGE_H

#include "api/input.h"

#define PAGE_LIMIT_DEFAULT 20

struct page {
    int64_t number, limit, offset;
};

/* The page asked for: the first of PAGE_LIMIT_DEFAULT rows when nothing is said. A page beyond any
 * list starts at 2^62, where no row is. */
static inline struct page page_of(struct in_int number, struct in_int limit) {
    const int64_t end = INT64_C(1) << 62;
    struct page p = {number.given ? number.value : 1,
                     limit.given ? limit.value : PAGE_LIMIT_DEFAULT, end};
    if (p.number - 1 < end / p.limit)
        p.offset = (p.number - 1) * p.limit;
    return p;
}

/* "total", "page" and "limit" of a list. */
static inline void page_encode(struct json *j, const struct page *p, int64_t total) {
    json_key_int(j, "total", total);
    json_key_int(j, "page", p->number);
    json_key_int(j, "limit", p->limit);
}

#endif
