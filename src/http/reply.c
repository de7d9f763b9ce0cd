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
    switch (status) {
    case 200:
        return TEXT("OK");
    case 201:
        return TEXT("Created");
    case 202:
        return TEXT("Accepted");
    case 204:
        return TEXT("No Content");
    case 303:
        return TEXT("See Other");
    case 304:
        return TEXT("Not Modified");
    case 400:
        return TEXT("Bad Request");
    case 401:
        return TEXT("Unauthorized");
    case 403:
        return TEXT("Forbidden");
    case 404:
        return TEXT("Not Found");
    case 405:
        return TEXT("Method Not Allowed");
    case 408:
        return TEXT("Request Timeout");
    case 409:
        return TEXT("Conflict");
    case 413:
        return TEXT("Content Too Large");
    case 414:
        return TEXT("URI Too Long");
    case 415:
        return TEXT("Unsupported Media Type");
    case 417:
        return TEXT("Expectation Failed");
    case 422:
        return TEXT("Unprocessable Content");
    case 429:
        return TEXT("Too Many Requests");
    case 431:
        return TEXT("Request Header Fields Too Large");
    case 500:
        return TEXT("Internal Server Error");
    case 503:
        return TEXT("Service Unavailable");
    case 505:
        return TEXT("HTTP Version Not Supported");
    default:
        return TEXT("");
    }
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
    to = put_connection(to, f, close);
    if (r->headers.size > 0)
        to = put(to, r->headers.at, r->headers.size);
    to = PUT(to, "\r\n");
    f->reply.size = (size_t)(to - f->reply.at);
    ASSERT(f->reply.size <= most);
}
