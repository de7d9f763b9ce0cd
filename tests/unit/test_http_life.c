/* What happens over time: timeouts, overload, clients that vanish, and the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "http_peer.h"

#define GET(path)  "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define SOCKET     "rollcall_test.sock"
#define SOME       200 /* ms: a timeout under test */
#define SOME_TIMES 8   /* well past it */

static int64_t started;

static void start_clock(void) {
    started = clock_monotonic();
}

static int64_t elapsed_ms(void) {
    return (clock_monotonic() - started) / 1000;
}

static void wait_for(atomic_int *counter, int value) {
    for (int i = 0; i < 2000 && *counter < value; i++)
        usleep(1000);
    assert_int_equal(*counter, value);
}

static void test_idle_timeout(void **state) {
    (void)state;
    peer_start((struct http_config){.idle_timeout = SOME});
    int fresh = peer_connect(), used = peer_connect();
    start_clock();
    peer_send_text(used, GET("/echo"));
    assert_int_equal(peer_status(used), 200);
    assert_true(peer_closes(fresh, SOME * SOME_TIMES));
    assert_true(peer_closes(used, SOME * SOME_TIMES));
    assert_in_range(elapsed_ms(), SOME - 50, SOME * SOME_TIMES);
    close(fresh);
    close(used);
    peer_stop();
}

/* Trickling bytes does not put it off. */
static void test_header_timeout(void **state) {
    (void)state;
    peer_start((struct http_config){.header_timeout = SOME});
    int fd = peer_connect();
    start_clock();
    struct pollfd p = {fd, POLLIN, 0};
    peer_send_text(fd, "GET /echo HTTP/1.1\r\nA: ");
    while (poll(&p, 1, 20) == 0 && elapsed_ms() < SOME * SOME_TIMES)
        peer_send_text(fd, "x");
    assert_int_equal(peer_status(fd), 408);
    assert_in_range(elapsed_ms(), SOME - 50, SOME * SOME_TIMES);
    shutdown(fd, SHUT_WR);
    assert_true(peer_closes(fd, 1000));
    close(fd);
    peer_stop();
}

/* An empty line after a request begins no other (RFC 9112 §2.2). */
static void test_stray_empty_line(void **state) {
    (void)state;
    peer_start((struct http_config){.header_timeout = SOME});
    int fd = peer_connect();
    peer_send_text(fd, GET("/echo") "\r\n");
    assert_int_equal(peer_status(fd), 200);
    usleep(2 * SOME * 1000);
    peer_send_text(fd, GET("/echo"));
    assert_int_equal(peer_status(fd), 200);
    peer_send_text(fd, "\r\n");
    shutdown(fd, SHUT_WR);
    assert_true(peer_closes(fd, 1000));
    close(fd);
    peer_stop();
}

static void test_body_timeout(void **state) {
    (void)state;
    peer_start((struct http_config){.body_timeout = SOME});
    int fd = peer_connect();
    start_clock();
    peer_send_text(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab");
    assert_int_equal(peer_status(fd), 408);
    assert_in_range(elapsed_ms(), SOME - 50, SOME * SOME_TIMES);
    close(fd);
    peer_stop();
}

/* A client that never reads is dropped; the kernel's buffers hold less than this. */
static void test_write_timeout(void **state) {
    (void)state;
    peer_start((struct http_config){.write_timeout = SOME, .loops = 1});
    int fd = peer_connect();
    peer_send_text(fd, GET("/big?50000000"));
    peer_filled(fd, 50000);
    peer_left(fd);
    char bytes[65536];
    ssize_t n;
    size_t size = 0;
    while ((n = recv(fd, bytes, sizeof bytes, 0)) > 0)
        size += (size_t)n;
    assert_true(size < 50000000);
    close(fd);
    peer_stop();
}

/* A slow reader is served as long as it reads, on a slow machine too. */
static void test_slow_reader(void **state) {
    (void)state;
    if (getenv("ROLLCALL_TEST_VALGRIND"))
        skip(); /* filling what the reader would take takes longer there than the timeout */
    peer_start((struct http_config){.write_timeout = 6 * SOME, .loops = 1});
    int fd = peer_connect_window(65536);
    peer_send_text(fd, GET("/big?30000000"));
    static char bytes[1000000];
    size_t size = 0;
    for (ssize_t n; size < 30000000; size += (size_t)n) {
        n = recv(fd, bytes, sizeof bytes, MSG_WAITALL);
        assert_true(n > 0);
        usleep(60000);
    }
    close(fd);
    peer_stop();
}

static void ask_inside(int fd) {
    peer_send_text(fd, GET("/echo"));
    assert_int_equal(peer_status(fd), 200);
}

/* Without descriptors who is in goes on, and who comes waits outside until there are some again. */
static void test_no_descriptors(void **state) {
    (void)state;
    if (getenv("ROLLCALL_TEST_VALGRIND"))
        skip(); /* it accepts a connection before it finds that there is no descriptor for it */
    peer_start((struct http_config){.loops = 1});
    int inside = peer_connect();
    ask_inside(inside);
    struct rlimit before, low;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    low = before;
    low.rlim_cur = 100;
    int fds[100], count = 0, spare = dup(0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    while ((fds[count] = dup(0)) >= 0)
        count++;
    close(spare);
    int outside = peer_connect();
    assert_true(outside >= 0);
    peer_send_text(outside, GET("/echo"));
    ask_inside(inside);
    char byte;
    assert_int_equal(recv(outside, &byte, 1, MSG_PEEK | MSG_DONTWAIT), -1);
    while (count > 0)
        close(fds[--count]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(peer_status(outside), 200);
    close(outside);
    close(inside);
    peer_stop();
}

static void test_full_lane(void **state) {
    (void)state;
    peer_start((struct http_config){.queue_limit = {1, 1, 1, 2}, .loops = 1});
    int fds[5];
    for (int i = 0; i < 5; i++) {
        fds[i] = peer_connect();
        peer_send_text(fds[i], GET("/wait"));
        if (i == 0)
            wait_for(&peer.handled, 1);
        peer_taken(fds[i]);
    }
    for (int i = 3; i < 5; i++) {
        struct reply r = peer_read(fds[i], false);
        assert_int_equal(r.status, 503);
        assert_string_equal(reply_header(&r, "Retry-After"), "1");
        assert_null(reply_header(&r, "Connection"));
        buffer_free(&r.body);
    }
    assert_int_equal(peer.refused, 2);
    struct reply r = peer_ask(GET("/move"));
    assert_int_equal(r.status, 503);
    buffer_free(&r.body);
    for (int i = 0; i < 3; i++)
        sem_post(&peer.release);
    for (int i = 0; i < 3; i++)
        assert_int_equal(peer_status(fds[i]), 200);
    for (int i = 0; i < 5; i++)
        close(fds[i]);
    peer_stop();
}

/* A busy lane holds up nothing else. */
static void test_lanes_are_apart(void **state) {
    (void)state;
    peer_start((struct http_config){.loops = 1, .workers = {0, 1, 2, 1}});
    int fd = peer_connect();
    peer_send_text(fd, GET("/wait"));
    wait_for(&peer.handled, 1);
    static const char *const others[] = {GET("/echo"), GET("/scan"), GET("/write"), GET("/later")};
    for (int i = 0; i < 4; i++) {
        struct reply r = peer_ask(others[i]);
        assert_int_equal(r.status, 200);
        buffer_free(&r.body);
    }
    sem_post(&peer.release);
    assert_int_equal(peer_status(fd), 200);
    close(fd);
    peer_stop();
}

static void test_read_lane_with_threads(void **state) {
    (void)state;
    peer_start((struct http_config){.workers = {2, 1, 1, 1}});
    assert_int_equal(peer.opened, 5);
    int fd = peer_connect();
    peer_send_text(fd, GET("/echo") GET("/move") GET("/later"));
    for (int i = 0; i < 3; i++)
        assert_int_equal(peer_status(fd), 200);
    close(fd);
    peer_stop();
}

static void test_connection_limit(void **state) {
    (void)state;
    enum { LIMIT = 5 };
    peer_start((struct http_config){.connection_limit = LIMIT, .loops = 2});
    int fds[LIMIT];
    for (int i = 0; i < LIMIT; i++) {
        fds[i] = peer_connect();
        peer_send_text(fds[i], GET("/echo"));
        assert_int_equal(peer_status(fds[i]), 200);
    }
    int over = peer_connect();
    struct reply r = peer_read(over, false);
    assert_int_equal(r.status, 503);
    assert_string_equal(reply_header(&r, "Connection"), "close");
    assert_non_null(reply_header(&r, "Retry-After"));
    buffer_free(&r.body);
    assert_true(peer_closes(over, 1000));
    close(over);
    peer_close(fds[0]);
    fds[0] = peer_connect();
    peer_send_text(fds[0], GET("/echo"));
    assert_int_equal(peer_status(fds[0]), 200);
    for (int i = 0; i < LIMIT; i++)
        close(fds[i]);
    peer_stop();
}

/* The exchange is finished, the reply dropped. */
static void test_vanished_client(void **state) {
    (void)state;
    peer_start((struct http_config){.loops = 1});
    for (int reset = 0; reset <= 1; reset++) {
        int fd = peer_connect();
        peer_send_text(fd, GET("/wait") GET("/echo"));
        wait_for(&peer.handled, 1 + 2 * reset);
        struct linger hard = {1, 0};
        if (reset)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        close(fd);
        usleep(20000);
        sem_post(&peer.release);
        struct reply r = peer_ask(GET("/hash"));
        assert_int_equal(r.status, 200);
        buffer_free(&r.body);
        peer.handled = 2;
    }
    peer_stop();
}

static void test_drain(void **state) {
    (void)state;
    peer_start((struct http_config){.loops = 2});
    int idle = peer_connect(), busy = peer_connect(), half = peer_connect();
    peer_send_text(idle, GET("/echo"));
    assert_int_equal(peer_status(idle), 200);
    peer_send_text(busy, GET("/wait"));
    peer_send_text(half, "GET /echo HT");
    wait_for(&peer.handled, 2);
    start_clock();
    http_stop(peer.server);
    assert_true(peer_refuses());
    assert_true(peer_closes(idle, 2000));
    peer_send_text(half, "TP/1.1\r\nHost: x\r\n\r\n");
    struct reply r = peer_read(half, false);
    assert_int_equal(r.status, 200);
    assert_string_equal(reply_header(&r, "Connection"), "close");
    buffer_free(&r.body);
    sem_post(&peer.release);
    r = peer_read(busy, false);
    assert_int_equal(r.status, 200);
    assert_string_equal(reply_header(&r, "Connection"), "close");
    buffer_free(&r.body);
    close(idle);
    close(busy);
    close(half);
    peer_stop();
    assert_in_range(elapsed_ms(), 0, 3000);
}

/* However long the loop is kept from looking: what has arrived by then was sent in time. */
static void test_drain_hears_out_who_was_kept_waiting(void **state) {
    (void)state;
    peer_start((struct http_config){.loops = 1});
    int first = peer_connect(), second = peer_connect(), idle = peer_connect();
    ask_inside(first);
    ask_inside(second);
    ask_inside(idle);
    peer_send_text(first, GET("/hold"));
    wait_for(&peer.handled, 4);
    http_stop(peer.server);
    peer_send_text(second, GET("/hold")); /* is looked at once the drain has begun */
    sem_post(&peer.release);
    wait_for(&peer.handled, 5);
    peer_send_text(idle, GET("/echo"));
    usleep(600000); /* an idle client has a quarter of a second from the beginning of a drain */
    sem_post(&peer.release);
    assert_int_equal(peer_status(first), 200);
    assert_int_equal(peer_status(second), 200);
    assert_int_equal(peer_status(idle), 200);
    close(first);
    close(second);
    close(idle);
    peer_stop();
}

/* Everything that was sent before the drain is answered, pipelined and queued requests too. */
static void test_drain_loses_nothing(void **state) {
    (void)state;
    peer_start((struct http_config){.loops = 2});
    enum { CLIENTS = 20, EACH = 40 };
    int fds[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = peer_connect();
        for (int j = 0; j < EACH; j++)
            peer_send_text(fds[i], j % 8 == 0 ? GET("/later") : GET("/write"));
    }
    http_stop(peer.server);
    for (int i = 0; i < CLIENTS; i++) {
        for (int j = 0; j < EACH; j++)
            assert_int_equal(peer_status(fds[i]), 200);
        assert_true(peer_closes(fds[i], 2000));
        close(fds[i]);
    }
    peer_stop();
}

/* Connections that the loop had no time to accept are accepted before it stops listening. */
static void test_drain_accepts_who_waits(void **state) {
    (void)state;
    enum { CLIENTS = 10 };
    peer_start((struct http_config){.loops = 1});
    int hold = peer_connect(), fds[CLIENTS];
    peer_send_text(hold, GET("/hold"));
    wait_for(&peer.handled, 1);
    http_stop(peer.server);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = peer_connect();
        peer_send_text(fds[i], GET("/echo"));
    }
    sem_post(&peer.release);
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(peer_status(fds[i]), 200);
        close(fds[i]);
    }
    assert_int_equal(peer_status(hold), 200);
    close(hold);
    peer_stop();
}

/* A client in the gap between two requests gets its next one answered. */
static void test_drain_waits_for_idle_clients(void **state) {
    (void)state;
    peer_start((struct http_config){.loops = 1});
    int fd = peer_connect();
    peer_send_text(fd, GET("/echo"));
    assert_int_equal(peer_status(fd), 200);
    http_stop(peer.server);
    assert_true(peer_refuses());
    peer_send_text(fd, GET("/echo"));
    struct reply r = peer_read(fd, false);
    assert_int_equal(r.status, 200);
    assert_string_equal(reply_header(&r, "Connection"), "close");
    buffer_free(&r.body);
    close(fd);
    peer_stop();
}

static void test_drain_timeout(void **state) {
    (void)state;
    peer_start((struct http_config){.drain_timeout = SOME});
    int busy = peer_connect(), queued = peer_connect();
    peer_send_text(busy, GET("/wait"));
    wait_for(&peer.handled, 1);
    peer_send_text(queued, GET("/wait"));
    peer_taken(queued);
    start_clock();
    http_stop(peer.server);
    assert_true(peer_closes(busy, SOME * SOME_TIMES));
    assert_true(peer_closes(queued, SOME * SOME_TIMES));
    assert_in_range(elapsed_ms(), SOME - 50, SOME * SOME_TIMES);
    sem_post(&peer.release);
    peer_stop();
    assert_int_equal(peer.handled, 1);
    assert_int_equal(peer.refused, 1);
    close(busy);
    close(queued);
}

static void test_signals(void **state) {
    (void)state;
    peer_start((struct http_config){.loops = 2});
    int fd = peer_connect();
    peer_send_text(fd, GET("/wait"));
    wait_for(&peer.handled, 1);
    kill(getpid(), SIGTERM);
    assert_true(peer_refuses());
    start_clock();
    kill(getpid(), SIGTERM);
    assert_true(peer_closes(fd, 1000));
    sem_post(&peer.release);
    peer_stop();
    assert_in_range(elapsed_ms(), 0, 2000);
    close(fd);
}

static enum err try_start(const char *address) {
    struct http_listen listen = {address, 1};
    struct http_config config = {.listens = &listen, .listen_count = 1};
    struct http_service none = {0};
    struct http_server *server;
    return http_start(&server, &config, &none);
}

static void test_address_in_use(void **state) {
    (void)state;
    peer_start((struct http_config){.loops = 3});
    char address[40];
    snprintf(address, sizeof address, "127.0.0.1:%u", peer.port);
    assert_int_equal(try_start(address), ERR_UNAVAILABLE);
    snprintf(address, sizeof address, "0.0.0.0:%u", peer.port);
    assert_int_equal(try_start(address), ERR_UNAVAILABLE);
    snprintf(address, sizeof address, "localhost:%u", peer.port);
    assert_int_equal(try_start(address), ERR_UNAVAILABLE);
    peer_stop();
}

static void test_bad_addresses(void **state) {
    (void)state;
    static const char *const bad[] = {"",
                                      "8000",
                                      "127.0.0.1",
                                      "127.0.0.1:",
                                      "x:80",
                                      "::1:80",
                                      "127.0.0.1:65536",
                                      "[::1]",
                                      "1.2.3:80",
                                      "unix:",
                                      "127.0.0.1:-1",
                                      "localhost:x",
                                      "192.0.2.1:0",
                                      "unix:/nonexistent/rollcall.sock"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (try_start(bad[i]) != ERR_UNAVAILABLE)
            fail_msg("%s", bad[i]);
}

static int connect_local(void) {
    struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = SOCKET};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    close(fd);
    return -1;
}

static void leave_stale_socket(void) {
    struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = SOCKET};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    unlink(SOCKET);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    close(fd);
}

static void test_unix_socket(void **state) {
    (void)state;
    struct http_listen listens[] = {{"unix:" SOCKET, 2}, {"127.0.0.1:0", 4}};
    leave_stale_socket();
    peer_start((struct http_config){.listens = listens, .listen_count = 2, .loops = 3});
    assert_int_equal(http_port(peer.server, 0), 0);
    assert_int_not_equal(http_port(peer.server, 1), 0);
    assert_int_equal(try_start("unix:" SOCKET), ERR_UNAVAILABLE);
    for (int i = 0; i < 10; i++) {
        int fd = connect_local();
        assert_true(fd >= 0);
        peer_send_text(fd, GET("/echo"));
        struct reply r = peer_read(fd, false);
        assert_int_equal(r.status, 200);
        assert_non_null(strstr(r.body.at, "surfaces=2\n"));
        buffer_free(&r.body);
        close(fd);
    }
    peer_stop();
    struct stat status;
    assert_int_equal(stat(SOCKET, &status), -1);
}

/* A file that is no socket is nobody's to remove. */
static void test_unix_socket_over_file(void **state) {
    (void)state;
    FILE *f = fopen(SOCKET, "w");
    assert_non_null(f);
    fclose(f);
    assert_int_equal(try_start("unix:" SOCKET), ERR_UNAVAILABLE);
    assert_int_equal(unlink(SOCKET), 0);
}

static void test_localhost(void **state) {
    (void)state;
    struct http_listen listen = {"localhost:0", 1};
    peer_start((struct http_config){.listens = &listen, .listen_count = 1, .loops = 2});
    struct reply r = peer_ask(GET("/echo"));
    assert_int_equal(r.status, 200);
    buffer_free(&r.body);
    peer_stop();
}

static void *no_state(void *self) {
    (void)self;
    return NULL;
}

static void test_thread_without_state(void **state) {
    (void)state;
    struct http_listen listen = {"127.0.0.1:0", 1};
    struct http_service service = {.thread_open = no_state};
    struct http_server *server;
    for (unsigned scan = 0; scan <= 2; scan++) {
        struct http_config config = {
            .listens = &listen, .listen_count = 1, .loops = 2, .workers = {0, scan}};
        assert_int_equal(http_start(&server, &config, &service), ERR_UNAVAILABLE);
    }
}

/* What it uses stays, and it may come back after all. The thread outlives the test, so this is the
 * last one. */
static void test_a_handler_that_stays(void **state) {
    (void)state;
    peer_start((struct http_config){.drain_timeout = SOME, .loops = 1});
    int busy = peer_connect();
    peer_send_text(busy, GET("/wait"));
    wait_for(&peer.handled, 1);
    http_stop(peer.server);
    pthread_join(peer.thread, NULL);
    assert_false(http_free(peer.server));
    sem_post(&peer.release);
    close(busy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle_timeout),
        cmocka_unit_test(test_header_timeout),
        cmocka_unit_test(test_stray_empty_line),
        cmocka_unit_test(test_body_timeout),
        cmocka_unit_test(test_write_timeout),
        cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_no_descriptors),
        cmocka_unit_test(test_full_lane),
        cmocka_unit_test(test_lanes_are_apart),
        cmocka_unit_test(test_read_lane_with_threads),
        cmocka_unit_test(test_connection_limit),
        cmocka_unit_test(test_vanished_client),
        cmocka_unit_test(test_drain),
        cmocka_unit_test(test_drain_hears_out_who_was_kept_waiting),
        cmocka_unit_test(test_drain_loses_nothing),
        cmocka_unit_test(test_drain_accepts_who_waits),
        cmocka_unit_test(test_drain_waits_for_idle_clients),
        cmocka_unit_test(test_drain_timeout),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_address_in_use),
        cmocka_unit_test(test_bad_addresses),
        cmocka_unit_test(test_unix_socket),
        cmocka_unit_test(test_unix_socket_over_file),
        cmocka_unit_test(test_localhost),
        cmocka_unit_test(test_thread_without_state),
        cmocka_unit_test(test_a_handler_that_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
