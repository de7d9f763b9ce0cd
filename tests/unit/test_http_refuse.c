/* Requests that are not: each is answered once, with the right error, and the connection closes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "http_peer.h"

static int start(void **state) {
    (void)state;
    peer_start((struct http_config){.loops = 1});
    return 0;
}

static int stop(void **state) {
    (void)state;
    peer_stop();
    return 0;
}

/* Sends `bytes` and expects one reply with `status`, then the end. */
static void assert_refused(const char *bytes, size_t size, int status, const char *what) {
    int handled = peer.handled;
    int fd = peer_connect();
    peer_send(fd, bytes, size);
    struct reply r = peer_read(fd, false);
    const char *connection = reply_header(&r, "Connection");
    if (r.status != status || connection == NULL || strcmp(connection, "close") != 0)
        fail_msg("%s: status %d, Connection: %s", what, r.status, connection ? connection : "-");
    if (strncmp(r.body.at, "{\"error\":\"", 10) != 0)
        fail_msg("%s: %s", what, r.body.at);
    buffer_free(&r.body);
    if (!peer_closes(fd, 1000))
        fail_msg("%s: more than one reply, or still open", what);
    close(fd);
    if (peer.handled != handled)
        fail_msg("%s: reached a handler", what);
}

#define ROW(head, rest, why)                                                                       \
    { head "\r\nHost: x\r\n" rest, sizeof(head "\r\nHost: x\r\n" rest) - 1, why }
#define RAW(bytes, why)                                                                            \
    { bytes, sizeof(bytes) - 1, why }
#define POST "POST /echo HTTP/1.1"
#define GET  "GET /echo HTTP/1.1"
#define NEXT "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"

/* The section of RFC 9112 (or 9110) is named where it is not obvious. */
static const struct {
    const char *bytes;
    size_t size;
    const char *why;
} malformed[] = {
    /* §6.1, §6.3: two ways to frame a body */
    ROW(POST, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT, "CL.TE"),
    ROW(POST, "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" NEXT, "TE.CL"),
    ROW(POST, "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "CL 0 and TE"),
    ROW(POST, "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", "repeated length"),
    ROW(POST, "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", "two lengths"),
    ROW(POST, "content-length: 3\r\nCONTENT-LENGTH: 3\r\n\r\nabc", "repeated, other case"),
    ROW(POST, "Content-Length: 3, 3\r\n\r\nabc", "list of lengths"),
    ROW(POST, "Content-Length: 3,4\r\n\r\nabcd", "list of lengths"),
    ROW(POST, "Content-Length: +3\r\n\r\nabc", "signed length"),
    ROW(POST, "Content-Length: -3\r\n\r\nabc", "negative length"),
    ROW(POST, "Content-Length: 0x3\r\n\r\nabc", "hexadecimal length"),
    ROW(POST, "Content-Length: 3 3\r\n\r\nabc", "length with a space"),
    ROW(POST, "Content-Length: 3.0\r\n\r\nabc", "fractional length"),
    ROW(POST, "Content-Length: \r\n\r\n", "empty length"),
    ROW(POST, "Content-Length: a\r\n\r\nabc", "length in letters"),
    ROW(POST, "Content-Length: \"3\"\r\n\r\nabc", "quoted length"),
    ROW(POST, "Content-Length: 18446744073709551617\r\n\r\na", "length past 64 bits"),
    ROW(POST, "Content-Length : 3\r\n\r\nabc", "space before colon"),
    ROW(POST, "Content-Length\t: 3\r\n\r\nabc", "tab before colon"),
    ROW(POST, "Content-Length\r\n: 3\r\n\r\nabc", "name on a line of its own"),
    ROW(POST, "Content-Length:\r\n 3\r\n\r\nabc", "folded length"),
    ROW(POST, "Content-Length: 1\v\r\n\r\na", "vertical tab"),
    /* Transfer-Encoding other than exactly chunked */
    ROW(POST, "Transfer-Encoding: gzip\r\n\r\nabc", "another coding"),
    ROW(POST, "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "two codings"),
    ROW(POST, "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", "chunked not last"),
    ROW(POST, "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "chunked twice"),
    ROW(POST, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "repeated field"),
    ROW(POST, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "two fields"),
    ROW(POST, "Transfer-Encoding: identity\r\n\r\n", "identity"),
    ROW(POST, "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "almost chunked"),
    ROW(POST, "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", "chunked with parameter"),
    ROW(POST, "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", "quoted"),
    ROW(POST, "Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n", "empty list member"),
    ROW(POST, "Transfer-Encoding:\vchunked\r\n\r\n0\r\n\r\n", "vertical tab"),
    ROW(POST, "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", "folded"),
    ROW(POST, "Transfer-Encoding:\r\n\r\n0\r\n\r\n", "empty"),
    ROW(POST, " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "space before name"),
    ROW(POST, "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "space before colon"),
    ROW(POST, "X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "hidden behind a bare CR"),
    ROW(POST, "X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "hidden behind a bare LF"),
    ROW("POST /echo HTTP/1.0", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "chunked on 1.0"),
    /* §7.1: chunks */
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n", "bare LF after size"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n3\rabc\r\n0\r\n\r\n", "bare CR after size"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n", "0x"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n", "negative"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n", "signed"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n 3\r\nabc\r\n0\r\n\r\n", "space before size"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n", "space after size"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n", "no size"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\ng\r\nabc\r\n0\r\n\r\n", "not hexadecimal"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", "chunk too long"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\n0\r\n\r\n", "bare LF after chunk"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc0\r\n\r\n", "nothing after chunk"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n3;\n\r\nabc\r\n0\r\n\r\n", "LF in extension"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n3;a=\"\x01\"\r\nabc\r\n0\r\n\r\n",
        "control in extension"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n10000000000000003\r\nabc\r\n0\r\n\r\n",
        "size past 64 bits"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n0\r\n\n" NEXT, "bare LF after the last"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n", "bare LF in trailer"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n0\r\nA : b\r\n\r\n", "space in trailer"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\0\r\n\r\n", "NUL in trailer"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n c\r\n\r\n", "folded trailer"),
    ROW(POST, "Transfer-Encoding: chunked\r\n\r\n0\r\n" NEXT, "request as trailer"),
    /* §3.2: Host */
    RAW("GET /echo HTTP/1.1\r\n\r\n", "no Host"),
    RAW("GET /echo HTTP/1.1\r\nHost:\r\n\r\n", "empty Host"),
    ROW(GET, "Host: x\r\n\r\n", "repeated Host"),
    ROW(GET, "host: y\r\n\r\n", "two Hosts"),
    ROW("GET /echo HTTP/1.0", "Host: y\r\n\r\n", "two Hosts on 1.0"),
    RAW("GET /echo HTTP/1.1\r\nHost: a, b\r\n\r\n", "list of Hosts"),
    RAW("GET /echo HTTP/1.1\r\nHost: a b\r\n\r\n", "space in Host"),
    RAW("GET /echo HTTP/1.1\r\nHost: u@h\r\n\r\n", "user in Host"),
    RAW("GET /echo HTTP/1.1\r\nHost: h/p\r\n\r\n", "path in Host"),
    RAW("GET /echo HTTP/1.1\r\nHost: h:p\r\n\r\n", "port in letters"),
    RAW("GET /echo HTTP/1.1\r\nHost : x\r\n\r\n", "space before colon of Host"),
    RAW("GET /echo HTTP/1.1\r\n Host: x\r\n\r\n", "space before the first field"),
    /* §2.2, §5: lines and fields */
    ROW(GET, "A: b\r\n c\r\n\r\n", "folded field"),
    ROW(GET, "A: b\r\n\tc\r\n\r\n", "folded with a tab"),
    ROW(GET, "A\r\n\r\n", "no colon"),
    ROW(GET, ": b\r\n\r\n", "no name"),
    ROW(GET, "A B: c\r\n\r\n", "space in name"),
    ROW(GET, "A\0: c\r\n\r\n", "NUL in name"),
    ROW(GET, "A: b\0c\r\n\r\n", "NUL in value"),
    ROW(GET, "A: b\x01\r\n\r\n", "control in value"),
    ROW(GET, "A: b\x7f\r\n\r\n", "DEL in value"),
    ROW(GET, "A: b\rc\r\n\r\n", "bare CR in value"),
    ROW(GET, "A: b\r\r\n\r\n", "two CRs"),
    ROW(GET, "A: b\n\r\n", "bare LF"),
    ROW(GET, "A: b\r\n\n", "bare LF at the end"),
    RAW("GET /echo HTTP/1.1\nHost: x\n\n", "bare LFs only"),
    RAW("GET /echo HTTP/1.1\rHost: x\r\r", "bare CRs only"),
    RAW("\nGET /echo HTTP/1.1\r\nHost: x\r\n\r\n", "bare LF first"),
    RAW("\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\n\r\n", "two empty lines first"),
    /* §3: request line */
    ROW("GET http://x/echo HTTP/1.1", "\r\n", "absolute-form"),
    ROW("GET * HTTP/1.1", "\r\n", "asterisk-form of GET"),
    ROW("GET echo HTTP/1.1", "\r\n", "no slash"),
    ROW("CONNECT x:80 HTTP/1.1", "\r\n", "CONNECT"),
    ROW("GET  /echo HTTP/1.1", "\r\n", "two spaces"),
    ROW("GET /echo  HTTP/1.1", "\r\n", "two spaces"),
    ROW("GET\t/echo HTTP/1.1", "\r\n", "tab"),
    ROW(" GET /echo HTTP/1.1", "\r\n", "space first"),
    ROW("GET /echo HTTP/1.1 ", "\r\n", "space last"),
    ROW("GET /a b HTTP/1.1", "\r\n", "space in target"),
    ROW("GET /echo#f HTTP/1.1", "\r\n", "fragment"),
    ROW("GET /\xc3\xa9 HTTP/1.1", "\r\n", "raw UTF-8"),
    ROW("GET /echo", "\r\n", "no version"),
    ROW("GET /echo http/1.1", "\r\n", "lower-case version"),
    ROW("GET /echo HTTP/1.01", "\r\n", "long version"),
    ROW("GET /echo ICE/1.0", "\r\n", "another protocol"),
    ROW("GE(T /echo HTTP/1.1", "\r\n", "method that is no token"),
    RAW("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "TLS"),
};

static void test_malformed(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        assert_refused(malformed[i].bytes, malformed[i].size, 400, malformed[i].why);
}

/* The same, in two pieces: what is refused does not depend on fragmentation. */
static void test_malformed_in_pieces(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        size_t half = malformed[i].size / 2;
        int fd = peer_connect();
        peer_send(fd, malformed[i].bytes, half);
        peer_taken(fd);
        peer_send(fd, malformed[i].bytes + half, malformed[i].size - half);
        if (peer_status(fd) != 400 || !peer_closes(fd, 1000))
            fail_msg("%s", malformed[i].why);
        close(fd);
    }
}

static void test_versions(void **state) {
    (void)state;
    static const char *const rows[] = {"GET / HTTP/2.0\r\n\r\n", "GET / HTTP/1.2\r\n\r\n",
                                       "GET / HTTP/0.9\r\n\r\n",
                                       "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_refused(rows[i], strlen(rows[i]), 505, rows[i]);
}

static void test_expectation(void **state) {
    (void)state;
    static const char request[] = "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n"
                                  "Content-Length: 3\r\n\r\nabc";
    assert_refused(request, sizeof request - 1, 417, "Expect");
}

static void assert_size(struct buffer *b, int expected) {
    if (expected == 200) {
        int fd = peer_connect();
        peer_send(fd, b->at, b->size);
        assert_int_equal(peer_status(fd), 200);
        close(fd);
    } else {
        assert_refused(b->at, b->size, expected, "size");
    }
    buffer_clear(b, 0);
}

static void test_sizes(void **state) {
    (void)state;
    struct buffer b = {0};
    for (int over = 0; over <= 1; over++) {
        buffer_format(&b, "GET /echo/%0*d HTTP/1.1\r\nHost: x\r\n\r\n", HTTP_LINE_MAX - 19 + over,
                      0);
        assert_size(&b, over ? 414 : 200);
        buffer_format(&b, "GET /echo HTTP/1.1\r\nHost: x\r\nA: %0*d\r\n\r\n",
                      HTTP_HEAD_MAX - 14 + over, 0);
        assert_size(&b, over ? 431 : 200);
        buffer_format(&b, "GET /echo HTTP/1.1\r\nHost: x\r\n");
        for (int i = 1; i < HTTP_HEADER_MAX + over; i++)
            buffer_format(&b, "A: b\r\n");
        buffer_format(&b, "\r\n");
        assert_size(&b, over ? 431 : 200);
        buffer_format(&b, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%0*d",
                      HTTP_BODY_MAX + over, HTTP_BODY_MAX + over, 0);
        assert_size(&b, over ? 413 : 200);
    }
    buffer_free(&b);
}

static void test_chunked_sizes(void **state) {
    (void)state;
    static const char head[] =
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    struct buffer b = {0};
    for (int over = 0; over <= 1; over++) {
        buffer_format(&b, "%s", head);
        for (int i = 0; i < 64; i++)
            buffer_format(&b, "400\r\n%01024d\r\n", 0);
        buffer_format(&b, over ? "1\r\nx\r\n0\r\n\r\n" : "0\r\n\r\n");
        assert_size(&b, over ? 413 : 200);
        buffer_format(&b, "%s%x\r\n%0*d\r\n0\r\n\r\n", head, HTTP_BODY_MAX + over,
                      HTTP_BODY_MAX + over, 0);
        assert_size(&b, over ? 413 : 200);
        buffer_format(&b, "%s1;%0*d\r\na\r\n0\r\n\r\n", head, HTTP_EXTENSION_MAX + over, 0);
        assert_size(&b, over ? 400 : 200);
        buffer_format(&b, "%s0\r\nA: %0*d\r\n\r\n", head, HTTP_HEAD_MAX - 5 + over, 0);
        assert_size(&b, over ? 431 : 200);
    }
    buffer_free(&b);
}

/* Known from Content-Length alone; and a client that sends all of it first still sees the reply. */
static void test_body_too_large(void **state) {
    (void)state;
    static const char head[] = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n";
    assert_refused(head, sizeof head - 1, 413, "announced");
    struct buffer b = {0};
    buffer_format(&b, "%s%02000000d", head, 0);
    assert_refused(b.at, b.size, 413, "sent");
    buffer_free(&b);
}

static void test_no_continue_for_too_much(void **state) {
    (void)state;
    static const char head[] = "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                               "Content-Length: 70000\r\n\r\n";
    assert_refused(head, sizeof head - 1, 413, "Expect with too much");
}

/* One that was fine before one that is not is answered. */
static void test_good_then_bad(void **state) {
    (void)state;
    int fd = peer_connect();
    peer_send_text(fd, NEXT "GET / HTTP/1.1\r\n\r\n" NEXT);
    assert_int_equal(peer_status(fd), 200);
    assert_int_equal(peer_status(fd), 400);
    assert_true(peer_closes(fd, 1000));
    close(fd);
}

static void test_unfinished_request(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "G", "GET / HTTP/1.1\r\nHo", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na"};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        int fd = peer_connect();
        peer_send_text(fd, pieces[i]);
        shutdown(fd, SHUT_WR);
        assert_int_equal(peer_status(fd), 400);
        assert_true(peer_closes(fd, 1000));
        close(fd);
    }
}

/* Any bytes at all: there is an answer or an end, and the server lives on. */
static void test_noise(void **state) {
    (void)state;
    static const char *const seeds[] = {
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "POST /echo?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: "
        "100-continue\r\n\r\nabc",
    };
    uint32_t random = 12345;
    for (int i = 0; i < 3000; i++) {
        char bytes[200];
        size_t size = strlen(seeds[i % 2]);
        memcpy(bytes, seeds[i % 2], size);
        for (int changes = 1 + i % 3; changes > 0; changes--) {
            random = random * 1664525 + 1013904223;
            bytes[(random >> 8) % size] = (char)(random >> 24);
        }
        int fd = peer_connect();
        peer_send(fd, bytes, size);
        shutdown(fd, SHUT_WR);
        char c[4096];
        while (recv(fd, c, sizeof c, 0) > 0)
            continue;
        close(fd);
    }
    assert_refused("\n", 1, 400, "after noise");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_malformed),      cmocka_unit_test(test_malformed_in_pieces),
        cmocka_unit_test(test_versions),       cmocka_unit_test(test_expectation),
        cmocka_unit_test(test_sizes),          cmocka_unit_test(test_chunked_sizes),
        cmocka_unit_test(test_body_too_large), cmocka_unit_test(test_no_continue_for_too_much),
        cmocka_unit_test(test_good_then_bad),  cmocka_unit_test(test_unfinished_request),
        cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
