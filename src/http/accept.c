/* A loop's side of its listening sockets. */
#include <stdlib.h>
#include <sys/socket.h>

#include "base/log.h"
#include "http/loop.h"

#define BACKLOG 1024

/* Accept errors are logged this seldom, in ms. */
#define ERROR_INTERVAL 1000

/* Out of descriptors, libuv drops waiting connections with a spare one, so that it never spins. */
static void on_connection(uv_stream_t *server, int status) {
    struct loop_listener *l = server->data;
    if (status == 0) {
        connection_accept(l->loop, l->listener, server);
        return;
    }
    uint64_t now = uv_now(&l->loop->uv);
    if (now < l->loop->error_logged + ERROR_INTERVAL)
        return;
    l->loop->error_logged = now;
    log_line(LOG_WARN, "connection refused: %s", uv_strerror(status));
}

static int open_one(struct loop *loop, struct loop_listener *l, int fd) {
    int result;
    if (l->listener->unix_socket) {
        uv_pipe_init(&loop->uv, &l->handle.pipe, 0);
        result = uv_pipe_open(&l->handle.pipe, fd);
    } else {
        uv_tcp_init(&loop->uv, &l->handle.tcp);
        result = uv_tcp_open(&l->handle.tcp, fd);
    }
    l->handle.any.data = l;
    return result != 0 ? result : uv_listen(&l->handle.stream, BACKLOG, on_connection);
}

enum err loop_listeners_open(struct loop *loop) {
    const struct listeners *listeners = &loop->server->listeners;
    loop->listeners = calloc(listeners->count + 1, sizeof *loop->listeners);
    if (loop->listeners == NULL)
        log_out_of_memory(0);
    for (unsigned i = 0; i < listeners->count; i++) {
        struct listener *listener = &listeners->at[i];
        struct loop_listener *l = &loop->listeners[loop->listener_count++];
        l->loop = loop;
        l->listener = listener;
        int fd = listener->sockets[loop->index];
        listener->sockets[loop->index] = -1;
        int result = open_one(loop, l, fd);
        if (result != 0) {
            log_line(LOG_ERROR, "listen: %s", uv_strerror(result));
            return ERR_UNAVAILABLE;
        }
    }
    return OK;
}

static void on_closed(uv_handle_t *handle) {
    (void)handle;
}

/* Clients in the queue have been told that they are connected: they are served. */
void loop_listener_drain(struct loop_listener *l) {
    int listening, fd;
    ASSERT(uv_fileno(&l->handle.any, &listening) == 0);
    while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
        connection_adopt(l->loop, l->listener, fd);
    uv_close(&l->handle.any, on_closed);
}

void loop_listeners_free(struct loop *loop) {
    free(loop->listeners);
    loop->listeners = NULL;
}
