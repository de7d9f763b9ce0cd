/* The SQLite driver's own structures, shared by sqlite.c and sqlite_rows.c. */
#ifndef DB_SQLITE_H
#define DB_SQLITE_H

#include "db/checkpoint.h"
#include "db/driver.h"
#include "db/group.h"

/* In the header of the file: "roll", and where that stands. */
#define SQLITE_APPLICATION_ID    0x726F6C6C
#define SQLITE_APPLICATION_ID_AT 68

struct sqlite_database {
    struct database base;
    struct sqlite_settings settings;
    struct groups *groups;
    struct checkpointer *checkpointer;
};

struct sqlite_db {
    struct db base;
    struct sqlite_database *database;
    struct link reader;
    struct membership membership;
    bool writing;  /* between begin and end: queries run on the connection that writes */
    bool reading;  /* between snapshot and snapshot_end */
    unsigned open; /* queries on the connection that writes */
};

/* Whether what stands behind "sqlite:" can be a file; else ERR_VALIDATION, logged. */
enum err sqlite_check_place(const char *place);

/* A result code of SQLite. The bytes of a text must last as long as the binding. */
int sqlite_bind(sqlite3_stmt *stmt, int position, const struct db_arg *arg);

void sqlite_query(struct db *db, struct db_rows *rows, const struct statement *s,
                  struct db_args args);
bool sqlite_next(struct db_rows *rows);
enum err sqlite_finish(struct db_rows *rows);
enum err sqlite_exec(struct db *db, const struct statement *s, struct db_args args,
                     int64_t *changed);
int64_t sqlite_integer(const struct db_rows *rows, int column);
struct text sqlite_text(const struct db_rows *rows, int column);
bool sqlite_is_null(const struct db_rows *rows, int column);

#endif
