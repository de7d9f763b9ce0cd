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

/* Exchanges that a thread takes from its queue at once, to fetch together what they need. Point
 * reads come in crowds, and no one of them keeps those behind it waiting for long; writers leave a
 * share to the threads that sleep; what is slow is taken alone. */
#define BATCH_MAX 16
static const unsigned batch_limit[LANE_COUNT] = {
    [LANE_READ] = BATCH_MAX, [LANE_SCAN] = 1, [LANE_WRITE] = 8, [LANE_HASH] = 1};

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

void lanes_depth(struct lanes *lanes, enum lane lane, unsigned *depth, unsigned *limit) {
    struct lane_queue *q = &lanes->queues[lane];
    pthread_mutex_lock(&q->mutex);
    *depth = q->waiting;
    *limit = q->limit;
    pthread_mutex_unlock(&q->mutex);
}

static unsigned share(const struct lane_queue *q, enum lane lane) {
    unsigned fair = q->waiting / (q->sleepers + 1), limit = batch_limit[lane];
    if (lane == LANE_WRITE && fair < limit)
        limit = fair;
    return limit > 0 ? limit : 1;
}

/* Takes one flight, or some when there is something to be gained; none when the lane ends. */
static unsigned pop(struct lane_queue *q, enum lane lane, bool some, struct flight **out) {
    pthread_mutex_lock(&q->mutex);
    while (q->first == NULL && !q->stopping) {
        q->sleepers++;
        pthread_cond_wait(&q->condition, &q->mutex);
        q->sleepers--;
        q->waking = false;
    }
    unsigned count = 0, limit = some ? share(q, lane) : 1;
    for (; q->first != NULL && count < limit; q->first = q->first->next)
        out[count++] = q->first;
    q->waiting -= count;
    if (q->first != NULL)
        wake_one(q);
    pthread_mutex_unlock(&q->mutex);
    return count;
}

static void refuse(struct flight *f) {
    dispatch_refuse(f);
    loop_post(f, NEWS_DONE);
}

/* Those whose turn has not come when the server ends are refused like those in the queue. */
static void run(struct http_server *server, void *state, struct flight *const *batch,
                unsigned count) {
    const struct http_service *service = &server->service;
    for (unsigned i = 0; service->ahead && i < count; i++)
        service->ahead(service->self, state, &batch[i]->exchange);
    service->handle(service->self, state, &batch[0]->exchange);
    for (unsigned i = 1; i < count; i++) {
        if (atomic_load(&server->phase) == PHASE_END)
            refuse(batch[i]);
        else
            service->handle(service->self, state, &batch[i]->exchange);
    }
    if (service->round_end)
        service->round_end(service->self, state);
}

const char *lane_name(enum lane lane) {
    static const char *const names[LANE_COUNT] = {
        [LANE_READ] = "read", [LANE_SCAN] = "scan", [LANE_WRITE] = "write", [LANE_HASH] = "hash"};
    return names[lane];
}

static void set_up_thread(enum lane lane) {
    pthread_setname_np(pthread_self(), lane_name(lane));
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
    struct lane_queue *q = &w->lanes->queues[w->lane];
    struct flight *batch[BATCH_MAX];
    unsigned count;
    while ((count = pop(q, w->lane, service->ahead != NULL, batch)) > 0)
        run(server, state, batch, count);
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
        log_out_of_memory(0);
    lanes->server = server;
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        queue_open(&lanes->queues[lane], server->config.queue_limit[lane]);
        lanes->worker_count += server->config.workers[lane];
    }
    lanes->workers = calloc(lanes->worker_count + 1, sizeof *lanes->workers);
    if (lanes->workers == NULL)
        log_out_of_memory(0);
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
            refuse(f);
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
