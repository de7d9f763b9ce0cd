/* One SQLite connection with the statements prepared on it. Used by one thread at a time. */
#ifndef DB_LINK_H
#define DB_LINK_H

#include <sqlite3.h>

#include "db/db.h"

struct pace; /* pace.h */

struct sqlite_settings {
    const char *path;
    bool durable;
    int64_t wal_limit;    /* bytes */
    unsigned group_limit; /* transactions */
    int64_t busy_timeout; /* µs */
    bool existing;        /* the file must be there */
    struct pace *pace;    /* who writes counts here; of groups alone */
};

enum link_role { ROLE_READER, ROLE_WRITER, ROLE_CHECKPOINTER };

struct prepared;

struct link {
    sqlite3 *handle;            /* NULL: closed */
    struct prepared **prepared; /* by slot; NULL: not yet */
    size_t slots;
    int64_t busy_timeout; /* µs to wait for a lock of another process */
    int64_t busy_since;
    bool broken; /* the engine or the disk has failed: what the open transaction did is in doubt */
};

/* A statement on a connection; made at its first use. */
struct prepared {
    sqlite3_stmt *stmt;
    const struct statement *statement;
    struct link *connection;
    bool open;      /* a query walks over it */
    size_t count;   /* the highest n of $n */
    int position[]; /* where SQLite has $n; 0: not in this text */
};

/* Settings of the whole library; before its first use. */
void link_setup_library(void);

/* ERR_UNAVAILABLE, logged, with nothing open. */
enum err link_open(struct link *c, const struct sqlite_settings *settings, enum link_role role);
void link_close(struct link *c);

/* Logs the failure `rc` of what is called `name`, marks the connection as broken when a transaction
 * cannot go on after it, and says which error it is. Never logs values. */
enum err link_failed(struct link *c, const char *name, int rc);

/* The statement ready for binding, or NULL with *error. */
struct prepared *link_prepare(struct link *c, const struct statement *s, enum err *error);
/* The text of a statement for this engine; NULL when it has none. */
const char *link_text(const struct statement *s);
/* Prepares it and forgets it again, unless it has no text for this engine. */
enum err link_check(struct link *c, const struct statement *s);

/* Runs a statement without arguments or rows. */
enum err link_step(struct link *c, const struct statement *s);

/* Runs several statements; `name` is for the log. */
enum err link_script(struct link *c, const char *name, const char *sql);

/* The one integer that `sql` answers. */
enum err link_number(struct link *c, const char *sql, int64_t *out);

#endif
