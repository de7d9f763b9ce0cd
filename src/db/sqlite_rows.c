#include "base/log.h"
#include "db/sqlite.h"

/* The connection that queries of this handle run on now; NULL when the transaction is lost: what
 * came after would be a transaction of its own. */
static struct link *current(struct sqlite_db *db) {
    if (!db->writing)
        return &db->reader;
    struct link *c = groups_connection(db->database->groups);
    if (sqlite3_get_autocommit(c->handle))
        c->broken = true;
    return c->broken ? NULL : c;
}

int sqlite_bind(sqlite3_stmt *stmt, int position, const struct db_arg *arg) {
    const char *at = arg->text.at ? arg->text.at : ""; /* to SQLite, NULL is not the empty text */
    switch (arg->type) {
    case DB_INT:
        return sqlite3_bind_int64(stmt, position, arg->number);
    case DB_TEXT:
        return sqlite3_bind_text64(stmt, position, at, arg->text.size, SQLITE_STATIC, SQLITE_UTF8);
    case DB_BLOB:
        return sqlite3_bind_blob64(stmt, position, at, arg->text.size, SQLITE_STATIC);
    case DB_NULL:
        break;
    }
    return sqlite3_bind_null(stmt, position);
}

static int bind_all(struct prepared *p, struct db_args args) {
    for (size_t i = 0; i < p->count; i++) {
        if (p->position[i] == 0)
            continue;
        int rc = sqlite_bind(p->stmt, p->position[i], &args.at[i]);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

/* The statement with its arguments bound, or NULL with *error. */
static struct prepared *start(struct sqlite_db *db, const struct statement *s, struct db_args args,
                              enum err *error) {
    struct link *c = current(db);
    if (!c) {
        *error = ERR_UNAVAILABLE;
        return NULL;
    }
    struct prepared *p = link_prepare(c, s, error);
    if (!p)
        return NULL;
    if (p->open || args.count < p->count)
        log_fatal("statement %s: %s", s->name, p->open ? "already open" : "arguments are missing");
    int rc = bind_all(p, args);
    if (rc != SQLITE_OK) {
        *error = link_failed(c, s->name, rc);
        return NULL;
    }
    return p;
}

void sqlite_query(struct db *base, struct db_rows *rows, const struct statement *s,
                  struct db_args args) {
    struct sqlite_db *db = (struct sqlite_db *)base;
    struct prepared *p = start(db, s, args, &rows->error);
    if (!p)
        return;
    p->open = true;
    if (p->connection != &db->reader)
        db->open++;
    rows->cursor = p;
}

/* Ends the walk: a statement left standing would keep its snapshot of the database alive. */
static void leave(struct db_rows *rows) {
    struct sqlite_db *db = (struct sqlite_db *)rows->db;
    struct prepared *p = rows->cursor;
    sqlite3_reset(p->stmt);
    p->open = false;
    if (p->connection != &db->reader)
        db->open--;
    rows->cursor = NULL;
}

bool sqlite_next(struct db_rows *rows) {
    struct prepared *p = rows->cursor;
    int rc = sqlite3_step(p->stmt);
    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE)
        rows->error = link_failed(p->connection, p->statement->name, rc);
    leave(rows);
    return false;
}

enum err sqlite_finish(struct db_rows *rows) {
    leave(rows);
    return rows->error;
}

enum err sqlite_exec(struct db *base, const struct statement *s, struct db_args args,
                     int64_t *changed) {
    enum err e = OK;
    struct prepared *p = start((struct sqlite_db *)base, s, args, &e);
    if (!p)
        return e;
    int rc;
    do
        rc = sqlite3_step(p->stmt);
    while (rc == SQLITE_ROW);
    if (rc != SQLITE_DONE)
        e = link_failed(p->connection, s->name, rc);
    else if (changed)
        *changed = sqlite3_changes64(p->connection->handle);
    sqlite3_reset(p->stmt);
    return e;
}

static sqlite3_stmt *row(const struct db_rows *rows) {
    return ((const struct prepared *)rows->cursor)->stmt;
}

int64_t sqlite_integer(const struct db_rows *rows, int column) {
    return sqlite3_column_int64(row(rows), column);
}

struct text sqlite_text(const struct db_rows *rows, int column) {
    sqlite3_stmt *stmt = row(rows);
    /* The pointer first: asking for it may convert the value and so change the size. */
    const void *at = sqlite3_column_type(stmt, column) == SQLITE_BLOB
                         ? sqlite3_column_blob(stmt, column)
                         : sqlite3_column_text(stmt, column);
    size_t size = at ? (size_t)sqlite3_column_bytes(stmt, column) : 0;
    return text_copy(rows->db->arena, (struct text){at, size});
}

bool sqlite_is_null(const struct db_rows *rows, int column) {
    return sqlite3_column_type(row(rows), column) == SQLITE_NULL;
}
