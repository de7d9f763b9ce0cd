#include "http/serve.h"

#include "base/log.h"
#include "http/channel.h"
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
        /* A client that asked for it, and has sent nothing more, is not sending now; but with TLS
         * it has an end of its own to send. */
        if (f->stage == STAGE_WHOLE && !f->keep_alive && !flight_has_more(f) && c->secure == NULL)
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
    return true;
}

void serve_sent(struct flight *f, int status) {
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

/* While draining, the last request that is there gets the last reply. */
static bool must_close(const struct connection *c, const struct flight *f) {
    if (!f->keep_alive || f->exchange.response.close)
        return true;
    return c->loop->phase != PHASE_RUN && !flight_has_more(f) &&
           (c->ended || !channel_has_unread(c));
}

/* Sends the reply. True: it is out, and there is input to look at. */
static bool reply(struct connection *c) {
    struct flight *f = c->flight;
    struct buffer *body = &f->exchange.response.body;
    f->closes = must_close(c, f);
    reply_build(f, f->closes);
    uv_buf_t pieces[2] = {{f->reply.at, f->reply.size}, {body->at, body->size}};
    unsigned count = body->size > 0 && reply_has_body(f) ? 2 : 1;
    enum channel_sent sent = channel_send(c, f, pieces, count);
    if (sent == CHANNEL_SENT)
        return replied(c);
    if (sent == CHANNEL_LATER) {
        c->left = channel_unsent(c);
        connection_wait(c, CONNECTION_WRITING);
    } else {
        land(c);
        connection_close(c);
    }
    return false;
}

/* Answers `e` to what has been received, or to the connection as such, and closes. */
static void refuse(struct connection *c, enum err e, const char *message) {
    if (c->flight == NULL)
        c->flight = flight_take(c->loop, c);
    struct flight *f = c->flight;
    f->keep_alive = false;
    flight_find_method(f);   /* HEAD has no body in refusals either */
    request_find_headers(f); /* a page may read what is wrong with its request (CORS) */
    response_error(&f->exchange.response, e, NULL, message, 1);
    bool more = reply(c);
    ASSERT(!more);
}

void serve_refuse(struct connection *c, enum err e) {
    refuse(c, e, NULL);
}

void serve_refuse_plain(struct connection *c) {
    refuse(c, ERR_MALFORMED, "Only HTTPS is spoken here");
}

/* The client may send the body it announced. When the socket takes nothing, the client will send
 * without being asked, after a while (RFC 9110 §10.1.1). */
static void send_continue(struct connection *c, struct flight *f) {
    f->facts.expect_continue = false;
    if (flight_has_body_bytes(f))
        return;
    static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
    channel_try(c, line, sizeof line - 1);
}

/* The request is not whole yet: only now is more read, so that who sends requests faster than they
 * are answered fills their own buffers and not ours. */
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
    if (f->stage > STAGE_HEAD) {
        if (f->facts.expect_continue)
            send_continue(c, f);
        if (c->state == CONNECTION_HEAD)
            connection_wait(c, CONNECTION_BODY);
    }
    serve_read(c);
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
        advance(c);
    } else if (reply(c)) {
        advance(c);
    }
}

/* Bytes during an answer wait for their turn, and no more of them are read. */
static void keep_for_later(struct connection *c, const char *bytes, size_t size) {
    buffer_add(&c->flight->later, bytes, size);
    c->paused = true;
    channel_pause(c);
}

void serve_input(struct connection *c, const char *bytes, size_t size) {
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
void serve_input_ended(struct connection *c) {
    c->ended = true;
    if (c->state == CONNECTION_HEAD || c->state == CONNECTION_BODY)
        serve_refuse(c, ERR_MALFORMED);
    else if (c->state != CONNECTION_BUSY && c->state != CONNECTION_WRITING)
        connection_close(c);
}

void serve_read(struct connection *c) {
    if (!c->paused || c->ended)
        return;
    c->paused = false;
    if (!channel_read(c))
        connection_close(c);
}

void serve_open(struct connection *c) {
    if (c->state == CONNECTION_HANDSHAKE)
        connection_wait(c, CONNECTION_IDLE);
    if (c->refused)
        serve_refuse(c, ERR_UNAVAILABLE);
    else
        serve_read(c);
}
