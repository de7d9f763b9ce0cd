/* Finds the route of a path. Literal segments win over {captures}; a capture matches one segment
 * that is not empty. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/http.h"

struct route_row {
    enum http_method method;
    const char *path; /* "/careers/users/{username}/followers/" */
    unsigned surfaces;
};

struct router;

/* Builds a router over `rows`, which must outlive it. Aborts on two rows that clash. */
struct router *router_new(const struct route_row *rows, unsigned count);
void router_free(struct router *router);

enum route_result { ROUTE_FOUND, ROUTE_UNKNOWN, ROUTE_WRONG_METHOD };

/* Looks `path` (http_request.path) up among the rows of `surfaces`. HEAD finds GET's row. On FOUND
 * *index is the row and params[] the captures, in order. On FOUND and WRONG_METHOD *allow is every
 * method of that path, with HEAD and OPTIONS where they apply. */
enum route_result router_find(const struct router *router, enum http_method method,
                              struct text path, unsigned surfaces, unsigned *index,
                              struct text params[HTTP_PARAMS_MAX], unsigned *allow);

/* Whether `segment` (lower case) stands as a literal where a capture also can: such a word is no
 * good as a name. */
bool router_is_literal(const struct router *router, struct text segment);

#endif
