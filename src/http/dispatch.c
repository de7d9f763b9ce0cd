#include "http/dispatch.h"

#include "base/log.h"
#include "http/lane.h"
#include "http/loop.h"

/* While handle() runs on the loop, loop->handling tells http_done and http_move that no mailbox is
 * needed. A handler that gives the exchange to another thread leaves it set, so it is taken back
 * here; the other thread is never on this loop and does not look at it. */
void dispatch_here(struct flight *f) {
    struct loop *loop = f->loop;
    const struct http_service *service = &loop->server->service;
    loop->handling = f;
    service->handle(service->self, loop->state, &f->exchange);
    loop->handling = NULL;
}

static bool is_handled_here(const struct flight *f) {
    return loop_is_here(f->loop) && f->loop->handling == f;
}

void dispatch_refuse(struct flight *f) {
    const struct http_service *service = &f->loop->server->service;
    service->refused(service->self, &f->exchange);
    response_error(&f->exchange.response, ERR_UNAVAILABLE, NULL, NULL, 1);
}

static void hand_over(struct flight *f, enum lane lane) {
    f->lane = lane;
    struct lanes *lanes = f->loop->server->lanes;
    if (!lanes_has(lanes, lane)) {
        loop_ready(f);
    } else if (!lanes_push(lanes, lane, f)) {
        dispatch_refuse(f);
        f->done = true;
    }
}

void dispatch(struct flight *f) {
    struct exchange *x = &f->exchange;
    const struct http_service *service = &f->loop->server->service;
    meter_add(&f->loop->requests, 1, (int64_t)uv_now(&f->loop->uv) * 1000);
    if (text_equal(x->request.path, TEXT("*"))) {
        x->response.status = 204;
        x->response.allow =
            HTTP_GET | HTTP_HEAD | HTTP_POST | HTTP_PATCH | HTTP_DELETE | HTTP_OPTIONS;
        f->done = true;
        return;
    }
    enum lane lane = service->route(service->self, x);
    if (lane == LANE_DONE)
        f->done = true;
    else
        hand_over(f, lane);
}

void http_done(struct exchange *x) {
    struct flight *f = flight_of(x);
    ASSERT(f->magic == FLIGHT_MAGIC);
    if (is_handled_here(f)) {
        f->loop->handling = NULL;
        f->done = true;
    } else {
        loop_post(f, NEWS_DONE);
    }
}

/* A flight that is moved inline comes back through the mailbox, whichever lane it goes to: handle()
 * is still on the stack here. */
void http_move(struct exchange *x, enum lane lane) {
    struct flight *f = flight_of(x);
    ASSERT(f->magic == FLIGHT_MAGIC && lane < LANE_COUNT);
    struct lanes *lanes = f->loop->server->lanes;
    if (is_handled_here(f))
        f->loop->handling = NULL;
    f->lane = lane;
    if (!lanes_has(lanes, lane)) {
        loop_post(f, NEWS_MOVED);
    } else if (!lanes_push(lanes, lane, f)) {
        dispatch_refuse(f);
        loop_post(f, NEWS_DONE);
    }
}
