#include "http/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/log.h"
#include "base/text.h"

/* Longer files are no keys. */
#define KEY_FILE_MAX (64 * 1024)

struct identity {
    const char *certificate_file, *key_file;
    pthread_mutex_t mutex;
    SSL_CTX *context;
};

/* What OpenSSL says of the last thing it refused. */
static const char *openssl_reason(void) {
    unsigned long code = ERR_peek_error();
    if (ERR_SYSTEM_ERROR(code))
        return strerrordesc_np(ERR_GET_REASON(code));
    const char *reason = ERR_reason_error_string(code);
    return reason ? reason : "not understood";
}

static enum err refuse(const char *file, const char *why) {
    log_line(LOG_ERROR, "tls: %s: %s", file, why);
    return ERR_UNAVAILABLE;
}

/* ---- What every connection is held to -------------------------------------------------------- */

/* Only HTTP/1.1 is spoken here; who offers other protocols and not this one is told so (RFC 7301).
 */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                           const unsigned char *offered, unsigned size, void *unused) {
    static const struct text http = {"http/1.1", 8};
    (void)ssl;
    (void)unused;
    for (unsigned i = 0; i < size; i += 1u + offered[i]) {
        if (!text_equal((struct text){(const char *)offered + i + 1, offered[i]}, http))
            continue;
        *out = offered + i + 1;
        *out_size = offered[i];
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* A passphrase would have to be typed in at every reload. */
static int no_passphrase(char *out, int size, int writing, void *unused) {
    (void)out;
    (void)size;
    (void)writing;
    (void)unused;
    return -1;
}

/* Mozilla's "intermediate" without its finite-field ciphers. The client chooses among these: it
 * knows whether it has AES in hardware. Resumption is by tickets alone, whose key lives and dies
 * with the context: the server remembers nothing of those who have gone. */
static bool configure(SSL_CTX *context) {
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_early_data(context, 0);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) &&
           SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) &&
           SSL_CTX_set_cipher_list(context,
                                   "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                                   "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                                   "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305") &&
           SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
                                             "TLS_CHACHA20_POLY1305_SHA256") &&
           SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384");
}

/* ---- The files ------------------------------------------------------------------------------- */

/* The file's size, or -1 and errno. Read by hand: stdio would leave a copy of the key behind. */
static ssize_t read_file(const char *file, char *to, size_t room) {
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    size_t size = 0;
    ssize_t n;
    while ((n = read(fd, to + size, room - size)) > 0)
        size += (size_t)n;
    int error = errno;
    close(fd);
    errno = error;
    return n < 0 ? -1 : (ssize_t)size;
}

static EVP_PKEY *parse_key(const char *bytes, ssize_t size) {
    BIO *source = BIO_new_mem_buf(bytes, (int)size);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(source, NULL, no_passphrase, NULL);
    BIO_free(source);
    return key;
}

/* OpenSSL itself would keep a key of another kind than the certificate's, and use neither. */
static enum err use_key(SSL_CTX *context, const char *file, EVP_PKEY *key) {
    if (X509_check_private_key(SSL_CTX_get0_certificate(context), key) != 1)
        return refuse(file, "the key does not belong to the certificate");
    return SSL_CTX_use_PrivateKey(context, key) == 1 ? OK : refuse(file, openssl_reason());
}

static enum err load_key(SSL_CTX *context, const char *file) {
    char *bytes = malloc(KEY_FILE_MAX);
    if (bytes == NULL)
        log_out_of_memory(0);
    ssize_t size = read_file(file, bytes, KEY_FILE_MAX);
    if (size < 0) {
        free(bytes);
        return refuse(file, strerrordesc_np(errno));
    }
    EVP_PKEY *key = parse_key(bytes, size);
    bool encrypted = memmem(bytes, (size_t)size, "ENCRYPTED", strlen("ENCRYPTED")) != NULL;
    OPENSSL_cleanse(bytes, KEY_FILE_MAX);
    free(bytes);
    if (key == NULL)
        return refuse(file, encrypted ? "the key is encrypted; it must be without a passphrase"
                                      : "there is no private key in it (PEM)");
    enum err e = use_key(context, file, key);
    EVP_PKEY_free(key);
    return e;
}

static void warn_of_readers(const char *file) {
    struct stat status;
    if (stat(file, &status) == 0 && (status.st_mode & S_IRWXO) != 0)
        log_line(LOG_WARN, "tls: %s: everybody on this machine may read the key (chmod o-rwx)",
                 file);
}

static enum err load_certificate(SSL_CTX *context, const char *file) {
    if (SSL_CTX_use_certificate_chain_file(context, file) == 1)
        return OK;
    bool empty = ERR_GET_REASON(ERR_peek_error()) == PEM_R_NO_START_LINE;
    return refuse(file, empty ? "there is no certificate in it (PEM)" : openssl_reason());
}

/* "Sep  1 12:00:00 2030 GMT". */
static void format_time(const ASN1_TIME *time, char *out, size_t room) {
    BIO *text = BIO_new(BIO_s_mem());
    int size = text != NULL && ASN1_TIME_print(text, time) ? BIO_read(text, out, (int)room - 1) : 0;
    out[size > 0 ? size : 0] = '\0';
    BIO_free(text);
}

/* Clients will refuse it, and the operator should hear of it here first. */
static void look_at_dates(const SSL_CTX *context, const char *file) {
    const X509 *certificate = SSL_CTX_get0_certificate(context);
    char from[40], to[40];
    format_time(X509_get0_notBefore(certificate), from, sizeof from);
    format_time(X509_get0_notAfter(certificate), to, sizeof to);
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0)
        log_line(LOG_WARN, "tls: %s: the certificate expired on %s", file, to);
    else if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        log_line(LOG_WARN, "tls: %s: the certificate is not valid before %s", file, from);
    else
        log_line(LOG_INFO, "tls: %s: the certificate is valid until %s", file, to);
}

static enum err load(const struct identity *identity, SSL_CTX *context) {
    ERR_clear_error();
    if (!configure(context))
        return refuse("OpenSSL", openssl_reason());
    TRY(load_certificate(context, identity->certificate_file));
    ERR_clear_error();
    TRY(load_key(context, identity->key_file));
    warn_of_readers(identity->key_file);
    look_at_dates(context, identity->certificate_file);
    return OK;
}

/* A context of its own for each pair of files: what has been handed out never changes. */
static enum err context_new(const struct identity *identity, SSL_CTX **out) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL)
        log_out_of_memory(0);
    enum err e = load(identity, context);
    ERR_clear_error();
    if (e == OK)
        *out = context;
    else
        SSL_CTX_free(context);
    return e;
}

/* ---- The identity ---------------------------------------------------------------------------- */

enum err identity_open(struct identity **out, const char *certificate_file, const char *key_file) {
    struct identity *identity = calloc(1, sizeof *identity);
    if (identity == NULL)
        log_out_of_memory(0);
    identity->certificate_file = certificate_file;
    identity->key_file = key_file;
    enum err e = context_new(identity, &identity->context);
    if (e != OK) {
        free(identity);
        return e;
    }
    pthread_mutex_init(&identity->mutex, NULL);
    *out = identity;
    return OK;
}

void identity_close(struct identity *identity) {
    if (identity == NULL)
        return;
    SSL_CTX_free(identity->context);
    pthread_mutex_destroy(&identity->mutex);
    free(identity);
}

void identity_reload(struct identity *identity) {
    SSL_CTX *fresh, *old;
    if (context_new(identity, &fresh) != OK) {
        log_line(LOG_ERROR, "tls: nothing reloaded; the certificate in use stays");
        return;
    }
    pthread_mutex_lock(&identity->mutex);
    old = identity->context;
    identity->context = fresh;
    pthread_mutex_unlock(&identity->mutex);
    SSL_CTX_free(old);
    log_line(LOG_INFO, "tls: reloaded %s", identity->certificate_file);
}

SSL_CTX *identity_context(struct identity *identity) {
    pthread_mutex_lock(&identity->mutex);
    SSL_CTX *context = identity->context;
    SSL_CTX_up_ref(context);
    pthread_mutex_unlock(&identity->mutex);
    return context;
}
