/* The table behind routes.def, and its handlers. */
#ifndef API_ROUTES_H
#define API_ROUTES_H

#include "api/input.h"
#include "http/route.h"

#define ROUTE(method, path, surfaces, auth, rate, lane, input, handler)                            \
    enum err api_##handler(struct call *c, const struct input##_input *in);
#include "api/routes.def"
#undef ROUTE

/* Rows have the same index in both. */
unsigned routes_count(void);
const struct route *routes_at(unsigned index);
const struct route_row *routes_rows(void);

/* Whether an account must not have this name: it stands in a path where a user name can, or sounds
 * like the house itself. */
bool routes_reserved(const struct router *router, struct text username);

#endif
