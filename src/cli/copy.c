/* rollcall copy */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/copy.h"
#include "cli/interrupt.h"
#include "db/bulk.h"

/* ---- Command line ---------------------------------------------------------------------------- */

enum { FLAG_FROM = 1, FLAG_TO, FLAG_QUIET };

static const struct argp_option flags[] = {
    {"from", FLAG_FROM, "URL", 0, "The database to copy: sqlite:FILE or postgresql://…", 0},
    {"to", FLAG_TO, "URL", 0,
     "Where to: a file that is not there, or a PostgreSQL database without accounts", 0},
    {"quiet", FLAG_QUIET, 0, 0, "Show no progress, only the table at the end", 0},
    {0}};

static error_t parse_flag(int key, char *arg, struct argp_state *state) {
    struct copy *c = state->input;
    switch (key) {
    case FLAG_FROM:
        c->from = arg;
        return 0;
    case FLAG_TO:
        c->to = arg;
        return 0;
    case FLAG_QUIET:
        c->quiet = true;
        return 0;
    case ARGP_KEY_END:
        if (!c->from || !c->to)
            argp_error(state, "%s is missing", c->from ? "--to" : "--from");
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const struct command_line line = {
    .doc =
        "Copies a whole database, also from one engine to the other: accounts with their ids and "
        "passwords, sessions that are open, signing keys, everything. Ends with a table of what "
        "there is on either side, counted and digested."
        "\v"
        "The source is read at one moment; what a running server writes after that is not "
        "copied, so stop the servers first. The target is seen by nobody before all of it is "
        "there, and a copy that is interrupted, or that differs, leaves it as it was: with "
        "nothing in it. SQLite needs room in TMPDIR for sorting. A password need not stand in the "
        "URL: PGPASSWORD "
        "and ~/.pgpass are "
        "heeded.\n"
        "\n"
        "Examples:\n"
        "  rollcall copy --from sqlite:rollcall.db --to postgresql://rollcall@db/rollcall\n"
        "  rollcall copy --from postgresql://rollcall@db/rollcall --to sqlite:copy.db\n"
        "\n"
        "Exit status: 0 copied, and both sides are equal; 1 refused or failed; 2 wrong usage.",
    .flags = flags,
    .parser = parse_flag,
    .settings = (const struct setting_group *const[]){NULL}};

/* ---- Saying what went wrong ------------------------------------------------------------------ */

static enum cli_status complain(struct copy *c, const char *what, const char *url) {
    struct text shown = database_label(&c->arena, url);
    progress_end(&c->progress);
    fprintf(stderr, "%s: %s %.*s\n", c->name, what, TEXT_ARGS(shown));
    return CLI_FAILED;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static enum err read_table(struct copy *c, struct db *db, const struct bulk_table *table, bool fill,
                           struct checksum *out) {
    struct checksumming sum;
    struct bulk_rows rows;
    struct db_args row;
    enum err e = OK;
    checksum_begin(&sum);
    bulk_query(db, &rows, table);
    while (e == OK && bulk_next(&rows, &row)) {
        if (fill)
            e = bulk_add(c->bulk, table, row);
        if (e == OK)
            checksum_row(&sum, row);
        progress_at(&c->progress, table->name, (uint64_t)++c->done, (uint64_t)c->rows);
    }
    enum err read = bulk_close(&rows);
    *out = checksum_end(&sum);
    return e != OK ? e : read;
}

/* All tables of one side; of the source, into the other one. */
static enum err read_side(struct copy *c, struct db *db, bool fill, struct side *side) {
    c->done = 0;
    for (size_t i = 0; bulk_tables[i].name; i++) {
        const struct bulk_table *table = &bulk_tables[i];
        TRY(read_table(c, db, table, fill, &side->sums[i]));
        if (!table->sequence)
            continue;
        TRY(bulk_sequence(db, table->sequence, &side->last_ids[i]));
        if (fill)
            TRY(bulk_set_sequence(c->bulk, table->sequence, side->last_ids[i]));
    }
    return OK;
}

static enum err count_rows(struct copy *c, struct db *db) {
    for (const struct bulk_table *t = bulk_tables; t->name; t++) {
        int64_t rows;
        TRY(bulk_count(db, t, &rows));
        c->rows += rows;
    }
    return OK;
}

static enum err read_source(struct copy *c, struct db *db) {
    TRY(db_snapshot(db));
    enum err e = count_rows(c, db);
    if (e == OK)
        e = read_side(c, db, true, &c->source);
    db_snapshot_end(db);
    return e;
}

/* ---- Copying --------------------------------------------------------------------------------- */

/* Everything but showing it. */
static enum err make(struct copy *c, struct db *source) {
    c->progress.act = "Copying ";
    TRY(read_source(c, source));
    c->progress.act = "Indexing ";
    TRY(bulk_build(c->bulk, progress_step, &c->progress));
    c->progress.act = "Comparing ";
    TRY(read_side(c, bulk_db(c->bulk), false, &c->target));
    c->compared = true;
    return copy_differences(c) == 0 ? OK : ERR_CONFLICT;
}

static enum cli_status conclude(struct copy *c, enum err e) {
    progress_end(&c->progress);
    bool differ = c->compared && copy_differences(c) > 0;
    if (e == OK || differ)
        copy_report(c);
    if (e == OK)
        return CLI_OK;
    return complain(c,
                    differ ? "the sides differ, so nothing has been kept in"
                           : "that has failed, and nothing has been kept in",
                    c->to);
}

static enum cli_status fill(struct copy *c, struct db *source) {
    interrupt_guard(&c->bulk, c->name);
    enum err e = bulk_begin(&c->bulk, c->to);
    if (e == ERR_CONFLICT)
        return complain(c, "something is there already:", c->to);
    if (e != OK)
        return complain(c, "cannot make", c->to);
    e = make(c, source);
    interrupt_release();
    return conclude(c, bulk_end(c->bulk, e, NULL, NULL));
}

static enum cli_status copy(struct copy *c) {
    const struct db_options options = {
        .durable = true, .existing = true, .as_it_is = true, .answer_timeout = -1};
    struct database *database;
    struct db *source;
    if (database_open(&database, c->from, &options) != OK)
        return complain(c, "cannot read", c->from);
    enum cli_status status = CLI_FAILED;
    if (db_connect(&source, database) == OK) {
        db_use(source, &c->arena);
        status = fill(c, source);
        db_disconnect(source);
    }
    database_close(database);
    return status;
}

int cli_copy(int argc, char **argv) {
    struct copy c = {.name = argv[0], .started = clock_monotonic()};
    struct options options;
    options_start(&options);
    command_line_parse(&line, argc, argv, &options, &c);
    log_level_set(LOG_WARN);
    c.progress = progress_start();
    c.progress.quiet = c.quiet;
    enum cli_status status = copy(&c);
    arena_free(&c.arena);
    options_free(&options);
    return status;
}
