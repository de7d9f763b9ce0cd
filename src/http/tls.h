/* The server's side of TLS 1.2 and 1.3 on one connection (RFC 5246, RFC 8446): turns bytes of the
 * wire into bytes of the connection and back. Knows nothing of sockets. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "http/identity.h"

/* No record carries more. */
#define TLS_RECORD_MAX (16 * 1024)

struct tls;

enum tls_event {
    TLS_BYTES,  /* of the connection */
    TLS_WAITS,  /* for more of the wire */
    TLS_ENDED,  /* the client says that it sends no more (close_notify) */
    TLS_HTTP,   /* the client does not speak TLS at all, but HTTP */
    TLS_FAILED, /* nothing in common, or against the protocol; the alert is in tls_wire() */
};

struct tls *tls_new(struct identity *identity);
void tls_free(struct tls *t);

/* Lends bytes of the wire, to be read with tls_read until it gives something else than TLS_BYTES;
 * only then may they go, and more be lent. */
void tls_lend(struct tls *t, const char *wire, size_t size);

/* Takes the handshake as far as it goes, then reads. `room` is at least TLS_RECORD_MAX; *size is
 * set with TLS_BYTES. After TLS_HTTP and TLS_FAILED nothing else works. */
enum tls_event tls_read(struct tls *t, char *to, size_t room, size_t *size);

/* Whether the handshake is over. */
bool tls_is_open(const struct tls *t);

/* Whether part of a record has been taken that gave no bytes yet. */
bool tls_has_part(const struct tls *t);

/* Encrypts. False when that cannot be: before the handshake is over, or after a failure. */
bool tls_write(struct tls *t, const char *bytes, size_t size);

/* Says that nothing more will be written (close_notify), unless it was said, or cannot be. */
void tls_end(struct tls *t);

/* What is to be sent, added to by all of the above; whoever sends it takes it out. */
struct buffer *tls_wire(struct tls *t);

#endif
