/* One request on its way through its handler: what a handler is given besides its input. */
#ifndef API_CALL_H
#define API_CALL_H

#include "base/json.h"
#include "core/session.h"
#include "http/http.h"

enum surface {
    SURFACE_CAREERS = 1,
    SURFACE_APP = 2,
    SURFACE_BACKEND = 4,
    SURFACE_DOCS = 8,
    SURFACE_CONSOLE = 16,
};

enum auth { AUTH_OPTIONAL, AUTH_CHECK, AUTH_USER, AUTH_STAFF };
enum rate { RATE_NONE, RATE_REGISTER, RATE_EMAIL };

struct input;        /* input.h */
struct router;       /* http/route.h */
struct service_host; /* service.h */
struct call;

struct route {
    enum auth auth;
    enum rate rate;
    enum lane lane;
    bool standby; /* once the caller is known, a standby may answer */
    bool once;    /* with an Idempotency-Key it is done once, however often it is sent */
    const struct input *(*input)(void);
    enum err (*handler)(struct call *c, const void *in);
    const char *name; /* of the handler */
};

struct call {
    struct ctx ctx;
    struct exchange *x;
    const struct route *route;
    enum lane lane; /* the one it runs on now */
    struct caller caller;
    struct json out; /* the answer; a handler that returns OK has written one value */

    /* What an error says beyond error.def; NULL and 0: nothing. */
    const char *field, *message;
    int64_t retry; /* seconds */

    /* Private to service.c and credential.c. */
    const struct router *router; /* the one that found the route */
    const struct service_host *host;
    const char *set_cookie; /* value of the Set-Cookie header to send; NULL: none */
    bool cross_site; /* a page of another site has sent it: it gets no cookie to go on with */
    bool announced;
    struct db_ticket ticket;
};

/* Runs the handler of the route, on what has been decoded for it. */
enum err call_run(struct call *c, const void *in);

/* ERR_VALIDATION about `field`, in the words of `message` (both static or in the arena). */
enum err call_invalid(struct call *c, const char *field, const char *message);

void call_created(struct call *c); /* 201 */

/* Sets or clears the session cookie; what is said last goes out with the answer. Another site sets
 * none: its page would sign the browser in as whom it likes. */
void call_set_cookie(struct call *c, struct text value);
void call_clear_cookie(struct call *c);

/* Address and user agent of the request. */
struct origin call_origin(const struct call *c);

/* The answer {"status": "success", "message": …} of A. */
void call_success(struct call *c, const char *message);

/* The answer {"message": …} of B. */
void call_message(struct call *c, const char *message);

/* What a {…} segment of the path matched. */
struct text call_param(const struct call *c, unsigned index);
/* The same as an id: ERR_NOT_FOUND when it is no number, so that it is no row of anybody. Ids
 * outside 1 … 2^63-1 are call_invalid under `field`. */
enum err call_param_id(struct call *c, unsigned index, const char *field, int64_t *out);

/* A public GET: may be cached by the client (no Cache-Control: no-store). */
void call_cacheable(struct call *c);

#endif
