/* The PostgreSQL driver's own structures, shared by postgres.c and postgres_rows.c. */
#ifndef DB_POSTGRES_H
#define DB_POSTGRES_H

#include "db/outcome.h"
#include "db/replicas.h"

struct postgres_database {
    struct database base;
    struct wire_settings settings;
    struct replicas *replicas; /* NULL: none */
};

/* Where a handle is in a transaction. It is begun on the server with its first statement. */
enum phase { PHASE_NONE, PHASE_BEGUN, PHASE_RUNNING };

struct postgres_db {
    struct db base;
    struct wire wire; /* to the primary */
    struct wire *on;  /* that one, or between replica_on and replica_off one to a standby */
    struct postgres_reader *reader; /* NULL: there are no replicas */
    enum phase phase;
    bool snapshot;   /* the transaction only reads, and sees one moment */
    bool written;    /* a write transaction has run since the last settle or wait */
    enum err failed; /* the transaction cannot be kept: why */
    struct outcome outcome;
};

/* Runs `s` and waits for its rows; begins the transaction when that is still to be done. */
enum err postgres_run(struct postgres_db *db, const struct statement *s, struct db_args args,
                      PGresult **out);

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
void postgres_replica_on(struct db *db);
bool postgres_replica_off(struct db *db);

/* Puts what begins the transaction on the wire. */
enum err postgres_start(struct postgres_db *db);

#endif
