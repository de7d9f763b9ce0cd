#include "http/reply.h"

#include "base/log.h"
#include "http/cors.h"
#include "http/flight.h"
#include "http/loop.h"

/* More than all fixed lines together take. */
#define FIXED_SIZE 512

static char *put(char *to, const void *bytes, size_t size) {
    return (char *)memcpy(to, bytes, size) + size;
}

#define PUT(to, literal) put((to), (literal), sizeof(literal) - 1)

static char *put_number(char *to, size_t n) {
    char digits[20], *at = digits + sizeof digits;
    do
        *--at = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    return put(to, at, (size_t)(digits + sizeof digits - at));
}

static struct text reason(int status) {
    static const struct {
        int status;
        const char *text;
    } reasons[] = {
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {303, "See Other"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return text_of(reasons[i].text);
    return TEXT("");
}

static char *put_status(char *to, int status) {
    if (status == 200)
        return PUT(to, "HTTP/1.1 200 OK\r\n");
    ASSERT(status >= 200 && status <= 599);
    to = PUT(to, "HTTP/1.1 ");
    to = put_number(to, (size_t)status);
    struct text why = reason(status);
    *to++ = ' ';
    to = put(to, why.at, why.size);
    return PUT(to, "\r\n");
}

/* A 204 says nothing of content (RFC 9110 §8.6). */
static char *put_content(char *to, const struct http_response *r) {
    if (r->status == 204)
        return to;
    to = PUT(to, "Content-Type: ");
    if (r->content_type == reply_json)
        to = put(to, reply_json, sizeof reply_json - 1);
    else
        to = put(to, r->content_type, strlen(r->content_type));
    to = PUT(to, "\r\nContent-Length: ");
    to = put_number(to, r->body.size);
    return PUT(to, "\r\n");
}

static char *put_connection(char *to, const struct flight *f, bool close) {
    if (close)
        return PUT(to, "Connection: close\r\n");
    return f->old ? PUT(to, "Connection: keep-alive\r\n") : to;
}

bool reply_has_body(const struct flight *f) {
    int status = f->exchange.response.status;
    return f->exchange.request.method != HTTP_HEAD && status != 204 && status != 304;
}

void reply_build(struct flight *f, bool close) {
    struct exchange *x = &f->exchange;
    struct http_response *r = &x->response;
    if (r->allow != 0) {
        buffer_add_text(&r->headers, TEXT("Allow: "));
        cors_add_methods(&r->headers, r->allow);
        buffer_add_text(&r->headers, TEXT("\r\n"));
    }
    cors_apply(&f->loop->server->config, x);
    size_t most = FIXED_SIZE + strlen(r->content_type) + x->request.id.size + r->headers.size;
    buffer_clear(&f->reply, HTTP_KEEP_SIZE);
    char *to = buffer_reserve(&f->reply, most);
    to = put_status(to, r->status);
    to = PUT(to, "Date: ");
    to = put(to, f->loop->date, LOOP_DATE_SIZE);
    to = PUT(to, "\r\n");
    to = put_content(to, r);
    if (!r->cacheable)
        to = PUT(to, "Cache-Control: no-store\r\n");
    to = PUT(to, "X-Content-Type-Options: nosniff\r\nX-Request-Id: ");
    to = put(to, x->request.id.at, x->request.id.size);
    to = PUT(to, "\r\n");
    if (x->request.secure)
        to = PUT(to, "Strict-Transport-Security: max-age=31536000\r\n");
    to = put_connection(to, f, close);
    if (r->headers.size > 0)
        to = put(to, r->headers.at, r->headers.size);
    to = PUT(to, "\r\n");
    f->reply.size = (size_t)(to - f->reply.at);
    ASSERT(f->reply.size <= most);
}
