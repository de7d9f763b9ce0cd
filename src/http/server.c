#include "http/server.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "http/identity.h"
#include "http/lane.h"
#include "http/loop.h"

void gate_open(struct gate *gate) {
    pthread_mutex_init(&gate->mutex, NULL);
    pthread_cond_init(&gate->condition, NULL);
    gate->reports = 0;
    gate->failed = false;
}

void gate_close(struct gate *gate) {
    pthread_mutex_destroy(&gate->mutex);
    pthread_cond_destroy(&gate->condition);
}

void gate_report(struct gate *gate, bool ready) {
    pthread_mutex_lock(&gate->mutex);
    gate->reports++;
    gate->failed |= !ready;
    pthread_cond_signal(&gate->condition);
    pthread_mutex_unlock(&gate->mutex);
}

bool gate_wait(struct gate *gate, unsigned reports) {
    pthread_mutex_lock(&gate->mutex);
    while (gate->reports < reports)
        pthread_cond_wait(&gate->condition, &gate->mutex);
    gate->reports -= reports;
    bool ready = !gate->failed;
    pthread_mutex_unlock(&gate->mutex);
    return ready;
}

static unsigned core_count(void) {
    cpu_set_t cores;
    int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    return count > 0 ? (unsigned)count : 1;
}

static void set_default(unsigned *value, unsigned normal) {
    if (*value == 0)
        *value = normal;
}

static void set_defaults(struct http_config *config) {
    set_default(&config->loops, core_count());
    set_default(&config->connection_limit, 10000);
    set_default(&config->header_timeout, 10000);
    set_default(&config->body_timeout, 30000);
    set_default(&config->idle_timeout, 75000);
    set_default(&config->write_timeout, 30000);
    set_default(&config->drain_timeout, 30000);
    for (int lane = 0; lane < LANE_COUNT; lane++)
        set_default(&config->queue_limit[lane], 1024);
}

static enum err start_loops(struct http_server *server) {
    unsigned count = server->config.loops;
    server->loops = calloc(count, sizeof *server->loops);
    if (server->loops == NULL)
        log_out_of_memory(0);
    for (unsigned i = 0; i < count; i++) {
        server->loop_count++;
        TRY(loop_open(&server->loops[i], server, i));
    }
    for (unsigned i = 0; i < count; i++) {
        TRY(loop_start(&server->loops[i]));
        server->loops_started++;
    }
    return gate_wait(&server->gate, count) ? OK : ERR_UNAVAILABLE;
}

static bool has_tls(const struct http_config *config) {
    for (unsigned i = 0; i < config->listen_count; i++)
        if (config->listens[i].tls)
            return true;
    return false;
}

static enum err bind_all(struct http_server *server) {
    const struct http_config *config = &server->config;
    if (has_tls(config))
        TRY(identity_open(&server->identity, config->tls_certificate, config->tls_key));
    return listen_open(&server->listeners, config, config->loops);
}

enum err http_open(struct http_server **out, const struct http_config *config) {
    uv_replace_allocator(memory_alloc, memory_grow, memory_zero, free); /* libuv might abort */
    struct http_server *server = memory_zero(1, sizeof *server);
    server->config = *config;
    set_defaults(&server->config);
    gate_open(&server->gate);
    signal(SIGPIPE, SIG_IGN);
    enum err e = bind_all(server);
    if (e == OK)
        *out = server;
    else
        http_free(server);
    return e;
}

enum err http_begin(struct http_server *server, const unsigned workers[LANE_COUNT],
                    const struct http_service *service) {
    server->service = *service;
    memcpy(server->config.workers, workers, sizeof server->config.workers);
    TRY(lanes_start(&server->lanes, server));
    return start_loops(server);
}

enum err http_start(struct http_server **out, const struct http_config *config,
                    const struct http_service *service) {
    struct http_server *server;
    TRY(http_open(&server, config));
    enum err e = http_begin(server, config->workers, service);
    if (e == OK)
        *out = server;
    else
        http_free(server);
    return e;
}

unsigned http_port(const struct http_server *server, unsigned index) {
    for (unsigned i = 0; i < server->listeners.count; i++)
        if (server->listeners.at[i].index == index)
            return server->listeners.at[i].port;
    return 0;
}

void http_figures(struct http_server *server, struct http_figures *out) {
    int64_t now = clock_monotonic();
    *out = (struct http_figures){
        .connections = atomic_load_explicit(&server->connections, memory_order_relaxed)};
    for (unsigned i = 0; i < server->loop_count; i++) {
        out->requests += meter_total(&server->loops[i].requests);
        out->recent_requests += meter_recent(&server->loops[i].requests, now);
    }
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        if (!lanes_has(server->lanes, lane))
            continue;
        out->queues[lane].name = lane_name(lane);
        lanes_depth(server->lanes, lane, &out->queues[lane].depth, &out->queues[lane].limit);
    }
}

/* Whoever ends the server empties the queues, before clients see their connections close. */
void server_enter(struct http_server *server, enum server_phase phase) {
    int now = atomic_load(&server->phase);
    while (now < (int)phase && !atomic_compare_exchange_weak(&server->phase, &now, (int)phase))
        continue;
    if (phase == PHASE_END && now != PHASE_END && server->lanes != NULL)
        lanes_cancel(server->lanes);
    for (unsigned i = 0; i < server->loop_count; i++)
        loop_wake(&server->loops[i]);
}

void http_stop(struct http_server *server) {
    server_enter(server, PHASE_DRAIN);
}

void http_run(struct http_server *server) {
    ASSERT(!server->joined);
    for (unsigned i = 0; i < server->loops_started; i++)
        pthread_join(server->loops[i].thread, NULL);
    server->joined = true;
}

/* False: handlers still have exchanges. What they use stays. */
static bool free_loops(struct http_server *server) {
    for (unsigned i = 0; i < server->loop_count; i++)
        if (server->loops[i].away > 0)
            return false;
    for (unsigned i = 0; i < server->loop_count; i++)
        loop_close(&server->loops[i]);
    free(server->loops);
    return true;
}

bool http_free(struct http_server *server) {
    if (!server->joined) {
        server_enter(server, PHASE_END);
        http_run(server);
    }
    listen_close(&server->listeners);
    if (!free_loops(server))
        return false;
    if (server->lanes != NULL)
        lanes_stop(server->lanes);
    identity_close(server->identity);
    gate_close(&server->gate);
    free(server);
    return true;
}
