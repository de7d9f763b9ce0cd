/* Who asks, and whether they may: the Authorization header and the session cookie. */
#ifndef API_CREDENTIAL_H
#define API_CREDENTIAL_H

#include "api/call.h"

struct origins {
    const struct text *at;
    unsigned count;
};

/* Fills in c->caller and c->ctx.by, or leaves the caller empty when nobody has signed in.
 * ERR_TOKEN_INVALID for a bad Authorization header; ERR_FORBIDDEN, which is on record, for a cookie
 * on a request that another site has made, unless `allowed` names that site. On AUTH_CHECK routes
 * both count as signed out. */
enum err credential_read(struct call *c, const struct origins *allowed);

/* Sends ahead what credential_read is going to ask (db_ahead). *user_id is whom the credential says
 * it is for, unproven as yet, 0 when there is none. ERR_TOKEN_INVALID when it will be refused. */
enum err credential_ahead(struct call *c, int64_t *user_id);

/* Whether the caller may use the route: ERR_AUTH_REQUIRED, and what credential_staff says. */
enum err credential_authorise(struct call *c);

/* Whether the caller is staff: ERR_AUTH_REQUIRED; ERR_FORBIDDEN, which is on record. */
enum err credential_staff(struct call *c);

#endif
