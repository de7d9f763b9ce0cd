/* What one engine implements for bulk.h; struct driver points to it. */
#ifndef DB_BULK_DRIVER_H
#define DB_BULK_DRIVER_H

#include "db/bulk.h"
#include "db/driver.h"

enum {
#define TABLE(name, columns, key, sequence) BULK_TABLE_##name,
#define SEQUENCE(name)
#include "db/bulk.def"
    BULK_TABLES
};
#undef TABLE
#undef SEQUENCE

#define BULK_COLUMNS_MAX 32

/* The type of a value that no column is of: a real number. */
#define BULK_ALIEN ((enum db_type)(DB_BLOB + 1))

/* What a row of a table has to look like. */
struct bulk_shape {
    size_t width; /* columns; 0: not known yet */
    enum db_type types[BULK_COLUMNS_MAX];
    char names[BULK_COLUMNS_MAX][32];
};

/* An engine puts this at the front of its own structure. */
struct bulk {
    const struct bulk_driver *driver;
    enum err error; /* the first failure */
    bool built;
    struct db *db; /* bulk_db */
    struct bulk_shape shapes[BULK_TABLES];
};

/* The number of a table that has to be one of bulk_tables. */
static inline size_t bulk_index(const struct bulk_table *table) {
    return (size_t)(table - bulk_tables);
}

/* Functions that bear the name of one in bulk.h mean what it says there, and log what fails. */
struct bulk_driver {
    /* `s` selects the table's columns in the order of its key. */
    void (*query)(struct db *db, struct bulk_rows *rows, const struct statement *s);
    bool (*next)(struct bulk_rows *rows, struct db_args *row);
    enum err (*close)(struct bulk_rows *rows);

    /* `place` is what stands behind the ':' of the URL. On failure *out is NULL, or what has come
     * of it until then. */
    enum err (*begin)(struct bulk **out, const char *place);
    /* Tells the types of the columns, in shape->types; the rest is filled in already. */
    enum err (*describe)(struct bulk *b, const struct bulk_table *table, struct bulk_shape *shape);
    /* The row fits the shape of the table. */
    enum err (*add)(struct bulk *b, const struct bulk_table *table, struct db_args row);
    enum err (*set_sequence)(struct bulk *b, const char *name, int64_t last);
    /* Leaves a handle in b->db. */
    enum err (*build)(struct bulk *b, void (*step)(void *self, const char *what), void *self);
    /* Shows all of it when `result` is OK, else removes it; frees in either case. */
    enum err (*end)(struct bulk *b, enum err result);
    void (*abandon)(struct bulk *b);
};

extern const struct bulk_driver sqlite_bulk, postgres_bulk;

/* Fills in the width and the names. */
void bulk_shape_names(struct bulk_shape *shape, const struct bulk_table *table);

/* Whether a table has rows, on a handle inside a transaction; logs which it is. */
enum err bulk_find_row(struct db *db, bool *found);

/* The statements of bulk.c, for every engine. */
void bulk_register(void);

#endif
