#include "db/link.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/driver.h"
#include "db/gram.h"
#include "db/pagesum.h"

/* ---- Failures ---- */

/* After these the state of the disk, or of the open transaction, is in doubt. */
static bool is_grave(int rc) {
    switch (rc & 0xFF) {
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_NOMEM:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
        return true;
    default:
        return false;
    }
}

static bool is_busy(int rc) {
    return (rc & 0xFF) == SQLITE_BUSY || (rc & 0xFF) == SQLITE_LOCKED;
}

static enum err failed_with(struct link *c, const char *name, int rc, const char *message) {
    bool grave = is_grave(rc);
    if (grave)
        c->broken = true;
    log_line(is_busy(rc) ? LOG_WARN : LOG_ERROR, "database statement=%s code=%d: %s", name, rc,
             message);
    return grave || is_busy(rc) ? ERR_UNAVAILABLE : ERR_INTERNAL;
}

/* What SQLite says of a plain error while a statement runs can quote values (FTS5 quotes the text
 * searched for); everything else names tables and columns at most. */
enum err link_failed(struct link *c, const char *name, int rc) {
    bool quotes = (rc & 0xFF) == SQLITE_ERROR;
    return failed_with(c, name, rc, quotes ? sqlite3_errstr(rc) : sqlite3_errmsg(c->handle));
}

/* The library's own log tells which system call failed and why; the rest of it repeats what
 * link_failed says. */
static void library_log(void *context, int rc, const char *message) {
    (void)context;
    if (is_grave(rc) || (rc & 0xFF) == SQLITE_WARNING)
        log_line(LOG_WARN, "sqlite code=%d: %s", rc, message);
}

/* ---- Memory: there, or the process ends. SQLite would undo the statement; but a reader that
 * cannot end its snapshot, or a value that cannot be converted, would go on to answer with the
 * past, or with nothing. ---- */

static void *allocate(int size) {
    return memory_alloc((size_t)size);
}

static void *reallocate(void *at, int size) {
    return memory_grow(at, (size_t)size);
}

static int usable_size(void *at) {
    return (int)malloc_usable_size(at);
}

static int round_up(int size) {
    return (size + 7) & ~7;
}

static int memory_begin(void *context) {
    (void)context;
    return SQLITE_OK;
}

static void memory_end(void *context) {
    (void)context;
}

static const sqlite3_mem_methods memory = {allocate, free,         reallocate, usable_size,
                                           round_up, memory_begin, memory_end, NULL};

static void setup_library(void) {
    sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* else every allocation takes one mutex */
    sqlite3_config(SQLITE_CONFIG_URI, 0);
    sqlite3_config(SQLITE_CONFIG_LOG, library_log, NULL);
    if (sqlite3_initialize() != SQLITE_OK || pagesum_register() != SQLITE_OK)
        log_fatal("SQLite cannot be initialised");
}

void link_setup_library(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, setup_library);
}

/* ---- Opening and closing ---- */

/* Another process's transactions are short and follow each other closely: ask often, or the gap
 * between two of them is never met. */
static int wait_while_busy(void *context, int tries) {
    struct link *c = context;
    int64_t now = clock_monotonic();
    if (tries == 0)
        c->busy_since = now;
    if (now - c->busy_since >= c->busy_timeout)
        return 0;
    usleep(tries < 10 ? 100 : 500);
    return 1;
}

#define READER_PRAGMAS       "PRAGMA query_only = 1; PRAGMA cache_size = -1024;"
#define WRITER_PRAGMAS       "PRAGMA cache_size = -8192;"
#define CHECKPOINTER_PRAGMAS "PRAGMA cache_size = -256;"

static const char *role_pragmas(enum link_role role) {
    switch (role) {
    case ROLE_READER:
        return READER_PRAGMAS;
    case ROLE_WRITER:
        return WRITER_PRAGMAS;
    default:
        return CHECKPOINTER_PRAGMAS;
    }
}

static int configure(struct link *c, const struct sqlite_settings *settings, enum link_role role) {
    sqlite3_extended_result_codes(c->handle, 1);
    sqlite3_busy_handler(c->handle, wait_while_busy, c);
    sqlite3_wal_autocheckpoint(c->handle, 0); /* checkpoint.h */
    sqlite3_db_config(c->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    int rc = gram_register(c->handle);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(c->handle, "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = 1;",
                          NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(
            c->handle, settings->durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF",
            NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(c->handle, role_pragmas(role), NULL, NULL, NULL);
    return rc;
}

enum err link_open(struct link *c, const struct sqlite_settings *settings, enum link_role role) {
    *c = (struct link){.busy_timeout = settings->busy_timeout};
    int rc = sqlite3_open_v2(settings->path, &c->handle,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, PAGESUM_VFS);
    if (rc == SQLITE_OK && sqlite3_db_readonly(c->handle, "main") == 1)
        rc = SQLITE_READONLY; /* SQLite would make do with that */
    if (rc == SQLITE_OK)
        rc = configure(c, settings, role);
    if (rc == SQLITE_OK)
        return OK;
    if ((rc & 0xFF) == SQLITE_NOTADB)
        log_line(LOG_ERROR, "%s is not a database", settings->path);
    else
        log_line(LOG_ERROR, "the database %s cannot be opened: %s", settings->path,
                 sqlite3_errstr(rc));
    link_close(c);
    return ERR_UNAVAILABLE;
}

void link_close(struct link *c) {
    for (size_t i = 0; i < c->slots; i++) {
        if (c->prepared[i])
            sqlite3_finalize(c->prepared[i]->stmt);
        free(c->prepared[i]);
    }
    free(c->prepared);
    sqlite3_close(c->handle);
    *c = (struct link){0};
}

/* ---- Statements ---- */

const char *link_text(const struct statement *s) {
    return s->sqlite ? s->sqlite : s->sql;
}

static int compile(struct link *c, const struct statement *s, unsigned flags, sqlite3_stmt **out) {
    const char *sql = link_text(s);
    ASSERT(sql);
    return sqlite3_prepare_v3(c->handle, sql, -1, flags, out, NULL);
}

/* While a statement is compiled there are no values yet. */
static enum err compile_failed(struct link *c, const struct statement *s, int rc) {
    return failed_with(c, s->name, rc, sqlite3_errmsg(c->handle));
}

/* The n of the parameter "$n" at `position`; 0 when it has another kind of name. */
static size_t parameter_number(sqlite3_stmt *stmt, int position) {
    const char *name = sqlite3_bind_parameter_name(stmt, position);
    return name && name[0] == '$' ? (size_t)strtoul(name + 1, NULL, 10) : 0;
}

static struct prepared *resolve(struct link *c, const struct statement *s, sqlite3_stmt *stmt) {
    int positions = sqlite3_bind_parameter_count(stmt);
    size_t count = 0;
    for (int i = 1; i <= positions; i++) {
        size_t n = parameter_number(stmt, i);
        ASSERT(n > 0 && n < 1000);
        if (n > count)
            count = n;
    }
    struct prepared *p = memory_zero(1, sizeof *p + count * sizeof p->position[0]);
    *p = (struct prepared){.stmt = stmt, .statement = s, .connection = c, .count = count};
    for (int i = 1; i <= positions; i++)
        p->position[parameter_number(stmt, i) - 1] = i;
    return p;
}

/* Makes room for the slots of every statement known by now. */
static void grow_slots(struct link *c) {
    size_t slots = db_statement_count() + 1;
    c->prepared = memory_grow(c->prepared, slots * sizeof(struct prepared *));
    memset(c->prepared + c->slots, 0, (slots - c->slots) * sizeof(struct prepared *));
    c->slots = slots;
}

static struct prepared *prepare_first(struct link *c, const struct statement *s, enum err *error) {
    sqlite3_stmt *stmt;
    int rc = compile(c, s, SQLITE_PREPARE_PERSISTENT, &stmt);
    if (rc != SQLITE_OK) {
        *error = compile_failed(c, s, rc);
        return NULL;
    }
    struct prepared *p = resolve(c, s, stmt);
    if (s->slot >= c->slots)
        grow_slots(c);
    c->prepared[s->slot] = p;
    return p;
}

struct prepared *link_prepare(struct link *c, const struct statement *s, enum err *error) {
    if (s->slot < c->slots && c->prepared[s->slot])
        return c->prepared[s->slot];
    return prepare_first(c, s, error);
}

enum err link_check(struct link *c, const struct statement *s) {
    if (!link_text(s))
        return OK;
    sqlite3_stmt *stmt;
    int rc = compile(c, s, 0, &stmt);
    if (rc != SQLITE_OK)
        return compile_failed(c, s, rc);
    sqlite3_finalize(stmt);
    return OK;
}

enum err link_step(struct link *c, const struct statement *s) {
    enum err e = OK;
    struct prepared *p = link_prepare(c, s, &e);
    if (!p)
        return e;
    int rc = sqlite3_step(p->stmt);
    if (rc != SQLITE_DONE && rc != SQLITE_ROW)
        e = link_failed(c, s->name, rc);
    sqlite3_reset(p->stmt);
    return e;
}

enum err link_script(struct link *c, const char *name, const char *sql) {
    int rc = sqlite3_exec(c->handle, sql, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        return OK;
    return failed_with(c, name, rc, sqlite3_errmsg(c->handle)); /* no arguments, so no values */
}

enum err link_number(struct link *c, const char *sql, int64_t *out) {
    sqlite3_stmt *stmt;
    int rc = sqlite3_prepare_v2(c->handle, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
        if (rc == SQLITE_ROW)
            *out = sqlite3_column_int64(stmt, 0);
    }
    enum err e = rc == SQLITE_ROW ? OK : link_failed(c, sql, rc);
    sqlite3_finalize(stmt);
    return e;
}
