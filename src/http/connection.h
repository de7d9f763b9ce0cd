/* One client's connection: a state, the list of its state, and at most one flight. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include <uv.h>

#include "base/address.h"
#include "base/error.h"

struct flight;
struct listener;
struct loop;
struct secure;

/* TCP or a Unix socket, as libuv has them. */
union socket {
    uv_handle_t any;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
};

/* Each state but BUSY and CLOSING ends at a deadline; its connections stand in one list per loop,
 * the earliest deadline first. */
enum connection_state {
    CONNECTION_HANDSHAKE, /* TLS is being agreed on */
    CONNECTION_IDLE,      /* between requests; no flight */
    CONNECTION_HEAD,      /* receiving request line and fields */
    CONNECTION_BODY,      /* receiving the body */
    CONNECTION_BUSY,      /* the flight is lent to the service, or waits for its turn */
    CONNECTION_WRITING,   /* the client is slow to take the reply */
    CONNECTION_LINGER,    /* all said; reads what the client still sends */
    CONNECTION_CLOSING,   /* libuv is at it */
    CONNECTION_STATES,
};

#define CONNECTION_MAGIC 0x636f6e6eu

struct connection {
    unsigned magic;
    enum connection_state state;
    struct connection *previous, *next; /* in the list of its state */
    uint64_t deadline;                  /* ms of uv_now */
    struct loop *loop;
    const struct listener *listener;
    struct flight *flight;
    struct secure *secure; /* TLS; NULL: plain */
    struct address peer;
    size_t
        left;   /* HANDSHAKE, LINGER: bytes still to be read; WRITING: unwritten when last looked */
    bool ended; /* the client sends no more */
    bool paused;  /* not reading */
    bool refused; /* one too many */
    bool skipped; /* the one empty line that may stand before the next request */
    union socket handle;
};

/* Serves a client that was accepted; the socket is the connection's from here on. */
void connection_adopt(struct loop *loop, const struct listener *listener, int fd);

/* Its deadline has passed. */
void connection_expire(struct connection *c);

/* The server drains: idle clients have a moment for a request that may be on its way. */
void connection_drain(struct loop *loop);

/* Says that nothing more will be sent, and reads on for a while: closing with bytes unread would
 * reset the connection, and the client might never see the reply. */
void connection_linger(struct connection *c);

/* Drops everything at once. */
void connection_close(struct connection *c);

/* Puts it at the end of the list of `state`, with that state's deadline. */
void connection_wait(struct connection *c, enum connection_state state);

#endif
