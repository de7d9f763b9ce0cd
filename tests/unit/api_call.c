#include "api_call.h"

#include <stdlib.h>

#include "api/routes.h"

struct api_call *api_call_new(struct fixture *f) {
    struct api_call *a = calloc(1, sizeof *a);
    assert_non_null(a);
    a->x.request.method = HTTP_POST;
    a->x.request.headers = a->headers;
    a->x.response.status = 200;
    a->call.ctx = f->c;
    a->call.x = &a->x;
    a->call.route = &a->route;
    a->call.router = router_new(routes_rows(), routes_count());
    a->call.out = json_writer(&a->x.response.body);
    return a;
}

void api_call_free(struct api_call *a) {
    router_free((struct router *)a->call.router);
    buffer_free(&a->x.response.body);
    buffer_free(&a->x.response.headers);
    free(a);
}

void api_call_header(struct api_call *a, const char *name, const char *value) {
    assert_true(a->x.request.header_count < API_CALL_HEADERS);
    a->headers[a->x.request.header_count++] = (struct http_header){text_of(name), text_of(value)};
}

void api_call_json(struct api_call *a, const char *body) {
    api_call_header(a, "Content-Type", "application/json");
    a->x.request.body = text_of(body);
}

void api_call_form(struct api_call *a, const char *body) {
    api_call_header(a, "Content-Type", "application/x-www-form-urlencoded");
    a->x.request.body = text_of(body);
}

void api_call_query(struct api_call *a, const char *query) {
    a->x.request.method = HTTP_GET;
    a->x.request.query = text_of(query);
}

struct text api_call_written(const struct api_call *a) {
    return buffer_text(&a->x.response.body);
}
