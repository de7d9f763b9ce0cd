/* The conversation on a connection: bytes in, requests to the service, replies out in order. */
#ifndef HTTP_SERVE_H
#define HTTP_SERVE_H

#include <stddef.h>

#include "base/error.h"

struct connection;
struct flight;

/* Requests may come: the client is connected, and TLS agreed on. */
void serve_open(struct connection *c);

/* Reads from now on, if it does not already. */
void serve_read(struct connection *c);

/* What channel.h has read: bytes; that there are no more. */
void serve_input(struct connection *c, const char *bytes, size_t size);
void serve_input_ended(struct connection *c);

/* What it has sent: a reply that had to wait. `status` is libuv's. */
void serve_sent(struct flight *f, int status);

/* Answers a client that speaks HTTP without TLS where there is TLS alone, and closes. */
void serve_refuse_plain(struct connection *c);

/* Answers `e` to what has been received, or to the connection as such, and closes. */
void serve_refuse(struct connection *c, enum err e);

/* A flight of this connection is back through the mailbox. */
void serve_news(struct connection *c, struct flight *f);

#endif
