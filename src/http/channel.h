/* A connection's bytes, in and out: as they are or, on a TLS listener, encrypted (secure.h). What
 * comes in goes to serve.h; what goes out is sent at once as far as the socket takes it. */
#ifndef HTTP_CHANNEL_H
#define HTTP_CHANNEL_H

#include <stdbool.h>
#include <uv.h>

struct connection;
struct flight;

/* Starts to read, and stops. False: the connection is of no use any more. */
bool channel_read(struct connection *c);
void channel_pause(struct connection *c);

/* Whether the client has sent what was not read yet. */
bool channel_has_unread(const struct connection *c);

/* Whether some of it waits in the socket, as it does while the loop is busy with others. */
bool channel_has_arrived(const struct connection *c);

enum channel_sent {
    CHANNEL_SENT,   /* all of it */
    CHANNEL_LATER,  /* the rest goes out as the client reads on */
    CHANNEL_FAILED, /* the connection is of no use any more */
};

/* Sends a flight's reply, one or two `pieces`, which are changed. After CHANNEL_LATER serve_sent(f)
 * is called once, when it is out or has failed; until then the bytes must stay. */
enum channel_sent channel_send(struct connection *c, struct flight *f, uv_buf_t *pieces,
                               unsigned count);

/* Sends a few bytes if the socket takes them now; else they may be lost. */
void channel_try(struct connection *c, const char *bytes, size_t size);

/* Bytes of a reply that are not out yet. */
size_t channel_unsent(const struct connection *c);

/* Says that nothing more will be sent. False: the connection is of no use any more. */
bool channel_end(struct connection *c);

/* Closes the handle; `on_closed` must not come back here. */
void channel_close(struct connection *c, uv_close_cb on_closed);

#endif
