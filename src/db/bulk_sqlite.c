/* Reading and filling whole tables with SQLite. A new database is built in a file of its own
 * (partial.h) without journal and fsync; its indexes and search tables are made from the rows at
 * the end, and then it is opened as any database is. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/log.h"
#include "db/bulk_driver.h"
#include "db/partial.h"
#include "db/sqlite.h"

/* ---- Reading --------------------------------------------------------------------------------- */

struct cursor {
    struct db_rows rows;
    struct db_arg row[BULK_COLUMNS_MAX];
};

static void bulk_sqlite_query(struct db *db, struct bulk_rows *rows, const struct statement *s) {
    struct cursor *cursor = calloc(1, sizeof *cursor);
    if (!cursor)
        log_out_of_memory(0);
    cursor->rows.db = db;
    sqlite_query(db, &cursor->rows, s, NO_ARGS);
    rows->error = cursor->rows.error;
    if (rows->error == OK)
        rows->cursor = cursor;
    else
        free(cursor);
}

/* The value as it is kept, whatever the column says. */
static struct db_arg value_at(sqlite3_stmt *stmt, int column) {
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_INTEGER:
        return arg_int(sqlite3_column_int64(stmt, column));
    case SQLITE_TEXT: {
        const char *at = (const char *)sqlite3_column_text(stmt, column);
        return arg_text((struct text){at, (size_t)sqlite3_column_bytes(stmt, column)});
    }
    case SQLITE_BLOB: {
        const void *at = sqlite3_column_blob(stmt, column);
        return arg_blob(at, (size_t)sqlite3_column_bytes(stmt, column));
    }
    case SQLITE_NULL:
        return arg_null();
    default:
        return (struct db_arg){.type = BULK_ALIEN};
    }
}

static bool bulk_sqlite_next(struct bulk_rows *rows, struct db_args *row) {
    struct cursor *cursor = rows->cursor;
    sqlite3_stmt *stmt = ((const struct prepared *)cursor->rows.cursor)->stmt;
    if (!sqlite_next(&cursor->rows)) {
        rows->error = cursor->rows.error;
        rows->cursor = NULL;
        free(cursor);
        return false;
    }
    int width = sqlite3_column_count(stmt);
    for (int i = 0; i < width; i++)
        cursor->row[i] = value_at(stmt, i);
    *row = (struct db_args){cursor->row, (size_t)width};
    return true;
}

static enum err bulk_sqlite_close(struct bulk_rows *rows) {
    struct cursor *cursor = rows->cursor;
    rows->error = sqlite_finish(&cursor->rows);
    rows->cursor = NULL;
    free(cursor);
    return rows->error;
}

/* ---- Beginning ------------------------------------------------------------------------------- */

/* What stands in the schema and is made at the end. */
struct piece {
    const char *type, *name, *sql;
    struct piece *next;
};

/* Rows that one INSERT adds. Opening the table and ending the statement cost more than a row. */
#define ROWS 32

struct fill {
    struct bulk base;
    struct partial partial;
    struct link link;
    sqlite3_stmt *inserts[BULK_TABLES][2]; /* of ROWS rows, of one */

    /* Rows that have yet to be added, with copies of their texts. */
    const struct bulk_table *table;
    size_t width, held;
    struct db_arg rows[ROWS * BULK_COLUMNS_MAX];
    struct arena texts;

    struct arena arena;
    struct piece *pieces;
    struct database *database; /* once it is built */
};

/* Opens the file as a database, with all that belongs to it. */
static enum err open_database(struct fill *f, struct database **out) {
    const struct db_options options = {.durable = false};
    struct text url = text_format(&f->arena, "sqlite:%s", f->partial.path);
    return database_open(out, url.at, &options);
}

static enum err make_schema(struct fill *f) {
    struct database *database;
    TRY(open_database(f, &database));
    database_close(database);
    return OK;
}

/* Sorting for an index may take to the disk, unlike what a request sorts. */
static enum err open_link(struct fill *f) {
    const struct sqlite_settings settings = {.path = f->partial.path};
    TRY(link_open(&f->link, &settings, ROLE_WRITER));
    sqlite3_db_config(f->link.handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    return link_script(&f->link, "bulk_settings",
                       "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF;"
                       "PRAGMA cache_size = -32768; PRAGMA temp_store = FILE; PRAGMA threads = 2");
}

static const char *copy_column(struct arena *arena, sqlite3_stmt *stmt, int column) {
    return text_copy(arena, text_of((const char *)sqlite3_column_text(stmt, column))).at;
}

/* Notes all pieces, in the order in which they are to be made. */
static enum err note_pieces(struct fill *f) {
    static const char sql[] =
        "SELECT CASE WHEN type = 'table' THEN 'search' ELSE type END AS kind, name, sql"
        " FROM sqlite_schema WHERE sql IS NOT NULL AND (type IN ('index', 'trigger')"
        " OR sql LIKE 'CREATE VIRTUAL TABLE %') ORDER BY kind, name";
    sqlite3_stmt *stmt;
    int rc = sqlite3_prepare_v2(f->link.handle, sql, -1, &stmt, NULL);
    struct piece **end = &f->pieces;
    while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct piece *piece = ARENA_NEW(&f->arena, struct piece);
        piece->type = copy_column(&f->arena, stmt, 0);
        piece->name = copy_column(&f->arena, stmt, 1);
        piece->sql = copy_column(&f->arena, stmt, 2);
        *end = piece;
        end = &piece->next;
        rc = SQLITE_OK;
    }
    enum err e = rc == SQLITE_DONE ? OK : link_failed(&f->link, "bulk_pieces", rc);
    sqlite3_finalize(stmt);
    return e;
}

static bool is_search(const struct piece *piece) {
    return strcmp(piece->type, "search") == 0;
}

static enum err set_pieces_aside(struct fill *f) {
    TRY(note_pieces(f));
    for (const struct piece *p = f->pieces; p; p = p->next) {
        if (is_search(p))
            continue;
        struct text sql = text_format(&f->arena, "DROP %s \"%s\"", p->type, p->name);
        TRY(link_script(&f->link, "bulk_set_aside", sql.at));
    }
    return OK;
}

static enum err start(struct fill *f) {
    TRY(make_schema(f));
    TRY(open_link(f));
    TRY(set_pieces_aside(f));
    return link_script(&f->link, "bulk_begin", "BEGIN EXCLUSIVE");
}

static enum err bulk_sqlite_begin(struct bulk **out, const char *place) {
    TRY(sqlite_check_place(place));
    struct fill *f = calloc(1, sizeof *f);
    if (!f)
        log_out_of_memory(0);
    f->base.driver = &sqlite_bulk;
    enum err e = partial_open(&f->partial, place);
    if (e != OK) {
        free(f);
        return e;
    }
    *out = &f->base;
    return start(f);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static enum db_type type_of(const char *declared) {
    return strstr(declared, "INT") ? DB_INT : strcmp(declared, "BLOB") == 0 ? DB_BLOB : DB_TEXT;
}

static enum err bulk_sqlite_describe(struct bulk *b, const struct bulk_table *table,
                                     struct bulk_shape *shape) {
    struct link *link = &((struct fill *)b)->link;
    for (size_t i = 0; i < shape->width; i++) {
        const char *declared;
        int rc = sqlite3_table_column_metadata(link->handle, "main", table->name, shape->names[i],
                                               &declared, NULL, NULL, NULL, NULL);
        if (rc != SQLITE_OK)
            return link_failed(link, "bulk_describe", rc);
        shape->types[i] = type_of(declared);
    }
    return OK;
}

static int prepare_insert(struct fill *f, size_t rows, sqlite3_stmt **stmt) {
    struct buffer sql = {0};
    buffer_format(&sql, "INSERT INTO %s (%s) VALUES ", f->table->name, f->table->columns);
    for (size_t i = 0; i < rows * f->width; i++)
        buffer_format(&sql, "%s?%zu%s",
                      i % f->width ? ","
                      : i          ? ",("
                                   : "(",
                      i + 1, (i + 1) % f->width ? "" : ")");
    int rc = sqlite3_prepare_v3(f->link.handle, sql.at, (int)sql.size, SQLITE_PREPARE_PERSISTENT,
                                stmt, NULL);
    buffer_free(&sql);
    return rc;
}

/* Adds `count` of the rows that are held, from `first` on: ROWS, or one. */
static int insert(struct fill *f, size_t first, size_t count) {
    sqlite3_stmt **stmt = &f->inserts[bulk_index(f->table)][count == 1];
    int rc = *stmt ? SQLITE_OK : prepare_insert(f, count, stmt);
    for (size_t i = 0; i < count * f->width && rc == SQLITE_OK; i++)
        rc = sqlite_bind(*stmt, (int)i + 1, &f->rows[first * f->width + i]);
    if (rc != SQLITE_OK)
        return rc;
    rc = sqlite3_step(*stmt);
    sqlite3_reset(*stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static enum err flush(struct fill *f) {
    int rc = f->held == ROWS ? insert(f, 0, ROWS) : SQLITE_OK;
    for (size_t i = 0; f->held < ROWS && i < f->held && rc == SQLITE_OK; i++)
        rc = insert(f, i, 1);
    f->held = 0;
    arena_reset(&f->texts);
    return rc == SQLITE_OK ? OK : link_failed(&f->link, f->table->name, rc);
}

static struct db_arg keep(struct fill *f, struct db_arg value) {
    if (value.type == DB_TEXT || value.type == DB_BLOB)
        value.text = text_copy(&f->texts, value.text);
    return value;
}

static enum err bulk_sqlite_add(struct bulk *b, const struct bulk_table *table,
                                struct db_args row) {
    struct fill *f = (struct fill *)b;
    if (f->held && f->table != table)
        TRY(flush(f));
    f->table = table;
    f->width = row.count;
    for (size_t i = 0; i < row.count; i++)
        f->rows[f->held * row.count + i] = keep(f, row.at[i]);
    return ++f->held == ROWS ? flush(f) : OK;
}

static enum err bulk_sqlite_set_sequence(struct bulk *b, const char *name, int64_t last) {
    struct fill *f = (struct fill *)b;
    struct text sql = text_format(&f->arena,
                                  "INSERT INTO sequences (name, value) VALUES ('%s', %lld)"
                                  " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                                  name, (long long)last);
    return link_script(&f->link, "bulk_set_sequence", sql.at);
}

/* ---- Ending ---------------------------------------------------------------------------------- */

static void close_link(struct fill *f) {
    for (size_t i = 0; i < BULK_TABLES; i++) {
        sqlite3_finalize(f->inserts[i][0]);
        sqlite3_finalize(f->inserts[i][1]);
    }
    memset(f->inserts, 0, sizeof f->inserts);
    link_close(&f->link);
}

/* A search index is written in segments as large as the memory it may use, which are merged then:
 * with more memory than a server would give it there is less to merge. */
static enum err rebuild_search(struct fill *f, const char *name) {
    struct text sql = text_format(&f->arena,
                                  "INSERT INTO \"%s\" (\"%s\", rank) VALUES ('hashsize', 16777216);"
                                  "INSERT INTO \"%s\" (\"%s\") VALUES ('rebuild');"
                                  "DELETE FROM \"%s_config\" WHERE k = 'hashsize'",
                                  name, name, name, name, name);
    return link_script(&f->link, "bulk_rebuild", sql.at);
}

static enum err make_piece(struct fill *f, const struct piece *p) {
    return is_search(p) ? rebuild_search(f, p->name) : link_script(&f->link, "bulk_piece", p->sql);
}

static enum err bulk_sqlite_build(struct bulk *b, void (*step)(void *self, const char *what),
                                  void *self) {
    struct fill *f = (struct fill *)b;
    TRY(flush(f));
    TRY(link_script(&f->link, "bulk_commit", "COMMIT"));
    for (const struct piece *p = f->pieces; p; p = p->next) {
        if (strcmp(p->type, "trigger") != 0)
            step(self, p->name);
        TRY(make_piece(f, p));
    }
    close_link(f);
    TRY(open_database(f, &f->database));
    TRY(db_connect(&f->base.db, f->database));
    db_use(f->base.db, &f->arena);
    return OK;
}

static enum err bulk_sqlite_end(struct bulk *b, enum err result) {
    struct fill *f = (struct fill *)b;
    close_link(f);
    if (b->db)
        db_disconnect(b->db);
    if (f->database)
        database_close(f->database);
    if (result == OK)
        result = partial_publish(&f->partial);
    if (result != OK)
        partial_remove(&f->partial);
    partial_close(&f->partial);
    arena_free(&f->texts);
    arena_free(&f->arena);
    free(f);
    return result;
}

static void bulk_sqlite_abandon(struct bulk *b) {
    partial_remove(&((struct fill *)b)->partial);
}

const struct bulk_driver sqlite_bulk = {
    .query = bulk_sqlite_query,
    .next = bulk_sqlite_next,
    .close = bulk_sqlite_close,
    .begin = bulk_sqlite_begin,
    .describe = bulk_sqlite_describe,
    .add = bulk_sqlite_add,
    .set_sequence = bulk_sqlite_set_sequence,
    .build = bulk_sqlite_build,
    .end = bulk_sqlite_end,
    .abandon = bulk_sqlite_abandon,
};
