/* The PostgreSQL driver's own structures, shared by postgres.c and postgres_rows.c. */
#ifndef DB_POSTGRES_H
#define DB_POSTGRES_H

#include "db/ahead.h"
#include "db/flusher.h"
#include "db/outcome.h"

struct postgres_database {
    struct database base;
    struct wire_settings settings;
    struct replicas *replicas; /* NULL: none */
    struct flusher *flusher;
};

/* Where a handle is in a transaction. It is begun on the server with its first statement; one that
 * is a single statement needs no beginning and no end there. */
enum phase { PHASE_NONE, PHASE_BEGUN, PHASE_SINGLE, PHASE_SINGLE_RUN, PHASE_RUNNING };

/* What a handle has committed, since the last settle or wait, without waiting for the disk. */
struct postgres_group {
    bool pending;            /* a transaction of one statement has begun … */
    bool open;               /* … and been committed … */
    char run[LINE_RUN_SIZE]; /* … on this run of the server (dial.h) … */
    bool lost;               /* … but some on another */
};

struct postgres_db {
    struct db base;
    struct wire wire; /* to the primary */
    struct wire *on;  /* that one, or between replica_on and replica_off one to a standby */
    struct postgres_reader *reader; /* NULL: there are no replicas */
    enum phase phase;
    bool snapshot;   /* the transaction only reads, and sees one moment */
    bool written;    /* a write transaction has run since the last settle or wait */
    enum err failed; /* the transaction cannot be kept: why */
    struct ahead ahead;
    struct postgres_group group;
    struct outcome outcome;
};

/* Outside a transaction there is only reading, which may be done again, and before it is asked for.
 */
bool postgres_is_reading(const struct statement *s);

/* Runs `s` and waits for its rows; begins the transaction when that is still to be done. */
enum err postgres_run(struct postgres_db *db, const struct statement *s, struct db_args args,
                      PGresult **out);

void postgres_group_register(void);
/* Whether a transaction can be part of it: not behind a pooler, where servers are not known from
 * one another. */
bool postgres_group_fits(const struct postgres_db *db);
/* Before a transaction that may be: renews a connection that leads to another run of the server
 * than the last flush has met. ERR_UNAVAILABLE. */
enum err postgres_group_meet(struct postgres_db *db);
/* Puts on the wire what makes the transaction of one statement behind it part of the group, … */
enum err postgres_group_start(struct postgres_db *db);
/* … which it is once that has gone well. */
void postgres_group_add(struct postgres_db *db);

bool postgres_pending(const struct db *db);
void postgres_settle(struct db *db, struct db_ticket *ticket);
enum err postgres_wait(struct db *db);

void postgres_query(struct db *db, struct db_rows *rows, const struct statement *s,
                    struct db_args args);
bool postgres_next(struct db_rows *rows);
enum err postgres_finish(struct db_rows *rows);
enum err postgres_exec(struct db *db, const struct statement *s, struct db_args args,
                       int64_t *changed);
int64_t postgres_integer(const struct db_rows *rows, int column);
struct text postgres_text(const struct db_rows *rows, int column);
bool postgres_is_null(const struct db_rows *rows, int column);

/* Makes sure of the connection that queries go to. */
enum err postgres_ready(struct postgres_db *db);

/* What a handle needs to read from standbys. */
void postgres_reader_open(struct postgres_db *db, struct replicas *replicas);
void postgres_reader_close(struct postgres_db *db);
/* Whether the queries go to a standby now. */
bool postgres_on_replica(const struct postgres_db *db);
/* A query there has failed. */
void postgres_replica_failed(struct postgres_db *db);
bool postgres_replica_fits(const char *place);
bool postgres_has_replicas(const struct db *db);
void postgres_replica_on(struct db *db);
bool postgres_replica_off(struct db *db);

/* Puts what begins the transaction on the wire. */
enum err postgres_start(struct postgres_db *db);

#endif
