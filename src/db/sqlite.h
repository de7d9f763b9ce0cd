/* The SQLite driver's own structures, shared by sqlite.c and sqlite_rows.c. */
#ifndef DB_SQLITE_H
#define DB_SQLITE_H

#include "db/checkpoint.h"
#include "db/driver.h"
#include "db/group.h"

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
