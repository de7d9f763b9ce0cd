/* Whole tables: reading them row by row without keeping them, and filling a database that is new.
 * For the commands that copy a database or make one up; the server never does either.
 *
 * Filling. A database under construction can be seen by nobody: on PostgreSQL it is one
 * transaction, on SQLite a file beside the one it becomes. bulk_end shows all of it at once,
 * durably, or leaves everything as it was. Indexes are built at the end, from the rows. */
#ifndef DB_BULK_H
#define DB_BULK_H

#include "db/db.h"

/* A table as both engines have it. */
struct bulk_table {
    const char *name;
    const char *columns;  /* "user_id, id, title": the order of the values of a row */
    const char *key;      /* columns that tell its rows apart, in order: "user_id, id" */
    const char *sequence; /* the sequence its ids come from; NULL: none */
};

/* Every table that holds data (bulk.def), in no particular order; `name` is NULL behind the last.
 * Sequences are not among them, nor what migrations, indexes and throttles keep for themselves. */
extern const struct bulk_table bulk_tables[];

const struct bulk_table *bulk_find(const char *name); /* must be one of them */

/* ---- Reading --------------------------------------------------------------------------------- */

/* A table that is being read. Its fields belong to the driver. */
struct bulk_rows {
    struct db *db;
    const struct bulk_table *table;
    void *cursor;
    enum err error;
};

/* Starts reading all rows of `table` in the order of its key; inside a snapshot, so that all tables
 * are of one moment, or on bulk_db. Walk it: `while (bulk_next(&rows, &row)) …; return
 * bulk_close(&rows);`. On failure the error is kept in `rows` and comes out of bulk_close. One at a
 * time on a handle, and no other query meanwhile. */
void bulk_query(struct db *db, struct bulk_rows *rows, const struct bulk_table *table);

/* The next row, in the order of the table's columns. It is good until the next call. */
bool bulk_next(struct bulk_rows *rows, struct db_args *row);
enum err bulk_close(struct bulk_rows *rows);

/* How many rows there are. */
enum err bulk_count(struct db *db, const struct bulk_table *table, int64_t *out);

/* Where a sequence stands: the last id it has given; 0: none. */
enum err bulk_sequence(struct db *db, const char *name, int64_t *last);

/* ---- Filling --------------------------------------------------------------------------------- */

struct bulk;

/* Begins to make the database at `url`, with this program's schema. *out is set as soon as there is
 * something to abandon, and NULL again on failure. ERR_VALIDATION, logged, when
 * the URL makes no sense; ERR_CONFLICT, logged, when something is there already: a file, or a row
 * in any table; ERR_UNAVAILABLE, logged, when it cannot be made. */
enum err bulk_begin(struct bulk **out, const char *url);

/* Adds one row to `table`; its values are in the order of its columns. Rows of one table should
 * come together and in the order of the key: that is what is fast. A value that is not of its
 * column's type, or text that is not UTF-8 or has a NUL in it, is ERR_VALIDATION; the log names
 * table, key and column. Errors are kept: they come out of this and every later call, and out of
 * bulk_end. */
enum err bulk_add(struct bulk *b, const struct bulk_table *table, struct db_args row);

/* The next id of the sequence will be `last` + 1. */
enum err bulk_set_sequence(struct bulk *b, const char *name, int64_t last);

/* Builds the indexes; nothing can be added any more. `step`, unless NULL, is called with what is
 * being done, for a progress line. */
enum err bulk_build(struct bulk *b, void (*step)(void *self, const char *what), void *self);

/* A handle that reads what has been built, between bulk_build and bulk_end. */
struct db *bulk_db(struct bulk *b);

/* Builds what is not built yet, makes all of it durable and shows it when `result` is OK; else
 * leaves the place as it was. Frees `b`. Returns `result`, or the failure met. */
enum err bulk_end(struct bulk *b, enum err result, void (*step)(void *self, const char *what),
                  void *self);

/* Removes what has been made, for a process that ends at once: it does no more than a signal
 * handler may. A process that dies without leaves nothing either but, with SQLite, a file that is
 * in nobody's way and that the next bulk_begin removes. */
void bulk_abandon(struct bulk *b);

#endif
