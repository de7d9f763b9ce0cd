#include "http/connection.h"
#include "http/flight.h"
#include "http/forwarded.h"
#include "http/loop.h"
#include "http/target.h"

struct text http_header(const struct http_request *request, const char *name) {
    struct text wanted = text_of(name);
    for (unsigned i = 0; i < request->header_count; i++)
        if (text_equal_nocase(request->headers[i].name, wanted))
            return request->headers[i].value;
    return (struct text){NULL, 0};
}

static struct text text_at(const char *base, struct span s) {
    return (struct text){base + s.at, s.size};
}

/* The input does not move any more: places become pointers. */
static void point_headers(struct flight *f, const char *base) {
    struct http_request *r = &f->exchange.request;
    const struct parsed *parsed = parser_parsed(f->parser);
    for (unsigned i = 0; i < parsed->field_count; i++) {
        f->headers[i].name = text_at(base, parsed->fields[i].name);
        f->headers[i].value = text_at(base, parsed->fields[i].value);
    }
    r->headers = f->headers;
    r->header_count = parsed->field_count;
    if (f->facts.id != NULL)
        r->id = text_at(base, f->facts.id->value);
}

void request_find_headers(struct flight *f) {
    if (parser_parsed(f->parser)->head_complete && f->exchange.request.headers == NULL)
        point_headers(f, f->input.at + f->begin);
}

enum err request_build(struct flight *f) {
    const struct connection *c = f->connection;
    const char *base = f->input.at + f->begin;
    struct http_request *r = &f->exchange.request;
    point_headers(f, base);
    r->method = f->head.request_line.method;
    r->target = text_at(base, f->head.request_line.target);
    r->body = (struct text){base + f->body_at, f->body_size};
    r->surfaces = c->listener->surfaces;
    forwarded_apply(&f->loop->server->config, &c->peer, c->listener->unix_socket, r);
    if (text_equal(r->target, TEXT("*"))) {
        r->path = r->target;
        return OK;
    }
    return target_split(&f->exchange.arena, r->target, &r->path, &r->query);
}
