/* The server as its loops and lanes see it. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "http/http.h"
#include "http/listen.h"

struct identity;
struct lanes;
struct loop;

enum server_phase {
    PHASE_RUN,
    PHASE_DRAIN, /* no new connections; what was received is answered */
    PHASE_END,   /* connections are dropped */
};

/* Threads report here that they are ready, or cannot be. */
struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    unsigned reports;
    bool failed;
};

void gate_open(struct gate *gate);
void gate_close(struct gate *gate);
void gate_report(struct gate *gate, bool ready);
/* Waits until `reports` threads have reported. False when one of them could not. */
bool gate_wait(struct gate *gate, unsigned reports);

struct http_server {
    struct http_config config; /* with the defaults filled in */
    struct http_service service;
    struct identity *identity; /* NULL: no listener has TLS */
    struct listeners listeners;
    struct lanes *lanes;
    struct loop *loops;
    unsigned loop_count, loops_started;
    bool joined;
    struct gate gate;
    atomic_uint running; /* loops that have not ended */
    atomic_uint connections;
    atomic_int phase; /* enum server_phase; only ever moves forward */
};

/* Moves on to `phase` unless the server is there already. Any thread. */
void server_enter(struct http_server *server, enum server_phase phase);

#endif
