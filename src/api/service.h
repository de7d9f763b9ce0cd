/* Puts routes, inputs and rules behind the HTTP engine. */
#ifndef API_SERVICE_H
#define API_SERVICE_H

#include "core/core.h"
#include "http/http.h"

struct service;

/* What whoever runs the service knows of it, and staff are told (/api/system/). */
struct service_host {
    struct http_server *server;
    int64_t started; /* on the monotonic clock */
    const struct service_warning {
        const char *code,
            *message; /* a word of WarningCode in reference/kinds.def, and a sentence */
    } * warnings;
    size_t warning_count;
};

/* `core` is open and outlives the service. `origins` are those CORS allows: a cookie may ride on a
 * request from them. */
struct service *service_new(struct core *core, const struct text *origins, unsigned origin_count);
void service_free(struct service *s);

/* Before the first request; what `host` leads to must outlive the service. */
void service_host(struct service *s, const struct service_host *host);

/* What the engine calls. */
struct http_service service_http(struct service *s);

/* The surface of that name ("careers", "app", "backend", "docs", "console"); 0 when there is none.
 */
unsigned service_surface(struct text name);
/* Their names, from 0; NULL past the last. */
const char *service_surface_name(unsigned index);
unsigned service_all_surfaces(void);

#endif
