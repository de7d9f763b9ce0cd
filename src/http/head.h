/* The strictness that llhttp leaves to its caller: lines, targets and the fields that frame or
 * route a message (RFC 9112 §§2, 3, 5, 6). */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "http/http.h"
#include "http/parse.h"

struct request_line {
    enum http_method method;
    struct span method_name, target;
    unsigned minor; /* of HTTP/1.minor: 0 or 1 */
};

/* How far a head, or the trailer of a chunked body, has been looked through. All places count from
 * the request's first byte. */
struct head {
    size_t at;    /* next byte to look at */
    size_t line;  /* first byte of the line it is in: all before are whole lines */
    size_t block; /* first byte of the fields */
    unsigned lines;
    struct request_line request_line; /* once `lines` > 0 */
};

void head_start(struct head *h);
/* The trailer of a chunked body that starts at `at`: fields without a request line. */
void head_start_trailer(struct head *h, size_t at);

/* Looks through the bytes from h->at to `size`. *end when the empty line was found; h->line is then
 * the first byte behind it. Lines must end in CRLF and hold no control character; fields must be a
 * token, a colon and a value on one line: else ERR_MALFORMED. ERR_TARGET_TOO_LONG,
 * ERR_HEADERS_TOO_LARGE, ERR_HTTP_VERSION. */
enum err head_scan(struct head *h, const char *base, size_t size, bool *end);

/* The method of a request that need not be whole or right; HTTP_OTHER while it is unknown. */
enum http_method head_method(const char *at, size_t size);

/* What the fields say about the message. */
struct head_facts {
    bool chunked;
    size_t length; /* of the body, when not chunked */
    bool expect_continue;
    bool keep_alive;        /* by version and Connection */
    const struct field *id; /* X-Request-Id, when it is fit to be echoed; else NULL */
};

/* ERR_MALFORMED for a message that has no single meaning; ERR_BODY_TOO_LARGE, ERR_EXPECTATION. */
enum err head_check(const struct request_line *line, const struct parsed *parsed, const char *base,
                    struct head_facts *facts);

/* Whether `t` can be the value of Host: a name or address with an optional port. */
bool head_host_valid(struct text t);

#endif
