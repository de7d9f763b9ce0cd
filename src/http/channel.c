#include "http/channel.h"

#include <sys/socket.h>

#include "base/log.h"
#include "http/connection.h"
#include "http/loop.h"
#include "http/secure.h"
#include "http/serve.h"

/* ---- In -------------------------------------------------------------------------------------- */

/* TLS begins with the first byte: who connects and says nothing costs next to nothing. What a
 * client sends that has been told the end is thrown away as it is. */
static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer) {
    struct connection *c = stream->data;
    ASSERT(c->magic == CONNECTION_MAGIC);
    if (size > 0 && c->state == CONNECTION_HANDSHAKE && c->secure == NULL)
        secure_begin(c);
    if (size > 0 && c->secure != NULL && c->state != CONNECTION_LINGER)
        secure_input(c, buffer->base, (size_t)size);
    else if (size > 0)
        serve_input(c, buffer->base, (size_t)size);
    else if (size == UV_EOF)
        serve_input_ended(c);
    else if (size < 0)
        connection_close(c);
}

/* One buffer serves all connections of a loop: what is read is copied before the next read. */
static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)suggested;
    const struct connection *c = handle->data;
    *buffer = uv_buf_init(c->loop->read_buffer, sizeof c->loop->read_buffer);
}

bool channel_read(struct connection *c) {
    return uv_read_start(&c->handle.stream, on_allocate, on_read) == 0;
}

void channel_pause(struct connection *c) {
    uv_read_stop(&c->handle.stream);
}

bool channel_has_arrived(const struct connection *c) {
    int fd;
    char byte;
    return uv_fileno(&c->handle.any, &fd) == 0 && recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

bool channel_has_unread(const struct connection *c) {
    return (c->secure != NULL && secure_has_part(c)) || channel_has_arrived(c);
}

/* ---- Out ------------------------------------------------------------------------------------- */

static void on_written(uv_write_t *write, int status) {
    serve_sent(write->data, status);
}

/* libuv takes what the socket did not; the flight keeps the bytes until they are out. */
static enum channel_sent write_rest(struct connection *c, struct flight *f, uv_buf_t *pieces,
                                    unsigned count, size_t written) {
    for (unsigned i = 0; i < count; i++) {
        size_t out = written < pieces[i].len ? written : pieces[i].len;
        pieces[i].base += out;
        pieces[i].len -= out;
        written -= out;
    }
    f->write.data = f;
    return uv_write(&f->write, &c->handle.stream, pieces, count, on_written) == 0 ? CHANNEL_LATER
                                                                                  : CHANNEL_FAILED;
}

enum channel_sent channel_send(struct connection *c, struct flight *f, uv_buf_t *pieces,
                               unsigned count) {
    if (c->secure != NULL)
        return secure_send(c, f, pieces, count);
    size_t total = 0;
    for (unsigned i = 0; i < count; i++)
        total += pieces[i].len;
    int written = uv_try_write(&c->handle.stream, pieces, count);
    if (written == (int)total)
        return CHANNEL_SENT;
    if (written < 0 && written != UV_EAGAIN)
        return CHANNEL_FAILED;
    return write_rest(c, f, pieces, count, written < 0 ? 0 : (size_t)written);
}

void channel_try(struct connection *c, const char *bytes, size_t size) {
    uv_buf_t piece = uv_buf_init((char *)bytes, (unsigned)size);
    if (c->secure != NULL)
        secure_send(c, NULL, &piece, 1);
    else
        uv_try_write(&c->handle.stream, &piece, 1);
}

size_t channel_unsent(const struct connection *c) {
    size_t unsent = uv_stream_get_write_queue_size(&c->handle.stream);
    return c->secure != NULL ? unsent + secure_unsent(c) : unsent;
}

bool channel_end(struct connection *c) {
    int fd;
    if (c->secure != NULL)
        return secure_end(c);
    return uv_fileno(&c->handle.any, &fd) == 0 && shutdown(fd, SHUT_WR) == 0;
}

void channel_close(struct connection *c, uv_close_cb on_closed) {
    if (c->secure != NULL)
        secure_farewell(c);
    uv_close(&c->handle.any, on_closed);
}
