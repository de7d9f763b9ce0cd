/* One connection to a PostgreSQL server, in libpq's pipeline mode. Statements are put on the wire
 * without a wait; wire_collect asks for all the answers at once. Used by one thread at a time. */
#ifndef DB_WIRE_H
#define DB_WIRE_H

#include <stdatomic.h>

#include "base/log.h"
#include "db/dialler.h"
#include "db/driver.h"

/* What all connections to one database have in common. */
struct wire_settings {
    struct dialler *dialler;
    int64_t timeout; /* µs a server may take to answer; 0: as long as it likes */
    bool quiet;      /* whoever uses it tells what is wrong: the log has it for debugging alone */
    atomic_bool pooled; /* something between us and the server lends its sessions to others */
};

/* What is known of a statement, by its slot. */
struct wire_statement {
    uint16_t parameters; /* how many it has, plus one; 0: not counted yet */
    bool prepared;       /* on the connection there is now */
    bool open;           /* its rows are being read */
};

/* Where the answer to one statement goes, whatever becomes of those sent with it. */
struct wire_answer {
    PGresult *result; /* NULL until it has been answered well */
};

struct wire_sent {
    const struct statement *statement;
    struct wire_answer *answer; /* NULL: only the last one is wanted */
    bool prepares;
};

struct wire {
    struct wire_settings *settings;
    PGconn *conn;            /* NULL: none */
    char run[LINE_RUN_SIZE]; /* of the server that it leads to (dial.h) */
    bool writes;             /* it was to lead to a server that does */
    bool pooled;             /* so names of statements would meet those of others */
    bool renew;   /* the connection went while it was not to blame: the same may work on another */
    bool refused; /* … and the server itself has said that it did nothing */
    bool closed;  /* a sync has been sent, its answers are still to be read */
    struct wire_statement *statements;
    size_t slots;
    struct wire_sent *sent; /* since the last sync */
    size_t sent_count, sent_room;
    char *copied; /* the message that wire_copy_get has given; libpq's */
};

void wire_settings_open(struct wire_settings *settings, const char *url, int64_t timeout);
/* Before it is used. */
void wire_settings_quiet(struct wire_settings *settings);
void wire_settings_close(struct wire_settings *settings);

/* How loud to be about what others hear of at `level`. */
static inline enum log_level wire_level(const struct wire *w, enum log_level level) {
    return w->settings->quiet ? LOG_DEBUG : level;
}

void wire_open(struct wire *w, struct wire_settings *settings);
void wire_close(struct wire *w);

/* Makes sure that there is a connection, on which nothing is under way: waits for what is, and
 * replaces a connection that the other side has closed. ERR_UNAVAILABLE at once while the server is
 * known to be away. */
enum err wire_ready(struct wire *w);

struct wire_statement *wire_statement(struct wire *w, const struct statement *s);

/* Gives the connection up: wire_ready makes another. */
void wire_drop(struct wire *w);

/* Puts a statement on the wire; what becomes of it is for wire_collect to tell. */
enum err wire_send(struct wire *w, const struct statement *s, struct db_args args);

/* The same, keeping the answer: `answer` stays where it is until wire_collect, and the result in it
 * is then the caller's. */
enum err wire_ask(struct wire *w, const struct statement *s, struct db_args args,
                  struct wire_answer *answer);

/* Marks the end of what has been sent and lets it go, without waiting for the answers. */
enum err wire_release(struct wire *w);

/* Waits for all answers. The first failure, or OK; *last, unless NULL, becomes the result of the
 * last statement when all went well. A connection that is lost, or does not answer in time, is
 * gone afterwards (conn is NULL). */
enum err wire_collect(struct wire *w, PGresult **last);

/* Runs several statements in one text. It may take as long as it likes. */
enum err wire_script(struct wire *w, const char *sql);

/* COPY, inside a transaction; nothing else can be done until it has ended. `sql` is the whole
 * statement, and may take as long as it likes. Out: wire_copy_get gives one message at a time, good
 * until the next, and NULL for `at` once all has come. In: wire_copy_put as often as there is
 * something, then wire_copy_end; what the server minds comes out of the latter. A copy out that is
 * not read to its end costs the connection (wire_copy_break). */
enum err wire_copy(struct wire *w, const char *sql);
enum err wire_copy_get(struct wire *w, struct text *message);
enum err wire_copy_put(struct wire *w, struct text bytes);
enum err wire_copy_end(struct wire *w, enum err result);
void wire_copy_break(struct wire *w);

/* Finds out whether the server understands the statement. */
enum err wire_check(struct wire *w, const struct statement *s);

/* The text of a statement for this engine; NULL when it has none. */
const char *wire_text(const struct statement *s);

#endif
