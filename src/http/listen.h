/* Listening sockets: who may have an address, and one socket of it for each loop. */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include <stdbool.h>

#include "base/error.h"
#include "http/http.h"

struct listener {
    unsigned index; /* in http_config.listens */
    unsigned surfaces;
    bool tls;
    bool unix_socket;
    unsigned port;    /* 0 for a unix socket */
    const char *path; /* of a unix socket's file once it is there; part of the configuration */
    int *sockets;     /* one for each loop; -1 once a loop has taken it over */
    unsigned count;
};

struct listeners {
    struct listener *at; /* "localhost" makes two */
    unsigned count;
};

/* Binds all that `config` lists, `loops` sockets for each. ERR_UNAVAILABLE, logged, when an address
 * is malformed, in use or not to be had; nothing is left open then. */
enum err listen_open(struct listeners *out, const struct http_config *config, unsigned loops);

/* Closes what no loop has taken and removes the socket files. */
void listen_close(struct listeners *listeners);

#endif
