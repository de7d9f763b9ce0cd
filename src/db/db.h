/* The database as the rules see it: statements, arguments, rows and transactions, whatever engine
 * is behind. One driver per engine implements it (driver.h); nothing above this folder names one.
 *
 * A `struct database` is the opened database, shared by all threads. A `struct db` is one thread's
 * handle on it and is used by that thread alone.
 *
 * Durability. db_end() makes a transaction part of a group that reaches the disk together; it does
 * not wait. What was written may be acknowledged only after db_settle() has said so, either by
 * waiting for it or by calling back. A handler therefore runs from start to finish without a wait,
 * and the reply is held until its group is on disk. */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

struct database;
struct db;

struct db_options {
    bool durable;         /* fsync at every commit; false only for throw-away test data */
    int64_t wal_limit;    /* bytes the write-ahead log may reach before writers wait; 0: default */
    unsigned group_limit; /* transactions in one group at most; 0: default */
    int64_t busy_timeout; /* ms to wait for another process that holds the database; 0: default */
    bool existing;        /* refuse to make a new one */
    bool as_it_is;        /* refuse a schema that is not up to date; write nothing by oneself */
    int64_t answer_timeout; /* ms a server may take for a statement; 0: default; -1: no limit */
    const char *const *replicas; /* URLs of streaming standbys to read from (db_replica_on) */
    size_t replica_count;
    bool strangers; /* others may read from standbys that are not told here: db_settle allows for it
                     */
};

/* Opens `url` (`sqlite:FILE`, or a bare file name), creates it when it is not there (and may be),
 * and brings its schema up to date under a lock (migrate.h). On failure logs why and returns
 * ERR_UNAVAILABLE; ERR_VALIDATION when the URL itself makes no sense. */
enum err database_open(struct database **out, const char *url, const struct db_options *options);

/* Whether `replica` can be the URL of a standby of the database at `url`: not every engine has any.
 */
bool database_replica_fits(const char *url, const char *replica);

/* The file that `url` names, where a database is a file; NULL where it is not. */
const char *database_file(const char *url);

/* `url` without its password, to be shown to people. */
struct text database_label(struct arena *arena, const char *url);

/* Pages of a file with checksums; all 0 where the engine keeps to itself what it has of them. */
struct db_pages {
    int64_t all;
    int64_t bare; /* another program has written them: without a checksum */
    int64_t damaged;
};

/* Reads every page of the database at `url`, whatever stands in it, and logs each that is damaged.
 * ERR_UNAVAILABLE, logged, when it cannot be read. */
enum err database_check_pages(const char *url, struct db_pages *out);

/* Waits for the open group, checkpoints and closes. Every handle has been closed before. */
void database_close(struct database *database);

/* True when the engine runs inside this process, so that a point read costs microseconds and may
 * be done on an event loop. */
bool database_is_local(const struct database *database);

/* How often this process commits: what waits for the disk, with all transactions that it makes
 * durable. `recent`: in the last ten seconds. */
struct db_pace {
    uint64_t commits, recent_commits, recent_writes;
    int64_t last_commit; /* µs it took; 0: there was none */
};
void database_pace(const struct database *database, struct db_pace *out);

/* A handle for the calling thread. Results are copied into `*arena` of the moment (db_use). */
enum err db_connect(struct db **out, struct database *database);
void db_disconnect(struct db *db);

/* The arena that text columns are copied into from now on: the handle serves somebody else. */
void db_use(struct db *db, struct arena *arena);

/* What is behind the handle; texts in the arena. */
struct db_facts {
    struct text engine, version; /* to be shown to people */
    int64_t bytes;               /* on disk, indexes included; without logs */
};
enum err db_facts(struct db *db, struct db_facts *out);

/* ---- Statements ------------------------------------------------------------------------------ */

/* Lives in a static table beside the code that binds it. Parameters are $1, $2, …; PostgreSQL
 * cannot type a bare `$1 IS NULL`, so write `CAST($1 AS BIGINT) IS NULL`. */
struct statement {
    const char *name;   /* unique in the program: noun_verb */
    const char *sql;    /* both engines … */
    const char *sqlite; /* … unless the one or the other needs its own text, or alone has one */
    const char *postgres;
    unsigned slot; /* given by db_register */
};

/* Makes the statements of one table known. Called at start, before any handle is opened. */
void db_register(struct statement *table, size_t count);

/* Whether there is a text of the statement for the engine: what one engine does in a single
 * statement another may not be able to. */
bool db_knows(const struct db *db, const struct statement *s);

/* Prepares every registered statement on `db`; logs each that fails. For the tests and for start.
 */
enum err db_prepare_all(struct db *db);

/* ---- Arguments and rows ---------------------------------------------------------------------- */

enum db_type { DB_NULL, DB_INT, DB_TEXT, DB_BLOB };

struct db_arg {
    enum db_type type;
    int64_t number;
    struct text text;
};

static inline struct db_arg arg_int(int64_t n) {
    return (struct db_arg){.type = DB_INT, .number = n};
}
static inline struct db_arg arg_text(struct text t) {
    return (struct db_arg){.type = DB_TEXT, .text = t};
}
/* The empty text as NULL. */
static inline struct db_arg arg_text_or_null(struct text t) {
    return (struct db_arg){.type = t.size ? DB_TEXT : DB_NULL, .text = t};
}
/* 0 as NULL. */
static inline struct db_arg arg_int_or_null(int64_t n) {
    return (struct db_arg){.type = n ? DB_INT : DB_NULL, .number = n};
}
static inline struct db_arg arg_blob(const void *bytes, size_t size) {
    return (struct db_arg){.type = DB_BLOB, .text = {bytes, size}};
}
static inline struct db_arg arg_null(void) {
    return (struct db_arg){.type = DB_NULL};
}

struct db_args {
    const struct db_arg *at;
    size_t count;
};
#define ARGS(...)                                                                                  \
    ((struct db_args){(const struct db_arg[]){__VA_ARGS__},                                        \
                      sizeof((const struct db_arg[]){__VA_ARGS__}) / sizeof(struct db_arg)})
#define NO_ARGS ((struct db_args){NULL, 0})

/* An open result. Its fields belong to the driver. Several may be open at once on one handle, but
 * never two of one statement. */
struct db_rows {
    struct db *db;
    void *cursor;
    enum err error;
};

/* Errors of all four: ERR_UNAVAILABLE (database gone, locked, full or failing; logged), and
 * ERR_INTERNAL (the statement itself is wrong; logged). Inserts that can meet a row say ON
 * CONFLICT, so only an UPDATE of a unique key can violate it, and only where writers run side by
 * side: ERR_CONFLICT. Writers that wait for each other in a circle: ERR_AGAIN for one of them,
 * whose transaction is undone; and from db_end, when the server says that it has not kept a
 * transaction whose connection ended. After an error inside a transaction nothing of it can be
 * kept: db_end undoes it. */

/* Starts a query. Walk it: `while (db_next(&rows)) …; return db_close(&rows);`. On failure the
 * error is kept in `rows` and comes out of db_close, so the result need not be looked at. */
void db_query(struct db *db, struct db_rows *rows, const struct statement *s, struct db_args args);
bool db_next(struct db_rows *rows);
enum err db_close(struct db_rows *rows);

/* A query for one row: OK with the row open (read it, then db_close), or ERR_NOT_FOUND or a failure
 * with nothing open. */
enum err db_one(struct db *db, struct db_rows *rows, const struct statement *s,
                struct db_args args);

/* Says that this query is going to be asked for. Across a socket it is then sent without a wait,
 * with others of its kind, and what the server answered is kept: the next db_query, outside a
 * transaction, of the same statement with equal arguments is given that. So it must not be sent
 * before the request that needs it has been received whole. What failed or was lost is asked again
 * as if it had not been sent. Does nothing inside a transaction or a snapshot, nor where a query
 * costs no round trip. Nothing that is kept is given out between the beginning of a write
 * transaction and the next db_use: who has written reads what is there afterwards. */
void db_ahead(struct db *db, const struct statement *s, struct db_args args);

/* Ends a round of requests that the handle has served one after the other: drops what db_ahead has
 * brought, of which no result may be open. */
void db_round_end(struct db *db);

/* Runs a statement that gives no rows; *changed, unless NULL, is the number of rows it touched.
 * Where nobody asks for that number, the statement may be run later in its transaction, and an
 * error comes out of a later call, at the latest of db_end. */
enum err db_exec(struct db *db, const struct statement *s, struct db_args args, int64_t *changed);

/* A query whose answer is one integer; a NULL or absent one is ERR_NOT_FOUND. */
enum err db_scalar(struct db *db, const struct statement *s, struct db_args args, int64_t *out);

/* Columns of the current row, from 0. Text and blobs are copied into the arena; text is
 * NUL-terminated behind its size. NULL reads as 0 or as the empty text. */
int64_t db_int(const struct db_rows *rows, int column);
struct text db_text(const struct db_rows *rows, int column);
bool db_is_null(const struct db_rows *rows, int column);

/* ---- Transactions ---------------------------------------------------------------------------- */

/* Begins a write transaction. On SQLite it holds the one writer until db_end; on PostgreSQL others
 * write at the same time, each statement sees what has been committed by then, and what must not
 * move meanwhile is locked by a query that says so (account_lock). Queries inside see its own
 * writes; queries of the same handle after db_end see them once its group is on disk. Never nested,
 * never inside a snapshot, and nothing slow inside: others wait. ERR_UNAVAILABLE when it cannot
 * begin, or when an earlier group of this handle has been lost and it has not heard of that yet. */
enum err db_begin(struct db *db);

/* db_begin for a transaction of one statement, query or not: across a socket that takes one round
 * trip and no wait for the disk, which is left to db_settle. It is kept as soon as it has been run.
 * So the statement must itself see to it that nothing is written where nothing is to be kept; what
 * db_end is given cannot undo it everywhere. */
enum err db_begin_single(struct db *db);

/* Ends it: keeps the writes when `result` is OK, else undoes them all. Returns `result`, or the
 * failure met. The writes are visible to later transactions and not yet on disk. */
enum err db_end(struct db *db, enum err result);

/* Keeps the next transaction of this handle open when it ends well, so that more can be written in
 * it by whoever called the one that made it: its db_end returns OK and ends nothing, db_begin goes
 * on with it, and db_begin_single begins an ordinary one. When it ends badly it is undone as ever,
 * and what comes after it is not kept open. */
void db_hold(struct db *db);
/* Ends what db_hold has kept open, as db_end does. Without anything open it returns `result`. */
enum err db_let_go(struct db *db, enum err result);

/* The next id of a sequence ("users", "follows", …), from 1; inside a transaction. */
enum err db_next_id(struct db *db, const char *sequence, int64_t *out);

/* Begins and ends a read-only transaction, so that several queries see one moment: that of the
 * first of them. One inside another is part of it. Ending what could not begin does nothing. */
enum err db_snapshot(struct db *db);
void db_snapshot_end(struct db *db);

/* Whether db_replica_on may lead elsewhere. */
bool db_has_replicas(const struct db *db);

/* From here on queries may be answered by a standby: all of them by the same, and nobody misses
 * there what was acknowledged before this call. Where there is none to be had, and until it is
 * said, they are answered as ever. No write transaction until db_replica_off. */
void db_replica_on(struct db *db);
/* True when all went well. False: a standby has failed meanwhile, and what was asked since
 * db_replica_on, with whatever result, is to be asked again. */
bool db_replica_off(struct db *db);

/* ---- Groups ---------------------------------------------------------------------------------- */

/* What is called once the group that a handle last wrote in is on disk (OK) or lost (another
 * error), and no standby is read from any more without it. Runs on a thread of the driver, or, when
 * the group has ended already, on the calling one before db_settle returns: hand over and return.
 */
struct db_ticket {
    struct db_ticket *next;
    int64_t since; /* the driver's own */
    void (*settled)(struct db_ticket *ticket, enum err result);
};

/* Whether this handle has begun a transaction since the last db_settle or db_wait. True also when
 * it was undone: an answer that rests on what others have written but not yet synced waits too. */
bool db_pending(const struct db *db);

/* Leaves the group with a ticket to be called; the handle is free at once. Only when pending. */
void db_settle(struct db *db, struct db_ticket *ticket);

/* The same, waiting: for commands and background work. OK when nothing is pending. */
enum err db_wait(struct db *db);

/* Says that a transaction will come soon (a request joined the queue of writers), so that the open
 * group waits for it; db_retire takes that back once the request has run, whether it wrote or not.
 * A group closes when nobody is announced any more, or when it is full. Any thread. */
void db_announce(struct database *database);
void db_retire(struct database *database);

#endif
