#include "db/migrate.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "db/driver.h"

enum { TABLE_EXISTS, MIGRATIONS_ALL, MIGRATION_APPLIED, MIGRATION_ADD };

static struct statement statements[] = {
    [TABLE_EXISTS] = {.name = "migrations_exist",
                      .sqlite = "SELECT count(*) FROM sqlite_schema"
                                " WHERE type = 'table' AND name = 'migrations'",
                      .postgres = "SELECT CASE WHEN to_regclass('migrations') IS NULL THEN 0"
                                  " ELSE 1 END"},
    [MIGRATIONS_ALL] = {.name = "migrations_all",
                        .sql = "SELECT version, name, checksum FROM migrations ORDER BY version"},
    [MIGRATION_APPLIED] = {.name = "migration_applied",
                           .sql = "SELECT count(*) FROM migrations WHERE version = $1"},
    [MIGRATION_ADD] = {.name = "migration_add",
                       .sql = "INSERT INTO migrations (version, name, checksum, applied_at)"
                              " VALUES ($1, $2, $3, $4)"},
};

static const char create_table[] =
    "CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL,"
    " checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";

/* ---- Text ---- */

static struct text skip(struct text t, size_t size) {
    return (struct text){t.at + size, t.size - size};
}

/* Adds `line` with its placeholders filled in. */
static void add_line(struct buffer *out, struct text line, const struct dialect *dialect) {
    const struct {
        struct text mark;
        const char *word;
    } words[] = {
        {TEXT("{id}"), dialect->id},
        {TEXT("{text}"), dialect->text},
        {TEXT("{blob}"), dialect->blob},
        {TEXT("{clustered}"), dialect->clustered},
    };
    while (line.size > 0) {
        size_t i = 0, count = sizeof words / sizeof words[0];
        while (i < count && !text_starts(line, words[i].mark))
            i++;
        if (i < count)
            buffer_add_text(out, text_of(words[i].word));
        else
            buffer_add_char(out, line.at[0]);
        line = skip(line, i < count ? words[i].mark.size : 1);
    }
    buffer_add_char(out, '\n');
}

struct text migrate_render(struct arena *arena, struct text source, const struct dialect *dialect) {
    struct text prefix = text_of(dialect->prefix), line;
    struct buffer out = {0};
    while (text_split(&source, '\n', &line)) {
        if (text_starts(line, prefix))
            line = skip(line, prefix.size);
        else if (text_starts(line, TEXT("--")))
            continue;
        if (line.size > 0)
            add_line(&out, line, dialect);
    }
    struct text text = text_copy(arena, buffer_text(&out));
    buffer_free(&out);
    return text;
}

/* ---- One migration ---- */

struct migration {
    int64_t version;
    struct text name, sql, checksum;
};

static struct text checksum_of(struct arena *arena, struct text sql) {
    uint8_t digest[DIGEST_SIZE];
    digest_sha256(sql, digest);
    return base64url_encode(arena, digest, sizeof digest);
}

/* Reads `e`, which has to be the one for `version`. */
static struct migration read_migration(struct arena *arena, const struct embedded *e,
                                       int64_t version, const struct dialect *dialect) {
    struct migration m = {.name = text_of(e->name)};
    struct text rest = m.name, number;
    if (!text_split(&rest, '_', &number) || !text_to_int(number, &m.version) ||
        m.version != version)
        log_fatal("migration %s is out of order", e->name);
    m.sql = migrate_render(arena, embedded_text(e), dialect);
    m.checksum = checksum_of(arena, m.sql);
    return m;
}

static enum err lock(struct db *db) {
    const char *script = db->driver->dialect.lock;
    return script ? db->driver->script(db, script) : OK;
}

/* Inside a transaction. */
static enum err apply_and_note(struct db *db, const struct migration *m) {
    int64_t applied;
    TRY(lock(db));
    TRY(db->driver->script(db, create_table));
    struct db_arg version = arg_int(m->version);
    TRY(db_scalar(db, &statements[MIGRATION_APPLIED], ARGS(version), &applied));
    if (applied)
        return OK;       /* another process was quicker */
    if (m->sql.size > 0) /* else it has nothing for this engine */
        TRY(db->driver->script(db, m->sql.at));
    TRY(db_exec(db, &statements[MIGRATION_ADD],
                ARGS(version, arg_text(m->name), arg_text(m->checksum), arg_int(clock_now())),
                NULL));
    log_line(LOG_INFO, "migration %.*s applied", TEXT_ARGS(m->name));
    return OK;
}

static enum err apply(struct db *db, const struct migration *m) {
    TRY(db_begin(db));
    enum err e = db_end(db, apply_and_note(db, m));
    enum err written = db_wait(db);
    if (e == OK)
        e = written;
    if (e != OK)
        log_line(LOG_ERROR, "migration %.*s has failed", TEXT_ARGS(m->name));
    return e;
}

/* ---- All of them ---- */

/* Compares the row of a migration that has been applied. */
static bool agrees(const struct db_rows *row, const struct migration *m) {
    if (db_int(row, 0) == m->version && text_equal(db_text(row, 2), m->checksum))
        return true;
    log_line(LOG_ERROR, "migration %.*s is not what this database was made with",
             TEXT_ARGS(m->name));
    return false;
}

/* Checks what has been applied against `list`; *count says how much of it that is. */
static enum err compare(struct db *db, const struct embedded *list, size_t *count) {
    struct db_rows rows;
    *count = 0;
    db_query(db, &rows, &statements[MIGRATIONS_ALL], NO_ARGS);
    while (db_next(&rows)) {
        if (!list[*count].name) {
            log_line(LOG_ERROR, "the database is newer than this program: it has migration %lld",
                     (long long)db_int(&rows, 0));
            db_close(&rows);
            return ERR_UNAVAILABLE;
        }
        struct migration m =
            read_migration(db->arena, &list[*count], (int64_t)*count + 1, &db->driver->dialect);
        if (!agrees(&rows, &m)) {
            db_close(&rows);
            return ERR_UNAVAILABLE;
        }
        ++*count;
    }
    return db_close(&rows);
}

/* How many of `list` have been applied. */
static enum err count_applied(struct db *db, const struct embedded *list, size_t *count) {
    int64_t exists;
    *count = 0;
    TRY(db_scalar(db, &statements[TABLE_EXISTS], NO_ARGS, &exists));
    return exists ? compare(db, list, count) : OK;
}

static enum err apply_missing(struct db *db, const struct embedded *list,
                              enum err (*apply_one)(struct db *, const struct migration *)) {
    size_t count;
    TRY(count_applied(db, list, &count));
    for (; list[count].name; count++) {
        struct migration m =
            read_migration(db->arena, &list[count], (int64_t)count + 1, &db->driver->dialect);
        TRY(apply_one(db, &m));
    }
    return OK;
}

void migrate_register(void) {
    db_register(statements, sizeof statements / sizeof statements[0]);
}

enum err migrate_require(struct db *db) {
    int64_t exists;
    TRY(db_scalar(db, &statements[TABLE_EXISTS], NO_ARGS, &exists));
    if (exists)
        return OK;
    log_line(LOG_ERROR, "there is no rollcall database yet: `rollcall serve` makes it");
    return ERR_UNAVAILABLE;
}

static enum err run(struct db *db, const struct embedded *list) {
    return apply_missing(db, list, apply);
}

static enum err run_within(struct db *db, const struct embedded *list) {
    TRY(lock(db));
    return apply_missing(db, list, apply_and_note);
}

static enum err find_missing(struct db *db, const struct embedded *list) {
    size_t count;
    TRY(count_applied(db, list, &count));
    if (!list[count].name)
        return OK;
    log_line(LOG_ERROR,
             "the database is older than this program: migration %s is missing, which `rollcall "
             "check` applies",
             list[count].name);
    return ERR_UNAVAILABLE;
}

static enum err with_arena(struct db *db, const struct embedded *list,
                           enum err (*work)(struct db *, const struct embedded *)) {
    struct arena arena = {0}, *before = db->arena;
    migrate_register();
    db_use(db, &arena);
    enum err e = work(db, list);
    db_use(db, before);
    arena_free(&arena);
    return e;
}

enum err migrate_run(struct db *db, const struct embedded *list) {
    return with_arena(db, list, run);
}

enum err migrate_within(struct db *db, const struct embedded *list) {
    return with_arena(db, list, run_within);
}

enum err migrate_compare(struct db *db, const struct embedded *list) {
    return with_arena(db, list, find_missing);
}
