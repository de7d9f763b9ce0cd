/* Reading and filling whole tables with PostgreSQL: COPY in its binary format. All that is filled
 * is one transaction that holds the lock of the migrations and every table: a server that starts
 * meanwhile waits, or is refused, until all is there. */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/log.h"
#include "db/bulk_driver.h"
#include "db/postgres.h"
#include "db/tuple.h"

enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 };

enum { COLUMN_TYPES, SORT_MEMORY, INDEXES };

/* An index that a constraint needs stays. What makes one again is its definition, in which ONLY
 * would leave out the partitions of a table, and what that does not tell: which statistics are kept
 * of its columns. */
static struct statement statements[] = {
    [COLUMN_TYPES] = {.name = "bulk_column_types",
                      .postgres = "SELECT attname, CAST(atttypid AS BIGINT) FROM pg_attribute"
                                  " WHERE attrelid = to_regclass(CAST($1 AS TEXT))"
                                  " AND attnum > 0 AND NOT attisdropped"},
    [SORT_MEMORY] = {.name = "bulk_sort_memory",
                     .postgres = "SELECT set_config('work_mem', '64MB', true)"},
    [INDEXES] = {.name = "bulk_indexes",
                 .postgres = "SELECT CAST(CAST(indexrelid AS regclass) AS TEXT) AS name,"
                             " regexp_replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') ||"
                             " coalesce((SELECT string_agg(format("
                             "'; ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s',"
                             " attrelid::regclass, attnum, attstattarget), '')"
                             " FROM pg_attribute WHERE attrelid = indexrelid"
                             " AND attstattarget >= 0), '')"
                             " FROM pg_index WHERE indrelid = to_regclass(CAST($1 AS TEXT))"
                             " AND NOT EXISTS (SELECT 1 FROM pg_constraint"
                             " WHERE conindid = indexrelid) ORDER BY name"},
};

static void register_statements(void) {
    db_register(statements, sizeof statements / sizeof statements[0]);
}

/* ---- Types ----------------------------------------------------------------------------------- */

static bool set_type(struct bulk_shape *shape, size_t column, int64_t oid) {
    switch (oid) {
    case OID_INT8:
        shape->types[column] = DB_INT;
        return true;
    case OID_TEXT:
        shape->types[column] = DB_TEXT;
        return true;
    case OID_BYTEA:
        shape->types[column] = DB_BLOB;
        return true;
    default:
        return false;
    }
}

/* The columns of `shape` among all that the table has. */
static enum err read_types(struct db *db, const struct bulk_table *table,
                           struct bulk_shape *shape) {
    struct db_rows rows;
    size_t found = 0;
    db_query(db, &rows, &statements[COLUMN_TYPES], ARGS(arg_text(text_of(table->name))));
    while (db_next(&rows)) {
        struct text name = db_text(&rows, 0);
        for (size_t i = 0; i < shape->width; i++)
            if (text_equal(name, text_of(shape->names[i])) && set_type(shape, i, db_int(&rows, 1)))
                found++;
    }
    TRY(db_close(&rows));
    if (found == shape->width)
        return OK;
    log_line(LOG_ERROR, "the table %s is not what a migration has made", table->name);
    return ERR_UNAVAILABLE;
}

/* ---- Reading --------------------------------------------------------------------------------- */

struct cursor {
    struct bulk_shape shape;
    bool begun; /* the header of the format has been read */
    struct db_arg row[BULK_COLUMNS_MAX];
};

static enum err begin_reading(struct postgres_db *db, const struct bulk_table *table,
                              const struct statement *s, struct bulk_shape *shape) {
    struct arena arena = {0}, *before = db->base.arena;
    struct db_rows ignored;
    ASSERT(db->phase != PHASE_NONE);
    register_statements();
    db_use(&db->base, &arena);
    bulk_shape_names(shape, table);
    enum err e = read_types(&db->base, table, shape);
    if (e == OK)
        e = db_one(&db->base, &ignored, &statements[SORT_MEMORY], NO_ARGS);
    if (e == OK)
        e = db_close(&ignored);
    if (e == OK) {
        struct text sql = text_format(&arena, "COPY (%s) TO STDOUT (FORMAT binary)", wire_text(s));
        e = db->failed = wire_copy(&db->wire, sql.at);
    }
    db_use(&db->base, before);
    arena_free(&arena);
    return e;
}

static void bulk_postgres_query(struct db *db, struct bulk_rows *rows, const struct statement *s) {
    struct cursor *cursor = calloc(1, sizeof *cursor);
    if (!cursor)
        log_out_of_memory(0);
    rows->error = begin_reading((struct postgres_db *)db, rows->table, s, &cursor->shape);
    if (rows->error == OK)
        rows->cursor = cursor;
    else
        free(cursor);
}

static void leave(struct bulk_rows *rows, enum err error) {
    struct postgres_db *db = (struct postgres_db *)rows->db;
    rows->error = error;
    if (error != OK)
        db->failed = error;
    free(rows->cursor);
    rows->cursor = NULL;
}

static bool bulk_postgres_next(struct bulk_rows *rows, struct db_args *row) {
    struct cursor *cursor = rows->cursor;
    struct wire *w = &((struct postgres_db *)rows->db)->wire;
    struct text message;
    for (;;) {
        enum err e = wire_copy_get(w, &message);
        if (e != OK || !message.at) {
            leave(rows, e);
            return false;
        }
        enum tuple_found found = tuple_read(&cursor->begun, message, &cursor->shape, cursor->row);
        if (found == TUPLE_NONE)
            continue;
        *row = (struct db_args){cursor->row, cursor->shape.width};
        if (found == TUPLE_ROW)
            return true;
        log_line(LOG_ERROR, "table=%s: the server sends what cannot be read", rows->table->name);
        wire_copy_break(w);
        leave(rows, ERR_UNAVAILABLE);
        return false;
    }
}

static enum err bulk_postgres_close(struct bulk_rows *rows) {
    wire_copy_break(&((struct postgres_db *)rows->db)->wire);
    leave(rows, ERR_UNAVAILABLE);
    return rows->error;
}

/* ---- Beginning ------------------------------------------------------------------------------- */

/* An index that is made at the end. */
struct index {
    const char *name, *sql;
    struct index *next;
};

struct fill {
    struct bulk base;
    struct database *database;
    struct postgres_db *db; /* inside the transaction */
    struct arena arena;
    struct index *indexes;
    const struct bulk_table *table; /* that is being copied to; NULL: none */
    struct buffer rows;             /* to be sent */
};

/* The last line: an orphan of ours, busy with an index, is to notice that it is one. */
static const char settings[] = "SET LOCAL statement_timeout = 0;"
                               "SET LOCAL idle_in_transaction_session_timeout = 0;"
                               "SET LOCAL lock_timeout = '10s';"
                               "SET LOCAL work_mem = '64MB';"
                               "SET LOCAL maintenance_work_mem = '256MB';"
                               "SELECT set_config(name, '1000', true) FROM pg_settings"
                               " WHERE name = 'client_connection_check_interval'";

static enum err script(struct fill *f, const char *sql) {
    return postgres_driver.script(&f->db->base, sql);
}

/* "FIRST users, credentials, … LAST" */
static enum err script_on_all(struct fill *f, const char *first, const char *last) {
    struct buffer sql = {0};
    buffer_format(&sql, "%s %s", first, bulk_tables[0].name);
    for (size_t i = 1; i < BULK_TABLES; i++)
        buffer_format(&sql, ", %s", bulk_tables[i].name);
    buffer_format(&sql, " %s%c", last, '\0');
    enum err e = script(f, sql.at);
    buffer_free(&sql);
    return e;
}

/* Emptying what is empty gives the tables new files, which go with the transaction: else what it
 * has written would take room until somebody vacuums. */
static enum err claim(struct fill *f) {
    bool found;
    TRY(script(f, settings));
    TRY(migrate_within(&f->db->base, embedded_migrations));
    TRY(script_on_all(f, "LOCK TABLE", "IN ACCESS EXCLUSIVE MODE"));
    TRY(bulk_find_row(&f->db->base, &found));
    return found ? ERR_CONFLICT : script_on_all(f, "TRUNCATE", "");
}

static enum err note_indexes(struct fill *f, const struct bulk_table *table, struct index ***end) {
    struct db_rows rows;
    db_query(&f->db->base, &rows, &statements[INDEXES], ARGS(arg_text(text_of(table->name))));
    while (db_next(&rows)) {
        struct index *index = ARENA_NEW(&f->arena, struct index);
        index->name = text_cstr(&f->arena, db_text(&rows, 0));
        index->sql = text_cstr(&f->arena, db_text(&rows, 1));
        **end = index;
        *end = &index->next;
    }
    return db_close(&rows);
}

static enum err set_indexes_aside(struct fill *f) {
    struct index **end = &f->indexes;
    for (const struct bulk_table *t = bulk_tables; t->name; t++)
        TRY(note_indexes(f, t, &end));
    for (const struct index *i = f->indexes; i; i = i->next)
        TRY(script(f, text_format(&f->arena, "DROP INDEX %s", i->name).at));
    return OK;
}

static enum err start(struct fill *f) {
    struct db *db;
    TRY(db_connect(&db, f->database));
    f->db = (struct postgres_db *)db;
    db_use(db, &f->arena);
    TRY(db_begin(db));
    TRY(claim(f));
    return set_indexes_aside(f);
}

static enum err bulk_postgres_begin(struct bulk **out, const char *place) {
    const struct db_options options = {.answer_timeout = -1};
    struct database *database;
    TRY(postgres_driver.open(&database, place, &options));
    register_statements();
    struct fill *f = calloc(1, sizeof *f);
    if (!f)
        log_out_of_memory(0);
    f->base.driver = &postgres_bulk;
    f->database = database;
    *out = &f->base;
    return start(f);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

#define SEND_SIZE (64 * 1024)

static enum err send_rows(struct fill *f) {
    enum err e = wire_copy_put(&f->db->wire, buffer_text(&f->rows));
    buffer_clear(&f->rows, 2 * SEND_SIZE);
    return e;
}

static enum err finish_table(struct fill *f) {
    if (!f->table)
        return OK;
    const char *name = f->table->name;
    f->table = NULL;
    tuple_write_end(&f->rows);
    TRY(send_rows(f));
    enum err e = wire_copy_end(&f->db->wire, OK);
    if (e != ERR_CONFLICT)
        return e;
    log_line(LOG_ERROR, "table=%s: two rows have the same key", name);
    return ERR_VALIDATION;
}

static enum err begin_table(struct fill *f, const struct bulk_table *table) {
    struct text sql = text_format(&f->arena, "COPY %s (%s) FROM STDIN (FORMAT binary)", table->name,
                                  table->columns);
    TRY(wire_copy(&f->db->wire, sql.at));
    f->table = table;
    tuple_write_header(&f->rows);
    return OK;
}

/* Asked for before the first row of a table, when another may still be under way. */
static enum err bulk_postgres_describe(struct bulk *b, const struct bulk_table *table,
                                       struct bulk_shape *shape) {
    struct fill *f = (struct fill *)b;
    TRY(finish_table(f));
    return read_types(&f->db->base, table, shape);
}

static enum err add(struct fill *f, const struct bulk_table *table, struct db_args row) {
    if (f->table != table) {
        TRY(finish_table(f));
        TRY(begin_table(f, table));
    }
    tuple_write(&f->rows, row);
    return f->rows.size < SEND_SIZE ? OK : send_rows(f);
}

/* What has failed here has failed the transaction, which must know. */
static enum err keep(struct fill *f, enum err e) {
    if (e != OK)
        f->db->failed = e;
    return e;
}

static enum err bulk_postgres_add(struct bulk *b, const struct bulk_table *table,
                                  struct db_args row) {
    struct fill *f = (struct fill *)b;
    return keep(f, add(f, table, row));
}

/* Unlike setval(), this is undone with the transaction. */
static enum err bulk_postgres_set_sequence(struct bulk *b, const char *name, int64_t last) {
    struct fill *f = (struct fill *)b;
    TRY(keep(f, finish_table(f)));
    if (last < 0 || last == INT64_MAX) {
        log_line(LOG_ERROR, "the sequence %s cannot go on after %lld", name, (long long)last);
        return ERR_VALIDATION;
    }
    struct text sql =
        text_format(&f->arena, "ALTER SEQUENCE %s_id RESTART WITH %lld", name, (long long)last + 1);
    return script(f, sql.at);
}

/* ---- Ending ---------------------------------------------------------------------------------- */

/* What ANALYZE learns makes reading it all again, and the first requests, find the right way. */
static enum err bulk_postgres_build(struct bulk *b, void (*step)(void *self, const char *what),
                                    void *self) {
    struct fill *f = (struct fill *)b;
    TRY(keep(f, finish_table(f)));
    for (const struct index *i = f->indexes; i; i = i->next) {
        step(self, i->name);
        TRY(script(f, i->sql));
    }
    TRY(script_on_all(f, "ANALYZE", ""));
    b->db = &f->db->base;
    return OK;
}

/* A copy that is still open is given up with its connection. */
static enum err bulk_postgres_end(struct bulk *b, enum err result) {
    struct fill *f = (struct fill *)b;
    if (f->table && result != OK)
        wire_copy_break(&f->db->wire);
    if (f->db && f->db->phase != PHASE_NONE)
        result = db_end(&f->db->base, result);
    if (f->db)
        db_disconnect(&f->db->base);
    database_close(f->database);
    buffer_free(&f->rows);
    arena_free(&f->arena);
    free(f);
    return result;
}

static void bulk_postgres_abandon(struct bulk *b) {
    (void)b; /* the server undoes a transaction whose connection ends */
}

const struct bulk_driver postgres_bulk = {
    .query = bulk_postgres_query,
    .next = bulk_postgres_next,
    .close = bulk_postgres_close,
    .begin = bulk_postgres_begin,
    .describe = bulk_postgres_describe,
    .add = bulk_postgres_add,
    .set_sequence = bulk_postgres_set_sequence,
    .build = bulk_postgres_build,
    .end = bulk_postgres_end,
    .abandon = bulk_postgres_abandon,
};
