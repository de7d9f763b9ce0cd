/* The HTTP/1.1 server: connections in, whole bounded requests to a service, replies out in order.
 * Knows nothing of users, databases or routes; see RFC 9110 and RFC 9112. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "http/limit.h"

enum http_method {
    HTTP_GET = 1 << 0,
    HTTP_HEAD = 1 << 1,
    HTTP_POST = 1 << 2,
    HTTP_PUT = 1 << 3,
    HTTP_PATCH = 1 << 4,
    HTTP_DELETE = 1 << 5,
    HTTP_OPTIONS = 1 << 6,
    HTTP_OTHER = 1 << 7, /* well-formed, but none of these: 405 */
};

/* Where a handler runs. */
enum lane {
    LANE_READ,  /* the event loop itself: point reads of microseconds */
    LANE_SCAN,  /* lists, search, statistics */
    LANE_WRITE, /* transactions */
    LANE_HASH,  /* password hashing: as many threads as cores */
    LANE_COUNT,
    LANE_DONE, /* no handler: the response is filled in already */
};

struct http_header {
    struct text name, value; /* as received, value trimmed */
};

#define HTTP_PARAMS_MAX 3

struct http_request {
    enum http_method method;
    struct text target;          /* as received */
    struct text path;            /* decoded once; "/a/b": no slash at the end, but "/" itself */
    struct text query;           /* behind '?', still encoded */
    struct text body;            /* whole; chunks joined */
    struct http_header *headers; /* in the order received */
    unsigned header_count;
    unsigned surfaces;                   /* of the listener it came in by, as configured */
    struct address client;               /* the peer, or whom a trusted proxy says it speaks for */
    bool secure;                         /* over TLS; what a trusted proxy says wins */
    struct text id;                      /* X-Request-Id: the client's, when sane, or ours */
    struct text params[HTTP_PARAMS_MAX]; /* what the route's {…} segments matched (route.h) */
};

/* The first header of that name (any case); .at is NULL when there is none. */
struct text http_header(const struct http_request *request, const char *name);

struct http_response {
    int status;               /* 200 to begin with */
    const char *content_type; /* "application/json; charset=utf-8" to begin with */
    bool cacheable;           /* else Cache-Control: no-store */
    bool close;               /* close the connection after it */
    unsigned allow;           /* methods for an Allow header; 0: none */
    struct buffer headers;    /* further header lines, each with CRLF; response_header adds one */
    struct buffer body;
};

/* One request and its response. Belongs to the engine, lent to the service from route() until
 * http_done(). */
struct exchange {
    struct http_request request;
    struct http_response response;
    struct arena arena; /* freed when the reply is out */
    void *call;         /* the service's own, to carry from route() to handle() */
};

void response_header(struct http_response *r, const char *name, struct text value);

/* Makes `r` the error `e` (base/error.h), dropping what body it had. `field` and `message`, unless
 * NULL, stand in place of the table's. Adds the headers the status asks for: WWW-Authenticate on
 * 401, Retry-After (`retry` seconds, at least 1) on 429 and 503. */
void response_error(struct http_response *r, enum err e, const char *field, const char *message,
                    int64_t retry);

/* Who answers. All functions get `self`. */
struct http_service {
    void *self;

    /* On the loop, once the whole request is there: finds out who will answer it. Returns the lane
     * to run it on, or LANE_DONE when the response is filled in. Must not block. */
    enum lane (*route)(void *self, struct exchange *x);

    /* On a thread of that lane; `thread` is what thread_open gave. Ends with exactly one
     * http_done(x) or http_move(x, lane), at once or later, on any thread. */
    void (*handle)(void *self, void *thread, struct exchange *x);

    /* May be NULL, both; then exchanges are taken one by one. A thread of a lane that finds several
     * exchanges waiting takes some of them at once: ahead() sees each, in order, before the first
     * of them is handled, so that what they need can be fetched together; round_end() follows when
     * the last has been handled. Of those that ahead() has seen some may not be handled but
     * refused. */
    void (*ahead)(void *self, void *thread, struct exchange *x);
    void (*round_end)(void *self, void *thread);

    /* Around the exchanges that a loop runs itself in one turn, with its `thread`; may be NULL. All
     * of them were received whole before turn_begin, so what it sees is not older than any of them.
     */
    void (*turn_begin)(void *self, void *thread);
    void (*turn_end)(void *self, void *thread);

    /* The lane's queue was full: takes back what route() did. The engine answers 503. */
    void (*refused)(void *self, struct exchange *x);

    /* A thread's own state (its database handle), made before its first request. NULL: failure,
     * the server does not start. */
    void *(*thread_open)(void *self);
    void (*thread_close)(void *self, void *thread);
};

/* The response is complete. Any thread; the exchange is the engine's again. */
void http_done(struct exchange *x);

/* Runs the exchange again on another lane, from handle(); 503 when that one is full. From handle()
 * only, and nothing else may be done with `x` after it. */
void http_move(struct exchange *x, enum lane lane);

struct http_listen {
    const char *address; /* "127.0.0.1:8000", "[::1]:8000", "localhost:8000", "unix:/path" */
    unsigned surfaces;
    bool tls; /* nothing but HTTPS there */
};

/* A limit or timeout of 0 takes the default in brackets. What the pointers lead to must outlive the
 * server. */
struct http_config {
    const struct http_listen *listens;
    unsigned listen_count;
    const char *tls_certificate, *tls_key; /* PEM files; for listeners with TLS alone */
    unsigned loops;                        /* event loops; 0: one per core */
    unsigned workers[LANE_COUNT];          /* threads per lane; READ 0 runs on the loop itself */
    unsigned queue_limit[LANE_COUNT];      /* requests waiting per lane at most [1024] */
    unsigned connection_limit; /* over all loops; one more gets 503, is closed [10000] */
    unsigned header_timeout;   /* ms for request line and headers, and for TLS to be agreed
                                  on before the first [10000] */
    unsigned body_timeout;     /* ms to receive the body [30000] */
    unsigned idle_timeout;     /* ms between requests [75000] */
    unsigned write_timeout;    /* ms without the client reading on of its reply [30000] */
    unsigned drain_timeout;    /* ms that SIGTERM waits for requests in flight [30000] */
    const struct network *trusted_proxies;
    unsigned trusted_proxy_count;
    const struct text *origins; /* allowed by CORS, exactly as in Origin */
    unsigned origin_count;
};

struct http_server;

/* The first half of http_start: reads certificate and key and binds every listener, which may take
 * rights that the rest does without. No thread is started, nobody is answered. ERR_UNAVAILABLE,
 * logged. */
enum err http_open(struct http_server **out, const struct http_config *config);

/* The second half: starts all threads, so many for each lane. ERR_UNAVAILABLE, logged; then
 * http_free is all that may be done. */
enum err http_begin(struct http_server *server, const unsigned workers[LANE_COUNT],
                    const struct http_service *service);

/* Binds every listener and starts all threads. ERR_UNAVAILABLE, logged, when an address cannot be
 * had, a certificate or key is no good, or a thread has no state. `service` is copied. */
enum err http_start(struct http_server **out, const struct http_config *config,
                    const struct http_service *service);

/* The port that listener `index` really has (for port 0). 0 for a unix socket. */
unsigned http_port(const struct http_server *server, unsigned index);

/* How a server fares. Any thread, once it has begun; costs those who serve nothing. */
struct http_figures {
    uint64_t requests, recent_requests; /* received whole; recent: in the last ten seconds */
    unsigned connections;
    struct {
        const char *name;      /* of the lane; NULL: it has no threads, and no queue */
        unsigned depth, limit; /* requests that wait, and how many may */
    } queues[LANE_COUNT];
};
void http_figures(struct http_server *server, struct http_figures *out);

/* Blocks until SIGTERM or SIGINT, then drains: accepts no more, finishes what is in flight, closes.
 * A second signal, or the drain timeout, ends it at once. With TLS, SIGHUP reads certificate and
 * key again for the connections to come. */
void http_run(struct http_server *server);

/* Does what the first SIGTERM does. Any thread. */
void http_stop(struct http_server *server);

/* Ends the server if it still runs, waits for exchanges that are still lent to the service (a few
 * seconds at most), then frees everything. False when some do not come back: their handlers run on,
 * so nothing was freed, and nothing that they use may be until the process ends. */
bool http_free(struct http_server *server);

#endif
