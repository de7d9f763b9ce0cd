/* What a thread of a lane takes at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "http_peer.h"

#define GET(path)   "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define CLIENTS     20
#define BATCH       16
#define DRAIN       100 /* ms */
#define DRAIN_TIMES 50
#define ONE_OF_EACH                                                                                \
    { 1, 1, 1, 1 }

static void wait_for(atomic_int *counter, int value) {
    for (int i = 0; i < 5000 && *counter < value; i++)
        usleep(1000);
    assert_int_equal(*counter, value);
}

static int ask(const char *request) {
    int fd = peer_connect();
    peer_send_text(fd, request);
    return fd;
}

/* Sends the request `count` times and waits until all of them are in the queue: a loop routes the
 * next one when it has queued the one before. */
static void queue_up(int *fds, int count, const char *request) {
    int routed = peer.routed;
    for (int i = 0; i < count; i++)
        fds[i] = ask(request);
    wait_for(&peer.routed, routed + count);
    struct reply r = peer_ask(GET("/nothing"));
    assert_int_equal(r.status, 404);
    buffer_free(&r.body);
}

/* How many requests ahead() had seen when this one was handled. */
static int ahead_of(int fd) {
    struct reply r = peer_read(fd, false);
    assert_int_equal(r.status, 200);
    const char *ahead = reply_header(&r, "X-Ahead");
    assert_non_null(ahead);
    int seen = atoi(ahead);
    buffer_free(&r.body);
    close(fd);
    return seen;
}

static void what_waits_is_seen_before_the_first_is_handled(void **state) {
    (void)state;
    int fds[CLIENTS];
    peer_start((struct http_config){.loops = 1, .workers = ONE_OF_EACH});
    int busy = ask(GET("/hold"));
    wait_for(&peer.handled, 1);
    queue_up(fds, 5, GET("/echo"));
    sem_post(&peer.release);
    assert_int_equal(ahead_of(busy), 1);
    for (int i = 0; i < 5; i++)
        assert_int_equal(ahead_of(fds[i]), 5);
    assert_int_equal(ahead_of(ask(GET("/echo"))), 1);
    peer_stop();
}

static void a_batch_is_bounded(void **state) {
    (void)state;
    int fds[CLIENTS], of_first = 0, of_second = 0;
    peer_start((struct http_config){.loops = 1, .workers = ONE_OF_EACH});
    int busy = ask(GET("/hold"));
    wait_for(&peer.handled, 1);
    queue_up(fds, CLIENTS, GET("/echo"));
    sem_post(&peer.release);
    assert_int_equal(ahead_of(busy), 1);
    for (int i = 0; i < CLIENTS; i++) {
        int seen = ahead_of(fds[i]);
        of_first += seen == BATCH;
        of_second += seen == CLIENTS - BATCH;
    }
    assert_int_equal(of_first, BATCH);
    assert_int_equal(of_second, CLIENTS - BATCH);
    peer_stop();
}

static void what_may_be_slow_is_taken_alone(void **state) {
    (void)state;
    int fds[3];
    peer_start((struct http_config){.loops = 1, .workers = ONE_OF_EACH});
    int busy = ask(GET("/scan/hold"));
    wait_for(&peer.handled, 1);
    queue_up(fds, 3, GET("/scan"));
    sem_post(&peer.release);
    assert_int_equal(ahead_of(busy), 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ahead_of(fds[i]), 1);
    peer_stop();
}

static void one_of_a_batch_can_move_on(void **state) {
    (void)state;
    int fds[4];
    peer_start((struct http_config){.loops = 1, .workers = ONE_OF_EACH});
    int busy = ask(GET("/hold"));
    wait_for(&peer.handled, 1);
    queue_up(fds, 2, GET("/move"));
    queue_up(fds + 2, 2, GET("/later"));
    sem_post(&peer.release);
    assert_int_equal(peer_status(busy), 200);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(peer_status(fds[i]), 200);
        close(fds[i]);
    }
    close(busy);
    peer_stop();
}

static void whose_turn_has_not_come_at_the_end_is_refused(void **state) {
    (void)state;
    int fds[3];
    peer_start((struct http_config){.loops = 1, .workers = ONE_OF_EACH, .drain_timeout = DRAIN});
    int busy = ask(GET("/hold"));
    wait_for(&peer.handled, 1);
    queue_up(fds, 3, GET("/hold"));
    sem_post(&peer.release);
    assert_int_equal(ahead_of(busy), 1);
    wait_for(&peer.handled, 2);
    http_stop(peer.server);
    for (int i = 0; i < 3; i++)
        assert_true(peer_closes(fds[i], DRAIN * DRAIN_TIMES));
    sem_post(&peer.release);
    peer_stop();
    assert_int_equal(peer.handled, 2);
    assert_int_equal(peer.refused, 2);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_is_seen_before_the_first_is_handled),
        cmocka_unit_test(a_batch_is_bounded),
        cmocka_unit_test(what_may_be_slow_is_taken_alone),
        cmocka_unit_test(one_of_a_batch_can_move_on),
        cmocka_unit_test(whose_turn_has_not_come_at_the_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
