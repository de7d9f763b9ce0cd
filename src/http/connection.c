#include "http/connection.h"

#include <stdlib.h>

#include "base/log.h"
#include "http/loop.h"
#include "http/secure.h"
#include "http/serve.h"

/* How long a refused client may go on sending, in ms. */
#define LINGER_TIMEOUT 5000

/* The same while the server drains; and how long an idle client then has for a request that may be
 * on its way. */
#define DRAIN_LINGER 250

/* Connections past the limit that are told so at one time; more are just closed. */
#define REFUSED_MAX 64

static void unlink_from_list(struct connection *c) {
    struct connection_list *list = &c->loop->lists[c->state];
    *(c->previous ? &c->previous->next : &list->first) = c->next;
    *(c->next ? &c->next->previous : &list->last) = c->previous;
}

static unsigned timeout_of(const struct loop *loop, enum connection_state state) {
    const struct http_config *config = &loop->server->config;
    switch (state) {
    case CONNECTION_HANDSHAKE:
        return loop->phase == PHASE_RUN ? config->header_timeout : DRAIN_LINGER;
    case CONNECTION_IDLE:
        return loop->phase == PHASE_RUN ? config->idle_timeout : DRAIN_LINGER;
    case CONNECTION_HEAD:
        return config->header_timeout;
    case CONNECTION_BODY:
        return config->body_timeout;
    case CONNECTION_WRITING:
        return config->write_timeout;
    default:
        return loop->phase == PHASE_RUN ? LINGER_TIMEOUT : DRAIN_LINGER;
    }
}

static void append_to_list(struct connection *c, enum connection_state state) {
    struct connection_list *list = &c->loop->lists[state];
    c->state = state;
    c->deadline = uv_now(&c->loop->uv) + timeout_of(c->loop, state);
    c->next = NULL;
    c->previous = list->last;
    *(list->last ? &list->last->next : &list->first) = c;
    list->last = c;
}

void connection_wait(struct connection *c, enum connection_state state) {
    unlink_from_list(c);
    append_to_list(c, state);
}

static void on_closed(uv_handle_t *handle) {
    struct connection *c = handle->data;
    ASSERT(c->magic == CONNECTION_MAGIC && c->state == CONNECTION_CLOSING && c->flight == NULL);
    struct loop *loop = c->loop;
    c->magic = 0;
    if (c->secure != NULL)
        secure_free(c);
    free(c);
    loop_connection_closed(loop);
}

/* A flight that is away, or being written by libuv, finds out by itself when it comes back. */
static void let_flight_go(struct connection *c) {
    struct flight *f = c->flight;
    c->flight = NULL;
    if (f == NULL)
        return;
    f->connection = NULL;
    if (c->state != CONNECTION_BUSY && c->state != CONNECTION_WRITING)
        flight_release(f);
}

void connection_close(struct connection *c) {
    ASSERT(c->magic == CONNECTION_MAGIC);
    if (c->state == CONNECTION_CLOSING)
        return;
    let_flight_go(c);
    unlink_from_list(c);
    c->state = CONNECTION_CLOSING;
    channel_close(c, on_closed);
}

static void read_peer(struct connection *c) {
    struct sockaddr_storage peer;
    int size = sizeof peer;
    if (c->listener->unix_socket ||
        uv_tcp_getpeername(&c->handle.tcp, (struct sockaddr *)&peer, &size) != 0)
        return;
    c->peer = address_of_sockaddr((const struct sockaddr *)&peer);
}

static struct connection *connection_new(struct loop *loop, const struct listener *listener) {
    struct connection *c = calloc(1, sizeof *c);
    if (c == NULL)
        log_out_of_memory(0);
    c->magic = CONNECTION_MAGIC;
    c->loop = loop;
    c->listener = listener;
    c->paused = true;
    if (listener->unix_socket)
        uv_pipe_init(&loop->uv, &c->handle.pipe, 0);
    else
        uv_tcp_init(&loop->uv, &c->handle.tcp);
    c->handle.any.data = c;
    loop->connections++;
    append_to_list(c, CONNECTION_IDLE);
    return c;
}

/* `result` is of the call that gave it its socket. */
static void begin(struct connection *c, int result) {
    struct http_server *server = c->loop->server;
    unsigned limit = server->config.connection_limit;
    unsigned others = atomic_fetch_add_explicit(&server->connections, 1, memory_order_relaxed);
    if (result != 0 || others >= limit + REFUSED_MAX) {
        connection_close(c);
        return;
    }
    read_peer(c);
    c->refused = others >= limit;
    if (c->listener->tls) {
        connection_wait(c, CONNECTION_HANDSHAKE);
        serve_read(c);
    } else {
        serve_open(c);
    }
}

void connection_adopt(struct loop *loop, const struct listener *listener, int fd) {
    struct connection *c = connection_new(loop, listener);
    int result =
        listener->unix_socket ? uv_pipe_open(&c->handle.pipe, fd) : uv_tcp_open(&c->handle.tcp, fd);
    if (result != 0)
        close(fd);
    begin(c, result);
}

void connection_linger(struct connection *c) {
    if (c->ended || !channel_end(c)) {
        connection_close(c);
        return;
    }
    ASSERT(c->flight == NULL);
    c->left = HTTP_LINGER_MAX;
    connection_wait(c, CONNECTION_LINGER);
    serve_read(c);
}

static void hurry(struct loop *loop, enum connection_state state) {
    uint64_t deadline = uv_now(&loop->uv) + timeout_of(loop, state);
    for (struct connection *c = loop->lists[state].first; c != NULL; c = c->next)
        if (c->deadline > deadline)
            c->deadline = deadline;
}

void connection_drain(struct loop *loop) {
    ASSERT(loop->phase != PHASE_RUN);
    hurry(loop, CONNECTION_HANDSHAKE);
    hurry(loop, CONNECTION_IDLE);
    hurry(loop, CONNECTION_LINGER);
}

/* A slow reader may be as slow as it likes while it reads at all. */
static void expire_writing(struct connection *c) {
    size_t left = channel_unsent(c);
    if (left >= c->left) {
        connection_close(c);
        return;
    }
    c->left = left;
    connection_wait(c, CONNECTION_WRITING);
}

/* Whose request has arrived while the server drains sent it in time, though the loop was too busy
 * to look at it. */
static void expire_idle(struct connection *c) {
    if (c->loop->phase != PHASE_RUN && channel_has_arrived(c))
        connection_wait(c, CONNECTION_IDLE);
    else
        connection_close(c);
}

void connection_expire(struct connection *c) {
    switch (c->state) {
    case CONNECTION_IDLE:
        expire_idle(c);
        return;
    case CONNECTION_HEAD:
    case CONNECTION_BODY:
        serve_refuse(c, ERR_REQUEST_TIMEOUT);
        return;
    case CONNECTION_WRITING:
        expire_writing(c);
        return;
    default:
        connection_close(c);
    }
}
