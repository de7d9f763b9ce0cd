/* Who asks, and whether they may: the Authorization header and the session cookie. */
#ifndef API_CREDENTIAL_H
#define API_CREDENTIAL_H

#include "api/call.h"

struct origins {
    const struct text *at;
    unsigned count;
};

/* Fills in c->caller, or leaves it empty when nobody has signed in. ERR_TOKEN_INVALID for a bad
 * Authorization header; ERR_FORBIDDEN for a cookie on a request that another site has made, unless
 * `allowed` names that site. On AUTH_CHECK routes both count as signed out. */
enum err credential_read(struct call *c, const struct origins *allowed);

/* Whether the caller may use the route: ERR_AUTH_REQUIRED, ERR_FORBIDDEN. */
enum err credential_authorise(const struct call *c);

#endif
