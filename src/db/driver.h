/* What one engine implements; db.c finds the engine by the scheme of the URL and hands on every
 * call of db.h to it. A new engine is one file with such a table, and one row in `drivers` of db.c.
 */
#ifndef DB_DRIVER_H
#define DB_DRIVER_H

#include "db/db.h"
#include "db/migrate.h"
#include "db/pace.h"

/* A driver puts these at the front of its own structures. */
struct database {
    const struct driver *driver;
    struct pace pace;
};
enum hold {
    HOLD_NOTHING,
    HOLD_NEXT, /* the transaction that begins next */
    HOLD_OPEN, /* it has begun … */
    HOLD_KEPT, /* … and has ended for those who made it */
};
struct db {
    const struct driver *driver;
    struct database *database;
    struct arena *arena; /* of db_use; NULL before */
    unsigned snapshots;  /* that are open, one in the other */
    bool wrote;          /* a transaction has begun since db_use */
    enum hold hold;      /* db_hold */
};

struct bulk_driver;

/* Functions that bear the name of one in db.h mean what it says there. The driver logs what fails.
 */
struct driver {
    const char *scheme; /* what stands before the ':' of the URL */
    const char *alias;  /* what may stand there as well; NULL: nothing else */
    bool local;         /* database_is_local */
    struct dialect dialect;

    /* `place` is what stands behind the ':'. ERR_VALIDATION when it makes no sense. */
    bool (*replica_fits)(const char *place); /* NULL: there are no replicas */
    enum err (*open)(struct database **out, const char *place, const struct db_options *options);
    void (*close)(struct database *database);
    /* NULL: the engine does that itself. */
    enum err (*check_pages)(const char *place, struct db_pages *out);
    enum err (*connect)(struct db **out, struct database *database);
    void (*disconnect)(struct db *db);

    /* The text of `s` for this engine; NULL: none. */
    const char *(*text_of)(const struct statement *s);

    /* Finds out whether the engine understands `s`, and keeps nothing. OK where there is no text.
     */
    enum err (*check)(struct db *db, const struct statement *s);
    /* Runs several statements that take no arguments; inside a transaction. */
    enum err (*script)(struct db *db, const char *sql);

    void (*ahead)(struct db *db, const struct statement *s, struct db_args args); /* or NULL … */
    void (*round_end)(struct db *db);                                             /* … both */
    void (*query)(struct db *db, struct db_rows *rows, const struct statement *s,
                  struct db_args args);
    bool (*next)(struct db_rows *rows);
    enum err (*finish)(struct db_rows *rows); /* db_close */
    enum err (*exec)(struct db *db, const struct statement *s, struct db_args args,
                     int64_t *changed);
    int64_t (*integer)(const struct db_rows *rows, int column);
    struct text (*text)(const struct db_rows *rows, int column);
    bool (*is_null)(const struct db_rows *rows, int column);

    enum err (*begin)(struct db *db);
    enum err (*begin_single)(struct db *db);
    enum err (*end)(struct db *db, enum err result);
    enum err (*next_id)(struct db *db, const char *sequence, int64_t *out);
    enum err (*snapshot)(struct db *db);
    void (*snapshot_end)(struct db *db);
    bool (*has_replicas)(const struct db *db); /* NULL, all three: there are none */
    void (*replica_on)(struct db *db);
    bool (*replica_off)(struct db *db);

    bool (*pending)(const struct db *db);
    void (*settle)(struct db *db, struct db_ticket *ticket);
    enum err (*wait)(struct db *db);
    void (*announce)(struct database *database);
    void (*retire)(struct database *database);

    const struct bulk_driver *bulk; /* bulk_driver.h */
};

extern const struct driver sqlite_driver, postgres_driver;

/* The driver for `url`, and what stands behind its scheme. NULL, logged, when there is none. */
const struct driver *driver_find(const char *url, const char **place);

/* Makes the statement of figures.c known. */
void db_figures_register(void);

/* The statements made known so far. Slots run from 1 to this count. */
size_t db_statement_count(void);

#endif
