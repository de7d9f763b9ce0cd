/* llhttp at arm's length: its header names methods as http.h does, so only parse.c includes it. */
#ifndef HTTP_PARSE_H
#define HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "http/limit.h"

/* A piece of the request by its place, since the buffer moves while it grows. */
struct span {
    uint32_t at, size;
};

struct field {
    struct span name, value; /* the value without blanks around it */
};

/* What llhttp found out about the message so far. */
struct parsed {
    struct field fields[HTTP_HEADER_MAX];
    unsigned field_count;
    bool head_complete;
    size_t body_size; /* of the chunks so far */
};

struct parser;

struct parser *parser_new(void);
void parser_free(struct parser *parser);

/* Forgets the last message. */
void parser_start(struct parser *parser);

const struct parsed *parser_parsed(const struct parser *parser);

/* Takes the bytes from `from` to `to` of the request that begins at `base`: whole lines of its
 * head. ERR_MALFORMED, or ERR_HEADERS_TOO_LARGE for too many fields. */
enum err parser_head(struct parser *parser, const char *base, size_t from, size_t to);

/* Takes `size` bytes of chunked body and moves the data in them to body + body_size, where body is
 * at or before `bytes`. *used of them belong to the chunks; *last tells that the last chunk was
 * read, so that the trailer begins behind them. ERR_MALFORMED or ERR_BODY_TOO_LARGE. */
enum err parser_chunks(struct parser *parser, char *body, const char *bytes, size_t size,
                       size_t *used, bool *last);

#endif
