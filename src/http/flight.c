#include "http/flight.h"

#include <stdlib.h>

#include "base/log.h"
#include "http/connection.h"
#include "http/loop.h"
#include "http/reply.h"

/* Flights that a loop keeps at hand. */
#define FLIGHTS_KEPT 32

static struct flight *flight_new(struct loop *loop) {
    struct flight *f = calloc(1, sizeof *f);
    if (f == NULL)
        log_out_of_memory(0);
    f->magic = FLIGHT_MAGIC;
    f->loop = loop;
    f->parser = parser_new();
    return f;
}

void flight_free(struct flight *f) {
    ASSERT(f->magic == FLIGHT_MAGIC);
    f->magic = 0;
    arena_free(&f->exchange.arena);
    buffer_free(&f->exchange.response.headers);
    buffer_free(&f->exchange.response.body);
    buffer_free(&f->input);
    buffer_free(&f->later);
    buffer_free(&f->reply);
    parser_free(f->parser);
    free(f);
}

static void clear_response(struct http_response *r) {
    r->status = 200;
    r->content_type = reply_json;
    r->cacheable = false;
    r->close = false;
    r->allow = 0;
    buffer_clear(&r->headers, HTTP_KEEP_SIZE);
    buffer_clear(&r->body, HTTP_KEEP_SIZE);
}

static void clear(struct flight *f) {
    f->stage = STAGE_HEAD;
    f->done = false;
    f->keep_alive = false;
    f->old = false;
    f->skipped = false;
    f->fed = f->body_at = f->body_size = f->end = 0;
    head_start(&f->head);
    f->facts = (struct head_facts){0};
    f->exchange.request = (struct http_request){.id = {f->own_id, FLIGHT_ID_SIZE},
                                                .secure = f->connection->secure != NULL};
    f->exchange.call = NULL;
    clear_response(&f->exchange.response);
    arena_reset(&f->exchange.arena);
    parser_start(f->parser);
    loop_request_id(f->loop, f->own_id);
}

struct flight *flight_take(struct loop *loop, struct connection *connection) {
    struct flight *f = loop->spare;
    if (f != NULL) {
        loop->spare = f->next;
        loop->spare_count--;
    } else {
        f = flight_new(loop);
    }
    ASSERT(f->magic == FLIGHT_MAGIC && f->connection == NULL);
    f->connection = connection;
    f->begin = 0;
    clear(f);
    return f;
}

void flight_release(struct flight *f) {
    ASSERT(f->magic == FLIGHT_MAGIC);
    struct loop *loop = f->loop;
    if (loop->spare_count >= FLIGHTS_KEPT) {
        flight_free(f);
        return;
    }
    f->connection = NULL;
    arena_reset(&f->exchange.arena);
    clear_response(&f->exchange.response);
    buffer_clear(&f->input, HTTP_KEEP_SIZE);
    buffer_clear(&f->later, 0);
    f->next = loop->spare;
    loop->spare = f;
    loop->spare_count++;
}

static const char *base(const struct flight *f) {
    return f->input.at + f->begin;
}

static size_t size(const struct flight *f) {
    return f->input.size - f->begin;
}

/* Moves what is left to the front, so that the buffer does not grow with every pipelined request.
 */
static void compact(struct flight *f) {
    if (f->begin == 0)
        return;
    memmove(f->input.at, base(f), size(f));
    f->input.size -= f->begin;
    f->begin = 0;
}

void flight_add(struct flight *f, const char *bytes, size_t count) {
    compact(f);
    buffer_add(&f->input, bytes, count);
}

bool flight_has_more(const struct flight *f) {
    return f->end < size(f) || f->later.size > 0;
}

void flight_add_later(struct flight *f) {
    if (f->later.size == 0)
        return;
    flight_add(f, f->later.at, f->later.size);
    buffer_clear(&f->later, 0);
}

bool flight_is_empty(const struct flight *f) {
    return f->stage == STAGE_HEAD && size(f) == 0;
}

bool flight_has_body_bytes(const struct flight *f) {
    return f->stage > STAGE_HEAD && size(f) > f->body_at;
}

void flight_find_method(struct flight *f) {
    if (size(f) > 0)
        f->exchange.request.method = head_method(base(f), size(f));
}

void flight_next(struct flight *f) {
    f->begin += f->end;
    flight_add_later(f);
    if (f->begin == f->input.size) {
        buffer_clear(&f->input, HTTP_KEEP_SIZE);
        f->begin = 0;
    }
    clear(f);
}

/* Drops the empty line that some clients send after a body; *wait when half of it is there. */
static enum err skip_empty_line(struct flight *f, bool *wait) {
    *wait = false;
    if (f->head.at > 0 || size(f) == 0 || base(f)[0] != '\r')
        return OK;
    *wait = size(f) == 1;
    if (*wait)
        return OK;
    if (f->skipped || base(f)[1] != '\n')
        return ERR_MALFORMED;
    f->skipped = true;
    f->begin += 2;
    return OK;
}

/* Gives llhttp the whole lines it has not seen. A method that is none of ours may be unknown to it
 * too, though well-formed: it reads GET instead. */
static enum err feed_lines(struct flight *f) {
    if (f->fed == f->head.line)
        return OK;
    const struct request_line *line = &f->head.request_line;
    if (f->fed == 0 && line->method == HTTP_OTHER) {
        TRY(parser_head(f->parser, "GET", 0, 3));
        f->fed = line->method_name.size;
    }
    TRY(parser_head(f->parser, base(f), f->fed, f->head.line));
    f->fed = f->head.line;
    return OK;
}

static void head_whole(struct flight *f) {
    f->keep_alive = f->facts.keep_alive;
    f->body_at = f->head.line;
    f->stage = f->facts.chunked ? STAGE_CHUNKS : STAGE_LENGTH;
}

static enum err receive_head(struct flight *f) {
    bool wait, end;
    TRY(skip_empty_line(f, &wait));
    if (wait)
        return OK;
    TRY(head_scan(&f->head, base(f), size(f), &end));
    f->old = f->head.request_line.minor == 0;
    f->exchange.request.method = f->head.request_line.method;
    TRY(feed_lines(f));
    if (!end)
        return OK;
    const struct parsed *parsed = parser_parsed(f->parser);
    if (!parsed->head_complete)
        return ERR_MALFORMED;
    TRY(head_check(&f->head.request_line, parsed, base(f), &f->facts));
    head_whole(f);
    return OK;
}

static void receive_length(struct flight *f) {
    size_t there = size(f) - f->body_at;
    f->body_size = there < f->facts.length ? there : f->facts.length;
    if (f->body_size < f->facts.length)
        return;
    f->end = f->body_at + f->body_size;
    f->stage = STAGE_WHOLE;
}

/* Decodes in place: data moves up to the data before it, and the framing is forgotten. */
static enum err receive_chunks(struct flight *f) {
    char *body = f->input.at + f->begin + f->body_at;
    const char *raw = body + f->body_size;
    size_t raw_size = (size_t)(f->input.at + f->input.size - raw), used;
    bool last;
    if (raw_size == 0)
        return OK;
    TRY(parser_chunks(f->parser, body, raw, raw_size, &used, &last));
    f->body_size = parser_parsed(f->parser)->body_size;
    if (last) {
        head_start_trailer(&f->head, (size_t)(raw - base(f)) + used);
        f->stage = STAGE_TRAILER;
    } else {
        f->input.size = f->begin + f->body_at + f->body_size;
    }
    return OK;
}

static enum err receive_trailer(struct flight *f) {
    bool end;
    TRY(head_scan(&f->head, base(f), size(f), &end));
    if (end) {
        f->end = f->head.line;
        f->stage = STAGE_WHOLE;
    }
    return OK;
}

enum err flight_receive(struct flight *f, bool *whole) {
    *whole = false;
    if (f->stage == STAGE_HEAD)
        TRY(receive_head(f));
    if (f->stage == STAGE_LENGTH)
        receive_length(f);
    if (f->stage == STAGE_CHUNKS)
        TRY(receive_chunks(f));
    if (f->stage == STAGE_TRAILER)
        TRY(receive_trailer(f));
    *whole = f->stage == STAGE_WHOLE;
    return *whole ? request_build(f) : OK;
}
