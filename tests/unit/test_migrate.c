#include "scratch.h"

#include <sys/wait.h>

#include "db/migrate.h"

static struct statement statements[] = {
    {.name = "test_versions", .sql = "SELECT count(*) FROM migrations WHERE version = $1"},
    {.name = "test_steps",
     .sqlite = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'step_%'",
     .postgres = "SELECT count(*) FROM pg_class WHERE relname LIKE 'step!_%' ESCAPE '!'"},
    {.name = "test_add_entry",
     .sql = "INSERT INTO directory (user_id, listed, created_at, username, first_name, last_name,"
            " bio) VALUES ($1, 1, 0, $2, '', '', $3)"},
    {.name = "test_change_entry", .sql = "UPDATE directory SET username = $2 WHERE user_id = $1"},
    {.name = "test_remove_entry", .sql = "DELETE FROM directory WHERE user_id = $1"},
    {.name = "test_grams",
     .sql = "SELECT count(*) FROM directory_grams WHERE directory_grams MATCH $1"},
    {.name = "test_trigrams",
     .sql = "SELECT count(*) FROM directory_trigrams WHERE directory_trigrams MATCH $1"},
    {.name = "test_check_grams",
     .sql = "INSERT INTO directory_grams (directory_grams, rank) VALUES ('integrity-check', 1)"},
    {.name = "test_check_trigrams",
     .sql = "INSERT INTO directory_trigrams (directory_trigrams, rank)"
            " VALUES ('integrity-check', 1)"},
};
enum {
    VERSIONS,
    STEPS,
    ADD_ENTRY,
    CHANGE_ENTRY,
    REMOVE_ENTRY,
    GRAMS,
    TRIGRAMS,
    CHECK_GRAMS,
    CHECK_TRIGRAMS
};

static const struct db_options options = {.durable = false};

static struct database *database;
static struct db *db;
static struct arena arena;

static int start(void **state) {
    db_register(statements, sizeof statements / sizeof statements[0]);
    return scratch_start(state);
}

static int open_database(void **state) {
    scratch_next(state);
    scratch_open(&database, &db, &arena, &options);
    return 0;
}

static int close_database(void **state) {
    (void)state;
    scratch_close(database, db, &arena);
    return 0;
}

static int64_t number(int which, struct db_arg arg) {
    int64_t n = -1;
    assert_ok(db_scalar(db, &statements[which], ARGS(arg), &n));
    return n;
}

static struct embedded embed(const char *name, const char *sql) {
    return (struct embedded){name, sql, sql + strlen(sql)};
}

/* The program's own migrations and these two. */
static const struct embedded *with(struct embedded a, struct embedded b) {
    static struct embedded list[64];
    size_t n = 0;
    for (; embedded_migrations[n].name; n++)
        list[n] = embedded_migrations[n];
    list[n++] = a;
    list[n++] = b;
    list[n] = (struct embedded){0};
    return list;
}

/* A file name with the number `ahead` of the newest embedded migration. */
static const char *name_of(int ahead) {
    static char names[3][32];
    int n = 0;
    while (embedded_migrations[n].name)
        n++;
    snprintf(names[ahead], sizeof names[ahead], "%04d_test.sql", n + ahead);
    return names[ahead];
}

static void placeholders_and_prefixes_are_rendered(void **state) {
    (void)state;
    const struct dialect dialect = {.prefix = "--sqlite:",
                                    .id = "INTEGER",
                                    .text = "TEXT",
                                    .blob = "BLOB",
                                    .clustered = "WITHOUT ROWID"};
    struct text out = migrate_render(&arena,
                                     TEXT("-- {id} in a comment\n"
                                          "--sqlite: ONE {blob};\n"
                                          "--postgres: TWO;\n"
                                          "\n"
                                          "a {id} DEFAULT '{}', -- kept\n"
                                          ") {clustered};"),
                                     &dialect);
    assert_string_equal(out.at, " ONE BLOB;\n"
                                "a INTEGER DEFAULT '{}', -- kept\n"
                                ") WITHOUT ROWID;\n");
}

static void every_migration_is_noted(void **state) {
    (void)state;
    for (int i = 0; embedded_migrations[i].name; i++)
        assert_int_equal(number(VERSIONS, arg_int(i + 1)), 1);
}

static void what_is_missing_is_applied_once(void **state) {
    (void)state;
    const struct embedded *list = with(embed(name_of(1), "CREATE TABLE step_1 (a {blob});"),
                                       embed(name_of(2), "CREATE TABLE step_2 (a {id});\n"));
    assert_ok(migrate_run(db, list));
    assert_int_equal(number(STEPS, arg_null()), 2);
    assert_ok(migrate_run(db, list));
}

static void a_migration_may_be_for_one_engine(void **state) {
    (void)state;
    const struct embedded *list =
        with(embed(name_of(1), "--sqlite: CREATE TABLE step_1 (a BIGINT);\n"),
             embed(name_of(2), "--postgres: CREATE TABLE step_2 (a BIGINT);\n"));
    assert_ok(migrate_run(db, list));
    assert_int_equal(number(STEPS, arg_null()), 1);
    assert_ok(migrate_run(db, list));
}

static void a_failing_migration_leaves_nothing(void **state) {
    (void)state;
    const struct embedded *list =
        with(embed(name_of(1), "CREATE TABLE step_1 (a BIGINT);"),
             embed(name_of(2), "CREATE TABLE step_2 (a BIGINT); CREATE TABLE step_1 (a BIGINT);"));
    assert_int_not_equal(migrate_run(db, list), OK);
    assert_int_equal(number(STEPS, arg_null()), 1);
    list = with(embed(name_of(1), "CREATE TABLE step_1 (a BIGINT);"),
                embed(name_of(2), "CREATE TABLE step_2 (a BIGINT);"));
    assert_ok(migrate_run(db, list));
    assert_int_equal(number(STEPS, arg_null()), 2);
}

static void a_changed_migration_is_refused(void **state) {
    (void)state;
    struct embedded second = embed(name_of(2), "CREATE TABLE step_2 (a BIGINT);");
    assert_ok(migrate_run(db, with(embed(name_of(1), "CREATE TABLE step_1 (a BIGINT);"), second)));
    assert_ok(migrate_run(
        db, with(embed(name_of(1), "-- why\nCREATE TABLE step_1 (a BIGINT);"), second)));
    assert_int_equal(
        migrate_run(db, with(embed(name_of(1), "CREATE TABLE step_1 (a TEXT);"), second)),
        ERR_UNAVAILABLE);
}

static void an_empty_database_is_refused_where_none_may_be_made(void **state) {
    struct database *again;
    scratch_next(state);
    if (!engine_is_sqlite())
        assert_true(engine_new_empty(NULL, scratch_url, sizeof scratch_url));
    assert_int_equal(database_open(&again, scratch_url, &(struct db_options){.existing = true}),
                     ERR_UNAVAILABLE);
    assert_ok(database_open(&again, scratch_url, &options));
    database_close(again);
    assert_ok(database_open(&again, scratch_url, &(struct db_options){.existing = true}));
    database_close(again);
}

static void a_newer_database_is_refused(void **state) {
    (void)state;
    assert_ok(migrate_run(db, with(embed(name_of(1), "CREATE TABLE step_1 (a BIGINT);"),
                                   embed(name_of(2), "CREATE TABLE step_2 (a BIGINT);"))));
    struct database *again;
    assert_int_equal(database_open(&again, scratch_url, &options), ERR_UNAVAILABLE);
}

/* In a process of its own: waits for the others, then opens. */
static void open_at_once(int start) {
    char go;
    if (read(start, &go, 1) < 0)
        _exit(2);
    struct database *mine;
    if (database_open(&mine, scratch_url, &options) != OK)
        _exit(1);
    database_close(mine);
    _exit(0);
}

static void processes_that_start_at_once_migrate_once(void **state) {
    for (int round = 0; round < 10; round++) {
        int start[2];
        pid_t children[4];
        scratch_next(state);
        if (!engine_is_sqlite())
            assert_true(engine_new_empty(NULL, scratch_url, sizeof scratch_url));
        assert_int_equal(pipe(start), 0);
        for (int i = 0; i < 4; i++) {
            children[i] = fork();
            if (children[i] == 0) {
                close(start[1]);
                open_at_once(start[0]);
            }
        }
        close(start[0]);
        close(start[1]); /* the end of the file sends them all off */
        for (int i = 0; i < 4; i++) {
            int status = -1;
            waitpid(children[i], &status, 0);
            assert_int_equal(status, 0);
        }
        scratch_open(&database, &db, &arena, &options);
        assert_int_equal(number(VERSIONS, arg_int(1)), 1);
        scratch_close(database, db, &arena);
    }
}

static void write_entry(int which, int64_t id, const char *name) {
    assert_ok(db_begin(db));
    struct db_arg text = arg_text(text_of(name));
    enum err e = db_exec(db, &statements[which], ARGS(arg_int(id), text, text), NULL);
    if (e == OK)
        e = db_exec(db, &statements[CHECK_GRAMS], NO_ARGS, NULL);
    if (e == OK)
        e = db_exec(db, &statements[CHECK_TRIGRAMS], NO_ARGS, NULL);
    assert_ok(db_end(db, e));
    assert_ok(db_wait(db));
}

static int64_t found(int which, const char *query) {
    return number(which, arg_text(text_of(query)));
}

static void search_indexes_follow_the_directory(void **state) {
    scratch_only_sqlite();
    (void)state;
    write_entry(ADD_ENTRY, 1, "anna maria");
    write_entry(ADD_ENTRY, 2, "maryam");
    assert_int_equal(found(GRAMS, "\"ma\""), 2);
    assert_int_equal(found(GRAMS, "\"a m\""), 0);
    assert_int_equal(found(TRIGRAMS, "\"a ma\""), 1);
    write_entry(CHANGE_ENTRY, 1, "bo");
    assert_int_equal(found(GRAMS, "username : \"ma\""), 1);
    assert_int_equal(found(GRAMS, "bio : \"ma\""), 2);
    assert_int_equal(found(TRIGRAMS, "username : \"anna\""), 0);
    write_entry(REMOVE_ENTRY, 2, "");
    assert_int_equal(found(GRAMS, "\"y\""), 0);
    assert_int_equal(found(TRIGRAMS, "\"mar\""), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_database, close_database)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(processes_that_start_at_once_migrate_once), /* forks: before any thread */
        cmocka_unit_test(an_empty_database_is_refused_where_none_may_be_made),
        TEST(placeholders_and_prefixes_are_rendered),
        TEST(every_migration_is_noted),
        TEST(what_is_missing_is_applied_once),
        TEST(a_migration_may_be_for_one_engine),
        TEST(a_failing_migration_leaves_nothing),
        TEST(a_changed_migration_is_refused),
        TEST(a_newer_database_is_refused),
        TEST(search_indexes_follow_the_directory),
    };
    return cmocka_run_group_tests(tests, start, scratch_end);
}
