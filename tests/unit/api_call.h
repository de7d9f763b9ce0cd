/* A call as the service makes it, for tests of what runs inside one. Beside fixture.h. */
#ifndef TESTS_API_CALL_H
#define TESTS_API_CALL_H

#include "fixture.h"

#include "api/input.h"

#define API_CALL_HEADERS 8

struct api_call {
    struct call call;
    struct exchange x;
    struct route route;
    struct http_header headers[API_CALL_HEADERS];
};

/* A POST without headers or body, by nobody, to a route that is for anybody. */
struct api_call *api_call_new(struct fixture *f);
void api_call_free(struct api_call *a);
void api_call_header(struct api_call *a, const char *name, const char *value);
/* Body and its Content-Type. */
void api_call_json(struct api_call *a, const char *body);
void api_call_form(struct api_call *a, const char *body);
/* Makes it a GET. */
void api_call_query(struct api_call *a, const char *query);

/* What has been written to c->out so far. */
struct text api_call_written(const struct api_call *a);

#endif
