#include "http/tls.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/log.h"

/* OpenSSL keeps of a connection what it needs to go on: keys of the session, and the part of a
 * record that has arrived. Buffers of whole records are let go while it is idle. */
struct tls {
    SSL *ssl;
    struct text in; /* lent */
    struct buffer out;
    bool failed;
};

/* ---- What OpenSSL takes for its socket ------------------------------------------------------- */

static int bio_read(BIO *bio, char *to, int room) {
    struct tls *t = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (room <= 0)
        return 0;
    if (t->in.size == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t size = t->in.size < (size_t)room ? t->in.size : (size_t)room;
    memcpy(to, t->in.at, size);
    t->in = (struct text){t->in.at + size, t->in.size - size};
    return (int)size;
}

static int bio_write(BIO *bio, const char *bytes, int size) {
    struct tls *t = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (size <= 0)
        return 0;
    buffer_add(&t->out, bytes, (size_t)size);
    return size;
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *method;

static void make_method(void) {
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
    if (method == NULL || !BIO_meth_set_read(method, bio_read) ||
        !BIO_meth_set_write(method, bio_write) || !BIO_meth_set_ctrl(method, bio_control))
        log_out_of_memory(0);
}

static BIO *bio_new(struct tls *t) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_method);
    BIO *bio = BIO_new(method);
    if (bio == NULL)
        log_out_of_memory(0);
    BIO_set_data(bio, t);
    BIO_set_init(bio, 1);
    return bio;
}

/* ---- A connection ---------------------------------------------------------------------------- */

struct tls *tls_new(struct identity *identity) {
    struct tls *t = calloc(1, sizeof *t);
    SSL_CTX *context = identity_context(identity);
    SSL *ssl = SSL_new(context);
    SSL_CTX_free(context);
    if (t == NULL || ssl == NULL)
        log_out_of_memory(0);
    t->ssl = ssl;
    BIO *bio = bio_new(t);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_accept_state(ssl);
    return t;
}

void tls_free(struct tls *t) {
    if (t == NULL)
        return;
    SSL_free(t->ssl);
    buffer_free(&t->out);
    free(t);
}

void tls_lend(struct tls *t, const char *wire, size_t size) {
    ASSERT(t->in.size == 0);
    t->in = (struct text){wire, size};
}

static enum tls_event fail(struct tls *t) {
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code);
    log_line(LOG_DEBUG, "tls: %s: %s", tls_is_open(t) ? "connection" : "handshake",
             reason ? reason : "broken off");
    t->failed = true;
    ERR_clear_error();
    return ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST
               ? TLS_HTTP
               : TLS_FAILED;
}

/* The errors of a thread stand in one queue; what others have left there is not about this. */
enum tls_event tls_read(struct tls *t, char *to, size_t room, size_t *size) {
    ASSERT(room >= TLS_RECORD_MAX);
    enum tls_event event = TLS_FAILED;
    if (!t->failed) {
        ERR_clear_error();
        if (SSL_read_ex(t->ssl, to, room, size))
            return TLS_BYTES;
        int error = SSL_get_error(t->ssl, 0);
        event = error == SSL_ERROR_WANT_READ     ? TLS_WAITS
                : error == SSL_ERROR_ZERO_RETURN ? TLS_ENDED
                                                 : fail(t);
    }
    t->in = (struct text){NULL, 0};
    return event;
}

bool tls_is_open(const struct tls *t) {
    return SSL_is_init_finished(t->ssl);
}

bool tls_has_part(const struct tls *t) {
    return SSL_has_pending(t->ssl);
}

bool tls_write(struct tls *t, const char *bytes, size_t size) {
    size_t written;
    if (t->failed || !tls_is_open(t))
        return false;
    ERR_clear_error();
    if (SSL_write_ex(t->ssl, bytes, size, &written)) {
        ASSERT(written == size);
        return true;
    }
    fail(t);
    return false;
}

void tls_end(struct tls *t) {
    if (t->failed || !tls_is_open(t) || (SSL_get_shutdown(t->ssl) & SSL_SENT_SHUTDOWN))
        return;
    ERR_clear_error();
    if (SSL_shutdown(t->ssl) < 0)
        fail(t);
}

struct buffer *tls_wire(struct tls *t) {
    return &t->out;
}
