/* An event loop with its thread, its connections and its spare memory. Only its own thread touches
 * it, but for the mailbox. */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include <pthread.h>
#include <uv.h>

#include "base/meter.h"
#include "http/connection.h"
#include "http/flight.h"
#include "http/listen.h"
#include "http/server.h"
#include "http/tls.h"

struct loop_listener {
    struct loop *loop;
    const struct listener *listener;
    int fd;
    uv_poll_t readable;
    uv_timer_t pause; /* while nobody can be accepted */
};

struct connection_list {
    struct connection *first, *last;
};

#define LOOP_SIGNALS   3
#define LOOP_DATE_SIZE 29 /* "Sun, 06 Nov 1994 08:49:37 GMT" */

struct loop {
    struct http_server *server;
    unsigned index;
    pthread_t thread;
    void *state; /* the service's, for lanes without threads of their own */
    uv_loop_t uv;
    uv_async_t wake;
    uv_prepare_t wait; /* before the loop waits for input */
    uv_check_t turn;   /* behind the input of every turn */
    uv_timer_t sweep;
    uv_signal_t signals[LOOP_SIGNALS]; /* on loop 0; .data is NULL in those not in use */
    struct loop_listener *listeners;
    unsigned listener_count;

    struct connection_list lists[CONNECTION_STATES];
    unsigned connections;
    struct meter requests; /* received whole; others may read it */
    unsigned away;         /* flights that will come back through the mailbox */
    struct flight *spare;
    unsigned spare_count;
    struct flight *ready_first, *ready_last; /* to be run here at the end of the turn */
    struct flight *handling;                 /* whose handle() runs on this thread right now */

    enum server_phase phase;
    uint64_t phase_deadline; /* ms of uv_now */
    bool opened;             /* uv is initialised */
    bool closing;            /* its own handles are being closed */
    uint64_t error_logged;   /* ms of uv_now */

    uint64_t id_count, id_key;
    char date[LOOP_DATE_SIZE + 1];
    char read_buffer[HTTP_READ_SIZE];
    char clear[TLS_RECORD_MAX]; /* what was encrypted in it */

    pthread_mutex_t mailbox_mutex;
    struct flight *mailbox_first, *mailbox_last;
    bool over; /* `wake` must not be used any more */
};

/* Initialises a loop of a server; no thread yet. */
enum err loop_open(struct loop *loop, struct http_server *server, unsigned index);

/* Runs the thread; it reports to server->gate once it accepts connections, or cannot. */
enum err loop_start(struct loop *loop);

/* After its thread has ended, or was never started. False, and nothing is freed, when flights of it
 * are still lent to the service. */
bool loop_close(struct loop *loop);

/* Its listening sockets (accept.c): start accepting; serve who waits and stop; forget. */
enum err loop_listeners_open(struct loop *loop);
void loop_listener_drain(struct loop_listener *l);
void loop_listeners_free(struct loop *loop);

/* libuv has let go of a connection. */
void loop_connection_closed(struct loop *loop);

/* Has a flight run at the end of the turn, together with the others. Until then it is away. */
void loop_ready(struct flight *f);

/* Hands a flight to its loop. Any thread. */
void loop_post(struct flight *f, enum flight_news news);

/* Looks at server->phase. Any thread. */
void loop_wake(struct loop *loop);

/* Whether the calling thread is that loop's. */
bool loop_is_here(const struct loop *loop);

/* A fresh request id: 16 hexadecimal digits, unique while the server runs. */
void loop_request_id(struct loop *loop, char out[FLIGHT_ID_SIZE]);

#endif
