/* The PostgreSQL driver's own structures, shared by postgres.c and postgres_rows.c. */
#ifndef DB_POSTGRES_H
#define DB_POSTGRES_H

#include "db/outcome.h"

struct postgres_database {
    struct database base;
    struct wire_settings settings;
};

/* Where a handle is in a transaction. It is begun on the server with its first statement. */
enum phase { PHASE_NONE, PHASE_BEGUN, PHASE_RUNNING };

struct postgres_db {
    struct db base;
    struct wire wire;
    enum phase phase;
    bool snapshot;   /* the transaction only reads, and sees one moment */
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

/* Puts what begins the transaction on the wire. */
enum err postgres_start(struct postgres_db *db);

#endif
