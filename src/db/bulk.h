/* Whole tables: reading them row by row without keeping them, and filling a database that is new.
 * For the commands that copy a database or make one up; the server never does either.
 *
 * Filling. A database under construction can be seen by nobody: on PostgreSQL it is one transaction,
 * on SQLite a file beside the one it becomes. bulk_end shows all of it at once, durably, or leaves
 * everything as it was. Indexes are built at the end, from the rows. */
#ifndef DB_BULK_H
#define DB_BULK_H

#include "db/db.h"

/* A table as both engines have it. */
struct bulk_table {
    const char *name;
    const char *columns;  /* "user_id, id, title": the order of the values of a row */
    const char *key;      /* the columns of its key, in order: "user_id, id" */
    const char *sequence; /* the sequence its ids come from; NULL: none */
};

/* Every table that holds data, in no particular order; `name` is NULL behind the last. Sequences
 * are not among them, nor what migrations, indexes and throttles keep for themselves. */
extern const struct bulk_table bulk_tables[];

const struct bulk_table *bulk_find(const char *name); /* must be one of them */

/* ---- Reading --------------------------------------------------------------------------------- */

/* Starts reading all rows of `table` in the order of its key, as db_query does; inside a snapshot,
 * so that all tables are of one moment. What is read of a row is in the handle's arena: clear it
 * now and then. One at a time on a handle, and no other query meanwhile. */
void bulk_query(struct db *db, struct db_rows *rows, const struct bulk_table *table);

/* How many columns the current row has, and one of them with its type. */
int bulk_columns(const struct db_rows *rows);
struct db_arg bulk_value(const struct db_rows *rows, int column);

/* Where a sequence stands: the last id it has given; 0: none. */
enum err bulk_sequence(struct db *db, const char *name, int64_t *last);

/* ---- Filling --------------------------------------------------------------------------------- */

struct bulk;

/* Begins to make the database at `url`, with this program's schema. ERR_VALIDATION, logged, when
 * the URL makes no sense; ERR_CONFLICT when something is there already: a file, or a row in any
 * table; ERR_UNAVAILABLE, logged, when it cannot be made. */
enum err bulk_begin(struct bulk **out, const char *url);

/* Adds one row to `table`; its values are in the order of its columns. Rows of one table should come
 * together and in the order of the key: that is what is fast. Errors are kept: they come out of
 * this and every later call, and out of bulk_end. */
enum err bulk_add(struct bulk *b, const struct bulk_table *table, struct db_args row);

/* The next id of the sequence will be `last` + 1. */
enum err bulk_set_sequence(struct bulk *b, const char *name, int64_t last);

/* Builds the indexes (`step`, unless NULL, is called with what is being done, for a progress line),
 * makes all of it durable and shows it when `result` is OK; else leaves the place as it was. Frees
 * `b`. Returns `result`, or the failure met. */
enum err bulk_end(struct bulk *b, enum err result, void (*step)(void *self, const char *what),
                  void *self);

#endif
