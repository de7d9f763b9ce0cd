/* A loop's side of its listening sockets. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "http/loop.h"

#define BACKLOG 1024

/* So many in a row; then those who are in have their turn. */
#define ACCEPT_MAX 64

/* Who cannot be let in, for want of descriptors or memory, waits outside for so long; ms. */
#define PAUSE 100

/* Accept errors are logged this seldom, in ms. */
#define ERROR_INTERVAL 1000

static void on_readable(uv_poll_t *poll, int status, int events);

static void on_pause_over(uv_timer_t *timer) {
    struct loop_listener *l = timer->data;
    uv_poll_start(&l->readable, UV_READABLE, on_readable);
}

static void refused(struct loop_listener *l, int error) {
    uv_poll_stop(&l->readable);
    uv_timer_start(&l->pause, on_pause_over, PAUSE, 0);
    uint64_t now = uv_now(&l->loop->uv);
    if (now < l->loop->error_logged + ERROR_INTERVAL)
        return;
    l->loop->error_logged = now;
    log_line(LOG_WARN, "connections wait: %s", uv_strerror(uv_translate_sys_error(error)));
}

/* What went wrong with the one that was to be accepted, and not with accepting (accept(2)). */
static bool is_its_own(int error) {
    return error == EINTR || error == ECONNABORTED || error == EPROTO || error == ENETDOWN ||
           error == ENOPROTOOPT || error == EHOSTDOWN || error == ENONET || error == EHOSTUNREACH ||
           error == EOPNOTSUPP || error == ENETUNREACH;
}

/* libuv's own way to accept tries again at once, for ever, when there is no descriptor left. */
static void on_readable(uv_poll_t *poll, int status, int events) {
    struct loop_listener *l = poll->data;
    (void)status, (void)events;
    for (int i = 0; i < ACCEPT_MAX; i++) {
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            connection_adopt(l->loop, l->listener, fd);
        } else if (!is_its_own(errno)) {
            if (errno != EAGAIN)
                refused(l, errno);
            return;
        }
    }
}

static int open_one(struct loop *loop, struct loop_listener *l) {
    l->readable.data = l->pause.data = l;
    uv_timer_init(&loop->uv, &l->pause);
    int result = uv_poll_init(&loop->uv, &l->readable, l->fd);
    if (result == 0 && listen(l->fd, BACKLOG) != 0)
        result = uv_translate_sys_error(errno);
    return result != 0 ? result : uv_poll_start(&l->readable, UV_READABLE, on_readable);
}

enum err loop_listeners_open(struct loop *loop) {
    const struct listeners *listeners = &loop->server->listeners;
    loop->listeners = calloc(listeners->count + 1, sizeof *loop->listeners);
    if (loop->listeners == NULL)
        log_out_of_memory(0);
    for (unsigned i = 0; i < listeners->count; i++) {
        struct listener *listener = &listeners->at[i];
        struct loop_listener *l = &loop->listeners[loop->listener_count++];
        *l = (struct loop_listener){
            .loop = loop, .listener = listener, .fd = listener->sockets[loop->index]};
        listener->sockets[loop->index] = -1;
        int result = open_one(loop, l);
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
    int fd;
    while ((fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0 ||
           is_its_own(errno))
        if (fd >= 0)
            connection_adopt(l->loop, l->listener, fd);
    uv_close((uv_handle_t *)&l->pause, on_closed);
    uv_close((uv_handle_t *)&l->readable, on_closed);
    close(l->fd);
    l->fd = -1;
}

void loop_listeners_free(struct loop *loop) {
    for (unsigned i = 0; i < loop->listener_count; i++)
        if (loop->listeners[i].fd >= 0)
            close(loop->listeners[i].fd);
    loop->listener_count = 0;
    free(loop->listeners);
    loop->listeners = NULL;
}
