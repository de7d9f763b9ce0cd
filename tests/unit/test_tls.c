/* TLS without sockets: OpenSSL's client on the other side of two pieces of memory; and replies of
 * every size through the server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/log.h"
#include "http/identity.h"
#include "http/tls.h"
#include "http_peer.h"

static char certificate_file[64], key_file[64];
static struct identity *identity;
static SSL_CTX *client_context;

/* ---- A certificate --------------------------------------------------------------------------- */

static X509 *sign_oneself(EVP_PKEY *key) {
    X509 *x = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_NAME *name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1,
                               0);
    X509_set_issuer_name(x, name);
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    return x;
}

static void write_files(void) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = sign_oneself(key);
    FILE *file = fopen(key_file, "w");
    assert_true(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL));
    fclose(file);
    file = fopen(certificate_file, "w");
    assert_true(PEM_write_X509(file, x));
    fclose(file);
    X509_free(x);
    EVP_PKEY_free(key);
}

static int set_up(void **state) {
    (void)state;
    umask(077);
    snprintf(certificate_file, sizeof certificate_file, "test_tls_%d.pem", getpid());
    snprintf(key_file, sizeof key_file, "test_tls_%d_key.pem", getpid());
    write_files();
    client_context = SSL_CTX_new(TLS_client_method());
    return identity_open(&identity, certificate_file, key_file);
}

static int tear_down(void **state) {
    (void)state;
    identity_close(identity);
    SSL_CTX_free(client_context);
    unlink(certificate_file);
    unlink(key_file);
    return 0;
}

/* ---- Both sides in memory -------------------------------------------------------------------- */

struct pair {
    struct tls *server;
    SSL *client;
    BIO *to_client, *to_server;
};

static struct pair pair_new(void) {
    struct pair p = {.server = tls_new(identity), .client = SSL_new(client_context)};
    p.to_client = BIO_new(BIO_s_mem());
    p.to_server = BIO_new(BIO_s_mem());
    SSL_set_bio(p.client, p.to_client, p.to_server);
    SSL_set_connect_state(p.client);
    return p;
}

static void pair_free(struct pair *p) {
    tls_free(p->server);
    SSL_free(p->client);
}

static void carry_to_client(struct pair *p) {
    struct buffer *out = tls_wire(p->server);
    if (out->size > 0)
        assert_int_equal(BIO_write(p->to_client, out->at, (int)out->size), (int)out->size);
    buffer_clear(out, 0);
}

/* Lends the server `size` bytes of what the client has sent, and adds what it reads to `clear`. */
static enum tls_event carry_to_server(struct pair *p, int size, struct buffer *clear) {
    char wire[4096];
    int n = BIO_read(p->to_server, wire, size < (int)sizeof wire ? size : (int)sizeof wire);
    enum tls_event event;
    tls_lend(p->server, wire, n > 0 ? (size_t)n : 0);
    for (;;) {
        size_t got;
        event = tls_read(p->server, buffer_reserve(clear, TLS_RECORD_MAX), TLS_RECORD_MAX, &got);
        if (event != TLS_BYTES)
            return event;
        clear->size += got;
    }
}

static void shake_hands(struct pair *p, int piece) {
    struct buffer clear = {0};
    for (int round = 0; round < 10000 && !tls_is_open(p->server); round++) {
        if (BIO_pending(p->to_server) == 0)
            SSL_do_handshake(p->client);
        assert_int_equal(carry_to_server(p, piece, &clear), TLS_WAITS);
        carry_to_client(p);
    }
    assert_int_equal(SSL_do_handshake(p->client), 1);
    assert_int_equal(clear.size, 0);
    buffer_free(&clear);
}

static void test_bytes_there_and_back(void **state) {
    (void)state;
    static const int pieces[] = {1, 5, 100, 4096};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct pair p = pair_new();
        struct buffer clear = {0};
        assert_false(tls_is_open(p.server));
        shake_hands(&p, pieces[i]);
        assert_int_equal(SSL_write(p.client, "hello ", 6), 6);
        assert_int_equal(SSL_write(p.client, "server", 6), 6);
        while (BIO_pending(p.to_server) > 0)
            assert_int_equal(carry_to_server(&p, pieces[i], &clear), TLS_WAITS);
        assert_true(text_equal(buffer_text(&clear), TEXT("hello server")));
        assert_true(tls_write(p.server, "hello client", 12));
        carry_to_client(&p);
        char answer[20];
        assert_int_equal(SSL_read(p.client, answer, sizeof answer), 12);
        assert_memory_equal(answer, "hello client", 12);
        buffer_free(&clear);
        pair_free(&p);
    }
}

static void test_part_of_a_record(void **state) {
    (void)state;
    struct pair p = pair_new();
    struct buffer clear = {0};
    shake_hands(&p, 4096);
    assert_false(tls_has_part(p.server));
    SSL_write(p.client, "hello", 5);
    assert_int_equal(carry_to_server(&p, 10, &clear), TLS_WAITS);
    assert_true(tls_has_part(p.server));
    assert_int_equal(carry_to_server(&p, 4096, &clear), TLS_WAITS);
    assert_false(tls_has_part(p.server));
    assert_int_equal(clear.size, 5);
    buffer_free(&clear);
    pair_free(&p);
}

static void test_ends(void **state) {
    (void)state;
    struct pair p = pair_new();
    struct buffer clear = {0};
    tls_end(p.server);
    assert_false(tls_write(p.server, "x", 1));
    assert_int_equal(tls_wire(p.server)->size, 0);
    shake_hands(&p, 4096);
    SSL_write(p.client, "last", 4);
    SSL_shutdown(p.client);
    assert_int_equal(carry_to_server(&p, 4096, &clear), TLS_ENDED);
    assert_true(text_equal(buffer_text(&clear), TEXT("last")));
    assert_true(tls_write(p.server, "reply", 5));
    tls_end(p.server);
    size_t said = tls_wire(p.server)->size;
    tls_end(p.server);
    assert_int_equal(tls_wire(p.server)->size, said);
    carry_to_client(&p);
    char answer[20];
    assert_int_equal(SSL_read(p.client, answer, sizeof answer), 5);
    assert_int_equal(SSL_read(p.client, answer, sizeof answer), 0);
    assert_int_equal(SSL_get_error(p.client, 0), SSL_ERROR_ZERO_RETURN);
    buffer_free(&clear);
    pair_free(&p);
}

static enum tls_event first_words(const char *words, size_t size) {
    struct tls *t = tls_new(identity);
    char clear[TLS_RECORD_MAX];
    size_t got;
    tls_lend(t, words, size);
    enum tls_event event = tls_read(t, clear, sizeof clear, &got);
    if (event != TLS_WAITS) {
        assert_false(tls_write(t, "x", 1));
        assert_int_equal(tls_read(t, clear, sizeof clear, &got), TLS_FAILED);
    }
    tls_free(t);
    return event;
}

static void test_what_is_no_tls(void **state) {
    (void)state;
    assert_int_equal(first_words("GET / HTTP/1.1\r\n", 16), TLS_HTTP);
    assert_int_equal(first_words("POST /", 6), TLS_HTTP);
    assert_int_equal(first_words("EHLO there\r\n", 12), TLS_FAILED);
    assert_int_equal(first_words("\x16\x03\x01\x00\x05\x01\x00", 7), TLS_WAITS);
    assert_int_equal(first_words("", 0), TLS_WAITS);
}

static void test_a_forged_record_fails(void **state) {
    (void)state;
    struct pair p = pair_new();
    shake_hands(&p, 4096);
    SSL_write(p.client, "hello", 5);
    char wire[100], clear[TLS_RECORD_MAX];
    size_t got;
    int n = BIO_read(p.to_server, wire, sizeof wire);
    wire[n - 1] ^= 1;
    tls_lend(p.server, wire, (size_t)n);
    assert_int_equal(tls_read(p.server, clear, sizeof clear, &got), TLS_FAILED);
    assert_true(tls_wire(p.server)->size > 0); /* the alert */
    assert_false(tls_write(p.server, "x", 1));
    pair_free(&p);
}

/* ---- Replies through the server -------------------------------------------------------------- */

static SSL *secure_client(int fd) {
    SSL *client = SSL_new(client_context);
    SSL_set_fd(client, fd);
    assert_int_equal(SSL_connect(client), 1);
    return client;
}

static SSL *connect_client(int *fd) {
    *fd = peer_connect();
    return secure_client(*fd);
}

static void read_exactly(SSL *client, char *to, size_t size) {
    for (size_t at = 0, n; at < size; at += n)
        assert_int_equal(SSL_read_ex(client, to + at, size - at, &n), 1);
}

/* The head of a reply to /big, read byte by byte; how large its body is. */
static size_t read_head(SSL *client) {
    char head[2000];
    size_t n = 0;
    do
        read_exactly(client, &head[n++], 1);
    while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4) != 0);
    head[n] = '\0';
    return strtoul(strstr(head, "Content-Length: ") + strlen("Content-Length: "), NULL, 10);
}

static void expect_big(SSL *client, size_t size) {
    char *body = malloc(size + 1);
    assert_int_equal(read_head(client), size);
    read_exactly(client, body, size);
    for (size_t i = 0; i < size; i++)
        if (body[i] != 'x')
            fail_msg("byte %zu of %zu is %d", i, size, body[i]);
    free(body);
}

static void start_server(unsigned write_timeout) {
    static const struct http_listen listen = {.address = "127.0.0.1:0", .tls = true};
    peer_start((struct http_config){.listens = &listen,
                                    .listen_count = 1,
                                    .loops = 1,
                                    .tls_certificate = certificate_file,
                                    .tls_key = key_file,
                                    .write_timeout = write_timeout});
}

static void ask_for(SSL *client, size_t size) {
    char request[100];
    int n = snprintf(request, sizeof request, "GET /big?%zu HTTP/1.1\r\nHost: x\r\n\r\n", size);
    assert_int_equal(SSL_write(client, request, n), n);
}

/* Around the bounds of a record and of what is encrypted ahead; all are asked for before the first
 * is read, so that most of them wait for the client. */
static void test_replies_of_every_size(void **state) {
    (void)state;
    static const size_t sizes[] = {0,     1,     16000, 16383,   16384,   16385, 32768,
                                   40960, 57344, 65536, 1000000, 8000000, 3,     100000};
    start_server(0);
    int fd;
    SSL *client = connect_client(&fd);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        ask_for(client, sizes[i]);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        expect_big(client, sizes[i]);
    SSL_free(client);
    close(fd);
    peer_stop();
}

/* A client that never reads is dropped, as without TLS; so is one that has gone. */
static void test_replies_nobody_reads(void **state) {
    (void)state;
    start_server(200);
    int gone_fd, silent_fd;
    SSL *gone = connect_client(&gone_fd), *silent = connect_client(&silent_fd);
    ask_for(gone, 50000000);
    assert_int_equal(read_head(gone), 50000000);
    SSL_free(gone);
    close(gone_fd);
    ask_for(silent, 50000000);
    usleep(8 * 200 * 1000);
    static char bytes[65536];
    size_t size = 0, n;
    while (SSL_read_ex(silent, bytes, sizeof bytes, &n))
        size += n;
    assert_true(size < 50000000);
    SSL_free(silent);
    close(silent_fd);
    peer_stop();
}

/* A slow reader is served as long as it reads, on a slow machine too. Its window is small, or the
 * server would see it read in bursts, far apart. */
static void test_a_slow_reader(void **state) {
    (void)state;
    if (getenv("ROLLCALL_TEST_VALGRIND"))
        skip(); /* encrypting what fills the kernel's buffers takes longer there than the timeout */
    start_server(1500);
    int fd = peer_connect_window(65536);
    SSL *client = secure_client(fd);
    ask_for(client, 20000000);
    size_t size = read_head(client);
    static char bytes[1000000];
    for (size_t part; size > 0; size -= part) {
        part = size < sizeof bytes ? size : sizeof bytes;
        read_exactly(client, bytes, part);
        usleep(90000);
    }
    SSL_free(client);
    close(fd);
    peer_stop();
}

int main(void) {
    log_level_set(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_there_and_back),
        cmocka_unit_test(test_part_of_a_record),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_what_is_no_tls),
        cmocka_unit_test(test_a_forged_record_fails),
        cmocka_unit_test(test_replies_of_every_size),
        cmocka_unit_test(test_replies_nobody_reads),
        cmocka_unit_test(test_a_slow_reader),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
