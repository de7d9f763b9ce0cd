#include "http_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/random.h"

#define PATIENCE 5000 /* ms */

struct peer peer;

static void echo(struct exchange *x) {
    const struct http_request *r = &x->request;
    char client[ADDRESS_TEXT_SIZE];
    address_format(&r->client, client);
    struct buffer *b = &x->response.body;
    buffer_format(b, "method=%u\npath=%.*s\nquery=%.*s\n", (unsigned)r->method, TEXT_ARGS(r->path),
                  TEXT_ARGS(r->query));
    buffer_format(b, "client=%s\nsecure=%d\nsurfaces=%u\n", client, r->secure, r->surfaces);
    buffer_format(b, "headers=%u\nx=%.*s\n", r->header_count, TEXT_ARGS(http_header(r, "X")));
    buffer_format(b, "body=");
    buffer_add_text(b, r->body);
}

static void *answer_later(void *exchange) {
    usleep(20000);
    echo(exchange);
    http_done(exchange);
    return NULL;
}

static void hand_to_thread(struct exchange *x) {
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, answer_later, x), 0);
    pthread_detach(thread);
}

static void fill(struct exchange *x) {
    int64_t size = 0;
    text_to_int(x->request.query, &size);
    memset(buffer_reserve(&x->response.body, (size_t)size), 'x', (size_t)size);
    x->response.body.size = (size_t)size;
}

static void set_status(struct exchange *x) {
    int64_t status = 200;
    text_to_int(x->request.query, &status);
    x->response.status = (int)status;
    x->response.content_type = "text/plain";
    x->response.cacheable = true;
    buffer_add_text(&x->response.body, TEXT("status"));
}

static bool path_is(const struct exchange *x, const char *path) {
    return text_starts(x->request.path, text_of(path));
}

static enum lane route(void *self, struct exchange *x) {
    (void)self;
    peer.routed++;
    if (path_is(x, "/echo") || path_is(x, "/move") || path_is(x, "/later") || path_is(x, "/big") ||
        path_is(x, "/empty") || path_is(x, "/hold") || path_is(x, "/status"))
        return LANE_READ;
    if (path_is(x, "/scan"))
        return LANE_SCAN;
    if (path_is(x, "/write"))
        return LANE_WRITE;
    if (path_is(x, "/hash") || path_is(x, "/wait"))
        return LANE_HASH;
    response_error(&x->response, ERR_NOT_FOUND, NULL, NULL, 0);
    if (x->request.method == HTTP_OPTIONS) {
        x->response.status = 204;
        x->response.allow = HTTP_GET | HTTP_HEAD | HTTP_POST | HTTP_OPTIONS;
    }
    return LANE_DONE;
}

/* What a thread has. */
struct state {
    int ahead;
};

static void ahead(void *self, void *thread, struct exchange *x) {
    (void)self;
    (void)x;
    ((struct state *)thread)->ahead++;
}

static void round_end(void *self, void *thread) {
    (void)self;
    ((struct state *)thread)->ahead = 0;
}

static void handle(void *self, void *thread, struct exchange *x) {
    (void)self;
    char digits[16];
    snprintf(digits, sizeof digits, "%d", ((struct state *)thread)->ahead);
    response_header(&x->response, "X-Ahead", text_of(digits));
    peer.handled++;
    if (path_is(x, "/later")) {
        hand_to_thread(x);
        return;
    }
    if (path_is(x, "/move") && x->call == NULL) {
        x->call = x;
        http_move(x, LANE_HASH);
        return;
    }
    if (path_is(x, "/wait") || path_is(x, "/hold") || path_is(x, "/scan/hold"))
        sem_wait(&peer.release);
    if (path_is(x, "/big"))
        fill(x);
    else if (path_is(x, "/empty"))
        x->response.status = 204;
    else if (path_is(x, "/status"))
        set_status(x);
    else
        echo(x);
    http_done(x);
}

static void refused(void *self, struct exchange *x) {
    (void)self;
    (void)x;
    peer.refused++;
}

static void *thread_open(void *self) {
    (void)self;
    peer.opened++;
    return calloc(1, sizeof(struct state));
}

static void thread_close(void *self, void *thread) {
    (void)self;
    peer.closed++;
    free(thread);
}

static void *run(void *server) {
    http_run(server);
    return NULL;
}

void peer_start(struct http_config config) {
    static const struct http_listen any = {"127.0.0.1:0", 5};
    static bool random_started;
    if (!random_started)
        random_start();
    random_started = true;
    if (config.listen_count == 0) {
        config.listens = &any;
        config.listen_count = 1;
    }
    for (int lane = LANE_SCAN; lane < LANE_COUNT; lane++)
        if (config.workers[lane] == 0)
            config.workers[lane] = 1;
    struct http_service service = {.route = route,
                                   .handle = handle,
                                   .ahead = ahead,
                                   .round_end = round_end,
                                   .refused = refused,
                                   .thread_open = thread_open,
                                   .thread_close = thread_close};
    memset(&peer, 0, sizeof peer);
    sem_init(&peer.release, 0, 0);
    assert_int_equal(http_start(&peer.server, &config, &service), OK);
    peer.port = http_port(peer.server, 0);
    assert_int_equal(pthread_create(&peer.thread, NULL, run, peer.server), 0);
}

void peer_stop(void) {
    http_stop(peer.server);
    pthread_join(peer.thread, NULL);
    assert_true(http_free(peer.server));
    assert_int_equal(peer.opened, peer.closed);
}

int peer_connect(void) {
    return peer_connect_window(0);
}

int peer_connect_window(int size) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)peer.port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    assert_true(fd >= 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (size > 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    close(fd);
    return -1;
}

/* The server may close at any time; the reply tells. */
void peer_send(int fd, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        bytes += n;
        size -= (size_t)n;
    }
}

void peer_send_text(int fd, const char *s) {
    peer_send(fd, s, strlen(s));
}

/* ---- The other end ---- */

#define DESCRIPTORS 1024 /* among which it is looked for */

static bool is_end_of(int fd, const struct sockaddr_in *client) {
    struct sockaddr_in to;
    socklen_t size = sizeof to;
    return getpeername(fd, (struct sockaddr *)&to, &size) == 0 && to.sin_family == AF_INET &&
           to.sin_port == client->sin_port && to.sin_addr.s_addr == client->sin_addr.s_addr;
}

/* -1: not accepted yet, or closed. */
static int other_end(const struct sockaddr_in *client) {
    for (int fd = 0; fd < DESCRIPTORS; fd++)
        if (is_end_of(fd, client))
            return fd;
    return -1;
}

static struct sockaddr_in address_of(int fd) {
    struct sockaddr_in own = {0};
    socklen_t size = sizeof own;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &size), 0);
    return own;
}

static int unread(int fd) {
    int size = 0;
    return ioctl(fd, FIONREAD, &size) == 0 ? size : 0;
}

static bool has_news(int fd) {
    struct pollfd p = {fd, POLLIN, 0};
    return poll(&p, 1, 0) > 0;
}

/* Lets a millisecond pass; false when there have been too many. */
static bool have_patience(int *left) {
    poll(NULL, 0, 1);
    return --*left > 0;
}

void peer_taken(int fd) {
    struct sockaddr_in own = address_of(fd);
    int patience = PATIENCE, end;
    while (((end = other_end(&own)) < 0 || unread(end) > 0) && !has_news(fd) &&
           have_patience(&patience))
        ;
}

void peer_filled(int fd, size_t size) {
    int patience = PATIENCE;
    while ((size_t)unread(fd) < size && have_patience(&patience))
        ;
}

static void await_end(const struct sockaddr_in *client) {
    int patience = PATIENCE;
    while (other_end(client) >= 0 && have_patience(&patience))
        ;
}

void peer_left(int fd) {
    struct sockaddr_in own = address_of(fd);
    await_end(&own);
}

void peer_close(int fd) {
    struct sockaddr_in own = address_of(fd);
    close(fd);
    await_end(&own);
}

bool peer_refuses(void) {
    int patience = PATIENCE, fd;
    while ((fd = peer_connect()) >= 0 && have_patience(&patience))
        close(fd);
    close(fd);
    return fd < 0;
}

/* ---- Replies ---- */

/* 1: a byte; 0: closed; -1: nothing came. */
static int read_byte(int fd, char *c, int ms) {
    struct pollfd p = {fd, POLLIN, 0};
    if (poll(&p, 1, ms) <= 0)
        return -1;
    return recv(fd, c, 1, 0) == 1;
}

static void read_body(int fd, struct reply *r, size_t size) {
    while (r->body.size < size) {
        struct pollfd p = {fd, POLLIN, 0};
        size_t left = size - r->body.size;
        ssize_t n =
            poll(&p, 1, PATIENCE) > 0 ? recv(fd, buffer_reserve(&r->body, left), left, 0) : 0;
        if (n <= 0)
            fail_msg("body ended after %zu of %zu bytes", r->body.size, size);
        r->body.size += (size_t)n;
    }
}

struct reply peer_read(int fd, bool head_only) {
    struct reply r = {0};
    size_t n = 0;
    while (n < 4 || memcmp(r.head + n - 4, "\r\n\r\n", 4) != 0) {
        int got = read_byte(fd, &r.head[n], PATIENCE);
        if (got <= 0) {
            assert_int_equal(n, 0);
            r.status = got;
            return r;
        }
        assert_true(++n < sizeof r.head);
    }
    r.head[n] = '\0';
    assert_int_equal(sscanf(r.head, "HTTP/1.1 %3d", &r.status), 1);
    const char *length = reply_header(&r, "Content-Length");
    if (length != NULL && !head_only)
        read_body(fd, &r, strtoul(length, NULL, 10));
    buffer_add_char(&r.body, '\0');
    r.body.size--;
    return r;
}

int peer_status(int fd) {
    struct reply r = peer_read(fd, false);
    buffer_free(&r.body);
    return r.status;
}

bool peer_closes(int fd, int ms) {
    char c;
    return read_byte(fd, &c, ms) == 0;
}

const char *reply_header(const struct reply *r, const char *name) {
    static char value[4000];
    size_t size = strlen(name);
    for (const char *line = strstr(r->head, "\r\n"); line && line[2]; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, size) != 0 || line[size] != ':')
            continue;
        snprintf(value, sizeof value, "%.*s", (int)strcspn(line + size + 2, "\r"), line + size + 2);
        return value;
    }
    return NULL;
}

struct reply peer_ask(const char *request) {
    int fd = peer_connect();
    assert_true(fd >= 0);
    peer_send_text(fd, request);
    struct reply r = peer_read(fd, strncmp(request, "HEAD ", 5) == 0);
    close(fd);
    return r;
}
