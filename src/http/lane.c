#include "http/lane.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "http/dispatch.h"
#include "http/flight.h"
#include "http/loop.h"
#include "http/server.h"

/* Password hashing gives way to everything else. */
#define HASH_NICE 10

/* A push wakes one sleeper at most; a worker that was woken and leaves something in the queue wakes
 * the next. So a burst costs the loop one system call, and nobody wakes for nothing. */
struct lane_queue {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    struct flight *first, *last;
    unsigned waiting, limit;
    unsigned sleepers;
    bool waking; /* a sleeper was called and is not there yet */
    bool stopping;
};

struct worker {
    struct lanes *lanes;
    enum lane lane;
    pthread_t thread;
};

struct lanes {
    struct http_server *server;
    struct lane_queue queues[LANE_COUNT];
    struct worker *workers;
    unsigned worker_count, started;
};

static void wake_one(struct lane_queue *q) {
    if (q->sleepers == 0 || q->waking)
        return;
    q->waking = true;
    pthread_cond_signal(&q->condition);
}

bool lanes_has(const struct lanes *lanes, enum lane lane) {
    return lanes->server->config.workers[lane] > 0;
}

bool lanes_push(struct lanes *lanes, enum lane lane, struct flight *f) {
    struct lane_queue *q = &lanes->queues[lane];
    pthread_mutex_lock(&q->mutex);
    bool room = q->waiting < q->limit;
    if (room) {
        f->next = NULL;
        *(q->first ? &q->last->next : &q->first) = f;
        q->last = f;
        q->waiting++;
        wake_one(q);
    }
    pthread_mutex_unlock(&q->mutex);
    return room;
}

/* NULL when the lane ends. */
static struct flight *pop(struct lane_queue *q) {
    pthread_mutex_lock(&q->mutex);
    while (q->first == NULL && !q->stopping) {
        q->sleepers++;
        pthread_cond_wait(&q->condition, &q->mutex);
        q->sleepers--;
        q->waking = false;
    }
    struct flight *f = q->first;
    if (f != NULL) {
        q->first = f->next;
        q->waiting--;
        if (q->first != NULL)
            wake_one(q);
    }
    pthread_mutex_unlock(&q->mutex);
    return f;
}

static void set_up_thread(enum lane lane) {
    static const char *const names[LANE_COUNT] = {"read", "scan", "write", "hash"};
    pthread_setname_np(pthread_self(), names[lane]);
    if (lane == LANE_HASH)
        setpriority(PRIO_PROCESS, (id_t)gettid(), HASH_NICE);
}

static void *work(void *argument) {
    struct worker *w = argument;
    struct http_server *server = w->lanes->server;
    const struct http_service *service = &server->service;
    set_up_thread(w->lane);
    void *state = service->thread_open(service->self);
    gate_report(&server->gate, state != NULL);
    if (state == NULL)
        return NULL;
    struct flight *f;
    while ((f = pop(&w->lanes->queues[w->lane])) != NULL)
        service->handle(service->self, state, &f->exchange);
    service->thread_close(service->self, state);
    return NULL;
}

static void queue_open(struct lane_queue *q, unsigned limit) {
    pthread_mutex_init(&q->mutex, NULL);
    pthread_cond_init(&q->condition, NULL);
    q->limit = limit;
}

static void start_workers(struct lanes *lanes, enum lane lane) {
    for (unsigned i = 0; i < lanes->server->config.workers[lane]; i++) {
        struct worker *w = &lanes->workers[lanes->started];
        *w = (struct worker){.lanes = lanes, .lane = lane};
        if (pthread_create(&w->thread, NULL, work, w) != 0)
            return;
        lanes->started++;
    }
}

enum err lanes_start(struct lanes **out, struct http_server *server) {
    struct lanes *lanes = calloc(1, sizeof *lanes);
    if (lanes == NULL)
        log_fatal("out of memory");
    lanes->server = server;
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        queue_open(&lanes->queues[lane], server->config.queue_limit[lane]);
        lanes->worker_count += server->config.workers[lane];
    }
    lanes->workers = calloc(lanes->worker_count + 1, sizeof *lanes->workers);
    if (lanes->workers == NULL)
        log_fatal("out of memory");
    for (enum lane lane = 0; lane < LANE_COUNT; lane++)
        start_workers(lanes, lane);
    *out = lanes;
    if (gate_wait(&server->gate, lanes->started) && lanes->started == lanes->worker_count)
        return OK;
    log_line(LOG_ERROR, "worker threads could not be started");
    return ERR_UNAVAILABLE;
}

void lanes_cancel(struct lanes *lanes) {
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        struct lane_queue *q = &lanes->queues[lane];
        pthread_mutex_lock(&q->mutex);
        struct flight *f = q->first;
        q->first = NULL;
        q->waiting = 0;
        pthread_mutex_unlock(&q->mutex);
        while (f != NULL) {
            struct flight *next = f->next;
            dispatch_refuse(f);
            loop_post(f, NEWS_DONE);
            f = next;
        }
    }
}

void lanes_stop(struct lanes *lanes) {
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        pthread_mutex_lock(&lanes->queues[lane].mutex);
        lanes->queues[lane].stopping = true;
        pthread_cond_broadcast(&lanes->queues[lane].condition);
        pthread_mutex_unlock(&lanes->queues[lane].mutex);
    }
    for (unsigned i = 0; i < lanes->started; i++)
        pthread_join(lanes->workers[i].thread, NULL);
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        pthread_mutex_destroy(&lanes->queues[lane].mutex);
        pthread_cond_destroy(&lanes->queues[lane].condition);
    }
    free(lanes->workers);
    free(lanes);
}
