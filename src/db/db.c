#include "db/db.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "db/driver.h"

static const struct driver *const drivers[] = {&sqlite_driver, &postgres_driver};

#define DRIVER_COUNT (sizeof drivers / sizeof drivers[0])

/* ---- Statements ---- */

static const struct statement **registry; /* by slot - 1 */
static size_t registered;

static bool name_is_free(const char *name) {
    for (size_t i = 0; i < registered; i++)
        if (strcmp(registry[i]->name, name) == 0)
            return false;
    return true;
}

void db_register(struct statement *table, size_t count) {
    if (count == 0 || table[0].slot != 0)
        return; /* known already: a database is being opened once more */
    const struct statement **grown = realloc(registry, (registered + count) * sizeof *grown);
    if (!grown)
        log_out_of_memory(0);
    registry = grown;
    for (size_t i = 0; i < count; i++) {
        if (!name_is_free(table[i].name))
            log_fatal("two statements are called %s", table[i].name);
        registry[registered++] = &table[i];
        table[i].slot = (unsigned)registered;
    }
}

size_t db_statement_count(void) {
    return registered;
}

bool db_knows(const struct db *db, const struct statement *s) {
    return db->driver->text_of(s) != NULL;
}

enum err db_prepare_all(struct db *db) {
    enum err result = OK;
    for (size_t i = 0; i < registered; i++) {
        enum err e = db->driver->check(db, registry[i]);
        if (e != OK)
            result = e;
    }
    return result;
}

/* ---- Databases and handles ---- */

/* The length of the scheme that `url` begins with; 0 when it is a bare file name. A single letter
 * is none, nor is anything behind a '/' or a '.'. */
static size_t scheme_length(const char *url) {
    size_t n = 0;
    while (isalnum((unsigned char)url[n]))
        n++;
    return n > 1 && url[n] == ':' ? n : 0;
}

static bool is_scheme(const char *name, const char *url, size_t length) {
    return name && strlen(name) == length && strncmp(name, url, length) == 0;
}

static const struct driver *search(const char *url, const char **place) {
    size_t length = scheme_length(url);
    if (length == 0) {
        *place = url;
        return &sqlite_driver;
    }
    *place = url + length + 1;
    for (size_t i = 0; i < DRIVER_COUNT; i++)
        if (is_scheme(drivers[i]->scheme, url, length) || is_scheme(drivers[i]->alias, url, length))
            return drivers[i];
    return NULL;
}

/* The URL may hold a password; only its scheme is logged. */
static void log_unknown_scheme(const char *url) {
    char known[64] = "";
    size_t used = 0;
    for (size_t i = 0; i < DRIVER_COUNT && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, " %s:", drivers[i]->scheme);
    log_line(LOG_ERROR, "no database engine for scheme=%.*s: known are%s", (int)scheme_length(url),
             url, known);
}

const struct driver *driver_find(const char *url, const char **place) {
    const struct driver *driver = search(url, place);
    if (!driver)
        log_unknown_scheme(url);
    return driver;
}

static enum err settle_schema(struct database *database, const struct db_options *options) {
    struct db *db;
    TRY(db_connect(&db, database));
    enum err e = options->existing ? migrate_require(db) : OK;
    if (e == OK)
        e = options->as_it_is ? migrate_compare(db, embedded_migrations)
                              : migrate_run(db, embedded_migrations);
    db_disconnect(db);
    return e;
}

enum err database_open(struct database **out, const char *url, const struct db_options *options) {
    const char *place;
    const struct driver *driver = driver_find(url, &place);
    if (!driver)
        return ERR_VALIDATION;
    for (size_t i = 0; i < options->replica_count; i++)
        if (!database_replica_fits(url, options->replicas[i])) {
            log_line(LOG_ERROR, "that is no replica of such a database");
            return ERR_VALIDATION;
        }
    struct database *database;
    db_figures_register();
    migrate_register();
    TRY(driver->open(&database, place, options));
    enum err e = settle_schema(database, options);
    if (e != OK) {
        database_close(database);
        return ERR_UNAVAILABLE;
    }
    *out = database;
    return OK;
}

void database_close(struct database *database) {
    database->driver->close(database);
}

/* Also what stands behind '?' goes when there is a password in it. A password should have its '@',
 * '/' and '?' escaped; one that has not must not be seen either. */
struct text database_label(struct arena *arena, const char *url) {
    const char *scheme = strstr(url, "://");
    const char *start = scheme ? scheme + 3 : url + strlen(url);
    const char *path = start + strcspn(start, "/?"), *at = strchr(start, '@');
    bool named = at && at < path;
    const char *colon = memchr(start, ':', (size_t)((named ? at : path) - start));
    if (at && !named && colon)
        return text_copy(arena, (struct text){url, (size_t)(colon - url)});
    if (named)
        at = memrchr(at, '@', strcspn(at, "/?"));
    const char *query = strchr(named ? at : start, '?');
    const char *end = query && strstr(query, "password") ? query : url + strlen(url);
    if (!named || !colon)
        return text_copy(arena, (struct text){url, (size_t)(end - url)});
    return text_format(arena, "%.*s%.*s", (int)(colon - url), url, (int)(end - at), at);
}

const char *database_file(const char *url) {
    const char *place;
    const struct driver *driver = search(url, &place);
    return driver && driver->local ? place : NULL;
}

enum err database_check_pages(const char *url, struct db_pages *out) {
    const char *place;
    const struct driver *driver = search(url, &place);
    *out = (struct db_pages){0};
    return driver && driver->check_pages ? driver->check_pages(place, out) : OK;
}

bool database_replica_fits(const char *url, const char *replica) {
    const char *place;
    const struct driver *driver = search(url, &place);
    return driver && driver->replica_fits && search(replica, &place) == driver &&
           driver->replica_fits(place);
}

bool database_is_local(const struct database *database) {
    return database->driver->local;
}

enum err db_connect(struct db **out, struct database *database) {
    struct db *db;
    TRY(database->driver->connect(&db, database));
    db->driver = database->driver;
    db->database = database;
    *out = db;
    return OK;
}

void db_disconnect(struct db *db) {
    db->driver->disconnect(db);
}

void db_use(struct db *db, struct arena *arena) {
    db->arena = arena;
    db->wrote = false;
}

/* ---- Queries ---- */

void db_query(struct db *db, struct db_rows *rows, const struct statement *s, struct db_args args) {
    *rows = (struct db_rows){.db = db};
    ASSERT(s->slot != 0);
    db->driver->query(db, rows, s, args);
}

void db_ahead(struct db *db, const struct statement *s, struct db_args args) {
    ASSERT(s->slot != 0);
    if (db->driver->ahead)
        db->driver->ahead(db, s, args);
}

void db_round_end(struct db *db) {
    if (db->driver->round_end)
        db->driver->round_end(db);
}

bool db_next(struct db_rows *rows) {
    return rows->cursor && rows->db->driver->next(rows);
}

enum err db_close(struct db_rows *rows) {
    return rows->cursor ? rows->db->driver->finish(rows) : rows->error;
}

enum err db_one(struct db *db, struct db_rows *rows, const struct statement *s,
                struct db_args args) {
    db_query(db, rows, s, args);
    if (db_next(rows))
        return OK;
    TRY(db_close(rows));
    return ERR_NOT_FOUND;
}

enum err db_exec(struct db *db, const struct statement *s, struct db_args args, int64_t *changed) {
    ASSERT(s->slot != 0);
    return db->driver->exec(db, s, args, changed);
}

enum err db_scalar(struct db *db, const struct statement *s, struct db_args args, int64_t *out) {
    struct db_rows rows;
    TRY(db_one(db, &rows, s, args));
    bool absent = db_is_null(&rows, 0);
    if (!absent)
        *out = db_int(&rows, 0);
    TRY(db_close(&rows));
    return absent ? ERR_NOT_FOUND : OK;
}

int64_t db_int(const struct db_rows *rows, int column) {
    ASSERT(rows->cursor);
    return rows->db->driver->integer(rows, column);
}

struct text db_text(const struct db_rows *rows, int column) {
    ASSERT(rows->cursor && rows->db->arena);
    return rows->db->driver->text(rows, column);
}

bool db_is_null(const struct db_rows *rows, int column) {
    ASSERT(rows->cursor);
    return rows->db->driver->is_null(rows, column);
}

/* ---- Transactions and groups ---- */

static enum err begin_held(struct db *db) {
    if (db->hold == HOLD_NEXT)
        TRY(db->driver->begin(db));
    db->hold = HOLD_OPEN;
    return OK;
}

enum err db_begin(struct db *db) {
    ASSERT(db->hold != HOLD_OPEN);
    db->wrote = true;
    return db->hold ? begin_held(db) : db->driver->begin(db);
}

enum err db_begin_single(struct db *db) {
    if (db->hold)
        return db_begin(db);
    db->wrote = true;
    return db->driver->begin_single(db);
}

enum err db_end(struct db *db, enum err result) {
    ASSERT(db->hold == HOLD_NOTHING || db->hold == HOLD_OPEN);
    if (db->hold == HOLD_OPEN && result == OK) {
        db->hold = HOLD_KEPT;
        return OK;
    }
    db->hold = HOLD_NOTHING;
    return db->driver->end(db, result);
}

void db_hold(struct db *db) {
    ASSERT(db->hold == HOLD_NOTHING);
    db->hold = HOLD_NEXT;
}

enum err db_let_go(struct db *db, enum err result) {
    ASSERT(db->hold != HOLD_OPEN);
    enum hold hold = db->hold;
    db->hold = HOLD_NOTHING;
    return hold == HOLD_KEPT ? db->driver->end(db, result) : result;
}

enum err db_next_id(struct db *db, const char *sequence, int64_t *out) {
    return db->driver->next_id(db, sequence, out);
}

enum err db_snapshot(struct db *db) {
    if (db->snapshots == 0)
        TRY(db->driver->snapshot(db));
    db->snapshots++;
    return OK;
}

void db_snapshot_end(struct db *db) {
    if (db->snapshots > 0 && --db->snapshots == 0)
        db->driver->snapshot_end(db);
}

bool db_has_replicas(const struct db *db) {
    return db->driver->has_replicas && db->driver->has_replicas(db);
}

void db_replica_on(struct db *db) {
    if (db->driver->replica_on)
        db->driver->replica_on(db);
}

bool db_replica_off(struct db *db) {
    return !db->driver->replica_off || db->driver->replica_off(db);
}

bool db_pending(const struct db *db) {
    return db->driver->pending(db);
}

void db_settle(struct db *db, struct db_ticket *ticket) {
    db->driver->settle(db, ticket);
}

enum err db_wait(struct db *db) {
    return db->driver->wait(db);
}

void db_announce(struct database *database) {
    database->driver->announce(database);
}

void db_retire(struct database *database) {
    database->driver->retire(database);
}
