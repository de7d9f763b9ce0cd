#include "http/serve.h"

#include <sys/socket.h>

#include "base/log.h"
#include "http/connection.h"
#include "http/dispatch.h"
#include "http/loop.h"
#include "http/reply.h"

/* Pipelined requests of one connection that are answered before others have their turn. */
#define TURN_MAX 32

static void advance(struct connection *c);

/* The flight is here, neither lent nor being written. */
static void land(struct connection *c) {
    flight_release(c->flight);
    c->flight = NULL;
}

/* Until the next request. */
static void rest(struct connection *c) {
    land(c);
    connection_wait(c, CONNECTION_IDLE);
    if (c->ended)
        connection_close(c);
    else
        serve_read(c);
}

/* After the last byte of a reply. True: there is input to look at. */
static bool replied(struct connection *c) {
    struct flight *f = c->flight;
    if (f->closes) {
        /* A client that asked for it, and has sent nothing more, is not sending now. */
        if (f->stage == STAGE_WHOLE && !f->keep_alive && !flight_has_more(f))
            c->ended = true;
        land(c);
        connection_linger(c);
        return false;
    }
    if (!flight_has_more(f)) {
        rest(c);
        return false;
    }
    flight_next(f);
    connection_wait(c, CONNECTION_HEAD);
    serve_read(c);
    return true;
}

static void on_written(uv_write_t *write, int status) {
    struct flight *f = write->data;
    struct connection *c = f->connection;
    if (c == NULL) {
        flight_release(f);
    } else if (status != 0) {
        land(c);
        connection_close(c);
    } else if (replied(c)) {
        advance(c);
    }
}

/* libuv takes what the socket did not; the flight keeps the bytes until they are out. */
static void write_rest(struct connection *c, struct flight *f, uv_buf_t *pieces, unsigned count,
                       size_t written) {
    c->left = 0;
    for (unsigned i = 0; i < count; i++) {
        size_t out = written < pieces[i].len ? written : pieces[i].len;
        pieces[i].base += out;
        pieces[i].len -= out;
        written -= out;
        c->left += pieces[i].len;
    }
    f->write.data = f;
    if (uv_write(&f->write, &c->handle.stream, pieces, count, on_written) == 0) {
        connection_wait(c, CONNECTION_WRITING);
    } else {
        land(c);
        connection_close(c);
    }
}

/* Whether the client has sent what was not read yet. */
static bool has_unread(const struct connection *c) {
    int fd;
    char byte;
    return !c->ended && uv_fileno(&c->handle.any, &fd) == 0 &&
           recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* While draining, the last request that is there gets the last reply. */
static bool must_close(const struct connection *c, const struct flight *f) {
    if (!f->keep_alive || f->exchange.response.close)
        return true;
    return c->loop->phase != PHASE_RUN && !flight_has_more(f) && !has_unread(c);
}

/* Sends the reply. True: it is out, and there is input to look at. */
static bool reply(struct connection *c) {
    struct flight *f = c->flight;
    struct buffer *body = &f->exchange.response.body;
    f->closes = must_close(c, f);
    reply_build(f, f->closes);
    uv_buf_t pieces[2] = {{f->reply.at, f->reply.size}, {body->at, body->size}};
    unsigned count = body->size > 0 && reply_has_body(f) ? 2 : 1;
    size_t total = f->reply.size + (count == 2 ? body->size : 0);
    int written = uv_try_write(&c->handle.stream, pieces, count);
    if (written == (int)total)
        return replied(c);
    if (written >= 0 || written == UV_EAGAIN) {
        write_rest(c, f, pieces, count, written < 0 ? 0 : (size_t)written);
    } else {
        land(c);
        connection_close(c);
    }
    return false;
}

void serve_refuse(struct connection *c, enum err e) {
    if (c->flight == NULL)
        c->flight = flight_take(c->loop, c);
    struct flight *f = c->flight;
    f->keep_alive = false;
    flight_find_method(f); /* HEAD has no body in refusals either */
    response_error(&f->exchange.response, e, NULL, NULL, 1);
    bool more = reply(c);
    ASSERT(!more);
}

/* The client may send the body it announced. When the socket takes nothing, the client will send
 * without being asked, after a while (RFC 9110 §10.1.1). */
static void send_continue(struct connection *c, struct flight *f) {
    f->facts.expect_continue = false;
    if (flight_has_body_bytes(f))
        return;
    static char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    uv_buf_t piece = {line, sizeof line - 1};
    uv_try_write(&c->handle.stream, &piece, 1);
}

/* The request is not whole yet. */
static void await_more(struct connection *c, struct flight *f) {
    if (flight_is_empty(f)) {
        c->skipped = f->skipped;
        rest(c);
        return;
    }
    if (c->ended) {
        serve_refuse(c, ERR_MALFORMED);
        return;
    }
    if (f->stage == STAGE_HEAD)
        return;
    if (f->facts.expect_continue)
        send_continue(c, f);
    if (c->state == CONNECTION_HEAD)
        connection_wait(c, CONNECTION_BODY);
}

/* Others have their turn; the mailbox brings this one back. */
static void give_way(struct connection *c) {
    connection_wait(c, CONNECTION_BUSY);
    c->loop->away++;
    loop_post(c->flight, NEWS_RESUME);
}

/* Answers one request if it is whole. True: the next one can be looked at. */
static bool advance_one(struct connection *c) {
    struct flight *f = c->flight;
    bool whole;
    enum err e = flight_receive(f, &whole);
    if (!whole) {
        if (e != OK)
            serve_refuse(c, e);
        else
            await_more(c, f);
        return false;
    }
    c->skipped = false;
    connection_wait(c, CONNECTION_BUSY);
    if (e != OK) {
        response_error(&f->exchange.response, e, NULL, NULL, 1);
        return reply(c);
    }
    dispatch(f);
    if (f->done)
        return reply(c);
    c->loop->away++;
    return false;
}

static void advance(struct connection *c) {
    for (int turn = 0; turn < TURN_MAX; turn++)
        if (!advance_one(c))
            return;
    give_way(c);
}

void serve_news(struct connection *c, struct flight *f) {
    if (f->news == NEWS_RESUME) {
        flight_add_later(f);
        connection_wait(c, CONNECTION_HEAD);
        serve_read(c);
        advance(c);
    } else if (reply(c)) {
        advance(c);
    }
}

/* Bytes during an answer wait for their turn, and no more of them are read. */
static void keep_for_later(struct connection *c, const char *bytes, size_t size) {
    buffer_add(&c->flight->later, bytes, size);
    c->paused = true;
    uv_read_stop(&c->handle.stream);
}

static void receive(struct connection *c, const char *bytes, size_t size) {
    switch (c->state) {
    case CONNECTION_IDLE:
        c->flight = flight_take(c->loop, c);
        c->flight->skipped = c->skipped;
        connection_wait(c, CONNECTION_HEAD);
        flight_add(c->flight, bytes, size);
        advance(c);
        return;
    case CONNECTION_HEAD:
    case CONNECTION_BODY:
        flight_add(c->flight, bytes, size);
        advance(c);
        return;
    case CONNECTION_BUSY:
    case CONNECTION_WRITING:
        keep_for_later(c, bytes, size);
        return;
    default:
        c->left -= size < c->left ? size : c->left;
        if (c->left == 0)
            connection_close(c);
    }
}

/* A client may stop sending and still wait for its reply. */
static void input_ended(struct connection *c) {
    c->ended = true;
    if (c->state == CONNECTION_HEAD || c->state == CONNECTION_BODY)
        serve_refuse(c, ERR_MALFORMED);
    else if (c->state != CONNECTION_BUSY && c->state != CONNECTION_WRITING)
        connection_close(c);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer) {
    struct connection *c = stream->data;
    ASSERT(c->magic == CONNECTION_MAGIC);
    if (size > 0)
        receive(c, buffer->base, (size_t)size);
    else if (size == UV_EOF)
        input_ended(c);
    else if (size < 0)
        connection_close(c);
}

/* One buffer serves all connections of a loop: what is read is copied before the next read. */
static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)suggested;
    const struct connection *c = handle->data;
    *buffer = uv_buf_init(c->loop->read_buffer, sizeof c->loop->read_buffer);
}

void serve_read(struct connection *c) {
    if (!c->paused || c->ended)
        return;
    c->paused = false;
    if (uv_read_start(&c->handle.stream, on_allocate, on_read) != 0)
        connection_close(c);
}
