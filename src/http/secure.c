#include "http/secure.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "http/connection.h"
#include "http/loop.h"
#include "http/serve.h"
#include "http/tls.h"

/* Encrypted ahead of a client that reads slowly; the rest of its reply waits as it is. */
#define AHEAD (40 * 1024)

/* What TLS itself may want to say to a client that reads nothing of it. */
#define UNSENT_MAX (64 * 1024)

/* All that a client may send until the handshake is over. */
#define HANDSHAKE_MAX (32 * 1024)

struct secure {
    struct tls *tls;
    struct flight *flight; /* its reply is on the way; NULL: none is */
    uv_buf_t pieces[2];    /* of it, what is not encrypted yet */
    struct buffer sending; /* libuv has it */
    uv_write_t write;
    bool writing;
    bool ends; /* close_notify is the last of it */
};

void secure_begin(struct connection *c) {
    struct secure *s = calloc(1, sizeof *s);
    if (s == NULL)
        log_out_of_memory(0);
    s->tls = tls_new(c->loop->server->identity);
    c->secure = s;
    c->left = HANDSHAKE_MAX;
}

void secure_free(struct connection *c) {
    struct secure *s = c->secure;
    ASSERT(!s->writing && s->flight == NULL);
    tls_free(s->tls);
    free(s);
    c->secure = NULL;
}

/* ---- Out ------------------------------------------------------------------------------------- */

static size_t unencrypted(const struct secure *s) {
    return s->pieces[0].len + s->pieces[1].len;
}

static void forget_reply(struct secure *s) {
    s->flight = NULL;
    s->pieces[0].len = s->pieces[1].len = 0;
}

static struct text take(uv_buf_t *piece, size_t most) {
    struct text taken = {piece->base, piece->len < most ? piece->len : most};
    piece->base += taken.size;
    piece->len -= taken.size;
    return taken;
}

/* A record's worth of the reply. Head and body go into one record where they fit, by way of `room`:
 * every record costs both sides more than the copying. */
static struct text next_record(struct secure *s, char room[static TLS_RECORD_MAX]) {
    uv_buf_t *head = &s->pieces[0], *body = &s->pieces[1];
    if (head->len == 0 || body->len == 0)
        return take(head->len == 0 ? body : head, TLS_RECORD_MAX);
    struct text first = take(head, TLS_RECORD_MAX);
    struct text second = take(body, TLS_RECORD_MAX - first.size);
    memcpy(room, first.at, first.size);
    memcpy(room + first.size, second.at, second.size);
    return (struct text){room, first.size + second.size};
}

static bool encrypt(struct secure *s) {
    char room[TLS_RECORD_MAX];
    while (unencrypted(s) > 0 && tls_wire(s->tls)->size < AHEAD) {
        struct text record = next_record(s, room);
        if (!tls_write(s->tls, record.at, record.size))
            return false;
    }
    return true;
}

static void on_written(uv_write_t *write, int status);

/* libuv takes what the socket did not. */
static enum channel_sent write_rest(struct connection *c, size_t written) {
    struct secure *s = c->secure;
    s->sending = *tls_wire(s->tls);
    *tls_wire(s->tls) = (struct buffer){0};
    uv_buf_t rest = uv_buf_init(s->sending.at + written, (unsigned)(s->sending.size - written));
    s->write.data = c;
    s->writing = uv_write(&s->write, &c->handle.stream, &rest, 1, on_written) == 0;
    if (s->writing)
        return CHANNEL_LATER;
    buffer_free(&s->sending);
    return CHANNEL_FAILED;
}

/* Encrypts and sends as much as the socket takes. */
static enum channel_sent pump(struct connection *c) {
    struct secure *s = c->secure;
    struct buffer *out = tls_wire(s->tls);
    while (!s->writing) {
        if (!encrypt(s))
            return CHANNEL_FAILED;
        if (out->size == 0)
            return CHANNEL_SENT;
        uv_buf_t all = uv_buf_init(out->at, (unsigned)out->size);
        int written = uv_try_write(&c->handle.stream, &all, 1);
        if (written < 0 && written != UV_EAGAIN)
            return CHANNEL_FAILED;
        if (written != (int)out->size)
            return write_rest(c, written < 0 ? 0 : (size_t)written);
        buffer_clear(out, unencrypted(s) > 0 ? out->capacity : 0);
    }
    return out->size <= UNSENT_MAX ? CHANNEL_LATER : CHANNEL_FAILED;
}

static bool shut(const struct connection *c) {
    int fd;
    return uv_fileno(&c->handle.any, &fd) == 0 && shutdown(fd, SHUT_WR) == 0;
}

/* A flight hears of its reply once, also when the connection is gone. */
static void on_written(uv_write_t *write, int status) {
    struct connection *c = write->data;
    struct secure *s = c->secure;
    s->writing = false;
    buffer_free(&s->sending);
    bool alive = status == 0 && c->state != CONNECTION_CLOSING;
    enum channel_sent sent = alive ? pump(c) : CHANNEL_FAILED;
    if (sent == CHANNEL_LATER)
        return;
    bool out = sent == CHANNEL_SENT && (!s->ends || shut(c));
    struct flight *f = s->flight;
    forget_reply(s);
    if (f != NULL)
        serve_sent(f, out ? 0 : UV_ECANCELED);
    else if (!out)
        connection_close(c);
}

enum channel_sent secure_send(struct connection *c, struct flight *f, const uv_buf_t *pieces,
                              unsigned count) {
    struct secure *s = c->secure;
    ASSERT(s->flight == NULL && unencrypted(s) == 0 && count <= 2);
    for (unsigned i = 0; i < count; i++)
        s->pieces[i] = pieces[i];
    enum channel_sent sent = encrypt(s) ? pump(c) : CHANNEL_FAILED;
    if (sent == CHANNEL_LATER && f != NULL)
        s->flight = f;
    else
        forget_reply(s);
    return sent;
}

size_t secure_unsent(const struct connection *c) {
    return tls_wire(c->secure->tls)->size + unencrypted(c->secure);
}

bool secure_end(struct connection *c) {
    struct secure *s = c->secure;
    tls_end(s->tls);
    s->ends = true;
    enum channel_sent sent = pump(c);
    return sent == CHANNEL_LATER || (sent == CHANNEL_SENT && shut(c));
}

void secure_farewell(struct connection *c) {
    struct secure *s = c->secure;
    if (s->writing || unencrypted(s) > 0)
        return; /* in the middle of something else */
    tls_end(s->tls);
    const struct buffer *out = tls_wire(s->tls);
    uv_buf_t all = uv_buf_init(out->at, (unsigned)out->size);
    if (out->size > 0)
        uv_try_write(&c->handle.stream, &all, 1);
}

/* ---- In -------------------------------------------------------------------------------------- */

bool secure_has_part(const struct connection *c) {
    return tls_has_part(c->secure->tls);
}

/* A client that has nothing in common with us is told so, and has a moment to read it. */
static void fail(struct connection *c) {
    enum channel_sent sent = pump(c);
    if (c->state == CONNECTION_HANDSHAKE && sent != CHANNEL_FAILED)
        connection_linger(c);
    else
        connection_close(c);
}

/* True: there may be more. */
static bool follow(struct connection *c, enum tls_event event, size_t size) {
    if (c->state == CONNECTION_HANDSHAKE && tls_is_open(c->secure->tls))
        serve_open(c);
    switch (event) {
    case TLS_BYTES:
        serve_input(c, c->loop->clear, size);
        return c->state != CONNECTION_CLOSING && c->state != CONNECTION_LINGER;
    case TLS_WAITS:
        return false;
    case TLS_ENDED:
        channel_pause(c);
        serve_input_ended(c);
        return false;
    case TLS_HTTP:
        secure_free(c);
        serve_refuse_plain(c);
        return false;
    case TLS_FAILED:
        fail(c);
    }
    return false;
}

/* Sends what TLS has to say beside replies, and counts a handshake's bytes. */
static void settle(struct connection *c, size_t size) {
    if (c->secure == NULL || c->state == CONNECTION_LINGER || c->state == CONNECTION_CLOSING)
        return;
    bool well = pump(c) != CHANNEL_FAILED;
    if (well && c->state == CONNECTION_HANDSHAKE) {
        c->left -= size < c->left ? size : c->left;
        well = c->left > 0;
    }
    if (!well)
        connection_close(c);
}

/* All that was read is decrypted here and now, also when the connection pauses half-way: what it
 * has not read is with the kernel, and nowhere else. */
void secure_input(struct connection *c, const char *bytes, size_t size) {
    struct tls *tls = c->secure->tls;
    enum tls_event event;
    size_t clear = 0;
    tls_lend(tls, bytes, size);
    do
        event = tls_read(tls, c->loop->clear, sizeof c->loop->clear, &clear);
    while (follow(c, event, clear));
    settle(c, size);
}
