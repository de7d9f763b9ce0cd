/* The conversation on a connection: bytes in, requests to the service, replies out in order. */
#ifndef HTTP_SERVE_H
#define HTTP_SERVE_H

#include "base/error.h"

struct connection;
struct flight;

/* Reads from now on, if it does not already. */
void serve_read(struct connection *c);

/* Answers `e` to what has been received, or to the connection as such, and closes. */
void serve_refuse(struct connection *c, enum err e);

/* A flight of this connection is back through the mailbox. */
void serve_news(struct connection *c, struct flight *f);

#endif
