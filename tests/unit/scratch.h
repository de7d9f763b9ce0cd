/* A folder for the databases of one test program, for tests below the rules (those have fixture.h).
 */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "db/db.h"
#include "engine.h"

#define assert_ok(call) assert_int_equal((call), OK)

static char scratch_folder[200];
static char scratch_url[300];  /* a new database for every test, of the engine under test … */
static char scratch_path[256]; /* … and the file it is in SQLite */

static inline int scratch_start(void **state) {
    (void)state;
    const char *tmp = getenv("TMPDIR");
    snprintf(scratch_folder, sizeof scratch_folder, "%.150s/rollcall-XXXXXX", tmp ? tmp : P_tmpdir);
    log_level_set(LOG_ERROR);
    return mkdtemp(scratch_folder) ? 0 : -1;
}

static inline int scratch_remove(const char *path, const struct stat *st, int type,
                                 struct FTW *ftw) {
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1; /* SQLite removes its own files too */
}

static inline int scratch_end(void **state) {
    (void)state;
    return nftw(scratch_folder, scratch_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static inline int scratch_next(void **state) {
    static int count;
    (void)state;
    snprintf(scratch_path, sizeof scratch_path, "%s/%d.db", scratch_folder, ++count);
    snprintf(scratch_url, sizeof scratch_url, "sqlite:%s", scratch_path);
    return engine_is_sqlite() || engine_new(NULL, scratch_url, sizeof scratch_url) ? 0 : -1;
}

/* For a test about what SQLite does with its files. */
static inline void scratch_only_sqlite(void) {
    if (!engine_is_sqlite())
        skip();
}

/* Opens scratch_url and a handle that copies into `arena`. */
static inline void scratch_open(struct database **database, struct db **db, struct arena *arena,
                                const struct db_options *options) {
    assert_ok(database_open(database, scratch_url, options));
    assert_ok(db_connect(db, *database));
    db_use(*db, arena);
}

static inline void scratch_close(struct database *database, struct db *db, struct arena *arena) {
    db_disconnect(db);
    database_close(database);
    arena_free(arena);
}

#endif
