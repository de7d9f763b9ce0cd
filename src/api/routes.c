#include "api/routes.h"

#include <ctype.h>

#include "api/format.h"

/* Each row has a wrapper that gives the handler its own input type; named for the row's line, as
 * one handler can have two rows. */
#define JOIN_(a, b)  a##b
#define JOIN(a, b)   JOIN_(a, b)
#define WRAPPER_NAME JOIN(handle_line_, __LINE__)

#define ROUTE(method, path, surfaces, auth, rate, lane, input, handler)                            \
    static enum err WRAPPER_NAME(struct call *c, const void *in) {                                 \
        return api_##handler(c, (const struct input##_input *)in);                                 \
    }
#include "api/routes.def"
#undef ROUTE

/* Beside a lane. */
#define STANDBY 16
#define ONCE    32
_Static_assert(LANE_COUNT <= STANDBY, "lanes and what stands beside them share a column");

static const struct route routes[] = {
#define ROUTE(method, path, surfaces, auth, rate, lane, input, handler)                            \
    {AUTH_##auth,                                                                                  \
     RATE_##rate,                                                                                  \
     (LANE_##lane) & (STANDBY - 1),                                                                \
     ((LANE_##lane) & STANDBY) != 0,                                                               \
     ((LANE_##lane) & ONCE) != 0,                                                                  \
     input_##input,                                                                                \
     WRAPPER_NAME,                                                                                 \
     #handler},
#include "api/routes.def"
#undef ROUTE
};

enum {
    CAREERS = SURFACE_CAREERS,
    APP = SURFACE_APP,
    BACKEND = SURFACE_BACKEND,
    DOCS = SURFACE_DOCS,
    CONSOLE = SURFACE_CONSOLE,
};

static const struct route_row rows[] = {
#define ROUTE(method, path, surfaces, auth, rate, lane, input, handler)                            \
    {HTTP_##method, path, surfaces},
#include "api/routes.def"
#undef ROUTE
};

unsigned routes_count(void) {
    return sizeof routes / sizeof *routes;
}

const struct route *routes_at(unsigned index) {
    return &routes[index];
}

const struct route_row *routes_rows(void) {
    return rows;
}

bool routes_reserved(const struct router *router, struct text username) {
    static const char *const house[] = {"admin", "root", "system", "support"};
    char lower[FORMAT_USERNAME_MAX];
    if (username.size > sizeof lower)
        return false;
    for (size_t i = 0; i < username.size; i++)
        lower[i] = (char)tolower((unsigned char)username.at[i]);
    struct text name = {lower, username.size};
    for (size_t i = 0; i < sizeof house / sizeof *house; i++)
        if (text_equal(name, text_of(house[i])))
            return true;
    return router_is_literal(router, name);
}
