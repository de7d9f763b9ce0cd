/* TLS between a connection and its socket: tls.h, and what the socket did not take. For channel.h,
 * whose functions have the same names and promises. */
#ifndef HTTP_SECURE_H
#define HTTP_SECURE_H

#include "http/channel.h"

/* Puts TLS between a connection and its socket, before its first byte; takes it away again, when
 * libuv is not writing any of it. */
void secure_begin(struct connection *c);
void secure_free(struct connection *c);

/* Bytes of the wire. Answers the handshake; what is in them goes to serve.h. */
void secure_input(struct connection *c, const char *bytes, size_t size);

/* Whether part of a record has arrived. */
bool secure_has_part(const struct connection *c);

/* Without a flight: a few bytes, of which nobody is told when they are out. */
enum channel_sent secure_send(struct connection *c, struct flight *f, const uv_buf_t *pieces,
                              unsigned count);

/* Bytes that libuv does not have yet. */
size_t secure_unsent(const struct connection *c);

/* Says close_notify, and then what channel_end says. */
bool secure_end(struct connection *c);

/* Says close_notify if that can still be said, to a connection that is closed right away. */
void secure_farewell(struct connection *c);

#endif
