/* A server with a service that echoes, and a client that speaks raw bytes to it. */
#ifndef TEST_HTTP_PEER_H
#define TEST_HTTP_PEER_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/buffer.h"
#include "http/http.h"

/* The service answers by path:
 *   /echo…    200, on the loop: method, path, query, body, client and so on as lines
 *   /scan /write /hash   the same on that lane
 *   /move     starts on the loop, moves to the hash lane
 *   /later    is handed to a thread of its own, which answers after a moment
 *   /wait     on the hash lane: waits until the test posts `release`
 *   /hold     the same on the loop, /scan/hold on the scan lane
 *   /status   the status that the query says
 *   /big      as many bytes as the query says
 *   /empty    204
 *   anything else   404 from route(), with Allow when the method is OPTIONS
 * What is handled has a header X-Ahead: how many requests ahead() had seen by then in the round. */
struct peer {
    struct http_server *server;
    unsigned port;
    pthread_t thread; /* sits in http_run */
    sem_t release;
    atomic_int routed, handled, refused, opened, closed;
};

extern struct peer peer;

/* `config` without listens listens on 127.0.0.1, any port. */
void peer_start(struct http_config config);
/* Drains and frees. */
void peer_stop(void);

int peer_connect(void);
/* With so small a receive buffer that the server sees it when the client reads. */
int peer_connect_window(int size);
void peer_send(int fd, const char *bytes, size_t size);
void peer_send_text(int fd, const char *s);

/* These wait for what the server does at its end of a connection, which is in this process too.
 * They give up after some seconds, and what follows fails. */

/* Until it has read all that was sent, or has answered or closed. */
void peer_taken(int fd);
/* Until it has sent so many bytes that nobody has read yet. */
void peer_filled(int fd, size_t size);
/* Until its end is gone. */
void peer_left(int fd);
/* Closes, and waits until the server has closed its end too. */
void peer_close(int fd);
/* Whether new connections come to be refused. */
bool peer_refuses(void);

struct reply {
    int status;       /* 0: closed before a reply; -1: nothing came in time */
    char head[20000]; /* status line and headers, NUL-terminated */
    struct buffer body;
};

/* The next reply; `head_only` when the request was HEAD. The caller frees body. */
struct reply peer_read(int fd, bool head_only);
/* Its status alone. */
int peer_status(int fd);
/* Whether the server closes within `ms`, sending nothing more. */
bool peer_closes(int fd, int ms);
/* The value of a header of the reply, NULL when absent; static. */
const char *reply_header(const struct reply *r, const char *name);

/* One request on a connection of its own. */
struct reply peer_ask(const char *request);

#endif
