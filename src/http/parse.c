#include "http/parse.h"

#include <llhttp.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct parser {
    llhttp_t llhttp;
    struct parsed parsed;
    const char *base; /* of the call under way */
    char *body;       /* of the call under way */
    size_t extensions;
    bool last_chunk;
    enum err failure; /* why a callback stopped the parser */
};

static struct parser *parser_of(llhttp_t *llhttp) {
    return llhttp->data;
}

static int stop(struct parser *p, enum err why) {
    p->failure = why;
    return HPE_USER;
}

static struct span span_of(const struct parser *p, const char *at, size_t size) {
    return (struct span){(uint32_t)(at - p->base), (uint32_t)size};
}

static int on_field(llhttp_t *llhttp, const char *at, size_t size) {
    struct parser *p = parser_of(llhttp);
    if (p->parsed.field_count == HTTP_HEADER_MAX)
        return stop(p, ERR_HEADERS_TOO_LARGE);
    p->parsed.fields[p->parsed.field_count].name = span_of(p, at, size);
    return HPE_OK;
}

/* Whole lines come in, so that a value is never cut; llhttp has skipped the blanks before it. */
static int on_value(llhttp_t *llhttp, const char *at, size_t size) {
    struct parser *p = parser_of(llhttp);
    while (size > 0 && (at[size - 1] == ' ' || at[size - 1] == '\t'))
        size--;
    p->parsed.fields[p->parsed.field_count++].value = span_of(p, at, size);
    return HPE_OK;
}

static int on_headers_complete(llhttp_t *llhttp) {
    struct parser *p = parser_of(llhttp);
    p->parsed.head_complete = true;
    llhttp->upgrade = 0; /* an Upgrade header is ignored, as RFC 9110 §7.8 allows */
    return HPE_OK;
}

static int on_chunk_header(llhttp_t *llhttp) {
    struct parser *p = parser_of(llhttp);
    if (llhttp->content_length > HTTP_BODY_MAX - p->parsed.body_size)
        return stop(p, ERR_BODY_TOO_LARGE);
    if (llhttp->content_length > 0)
        return HPE_OK;
    p->last_chunk = true;
    return HPE_PAUSED;
}

static int on_chunk_extension(llhttp_t *llhttp, const char *at, size_t size) {
    (void)at;
    struct parser *p = parser_of(llhttp);
    p->extensions += size;
    return p->extensions > HTTP_EXTENSION_MAX ? stop(p, ERR_MALFORMED) : HPE_OK;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t size) {
    struct parser *p = parser_of(llhttp);
    memmove(p->body + p->parsed.body_size, at, size);
    p->parsed.body_size += size;
    return HPE_OK;
}

static const llhttp_settings_t settings = {
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_headers_complete,
    .on_chunk_header = on_chunk_header,
    .on_chunk_extension_name = on_chunk_extension,
    .on_chunk_extension_value = on_chunk_extension,
    .on_body = on_body,
};

struct parser *parser_new(void) {
    struct parser *p = calloc(1, sizeof *p);
    if (p == NULL)
        log_out_of_memory(0);
    return p;
}

void parser_free(struct parser *p) {
    free(p);
}

void parser_start(struct parser *p) {
    llhttp_init(&p->llhttp, HTTP_REQUEST, &settings);
    p->llhttp.data = p;
    p->parsed.field_count = 0;
    p->parsed.head_complete = false;
    p->parsed.body_size = 0;
    p->extensions = 0;
    p->last_chunk = false;
    p->failure = OK;
}

const struct parsed *parser_parsed(const struct parser *p) {
    return &p->parsed;
}

static enum err execute(struct parser *p, const char *bytes, size_t size) {
    llhttp_errno_t result = llhttp_execute(&p->llhttp, bytes, size);
    if (result == HPE_OK || (result == HPE_PAUSED && p->last_chunk))
        return OK;
    return p->failure == OK ? ERR_MALFORMED : p->failure;
}

enum err parser_head(struct parser *p, const char *base, size_t from, size_t to) {
    p->base = base;
    return execute(p, base + from, to - from);
}

enum err parser_chunks(struct parser *p, char *body, const char *bytes, size_t size, size_t *used,
                       bool *last) {
    ASSERT(!p->last_chunk && p->parsed.head_complete);
    p->body = body;
    TRY(execute(p, bytes, size));
    *last = p->last_chunk;
    *used = *last ? (size_t)(llhttp_get_error_pos(&p->llhttp) - bytes) : size;
    return OK;
}
