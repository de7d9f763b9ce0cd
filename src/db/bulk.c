#include "db/bulk.h"

#include <stdio.h>

#include "base/log.h"
#include "base/unicode.h"
#include "db/bulk_driver.h"

/* ---- Tables ---------------------------------------------------------------------------------- */

#define SEQUENCE(name)
#define TABLE(name, columns, key, sequence) {#name, columns, key, sequence},
const struct bulk_table bulk_tables[] = {
#include "db/bulk.def"
    {NULL, NULL, NULL, NULL}};
#undef TABLE

#define TABLE(name, columns, key, sequence)                                                        \
    {"bulk_rows_" #name, "SELECT " columns " FROM " #name " ORDER BY " key},
static struct statement all_rows[] = {
#include "db/bulk.def"
};
#undef TABLE

#define TABLE(name, columns, key, sequence) {"bulk_count_" #name, "SELECT count(*) FROM " #name},
static struct statement counts[] = {
#include "db/bulk.def"
};
#undef TABLE

#define TABLE(name, columns, key, sequence)                                                        \
    {"bulk_any_" #name, "SELECT count(*) FROM (SELECT 1 FROM " #name " LIMIT 1) t"},
static struct statement any_row[] = {
#include "db/bulk.def"
};
#undef TABLE
#undef SEQUENCE

/* A sequence that has been restarted stands on a number that it has yet to give. */
#define TABLE(name, columns, key, sequence)
#define SEQUENCE(name)                                                                             \
    {"bulk_sequence_" #name, NULL,                                                                 \
     "SELECT coalesce(max(value), 0) FROM sequences WHERE name = '" #name "'",                     \
     "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM " #name "_id"},
static struct statement sequences[] = {
#include "db/bulk.def"
};
#undef SEQUENCE
#define SEQUENCE(name) #name,
static const char *const sequence_names[] = {
#include "db/bulk.def"
};
#undef SEQUENCE
#undef TABLE

#define SEQUENCES (sizeof sequences / sizeof sequences[0])

void bulk_register(void) {
    db_register(all_rows, BULK_TABLES);
    db_register(counts, BULK_TABLES);
    db_register(any_row, BULK_TABLES);
    db_register(sequences, SEQUENCES);
}

const struct bulk_table *bulk_find(const char *name) {
    for (const struct bulk_table *t = bulk_tables; t->name; t++)
        if (strcmp(t->name, name) == 0)
            return t;
    log_fatal("there is no table %s", name);
}

/* ---- Reading --------------------------------------------------------------------------------- */

void bulk_query(struct db *db, struct bulk_rows *rows, const struct bulk_table *table) {
    *rows = (struct bulk_rows){.db = db, .table = table};
    bulk_register();
    db->driver->bulk->query(db, rows, &all_rows[bulk_index(table)]);
}

bool bulk_next(struct bulk_rows *rows, struct db_args *row) {
    return rows->cursor && rows->db->driver->bulk->next(rows, row);
}

enum err bulk_close(struct bulk_rows *rows) {
    return rows->cursor ? rows->db->driver->bulk->close(rows) : rows->error;
}

enum err bulk_count(struct db *db, const struct bulk_table *table, int64_t *out) {
    bulk_register();
    return db_scalar(db, &counts[bulk_index(table)], NO_ARGS, out);
}

enum err bulk_find_row(struct db *db, bool *found) {
    bulk_register();
    *found = false;
    for (size_t i = 0; i < BULK_TABLES && !*found; i++) {
        int64_t count;
        TRY(db_scalar(db, &any_row[i], NO_ARGS, &count));
        *found = count > 0;
        if (*found)
            log_line(LOG_ERROR, "the table %s has rows", bulk_tables[i].name);
    }
    return OK;
}

enum err bulk_sequence(struct db *db, const char *name, int64_t *last) {
    bulk_register();
    for (size_t i = 0; i < SEQUENCES; i++)
        if (strcmp(sequence_names[i], name) == 0)
            return db_scalar(db, &sequences[i], NO_ARGS, last);
    log_fatal("there is no sequence %s", name);
}

/* ---- What a row has to look like --------------------------------------------------------------
 */

void bulk_shape_names(struct bulk_shape *shape, const struct bulk_table *table) {
    struct text rest = text_of(table->columns), name;
    *shape = (struct bulk_shape){0};
    while (text_split(&rest, ',', &name)) {
        ASSERT(shape->width < BULK_COLUMNS_MAX);
        name = text_trim(name);
        snprintf(shape->names[shape->width++], sizeof shape->names[0], "%.*s", TEXT_ARGS(name));
    }
}

static enum err describe(struct bulk *b, const struct bulk_table *table, struct bulk_shape *shape) {
    struct bulk_shape made;
    bulk_shape_names(&made, table);
    TRY(b->driver->describe(b, table, &made));
    *shape = made;
    return OK;
}

static const char *const type_names[] = {"nothing", "an integer", "text", "bytes", "a real number"};

/* What is wrong with a value, or NULL. Whether it may be NULL is for the engine to say. */
static const char *objection(const struct db_arg *value, enum db_type wanted) {
    if (value->type == DB_NULL)
        return NULL;
    if (value->type != wanted)
        return type_names[value->type];
    if (wanted != DB_TEXT)
        return NULL;
    if (value->text.size > 0 && memchr(value->text.at, '\0', value->text.size))
        return "text with a NUL in it";
    return unicode_valid(value->text) ? NULL : "text that is not UTF-8";
}

/* The value of a column of the key, for people. */
static void format_key(struct arena *arena, const struct bulk_shape *shape, struct db_args row,
                       struct text column, struct text *out) {
    for (size_t i = 0; i < shape->width; i++) {
        const struct db_arg *value = &row.at[i];
        if (!text_equal(text_of(shape->names[i]), column))
            continue;
        if (value->type == DB_INT)
            *out = text_format(arena, "%.*s %.*s=%lld", TEXT_ARGS(*out), TEXT_ARGS(column),
                               (long long)value->number);
        else
            *out = text_format(arena, "%.*s %.*s=%.*s", TEXT_ARGS(*out), TEXT_ARGS(column),
                               TEXT_ARGS(value->text));
    }
}

static enum err refuse(const struct bulk_table *table, const struct bulk_shape *shape,
                       struct db_args row, size_t column, const char *found) {
    struct arena arena = {0};
    struct text rest = text_of(table->key), name, key = TEXT("");
    while (text_split(&rest, ',', &name))
        format_key(&arena, shape, row, text_trim(name), &key);
    log_line(LOG_ERROR, "table=%s%.*s column=%s: it holds %s where %s belongs", table->name,
             TEXT_ARGS(key), shape->names[column], found, type_names[shape->types[column]]);
    arena_free(&arena);
    return ERR_VALIDATION;
}

static enum err inspect(const struct bulk_table *table, const struct bulk_shape *shape,
                        struct db_args row) {
    for (size_t i = 0; i < shape->width; i++) {
        const char *found = objection(&row.at[i], shape->types[i]);
        if (found)
            return refuse(table, shape, row, i, found);
    }
    return OK;
}

/* ---- Filling --------------------------------------------------------------------------------- */

enum err bulk_begin(struct bulk **out, const char *url) {
    const char *place;
    const struct driver *driver = driver_find(url, &place);
    if (!driver)
        return ERR_VALIDATION;
    bulk_register();
    *out = NULL;
    enum err e = driver->bulk->begin(out, place);
    if (e == OK)
        return OK;
    struct bulk *begun = *out;
    *out = NULL;
    return begun ? driver->bulk->end(begun, e) : e;
}

static enum err add(struct bulk *b, const struct bulk_table *table, struct db_args row) {
    struct bulk_shape *shape = &b->shapes[bulk_index(table)];
    if (shape->width == 0)
        TRY(describe(b, table, shape));
    ASSERT(row.count == shape->width && !b->built);
    TRY(inspect(table, shape, row));
    return b->driver->add(b, table, row);
}

enum err bulk_add(struct bulk *b, const struct bulk_table *table, struct db_args row) {
    if (b->error == OK)
        b->error = add(b, table, row);
    return b->error;
}

enum err bulk_set_sequence(struct bulk *b, const char *name, int64_t last) {
    ASSERT(!b->built);
    if (b->error == OK)
        b->error = b->driver->set_sequence(b, name, last);
    return b->error;
}

static void no_step(void *self, const char *what) {
    (void)self;
    (void)what;
}

enum err bulk_build(struct bulk *b, void (*step)(void *self, const char *what), void *self) {
    if (b->error == OK && !b->built)
        b->error = b->driver->build(b, step ? step : no_step, self);
    b->built = true;
    return b->error;
}

struct db *bulk_db(struct bulk *b) {
    ASSERT(b->built && b->error == OK);
    return b->db;
}

enum err bulk_end(struct bulk *b, enum err result, void (*step)(void *self, const char *what),
                  void *self) {
    if (result == OK)
        result = bulk_build(b, step, self);
    return b->driver->end(b, result);
}

void bulk_abandon(struct bulk *b) {
    b->driver->abandon(b);
}
