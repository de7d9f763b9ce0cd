/* Requests that are answered: what the service sees and what the client gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "http_peer.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static int start(void **state) {
    (void)state;
    static const struct text origins[] = {{"https://app.example", 19}};
    static struct network proxies[2];
    assert_true(network_parse(TEXT("127.0.0.0/8"), &proxies[0]));
    assert_true(network_parse(TEXT("10.0.0.0/8"), &proxies[1]));
    peer_start((struct http_config){.loops = 2,
                                    .origins = origins,
                                    .origin_count = 1,
                                    .trusted_proxies = proxies,
                                    .trusted_proxy_count = 2});
    return 0;
}

static int stop(void **state) {
    (void)state;
    peer_stop();
    return 0;
}

static void assert_header(const struct reply *r, const char *name, const char *value) {
    const char *there = reply_header(r, name);
    if (value == NULL ? there != NULL : there == NULL || strcmp(there, value) != 0)
        fail_msg("%s: %s", name, there ? there : "absent");
}

static void assert_body_has(const struct reply *r, const char *piece) {
    if (strstr(r->body.at, piece) == NULL)
        fail_msg("no %s in: %s", piece, r->body.at);
}

static void test_reply(void **state) {
    (void)state;
    struct reply r = peer_ask(GET("/echo/a%20b/?q=%31"));
    assert_int_equal(r.status, 200);
    assert_header(&r, "Content-Type", "application/json; charset=utf-8");
    assert_header(&r, "Cache-Control", "no-store");
    assert_header(&r, "X-Content-Type-Options", "nosniff");
    assert_header(&r, "Connection", NULL);
    assert_int_equal(strlen(reply_header(&r, "X-Request-Id")), 16);
    assert_int_equal(strlen(reply_header(&r, "Date")), 29);
    assert_body_has(&r, "method=1\npath=/echo/a b\nquery=q=%31\n");
    assert_body_has(&r, "surfaces=5\nheaders=1\n");
    buffer_free(&r.body);
}

static void test_request_id(void **state) {
    (void)state;
    struct reply r = peer_ask("GET /echo HTTP/1.1\r\nHost: x\r\nX-Request-ID: a.B_9:-\r\n\r\n");
    assert_header(&r, "X-Request-Id", "a.B_9:-");
    buffer_free(&r.body);
    r = peer_ask("GET /echo HTTP/1.1\r\nHost: x\r\nX-Request-ID: a b\r\n\r\n");
    assert_int_equal(strlen(reply_header(&r, "X-Request-Id")), 16);
    buffer_free(&r.body);
    char long_id[400];
    snprintf(long_id, sizeof long_id,
             "GET /echo HTTP/1.1\r\nHost: x\r\nX-Request-ID: %0129d\r\n\r\n", 0);
    r = peer_ask(long_id);
    assert_int_equal(strlen(reply_header(&r, "X-Request-Id")), 16);
    buffer_free(&r.body);
}

static void test_lanes(void **state) {
    (void)state;
    static const char *const requests[] = {GET("/scan"), GET("/write"), GET("/hash"),
                                           GET("/move"), GET("/later"), GET("/echo")};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct reply r = peer_ask(requests[i]);
        assert_int_equal(r.status, 200);
        assert_body_has(&r, "path=/");
        buffer_free(&r.body);
    }
}

static void test_answered_by_route(void **state) {
    (void)state;
    struct reply r = peer_ask(GET("/nothing"));
    assert_int_equal(r.status, 404);
    assert_string_equal(r.body.at, "{\"error\":\"not_found\",\"message\":\"Not found\"}");
    buffer_free(&r.body);
}

static void test_head(void **state) {
    (void)state;
    int fd = peer_connect();
    peer_send_text(fd, "HEAD /big?1000 HTTP/1.1\r\nHost: x\r\n\r\n" GET("/echo"));
    struct reply r = peer_read(fd, true);
    assert_int_equal(r.status, 200);
    assert_header(&r, "Content-Length", "1000");
    buffer_free(&r.body);
    assert_int_equal(peer_status(fd), 200);
    close(fd);
}

static void test_no_content(void **state) {
    (void)state;
    int fd = peer_connect();
    peer_send_text(fd, GET("/empty") GET("/echo"));
    struct reply r = peer_read(fd, false);
    assert_int_equal(r.status, 204);
    assert_header(&r, "Content-Type", NULL);
    assert_header(&r, "Content-Length", NULL);
    buffer_free(&r.body);
    assert_int_equal(peer_status(fd), 200);
    close(fd);
}

static void test_keep_alive(void **state) {
    (void)state;
    int fd = peer_connect();
    for (int i = 0; i < 3; i++) {
        peer_send_text(fd, GET("/echo"));
        assert_int_equal(peer_status(fd), 200);
    }
    peer_send_text(fd, "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n");
    struct reply r = peer_read(fd, false);
    assert_header(&r, "Connection", "close");
    buffer_free(&r.body);
    assert_true(peer_closes(fd, 1000));
    close(fd);
}

static void test_http_1_0(void **state) {
    (void)state;
    int fd = peer_connect();
    peer_send_text(fd, "GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    struct reply r = peer_read(fd, false);
    assert_int_equal(r.status, 200);
    assert_header(&r, "Connection", "keep-alive");
    buffer_free(&r.body);
    peer_send_text(fd, "GET /echo HTTP/1.0\r\n\r\n");
    r = peer_read(fd, false);
    assert_header(&r, "Connection", "close");
    buffer_free(&r.body);
    assert_true(peer_closes(fd, 1000));
    close(fd);
}

#define CHUNKED                                                                                    \
    "POST /echo HTTP/1.1\r\nHost: x\r\nX: y\r\nTransfer-Encoding: Chunked\r\n\r\n"                 \
    "5\r\nhello\r\n6;a=\"b;c\"\r\n world\r\n0\r\nTrailer: t\r\nMore:\r\n\r\n"

static void test_chunked(void **state) {
    (void)state;
    struct reply r = peer_ask(CHUNKED);
    assert_int_equal(r.status, 200);
    assert_body_has(&r, "headers=3\nx=y\nbody=hello world");
    buffer_free(&r.body);
}

static void assert_two_answers(int fd, const char *first) {
    struct reply r = peer_read(fd, false);
    assert_int_equal(r.status, 200);
    assert_body_has(&r, first);
    buffer_free(&r.body);
    r = peer_read(fd, false);
    assert_int_equal(r.status, 200);
    assert_body_has(&r, "path=/echo/2");
    buffer_free(&r.body);
}

/* Cut in two at every place, and cut into single bytes. */
static void assert_any_fragmentation(const char *requests, const char *first) {
    size_t size = strlen(requests);
    for (size_t cut = 1; cut < size; cut++) {
        int fd = peer_connect();
        peer_send(fd, requests, cut);
        peer_taken(fd);
        peer_send(fd, requests + cut, size - cut);
        assert_two_answers(fd, first);
        close(fd);
    }
    int fd = peer_connect();
    for (size_t i = 0; i < size; i++) {
        peer_send(fd, requests + i, 1);
        peer_taken(fd);
    }
    assert_two_answers(fd, first);
    close(fd);
}

static void test_fragmentation(void **state) {
    (void)state;
    assert_any_fragmentation(CHUNKED GET("/echo/2"), "body=hello world");
    assert_any_fragmentation("POST /scan HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\nabc\r\nde"
                             "\r\n" GET("/echo/2"),
                             "body=abc\r\nde");
}

/* Lanes differ in speed; replies keep the order of the requests. */
static void test_pipelining(void **state) {
    (void)state;
    static const char *const paths[] = {"/echo", "/later", "/hash", "/move", "/write"};
    struct buffer all = {0};
    for (int i = 0; i < 200; i++)
        buffer_format(&all, "POST %s/%d HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
                      i % 10 == 0 ? paths[i / 10 % 5] : "/echo", i);
    int fd = peer_connect();
    peer_send(fd, all.at, all.size);
    buffer_free(&all);
    for (int i = 0; i < 200; i++) {
        char expected[20];
        snprintf(expected, sizeof expected, "/%d\n", i);
        struct reply r = peer_read(fd, false);
        assert_int_equal(r.status, 200);
        assert_body_has(&r, expected);
        assert_body_has(&r, "body=abc");
        buffer_free(&r.body);
    }
    close(fd);
}

/* More than is read at once, while nobody reads the replies. */
static void test_long_pipeline(void **state) {
    (void)state;
    enum { COUNT = 4000 };
    static const char one[] = GET("/big?5000");
    struct buffer all = {0};
    for (int i = 0; i < COUNT; i++)
        buffer_add(&all, one, sizeof one - 1);
    int fd = peer_connect();
    pid_t child = fork();
    if (child == 0) {
        peer_send(fd, all.at, all.size);
        _exit(0);
    }
    buffer_free(&all);
    peer_filled(fd, 50000);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(peer_status(fd), 200);
    close(fd);
}

static void test_continue(void **state) {
    (void)state;
    static const char head[] = "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\n"
                               "Content-Length: 3\r\n\r\n";
    int fd = peer_connect();
    peer_send_text(fd, head);
    assert_int_equal(peer_status(fd), 100);
    peer_send_text(fd, "abc");
    struct reply r = peer_read(fd, false);
    assert_int_equal(r.status, 200);
    assert_body_has(&r, "body=abc");
    buffer_free(&r.body);
    peer_send_text(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                       "Content-Length: 3\r\n\r\nabc");
    assert_int_equal(peer_status(fd), 200);
    close(fd);
}

static void test_old_client_expects_nothing(void **state) {
    (void)state;
    struct reply r = peer_ask("POST /echo HTTP/1.0\r\nExpect: x\r\nContent-Length: 3\r\n\r\nabc");
    assert_int_equal(r.status, 200);
    buffer_free(&r.body);
}

static void test_other_methods(void **state) {
    (void)state;
    static const struct {
        const char *name;
        unsigned method;
    } rows[] = {{"PUT", HTTP_PUT},       {"PATCH", HTTP_PATCH}, {"DELETE", HTTP_DELETE},
                {"TRACE", HTTP_OTHER},   {"FOO", HTTP_OTHER},   {"PROPFIND", HTTP_OTHER},
                {"M-SEARCH", HTTP_OTHER}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char request[200], expected[20];
        snprintf(request, sizeof request,
                 "%s /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nb", rows[i].name);
        snprintf(expected, sizeof expected, "method=%u\n", rows[i].method);
        struct reply r = peer_ask(request);
        assert_int_equal(r.status, 200);
        assert_body_has(&r, expected);
        assert_body_has(&r, "body=b");
        buffer_free(&r.body);
    }
}

static void test_options_asterisk(void **state) {
    (void)state;
    struct reply r = peer_ask("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(r.status, 204);
    assert_header(&r, "Allow", "GET, HEAD, POST, PATCH, DELETE, OPTIONS");
    buffer_free(&r.body);
}

/* An Upgrade header is ignored (RFC 9110 §7.8). */
static void test_upgrade(void **state) {
    (void)state;
    int fd = peer_connect();
    peer_send_text(fd, "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n"
                       "\r\n" GET("/echo"));
    assert_int_equal(peer_status(fd), 200);
    assert_int_equal(peer_status(fd), 200);
    close(fd);
}

static void test_empty_line_before_request(void **state) {
    (void)state;
    int fd = peer_connect();
    peer_send_text(fd, "\r\n" GET("/echo"));
    assert_int_equal(peer_status(fd), 200);
    peer_send_text(fd, "\r");
    peer_taken(fd);
    peer_send_text(fd, "\n" GET("/echo"));
    assert_int_equal(peer_status(fd), 200);
    close(fd);
}

static void test_half_closed_client(void **state) {
    (void)state;
    int fd = peer_connect();
    peer_send_text(fd, GET("/later") GET("/echo"));
    shutdown(fd, SHUT_WR);
    assert_int_equal(peer_status(fd), 200);
    assert_int_equal(peer_status(fd), 200);
    assert_true(peer_closes(fd, 1000));
    close(fd);
}

static void test_malformed_path_keeps_connection(void **state) {
    (void)state;
    int fd = peer_connect();
    peer_send_text(fd, GET("/a/../b") GET("/a%2fb") GET("/echo"));
    assert_int_equal(peer_status(fd), 400);
    assert_int_equal(peer_status(fd), 400);
    assert_int_equal(peer_status(fd), 200);
    close(fd);
}

static void test_cors(void **state) {
    (void)state;
    struct reply r =
        peer_ask("GET /echo HTTP/1.1\r\nHost: x\r\nOrigin: https://app.example\r\n\r\n");
    assert_header(&r, "Access-Control-Allow-Origin", "https://app.example");
    assert_header(&r, "Access-Control-Allow-Credentials", "true");
    assert_header(&r, "Access-Control-Expose-Headers",
                  "X-Request-Id, Retry-After, Idempotency-Replayed");
    assert_header(&r, "Access-Control-Allow-Methods", NULL);
    assert_header(&r, "Vary", "Origin");
    buffer_free(&r.body);
    r = peer_ask("GET /echo HTTP/1.1\r\nHost: x\r\nOrigin: https://app.example.evil\r\n\r\n");
    assert_int_equal(r.status, 200);
    assert_header(&r, "Access-Control-Allow-Origin", NULL);
    assert_header(&r, "Access-Control-Allow-Credentials", NULL);
    buffer_free(&r.body);
}

static void test_preflight(void **state) {
    (void)state;
    struct reply r = peer_ask("OPTIONS /nothing HTTP/1.1\r\nHost: x\r\nOrigin: https://app.example"
                              "\r\nAccess-Control-Request-Method: POST\r\n"
                              "Access-Control-Request-Headers: content-type,x-evil, authorization"
                              "\r\n\r\n");
    assert_int_equal(r.status, 204);
    assert_header(&r, "Allow", "GET, HEAD, POST, OPTIONS");
    assert_header(&r, "Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS");
    assert_header(&r, "Access-Control-Allow-Headers", "Authorization, Content-Type");
    assert_header(&r, "Access-Control-Max-Age", "600");
    buffer_free(&r.body);
}

/* The test speaks from 127.0.0.1, which is trusted; so is 10.0.0.0/8. */
static void test_forwarded(void **state) {
    (void)state;
    static const struct {
        const char *headers, *expected;
    } rows[] = {
        {"", "client=127.0.0.1\nsecure=0"},
        {"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n",
         "client=192.0.2.7\nsecure=1"},
        {"X-Forwarded-For: 203.0.113.9, 192.0.2.7, 10.1.2.3\r\n", "client=192.0.2.7\nsecure=0"},
        {"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 192.0.2.7\r\n", "client=192.0.2.7\n"},
        {"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-For: 10.0.0.1\r\n", "client=192.0.2.7\n"},
        {"X-Forwarded-For: 10.0.0.2,10.0.0.1\r\n", "client=10.0.0.2\n"},
        {"X-Forwarded-For: 192.0.2.7, nonsense, 10.0.0.1\r\n", "client=10.0.0.1\n"},
        {"X-Forwarded-For: nonsense\r\n", "client=127.0.0.1\n"},
        {"X-Forwarded-For:\r\n", "client=127.0.0.1\n"},
        {"X-Forwarded-For: [2001:db8::1]:443\r\n", "client=2001:db8::1\n"},
        {"X-Forwarded-For: 192.0.2.7:1234\r\n", "client=192.0.2.7\n"},
        {"X-Forwarded-Proto: https, http\r\n", "client=127.0.0.1\nsecure=0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char request[400];
        snprintf(request, sizeof request, "GET /echo HTTP/1.1\r\nHost: x\r\n%s\r\n",
                 rows[i].headers);
        struct reply r = peer_ask(request);
        assert_int_equal(r.status, 200);
        assert_body_has(&r, rows[i].expected);
        buffer_free(&r.body);
    }
}

static void test_statuses(void **state) {
    (void)state;
    static const struct {
        int status;
        const char *line;
    } rows[] = {
        {200, "HTTP/1.1 200 OK"},
        {201, "HTTP/1.1 201 Created"},
        {202, "HTTP/1.1 202 Accepted"},
        {303, "HTTP/1.1 303 See Other"},
        {304, "HTTP/1.1 304 Not Modified"},
        {400, "HTTP/1.1 400 Bad Request"},
        {401, "HTTP/1.1 401 Unauthorized"},
        {403, "HTTP/1.1 403 Forbidden"},
        {404, "HTTP/1.1 404 Not Found"},
        {405, "HTTP/1.1 405 Method Not Allowed"},
        {409, "HTTP/1.1 409 Conflict"},
        {415, "HTTP/1.1 415 Unsupported Media Type"},
        {422, "HTTP/1.1 422 Unprocessable Content"},
        {429, "HTTP/1.1 429 Too Many Requests"},
        {500, "HTTP/1.1 500 Internal Server Error"},
        {599, "HTTP/1.1 599 "},
    };
    int fd = peer_connect();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char request[100], line[100];
        snprintf(request, sizeof request, "GET /status?%d HTTP/1.1\r\nHost: x\r\n\r\n",
                 rows[i].status);
        snprintf(line, sizeof line, "%s\r\n", rows[i].line);
        peer_send_text(fd, request);
        struct reply r = peer_read(fd, rows[i].status == 304);
        assert_int_equal(strncmp(r.head, line, strlen(line)), 0);
        assert_header(&r, "Content-Type", "text/plain");
        assert_header(&r, "Content-Length", "6");
        assert_header(&r, "Cache-Control", NULL);
        buffer_free(&r.body);
    }
    close(fd);
}

static void test_big_reply(void **state) {
    (void)state;
    int fd = peer_connect();
    peer_send_text(fd, GET("/big?20000000") GET("/echo"));
    peer_filled(fd, 50000);
    struct reply r = peer_read(fd, false);
    assert_int_equal(r.body.size, 20000000);
    buffer_free(&r.body);
    assert_int_equal(peer_status(fd), 200);
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reply),
        cmocka_unit_test(test_request_id),
        cmocka_unit_test(test_lanes),
        cmocka_unit_test(test_answered_by_route),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_no_content),
        cmocka_unit_test(test_keep_alive),
        cmocka_unit_test(test_http_1_0),
        cmocka_unit_test(test_chunked),
        cmocka_unit_test(test_fragmentation),
        cmocka_unit_test(test_pipelining),
        cmocka_unit_test(test_long_pipeline),
        cmocka_unit_test(test_continue),
        cmocka_unit_test(test_old_client_expects_nothing),
        cmocka_unit_test(test_other_methods),
        cmocka_unit_test(test_options_asterisk),
        cmocka_unit_test(test_upgrade),
        cmocka_unit_test(test_empty_line_before_request),
        cmocka_unit_test(test_half_closed_client),
        cmocka_unit_test(test_malformed_path_keeps_connection),
        cmocka_unit_test(test_cors),
        cmocka_unit_test(test_preflight),
        cmocka_unit_test(test_forwarded),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_big_reply),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
