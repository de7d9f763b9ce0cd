#include "http/loop.h"

#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/random.h"
#include "http/dispatch.h"
#include "http/lane.h"
#include "http/serve.h"

/* Bounds of the interval at which deadlines are looked at, in ms. */
#define SWEEP_MIN 10
#define SWEEP_MAX 500

/* Nobody should wait for a server that ends. */
#define SWEEP_DRAIN 25

/* Rounds of requests that replies let in, before sockets have their turn again. */
#define ROUNDS_MAX 32

/* How long an ended server waits for handlers that still run, in ms. */
#define END_WAIT 5000

static _Thread_local const struct loop *this_loop;

bool loop_is_here(const struct loop *loop) {
    return this_loop == loop;
}

/* Multiplying by an odd number visits every 64-bit number once. */
void loop_request_id(struct loop *loop, char out[FLIGHT_ID_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    uint64_t n = (loop->id_key + loop->id_count++) * 0x9e3779b97f4a7c15;
    for (int i = 0; i < FLIGHT_ID_SIZE; i++, n >>= 4)
        out[i] = digits[n & 15];
}

static void refresh_date(struct loop *loop) {
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(loop->date, sizeof loop->date, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

static void on_handle_closed(uv_handle_t *handle) {
    (void)handle;
}

static void close_handle(uv_handle_t *handle) {
    if (!uv_is_closing(handle))
        uv_close(handle, on_handle_closed);
}

static void set_over(struct loop *loop) {
    pthread_mutex_lock(&loop->mailbox_mutex);
    loop->over = true;
    pthread_mutex_unlock(&loop->mailbox_mutex);
    atomic_fetch_sub(&loop->server->running, 1);
    if (loop->index != 0)
        loop_wake(&loop->server->loops[0]);
}

/* Loop 0 hears the second signal, so it goes last. Without handles uv_run returns. */
static void end_if_over(struct loop *loop) {
    if (loop->phase == PHASE_RUN || loop->closing || loop->connections > 0 || loop->away > 0)
        return;
    if (loop->index == 0 && atomic_load(&loop->server->running) > 1)
        return;
    loop->closing = true;
    set_over(loop);
    close_handle((uv_handle_t *)&loop->wake);
    close_handle((uv_handle_t *)&loop->wait);
    close_handle((uv_handle_t *)&loop->turn);
    close_handle((uv_handle_t *)&loop->sweep);
    if (loop->index == 0)
        for (int i = 0; i < LOOP_SIGNALS; i++)
            if (loop->signals[i].data != NULL)
                close_handle((uv_handle_t *)&loop->signals[i]);
}

void loop_connection_closed(struct loop *loop) {
    ASSERT(loop->connections > 0);
    loop->connections--;
    atomic_fetch_sub_explicit(&loop->server->connections, 1, memory_order_relaxed);
    end_if_over(loop);
}

void loop_post(struct flight *f, enum flight_news news) {
    struct loop *loop = f->loop;
    f->news = news;
    f->next = NULL;
    pthread_mutex_lock(&loop->mailbox_mutex);
    bool was_empty = loop->mailbox_first == NULL;
    *(was_empty ? &loop->mailbox_first : &loop->mailbox_last->next) = f;
    loop->mailbox_last = f;
    if (was_empty && !loop->over)
        uv_async_send(&loop->wake);
    pthread_mutex_unlock(&loop->mailbox_mutex);
}

void loop_wake(struct loop *loop) {
    pthread_mutex_lock(&loop->mailbox_mutex);
    if (!loop->over)
        uv_async_send(&loop->wake);
    pthread_mutex_unlock(&loop->mailbox_mutex);
}

static struct flight *take_mail(struct loop *loop) {
    pthread_mutex_lock(&loop->mailbox_mutex);
    struct flight *f = loop->mailbox_first;
    loop->mailbox_first = NULL;
    pthread_mutex_unlock(&loop->mailbox_mutex);
    return f;
}

static void deliver(struct loop *loop, struct flight *f) {
    ASSERT(f->magic == FLIGHT_MAGIC && f->loop == loop && loop->away > 0);
    if (f->news == NEWS_MOVED) {
        loop_ready(f);
        return;
    }
    loop->away--;
    f->done = f->news == NEWS_DONE;
    if (f->connection != NULL)
        serve_news(f->connection, f);
    else
        flight_release(f);
}

/* ---- What runs on the loop itself ------------------------------------------------------------ */

void loop_ready(struct flight *f) {
    struct loop *loop = f->loop;
    f->next = NULL;
    *(loop->ready_first ? &loop->ready_last->next : &loop->ready_first) = f;
    loop->ready_last = f;
}

/* Runs all that is ready. What is answered is put in a list of its own: the others have been lent
 * to another thread, and are not to be touched. */
static struct flight *run_ready(struct loop *loop) {
    const struct http_service *service = &loop->server->service;
    struct flight *answered = NULL, **end = &answered;
    if (service->turn_begin)
        service->turn_begin(service->self, loop->state);
    for (struct flight *f = loop->ready_first, *next; f != NULL; f = next) {
        next = f->next;
        dispatch_here(f);
        if (f->done) {
            *end = f;
            end = &f->next;
        }
    }
    *end = NULL;
    loop->ready_first = NULL;
    if (service->turn_end)
        service->turn_end(service->self, loop->state);
    return answered;
}

/* Requests are run when all input of the turn has been read: together they cost the service one
 * look at the database's state instead of one each. */
static void take_turn(struct loop *loop) {
    for (int round = 0; loop->ready_first != NULL && round < ROUNDS_MAX; round++) {
        for (struct flight *f = run_ready(loop), *next; f != NULL; f = next) {
            next = f->next;
            f->news = NEWS_DONE;
            deliver(loop, f);
        }
    }
    if (loop->ready_first != NULL)
        loop_wake(loop);
    end_if_over(loop);
}

static void on_turn(uv_check_t *check) {
    take_turn(check->data);
}

/* What became ready since, by a write that libuv has found complete: nothing else would wake the
 * loop for it. */
static void on_wait(uv_prepare_t *prepare) {
    take_turn(prepare->data);
}

static void close_connections(struct loop *loop) {
    for (int state = 0; state < CONNECTION_STATES; state++)
        while (loop->lists[state].first != NULL)
            connection_close(loop->lists[state].first);
}

static void on_sweep(uv_timer_t *timer);

static void enter_drain(struct loop *loop) {
    loop->phase_deadline = uv_now(&loop->uv) + loop->server->config.drain_timeout;
    for (unsigned i = 0; i < loop->listener_count; i++)
        loop_listener_drain(&loop->listeners[i]);
    connection_drain(loop);
    uv_timer_start(&loop->sweep, on_sweep, SWEEP_DRAIN, SWEEP_DRAIN);
}

static void follow_phase(struct loop *loop) {
    enum server_phase phase = (enum server_phase)atomic_load(&loop->server->phase);
    if (loop->phase == PHASE_RUN && phase > PHASE_RUN) {
        loop->phase = PHASE_DRAIN;
        enter_drain(loop);
    }
    if (loop->phase == PHASE_DRAIN && phase == PHASE_END) {
        loop->phase = PHASE_END;
        loop->phase_deadline = uv_now(&loop->uv) + END_WAIT;
        close_connections(loop);
    }
}

static void on_wake(uv_async_t *wake) {
    struct loop *loop = wake->data;
    follow_phase(loop);
    for (struct flight *f = take_mail(loop), *next; f != NULL; f = next) {
        next = f->next;
        deliver(loop, f);
    }
    end_if_over(loop);
}

static void expire(struct loop *loop, struct connection_list *list) {
    uint64_t now = uv_now(&loop->uv);
    while (list->first != NULL && list->first->deadline <= now)
        connection_expire(list->first);
}

/* Gives up on flights that do not come back; they and the loop are never freed. */
static void abandon(struct loop *loop) {
    log_line(LOG_WARN, "%u requests were still running at the end", loop->away);
    set_over(loop);
    uv_stop(&loop->uv);
}

static void check_phase_deadline(struct loop *loop) {
    if (loop->phase == PHASE_RUN || uv_now(&loop->uv) < loop->phase_deadline)
        return;
    if (loop->phase == PHASE_DRAIN)
        server_enter(loop->server, PHASE_END);
    else if (loop->away > 0)
        abandon(loop);
}

static void on_sweep(uv_timer_t *timer) {
    struct loop *loop = timer->data;
    refresh_date(loop);
    for (int state = 0; state < CONNECTION_STATES; state++)
        if (state != CONNECTION_BUSY)
            expire(loop, &loop->lists[state]);
    check_phase_deadline(loop);
    end_if_over(loop);
}

static void on_signal(uv_signal_t *handle, int signal) {
    struct loop *loop = handle->data;
    if (signal == SIGHUP) {
        identity_reload(loop->server->identity);
        return;
    }
    bool again = atomic_load(&loop->server->phase) != PHASE_RUN;
    log_line(LOG_INFO, "signal=%d %s", signal, again ? "ending at once" : "draining");
    server_enter(loop->server, again ? PHASE_END : PHASE_DRAIN);
}

static unsigned sweep_interval(const struct http_config *config) {
    unsigned timeouts[] = {config->header_timeout, config->body_timeout, config->idle_timeout,
                           config->write_timeout, config->drain_timeout};
    unsigned interval = SWEEP_MAX;
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++)
        if (timeouts[i] / 4 < interval)
            interval = timeouts[i] / 4;
    return interval < SWEEP_MIN ? SWEEP_MIN : interval;
}

static int open_signals(struct loop *loop) {
    static const int numbers[LOOP_SIGNALS] = {SIGTERM, SIGINT, SIGHUP};
    for (int i = 0; i < LOOP_SIGNALS; i++) {
        if (numbers[i] == SIGHUP && loop->server->identity == NULL)
            continue; /* there is nothing to reload: it ends the process, as it always does */
        int result = uv_signal_init(&loop->uv, &loop->signals[i]);
        loop->signals[i].data = loop;
        if (result == 0)
            result = uv_signal_start(&loop->signals[i], on_signal, numbers[i]);
        if (result != 0)
            return result;
    }
    return 0;
}

static int open_handles(struct loop *loop) {
    int result = uv_async_init(&loop->uv, &loop->wake, on_wake);
    if (result != 0)
        return result;
    loop->wake.data = loop;
    loop->over = false;
    uv_check_init(&loop->uv, &loop->turn);
    loop->turn.data = loop;
    uv_check_start(&loop->turn, on_turn);
    uv_prepare_init(&loop->uv, &loop->wait);
    loop->wait.data = loop;
    uv_prepare_start(&loop->wait, on_wait);
    uv_timer_init(&loop->uv, &loop->sweep);
    loop->sweep.data = loop;
    unsigned interval = sweep_interval(&loop->server->config);
    uv_timer_start(&loop->sweep, on_sweep, interval, interval);
    return loop->index == 0 ? open_signals(loop) : 0;
}

enum err loop_open(struct loop *loop, struct http_server *server, unsigned index) {
    loop->server = server;
    loop->index = index;
    loop->id_key = random_number();
    loop->over = true; /* until it can be woken */
    pthread_mutex_init(&loop->mailbox_mutex, NULL);
    refresh_date(loop);
    int result = uv_loop_init(&loop->uv);
    if (result == 0) {
        loop->opened = true;
        result = open_handles(loop);
    }
    if (result == 0)
        return OK;
    log_line(LOG_ERROR, "event loop: %s", uv_strerror(result));
    return ERR_UNAVAILABLE;
}

/* Lanes without threads of their own run here. */
static bool needs_state(const struct loop *loop) {
    for (enum lane lane = 0; lane < LANE_COUNT; lane++)
        if (!lanes_has(loop->server->lanes, lane))
            return true;
    return false;
}

static bool set_up(struct loop *loop) {
    const struct http_service *service = &loop->server->service;
    char name[16];
    snprintf(name, sizeof name, "loop-%u", loop->index % 10000);
    pthread_setname_np(pthread_self(), name);
    if (needs_state(loop) && (loop->state = service->thread_open(service->self)) == NULL)
        return false;
    return loop_listeners_open(loop) == OK;
}

static void *run(void *argument) {
    struct loop *loop = argument;
    const struct http_service *service = &loop->server->service;
    this_loop = loop;
    bool ready = set_up(loop);
    if (ready)
        atomic_fetch_add(&loop->server->running, 1);
    gate_report(&loop->server->gate, ready);
    if (ready)
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    if (loop->state != NULL)
        service->thread_close(service->self, loop->state);
    return NULL;
}

enum err loop_start(struct loop *loop) {
    if (pthread_create(&loop->thread, NULL, run, loop) == 0)
        return OK;
    log_line(LOG_ERROR, "no thread for an event loop");
    return ERR_UNAVAILABLE;
}

static void close_walked(uv_handle_t *handle, void *unused) {
    (void)unused;
    close_handle(handle);
}

bool loop_close(struct loop *loop) {
    if (loop->away > 0)
        return false;
    if (loop->opened) {
        uv_walk(&loop->uv, close_walked, NULL);
        uv_run(&loop->uv, UV_RUN_DEFAULT);
        ASSERT(uv_loop_close(&loop->uv) == 0);
    }
    for (struct flight *f = loop->spare, *next; f != NULL; f = next) {
        next = f->next;
        flight_free(f);
    }
    loop_listeners_free(loop);
    pthread_mutex_destroy(&loop->mailbox_mutex);
    return true;
}
