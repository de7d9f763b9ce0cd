/* The HTTP connection, from bytes to whole requests and back: http/serve.h and what is under it, on
 * a channel that is made up here instead of http/channel.c. An input is a plan of how the bytes
 * come and then the bytes. However they are cut, the same requests must come out of them, the same
 * answers go in, and the connection must end. */
#include "fuzz.h"

#include <stdlib.h>
#include <uv.h>

#include "base/digest.h"
#include "base/random.h"
#include "base/unicode.h"
#include "http/channel.h"
#include "http/connection.h"
#include "http/lane.h"
#include "http/loop.h"
#include "http/serve.h"

/* How a conversation goes: the pieces that the bytes come in, and how the server is kept waiting.
 */
struct plan {
    uint64_t random;  /* 0: all at once, and nobody waits */
    bool slow_client; /* some replies go out later */
    bool away;        /* some requests are answered on another thread, as it were */
    bool drains;      /* the server is ending */
};

/* What came of it. */
struct outcome {
    struct buffer requests; /* all that the service was given */
    struct buffer replies;  /* their status lines */
    unsigned refusals;
    bool closed;
};

static struct http_server server;
static struct loop loop;
static struct listener listener = {.surfaces = 1, .port = 80, .count = 1};
static struct plan plan;
static struct outcome *outcome;
static struct flight *writing; /* its reply is on the way out */
static struct exchange *lent;  /* is being answered elsewhere */
static uv_close_cb on_closed;
static bool reading, more_to_come, shut;

/* ---- The channel ----------------------------------------------------------------------------- */

static unsigned draw(unsigned n) {
    plan.random ^= plan.random << 13;
    plan.random ^= plan.random >> 7;
    plan.random ^= plan.random << 17;
    return (unsigned)(plan.random >> 33) % n;
}

bool channel_read(struct connection *c) {
    (void)c;
    reading = true;
    return true;
}

void channel_pause(struct connection *c) {
    (void)c;
    reading = false;
}

bool channel_has_unread(const struct connection *c) {
    (void)c;
    return more_to_come;
}

bool channel_has_arrived(const struct connection *c) {
    return channel_has_unread(c);
}

/* "HTTP/1.1 200": everything is said once, after a request or for one. */
enum channel_sent channel_send(struct connection *c, struct flight *f, uv_buf_t *pieces,
                               unsigned count) {
    ASSERT(c->flight == f && !shut && writing == NULL && count >= 1 && pieces[0].len > 16);
    ASSERT(memcmp(pieces[0].base, "HTTP/1.1 ", 9) == 0);
    ASSERT(memmem(pieces[0].base, pieces[0].len, "\r\n\r\n", 4) ==
           pieces[0].base + pieces[0].len - 4);
    buffer_add(&outcome->replies, pieces[0].base + 9, 3);
    buffer_add_char(&outcome->replies, f->closes ? '.' : ' ');
    if (!plan.slow_client || draw(2))
        return CHANNEL_SENT;
    writing = f;
    return CHANNEL_LATER;
}

void channel_try(struct connection *c, const char *bytes, size_t size) {
    (void)c;
    ASSERT(!shut && size > 0 && bytes[size - 1] == '\n');
}

size_t channel_unsent(const struct connection *c) {
    (void)c;
    return writing != NULL;
}

bool channel_end(struct connection *c) {
    (void)c;
    ASSERT(!shut);
    shut = true;
    return true;
}

void channel_close(struct connection *c, uv_close_cb callback) {
    (void)c;
    ASSERT(on_closed == NULL);
    on_closed = callback;
}

/* ---- The service ----------------------------------------------------------------------------- */

static void note(struct text t) {
    buffer_format(&outcome->requests, "%zu:", t.size);
    buffer_add_text(&outcome->requests, t);
}

static void check_header(const struct http_header *h) {
    ASSERT(h->name.size > 0 && text_equal(h->value, text_trim(h->value)));
    for (size_t i = 0; i < h->value.size; i++)
        ASSERT((uint8_t)h->value.at[i] >= ' ' || h->value.at[i] == '\t');
}

static void note_request(struct exchange *x) {
    const struct http_request *r = &x->request;
    ASSERT(r->body.size <= HTTP_BODY_MAX && r->header_count <= HTTP_HEADER_MAX);
    ASSERT(r->target.size <= HTTP_LINE_MAX && unicode_valid(r->path));
    ASSERT(r->path.size > 0 && r->path.at[0] == '/' && r->surfaces == 1);
    buffer_format(&outcome->requests, "\n%x ", r->method);
    note(r->target);
    note(r->path);
    note(r->query);
    for (unsigned i = 0; i < r->header_count; i++) {
        check_header(&r->headers[i]);
        note(r->headers[i].name);
        note(r->headers[i].value);
    }
    if (r->id.at != flight_of(x)->own_id)
        note(r->id);
    note(r->body);
}

/* What is answered at once, on the loop or elsewhere hangs on the request alone. */
static enum lane on_route(void *self, struct exchange *x) {
    (void)self;
    note_request(x);
    if (x->request.path.size % 3 == 0)
        return LANE_READ;
    x->response.status = 204;
    return LANE_DONE;
}

static void on_handle(void *self, void *thread, struct exchange *x) {
    (void)self, (void)thread;
    buffer_add_text(&x->response.body, x->request.path);
    x->response.close = x->request.path.size % 5 == 4;
    if (plan.away && draw(2)) {
        ASSERT(lent == NULL);
        lent = x;
    } else {
        http_done(x);
    }
}

static void *on_thread_open(void *self) {
    return self;
}

static void on_thread(void *self, void *thread) {
    (void)self, (void)thread;
}

static void on_refused(void *self, struct exchange *x) {
    (void)self, (void)x;
}

/* ---- A conversation -------------------------------------------------------------------------- */

/* One loop without a thread, sockets or deadlines: what libuv would call is called below. */
static void start(void) {
    random_start();
    log_level_set(LOG_ERROR);
    server.config = (struct http_config){.connection_limit = 10,
                                         .header_timeout = 10000,
                                         .body_timeout = 10000,
                                         .idle_timeout = 10000,
                                         .write_timeout = 10000,
                                         .drain_timeout = 10000};
    server.service = (struct http_service){.self = &server,
                                           .route = on_route,
                                           .handle = on_handle,
                                           .refused = on_refused,
                                           .thread_open = on_thread_open,
                                           .thread_close = on_thread};
    server.loops = &loop;
    server.loop_count = 1;
    ASSERT(lanes_start(&server.lanes, &server) == OK);
    ASSERT(loop_open(&loop, &server, 1) == OK);
    loop.state = &server;
}

bool __real_loop_is_here(const struct loop *l);
bool __wrap_loop_is_here(const struct loop *l);
bool __wrap_loop_is_here(const struct loop *l) {
    return l == &loop && lent == NULL;
}

static struct connection *open_connection(void) {
    struct connection *c = calloc(1, sizeof *c);
    if (c == NULL)
        log_fatal("out of memory");
    c->magic = CONNECTION_MAGIC;
    c->loop = &loop;
    c->listener = &listener;
    c->paused = true;
    c->state = CONNECTION_IDLE;
    c->handle.any.data = c;
    loop.connections++;
    atomic_fetch_add(&server.connections, 1);
    connection_wait(c, CONNECTION_IDLE);
    serve_open(c);
    return c;
}

/* Lets the server do one thing that it waits for; false when there is none. */
static bool turn(void) {
    if (loop.ready_first != NULL) {
        loop.turn.check_cb(&loop.turn);
        return true;
    }
    if (lent != NULL) {
        http_done(lent);
        lent = NULL;
        return true;
    }
    if (loop.mailbox_first != NULL) {
        loop.wake.async_cb(&loop.wake);
        return true;
    }
    if (writing != NULL) {
        struct flight *f = writing;
        writing = NULL;
        serve_sent(f, 0);
        return true;
    }
    return false;
}

/* Who is not read from is being served, or the connection would hang. */
static void send_all(struct connection *c, struct arena *arena, struct text bytes) {
    while (bytes.size > 0 && on_closed == NULL) {
        if (!reading) {
            ASSERT(turn());
            continue;
        }
        struct text piece = bytes;
        if (plan.random != 0)
            piece.size = draw(4) ? 1 + draw(12) : 1 + draw(4000);
        if (piece.size > bytes.size)
            piece.size = bytes.size;
        if (piece.size > HTTP_READ_SIZE)
            piece.size = HTTP_READ_SIZE;
        bytes.at += piece.size;
        bytes.size -= piece.size;
        more_to_come = bytes.size > 0;
        struct text copy = fuzz_exact(arena, piece);
        serve_input(c, copy.at, copy.size);
        if (plan.random == 0 || draw(3) == 0)
            turn();
    }
}

static void converse(const struct plan *p, struct text bytes, struct outcome *out) {
    struct arena arena = {0};
    plan = *p;
    outcome = out;
    on_closed = NULL;
    reading = shut = false;
    more_to_come = true;
    loop.phase = p->drains ? PHASE_DRAIN : PHASE_RUN;
    struct connection *c = open_connection();
    loop.closing = true; /* the loop itself goes on */
    send_all(c, &arena, bytes);
    more_to_come = false;
    while (turn()) {
    }
    if (on_closed == NULL)
        serve_input_ended(c);
    while (turn()) {
    }
    ASSERT(on_closed != NULL && loop.away == 0 && loop.ready_first == NULL);
    on_closed(&c->handle.any);
    ASSERT(loop.connections == 0);
    arena_free(&arena);
}

/* ---- Comparing ------------------------------------------------------------------------------- */

static bool same(const struct buffer *a, const struct buffer *b) {
    return text_equal(buffer_text(a), buffer_text(b));
}

static void outcome_free(struct outcome *o) {
    buffer_free(&o->requests);
    buffer_free(&o->replies);
}

/* Where two things are wrong with a message, the pieces it comes in may decide which is met first;
 * whether it is refused, and where, they may not. */
static void blur_refusal(struct buffer *replies) {
    if (replies->size >= 4 && replies->at[replies->size - 1] == '.' &&
        replies->at[replies->size - 4] == '4')
        memcpy(replies->at + replies->size - 4, "4xx", 3);
}

static struct plan read_plan(struct text *in) {
    struct plan p = {.random = 1};
    unsigned flags = fuzz_choose(in, 8);
    p.slow_client = flags & 1;
    p.away = flags & 2;
    for (int i = 0; i < 2; i++)
        p.random = p.random * 257 + fuzz_choose(in, 256) + 1;
    p.random *= 0x9e3779b97f4a7c15;
    return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text in = {(const char *)data, size};
    struct plan whole = {0}, pieces = read_plan(&in);
    struct outcome a = {0}, b = {0};
    if (server.lanes == NULL)
        start();
    converse(&whole, in, &a);
    converse(&pieces, in, &b);
    blur_refusal(&a.replies);
    blur_refusal(&b.replies);
    ASSERT(same(&a.requests, &b.requests));
    ASSERT(same(&a.replies, &b.replies));
    outcome_free(&a);
    outcome_free(&b);
    return 0;
}
