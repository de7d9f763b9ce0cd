/* The SQLite driver. A database is one connection that writes for everybody (group.h), one that
 * checkpoints (checkpoint.h) and one that reads per handle. */
#include "db/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/bulk_driver.h"
#include "db/pagesum.h"
#include "db/walcheck.h"

#define GROUP_LIMIT  256
#define WAL_LIMIT    ((int64_t)256 * 1024 * 1024)
#define BUSY_TIMEOUT 5000 /* ms */

enum { SNAPSHOT_BEGIN, SNAPSHOT_END, SEQUENCE_NEXT };

static struct statement statements[] = {
    [SNAPSHOT_BEGIN] = {.name = "snapshot_begin", .sqlite = "BEGIN"},
    [SNAPSHOT_END] = {.name = "snapshot_end", .sqlite = "COMMIT"},
    [SEQUENCE_NEXT] = {.name = "sequence_next",
                       .sqlite = "INSERT INTO sequences (name, value) VALUES ($1, 1)"
                                 " ON CONFLICT (name) DO UPDATE SET value = value + 1"
                                 " RETURNING value"},
};

/* ---- Opening ---- */

/* A new file is for its owner alone. One that is there is not touched: to close a second descriptor
 * of it would drop the locks of this process. */
static enum err create_file(const char *path) {
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0)
        close(file);
    else if (errno != EEXIST) {
        log_line(LOG_ERROR, "the database %s cannot be created: %s", path, strerror(errno));
        return ERR_UNAVAILABLE;
    }
    return OK;
}

/* Both at one moment: another process may be making the same file. */
static enum err look_inside(struct link *c, int64_t *application, int64_t *tables) {
    TRY(link_script(c, "look_inside", "BEGIN"));
    enum err e = link_number(c, "PRAGMA application_id", application);
    if (e == OK)
        e = link_number(c, "SELECT count(*) FROM sqlite_schema", tables);
    enum err ended = link_script(c, "look_inside", "COMMIT");
    return e != OK ? e : ended;
}

/* Claims an empty file; refuses one that is not ours. */
static enum err identify(struct link *c, const char *path) {
    int64_t application, tables;
    TRY(look_inside(c, &application, &tables));
    if (application == SQLITE_APPLICATION_ID)
        return OK;
    if (application != 0 || tables != 0) {
        log_line(LOG_ERROR, "the database %s belongs to another program", path);
        return ERR_UNAVAILABLE;
    }
    if (pagesum_reserve(c->handle) != SQLITE_OK)
        return ERR_UNAVAILABLE;
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d", SQLITE_APPLICATION_ID);
    return link_script(c, "identify", sql);
}

/* SQLite does not always wait by itself while another process does the same. */
static enum err turn_on_wal(struct link *c, const char *path) {
    int64_t deadline = clock_monotonic() + c->busy_timeout;
    int rc = sqlite3_exec(c->handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    while ((rc & 0xFF) == SQLITE_BUSY && clock_monotonic() < deadline) {
        sqlite3_sleep(5);
        rc = sqlite3_exec(c->handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK)
        return OK;
    log_line(LOG_ERROR, "the database %s cannot keep a write-ahead log: %s", path,
             sqlite3_errmsg(c->handle));
    return ERR_UNAVAILABLE;
}

static enum err prepare_file(const struct sqlite_settings *settings) {
    if (!settings->existing)
        TRY(create_file(settings->path));
    TRY(walcheck(settings->path));
    struct link c;
    TRY(link_open(&c, settings, ROLE_WRITER));
    enum err e = identify(&c, settings->path);
    if (e == OK)
        e = turn_on_wal(&c, settings->path);
    link_close(&c);
    return e;
}

static enum err start(struct sqlite_database *d) {
    TRY(prepare_file(&d->settings));
    TRY(checkpointer_open(&d->checkpointer, &d->settings));
    d->settings.pace = &d->base.pace;
    TRY(groups_open(&d->groups, &d->settings, checkpointer_hook, d->checkpointer));
    return checkpointer_start(d->checkpointer, d->groups);
}

static void sqlite_close(struct database *database) {
    struct sqlite_database *d = (struct sqlite_database *)database;
    if (d->checkpointer)
        checkpointer_stop(d->checkpointer);
    if (d->groups)
        groups_close(d->groups);
    if (d->checkpointer)
        checkpointer_close(d->checkpointer);
    free((char *)d->settings.path);
    free(d);
}

static void fill_in(struct sqlite_settings *out, const struct db_options *options) {
    out->durable = options->durable;
    out->wal_limit = options->wal_limit > 0 ? options->wal_limit : WAL_LIMIT;
    out->group_limit = options->group_limit > 0 ? options->group_limit : GROUP_LIMIT;
    out->busy_timeout = (options->busy_timeout > 0 ? options->busy_timeout : BUSY_TIMEOUT) * 1000;
    out->existing = options->existing;
}

enum err sqlite_check_place(const char *place) {
    if (place[0] != '\0' && place[0] != ':')
        return OK;
    log_line(LOG_ERROR, "the database must be a file, not '%s'", place);
    return ERR_VALIDATION;
}

static enum err sqlite_open(struct database **out, const char *place,
                            const struct db_options *options) {
    TRY(sqlite_check_place(place));
    link_setup_library();
    db_register(statements, sizeof statements / sizeof statements[0]);
    struct sqlite_database *d = calloc(1, sizeof *d);
    char *path = strdup(place);
    if (!d || !path) {
        free(d);
        free(path);
        return ERR_UNAVAILABLE;
    }
    d->base.driver = &sqlite_driver;
    d->settings.path = path;
    fill_in(&d->settings, options);
    enum err e = start(d);
    if (e != OK) {
        sqlite_close(&d->base);
        return ERR_UNAVAILABLE;
    }
    *out = &d->base;
    return OK;
}

/* ---- Every page ---- */

static enum err sqlite_check_pages(const char *place, struct db_pages *out) {
    struct pagesum_tally tally;
    link_setup_library();
    TRY(pagesum_scan(place, &tally));
    *out = (struct db_pages){tally.pages, tally.bare, tally.damaged};
    return OK;
}

/* ---- Handles ---- */

static enum err sqlite_connect(struct db **out, struct database *database) {
    struct sqlite_database *d = (struct sqlite_database *)database;
    struct sqlite_db *db = calloc(1, sizeof *db);
    if (!db)
        return ERR_UNAVAILABLE;
    db->database = d;
    enum err e = link_open(&db->reader, &d->settings, ROLE_READER);
    if (e != OK) {
        free(db);
        return e;
    }
    *out = &db->base;
    return OK;
}

static void sqlite_disconnect(struct db *base) {
    struct sqlite_db *db = (struct sqlite_db *)base;
    ASSERT(!db->writing && !db->reading);
    group_leave(db->database->groups, &db->membership);
    link_close(&db->reader);
    free(db);
}

static enum err sqlite_check(struct db *base, const struct statement *s) {
    return link_check(&((struct sqlite_db *)base)->reader, s);
}

static enum err sqlite_script(struct db *base, const char *sql) {
    struct sqlite_db *db = (struct sqlite_db *)base;
    ASSERT(db->writing);
    return link_script(groups_connection(db->database->groups), "script", sql);
}

/* ---- Transactions ---- */

static enum err sqlite_begin(struct db *base) {
    struct sqlite_db *db = (struct sqlite_db *)base;
    ASSERT(!db->writing && !db->reading);
    TRY(group_begin(db->database->groups, &db->membership));
    db->writing = true;
    return OK;
}

static enum err sqlite_end(struct db *base, enum err result) {
    struct sqlite_db *db = (struct sqlite_db *)base;
    ASSERT(db->writing && db->open == 0);
    db->writing = false;
    return group_end(db->database->groups, result);
}

static enum err sqlite_next_id(struct db *base, const char *sequence, int64_t *out) {
    ASSERT(((struct sqlite_db *)base)->writing);
    return db_scalar(base, &statements[SEQUENCE_NEXT], ARGS(arg_text(text_of(sequence))), out);
}

static enum err sqlite_snapshot(struct db *base) {
    struct sqlite_db *db = (struct sqlite_db *)base;
    ASSERT(!db->writing && !db->reading);
    TRY(link_step(&db->reader, &statements[SNAPSHOT_BEGIN]));
    db->reading = true;
    return OK;
}

static void sqlite_snapshot_end(struct db *base) {
    struct sqlite_db *db = (struct sqlite_db *)base;
    ASSERT(db->reading);
    db->reading = false;
    if (!sqlite3_get_autocommit(db->reader.handle)) /* a failure may have ended it already */
        link_step(&db->reader, &statements[SNAPSHOT_END]);
}

static bool sqlite_pending(const struct db *db) {
    return group_is_pending(&((const struct sqlite_db *)db)->membership);
}

static void sqlite_settle(struct db *base, struct db_ticket *ticket) {
    struct sqlite_db *db = (struct sqlite_db *)base;
    ASSERT(!db->writing);
    group_settle(db->database->groups, &db->membership, ticket);
}

static enum err sqlite_wait(struct db *base) {
    struct sqlite_db *db = (struct sqlite_db *)base;
    ASSERT(!db->writing);
    return group_is_pending(&db->membership) ? group_wait(db->database->groups, &db->membership)
                                             : OK;
}

static void sqlite_announce(struct database *database) {
    groups_announce(((struct sqlite_database *)database)->groups);
}

static void sqlite_retire(struct database *database) {
    groups_retire(((struct sqlite_database *)database)->groups);
}

const struct driver sqlite_driver = {
    .scheme = "sqlite",
    .local = true,
    .dialect = {.prefix = "--sqlite:",
                .id = "INTEGER",
                .text = "TEXT",
                .blob = "BLOB",
                .clustered = "WITHOUT ROWID"},
    .open = sqlite_open,
    .check_pages = sqlite_check_pages,
    .close = sqlite_close,
    .connect = sqlite_connect,
    .disconnect = sqlite_disconnect,
    .text_of = link_text,
    .check = sqlite_check,
    .script = sqlite_script,
    .query = sqlite_query,
    .next = sqlite_next,
    .finish = sqlite_finish,
    .exec = sqlite_exec,
    .integer = sqlite_integer,
    .text = sqlite_text,
    .is_null = sqlite_is_null,
    .begin = sqlite_begin,
    .begin_single = sqlite_begin,
    .end = sqlite_end,
    .next_id = sqlite_next_id,
    .snapshot = sqlite_snapshot,
    .snapshot_end = sqlite_snapshot_end,
    .pending = sqlite_pending,
    .settle = sqlite_settle,
    .wait = sqlite_wait,
    .announce = sqlite_announce,
    .retire = sqlite_retire,
    .bulk = &sqlite_bulk,
};
