#include "api/service.h"

#include <jansson.h>
#include <stdlib.h>

#include "api/ahead.h"
#include "api/credential.h"
#include "api/once.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "core/throttle.h"

#define TRIES 3 /* at a request that others stand in the way of */

struct service {
    struct core *core;
    struct router *router;
    struct origins origins;
    struct service_host host;
};

/* ---- Finding the route ----------------------------------------------------------------------- */

static enum lane refuse(struct exchange *x, enum err e, unsigned allow) {
    response_error(&x->response, e, NULL, NULL, 0);
    x->response.allow = allow;
    return LANE_DONE;
}

static enum lane answer_options(struct exchange *x, unsigned allow) {
    x->response.status = 204;
    x->response.allow = allow;
    return LANE_DONE;
}

/* A transaction is on its way: the open group waits for it. */
static void announce(struct call *c) {
    db_announce(c->ctx.core->database);
    c->announced = true;
}

static void retire(struct core *core, bool announced) {
    if (announced)
        db_retire(core->database);
}

static enum lane service_route(void *self, struct exchange *x) {
    struct service *s = self;
    struct http_request *request = &x->request;
    unsigned index = 0, allow = 0;
    enum route_result found = router_find(s->router, request->method, request->path,
                                          request->surfaces, &index, request->params, &allow);
    if (found == ROUTE_UNKNOWN)
        return refuse(x, ERR_NOT_FOUND, 0);
    if (request->method == HTTP_OPTIONS)
        return answer_options(x, allow);
    if (found == ROUTE_WRONG_METHOD)
        return refuse(x, ERR_METHOD, allow);

    struct call *c = ARENA_NEW(&x->arena, struct call);
    c->x = x;
    c->ctx.core = s->core;
    c->router = s->router;
    c->host = &s->host;
    c->route = routes_at(index);
    c->lane = c->route->lane;
    x->call = c;
    if (c->lane == LANE_WRITE)
        announce(c);
    return c->lane;
}

static void service_refused(void *self, struct exchange *x) {
    struct service *s = self;
    struct call *c = x->call;
    retire(s->core, c->announced);
}

/* ---- The steps of a request ------------------------------------------------------------------ */

/* Takes its share of a budget once, however many lanes the request is run on. */
static enum err step_rate(struct call *c) {
    static const char *const budgets[] = {[RATE_REGISTER] = "registration", [RATE_EMAIL] = "email"};
    const struct core *core = c->ctx.core;
    if (c->route->rate == RATE_NONE || !core->policy.rate_limit || c->lane != c->route->lane)
        return OK;
    return throttle_take(&c->ctx, budgets[c->route->rate], &c->x->request.client, &c->retry);
}

static enum err handle(struct call *c) {
    void *in;
    if (once_asked(c))
        return once_run(c);
    TRY(input_read(c, &in));
    return call_run(c, in);
}

/* ERR_AGAIN: nothing has been written, and whoever stood in the way has gone on. In a crowd
 * somebody else may stand there next time. */
static enum err handle_here(struct call *c) {
    enum err e = ERR_AGAIN;
    for (int tries = 0; tries < TRIES && e == ERR_AGAIN; tries++)
        e = handle(c);
    return e;
}

/* What a standby could not answer is asked once more of the primary. */
static enum err step_handler(struct call *c) {
    if (!c->route->standby)
        return handle_here(c);
    db_replica_on(c->ctx.db);
    enum err e = handle(c);
    return db_replica_off(c->ctx.db) ? e : handle_here(c);
}

static enum err run(const struct service *s, struct call *c) {
    TRY(step_rate(c));
    TRY(credential_read(c, &s->origins));
    TRY(credential_authorise(c));
    return step_handler(c);
}

/* ---- The answer ------------------------------------------------------------------------------ */

static void answer(struct call *c, enum err e) {
    struct http_response *response = &c->x->response;
    if (e != OK)
        response_error(response, e, c->field, c->message, c->retry);
    if (c->set_cookie)
        response_header(response, "Set-Cookie", text_of(c->set_cookie));
}

/* What the request wrote is on disk, or lost: only now may the client be told. */
static void settled(struct db_ticket *ticket, enum err result) {
    struct call *c = (struct call *)((char *)ticket - offsetof(struct call, ticket));
    struct exchange *x = c->x;
    if (result != OK) {
        buffer_clear(&x->response.headers, SIZE_MAX);
        response_error(&x->response, ERR_UNAVAILABLE, NULL, NULL, 1);
    }
    http_done(x);
}

/* The exchange may be gone as soon as it is handed over. */
static void finish(struct call *c, struct db *db) {
    struct core *core = c->ctx.core;
    bool announced = c->announced;
    if (db_pending(db)) {
        c->ticket.settled = settled;
        db_settle(db, &c->ticket);
    } else {
        http_done(c->x);
    }
    retire(core, announced);
}

static void move_to_hash_lane(struct call *c) {
    ASSERT(c->lane != LANE_HASH);
    retire(c->ctx.core, c->announced);
    c->announced = false;
    c->lane = LANE_HASH;
    http_move(c->x, LANE_HASH);
}

static struct call *take_up(struct exchange *x, struct db *db) {
    struct call *c = x->call;
    c->ctx.db = db;
    c->ctx.arena = &x->arena;
    c->ctx.now = clock_now();
    db_use(db, &x->arena);
    return c;
}

static void service_ahead(void *self, void *thread, struct exchange *x) {
    (void)self;
    call_ahead(take_up(x, thread));
}

static void service_round_end(void *self, void *thread) {
    (void)self;
    db_round_end(thread);
}

static void service_handle(void *self, void *thread, struct exchange *x) {
    const struct service *s = self;
    struct db *db = thread;
    struct call *c = take_up(x, db);
    enum err e = run(s, c);
    if (e == ERR_WANTS_HASH_LANE) {
        move_to_hash_lane(c);
        return;
    }
    answer(c, e);
    finish(c, db);
}

/* What a loop answers in one turn is read from one state of the database. That takes SQLite's locks
 * once, not at every statement, and no request sees less than what was acknowledged before it came.
 */
static void service_turn_begin(void *self, void *thread) {
    (void)self;
    db_snapshot(thread); /* a failure is the first statement's to report */
}

static void service_turn_end(void *self, void *thread) {
    (void)self;
    db_snapshot_end(thread);
}

/* ---- The service ----------------------------------------------------------------------------- */

static void *service_thread_open(void *self) {
    struct service *s = self;
    struct db *db;
    return db_connect(&db, s->core->database) == OK ? db : NULL;
}

static void service_thread_close(void *self, void *thread) {
    (void)self;
    db_disconnect(thread);
}

struct service *service_new(struct core *core, const struct text *origins, unsigned origin_count) {
    json_set_alloc_funcs(memory_alloc, free); /* else what it cannot parse looks malformed */
    struct service *s = malloc(sizeof *s);
    if (!s)
        log_out_of_memory(0);
    *s = (struct service){
        .core = core,
        .router = router_new(routes_rows(), routes_count()),
        .origins = {origins, origin_count},
    };
    return s;
}

void service_host(struct service *s, const struct service_host *host) {
    s->host = *host;
}

void service_free(struct service *s) {
    if (!s)
        return;
    router_free(s->router);
    free(s);
}

struct http_service service_http(struct service *s) {
    bool far = !database_is_local(s->core->database);
    return (struct http_service){
        .self = s,
        .route = service_route,
        .handle = service_handle,
        .ahead = far ? service_ahead : NULL,
        .round_end = far ? service_round_end : NULL,
        .refused = service_refused,
        .turn_begin = service_turn_begin,
        .turn_end = service_turn_end,
        .thread_open = service_thread_open,
        .thread_close = service_thread_close,
    };
}

static const struct {
    const char *name;
    unsigned surface;
} surfaces[] = {
    {"careers", SURFACE_CAREERS}, {"app", SURFACE_APP},         {"backend", SURFACE_BACKEND},
    {"docs", SURFACE_DOCS},       {"console", SURFACE_CONSOLE},
};

unsigned service_surface(struct text name) {
    for (size_t i = 0; i < sizeof surfaces / sizeof *surfaces; i++)
        if (text_equal(name, text_of(surfaces[i].name)))
            return surfaces[i].surface;
    return 0;
}

const char *service_surface_name(unsigned index) {
    return index < sizeof surfaces / sizeof *surfaces ? surfaces[index].name : NULL;
}

unsigned service_all_surfaces(void) {
    unsigned all = 0;
    for (size_t i = 0; i < sizeof surfaces / sizeof *surfaces; i++)
        all |= surfaces[i].surface;
    return all;
}
