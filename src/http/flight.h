/* A flight is one request from its first byte to the last byte of its reply. Loops keep a few for
 * reuse; a connection has one only while there is something to do. */
#ifndef HTTP_FLIGHT_H
#define HTTP_FLIGHT_H

#include <uv.h>

#include "http/head.h"
#include "http/http.h"
#include "http/parse.h"

struct connection;
struct loop;

enum flight_stage { STAGE_HEAD, STAGE_LENGTH, STAGE_CHUNKS, STAGE_TRAILER, STAGE_WHOLE };

/* Why a flight comes back to its loop through the mailbox. */
enum flight_news { NEWS_DONE, NEWS_MOVED, NEWS_RESUME };

#define FLIGHT_MAGIC   0x666c6774u
#define FLIGHT_ID_SIZE 16

struct flight {
    struct exchange exchange; /* first, so that an exchange's address is its flight's */
    unsigned magic;
    enum flight_stage stage;
    struct loop *loop;
    struct connection *connection; /* NULL once the client is gone */
    struct flight *next;           /* of the list, lane or mailbox it stands in */
    enum lane lane;
    enum flight_news news;
    bool done;       /* the response is complete and back on the loop */
    bool keep_alive; /* as far as the request goes */
    bool old;        /* HTTP/1.0 */
    bool closes;     /* the reply says so */
    bool skipped;    /* the empty line that RFC 9112 §2.2 allows before a request */

    /* What was received: `begin` is the request's first byte, all other places count from it. */
    struct buffer input;
    size_t begin;
    size_t fed;          /* llhttp has read this far */
    size_t body_at;      /* behind the head */
    size_t body_size;    /* received or decoded so far */
    size_t end;          /* behind the request, once it is whole */
    struct buffer later; /* came in while the request was being answered */
    struct head head;
    struct head_facts facts;
    struct parser *parser;

    struct http_header headers[HTTP_HEADER_MAX];
    char own_id[FLIGHT_ID_SIZE];
    struct buffer reply; /* status line and headers */
    uv_write_t write;
};

/* A flight without input, ready for a request. */
struct flight *flight_take(struct loop *loop, struct connection *connection);
/* Gives it back to its loop. */
void flight_release(struct flight *f);
void flight_free(struct flight *f);

/* Looks at what input there is. *whole when the request is complete, and then f->exchange.request
 * is filled in; else more input is needed. */
enum err flight_receive(struct flight *f, bool *whole);

/* Whether input is there that belongs to requests behind this one. */
bool flight_has_more(const struct flight *f);

/* Whether nothing of a request has arrived. */
bool flight_is_empty(const struct flight *f);

/* Whether some of the body has arrived. */
bool flight_has_body_bytes(const struct flight *f);

/* Fills in the method of a request that is refused, maybe before its first line was whole. */
void flight_find_method(struct flight *f);

/* Forgets the request and its response, and moves on to the input behind it. */
void flight_next(struct flight *f);

/* Adds input to a request that is being received. */
void flight_add(struct flight *f, const char *bytes, size_t size);

/* Adds what came in while the flight could not take it. */
void flight_add_later(struct flight *f);

/* Fills in exchange.request from a whole request. ERR_MALFORMED for a bad path. */
enum err request_build(struct flight *f);
/* For a refusal before that: the fields alone, if all of them are there. */
void request_find_headers(struct flight *f);

static inline struct flight *flight_of(struct exchange *x) {
    return (struct flight *)x;
}

#endif
