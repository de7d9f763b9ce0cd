/* Whole tables on both engines: the list is the catalog, what is filled is what is read, and what
 * is not finished was never there. */
#include "db/bulk.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "scratch.h"

static const struct db_options options = {.durable = false};

static struct arena arena;
static struct bulk *bulk;

/* A place where there is nothing yet, not even a schema. */
static int next_empty(void **state) {
    scratch_next(state);
    return engine_is_sqlite() || engine_new_empty(NULL, scratch_url, sizeof scratch_url) ? 0 : -1;
}

static int remove_database(void **state) {
    (void)state;
    engine_remove(scratch_url);
    arena_free(&arena);
    return 0;
}

static int64_t number(const char *sqlite, const char *postgres) {
    int64_t n = -1;
    assert_true(engine_number(scratch_url, engine_is_sqlite() ? sqlite : postgres, &n));
    return n;
}

static int64_t number_of(const char *format, const char *sqlite, const char *postgres) {
    char sql[600];
    snprintf(sql, sizeof sql, format, engine_is_sqlite() ? sqlite : postgres);
    return number(sql, sql);
}

/* Whether the place is as it was before anybody tried to fill it. */
static bool nothing_there(void) {
    if (!engine_is_sqlite())
        return number("", "SELECT count(*) FROM pg_class WHERE relnamespace ="
                          " to_regnamespace('public')") == 0;
    DIR *folder = opendir(scratch_folder);
    const char *name = strrchr(scratch_path, '/') + 1;
    bool found = false;
    for (struct dirent *e = readdir(folder); e; e = readdir(folder))
        found = found || strncmp(e->d_name, name, strlen(name)) == 0;
    closedir(folder);
    return !found;
}

static void begin(void) {
    assert_ok(bulk_begin(&bulk, scratch_url));
}

static enum err end(enum err result) {
    return bulk_end(bulk, result, NULL, NULL);
}

#define ADD(table, ...) bulk_add(bulk, bulk_find(table), ARGS(__VA_ARGS__))
#define T(s)            arg_text(TEXT(s))
#define N(n)            arg_int(n)
#define NIL             arg_null()

static struct db_arg entry(int column, int64_t id, const char *name) {
    return column == 0 ? arg_int(id) : column < 3 ? arg_int(1) : arg_text(text_of(name));
}

static enum err add_entry(int64_t id, const char *name) {
    return ADD("directory", entry(0, id, name), entry(1, id, name), entry(2, id, name),
               entry(3, id, name), entry(4, id, name), entry(5, id, name), entry(6, id, name));
}

/* ---- The list -------------------------------------------------------------------------------- */

/* SQLite's own tables for searching are kept by what is in `directory`. */
static const char sqlite_tables[] =
    "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    " AND name NOT LIKE 'sqlite_%' AND name NOT IN ('migrations', 'sequences')";
static const char postgres_tables[] =
    "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace('public')"
    " AND relkind IN ('r', 'p') AND relpersistence = 'p' AND NOT relispartition"
    " AND relname <> 'migrations'";

static int64_t columns_named(const char *table, const char *more) {
    char sqlite[300], postgres[300];
    snprintf(sqlite, sizeof sqlite, "pragma_table_info('%s') WHERE 1 = 1 %s", table, more);
    snprintf(postgres, sizeof postgres,
             "(SELECT attname AS name, * FROM pg_attribute WHERE attrelid = to_regclass('%s')"
             " AND attnum > 0 AND NOT attisdropped) t WHERE 1 = 1 %s",
             table, more);
    return number_of("SELECT count(*) FROM %s", sqlite, postgres);
}

static int64_t assert_columns(const char *table, const char *list) {
    struct text rest = text_of(list), name;
    int64_t count = 0;
    while (text_split(&rest, ',', &name)) {
        name = text_trim(name);
        char condition[100];
        snprintf(condition, sizeof condition, "AND name = '%.*s'", TEXT_ARGS(name));
        if (columns_named(table, condition) != 1)
            fail_msg("%s has no column %.*s", table, TEXT_ARGS(name));
        count++;
    }
    return count;
}

static void test_the_list_is_the_catalog(void **state) {
    (void)state;
    begin();
    assert_ok(end(OK));
    int64_t tables = 0;
    for (const struct bulk_table *t = bulk_tables; t->name; t++, tables++) {
        if (assert_columns(t->name, t->columns) != columns_named(t->name, ""))
            fail_msg("%s has columns that the list has not", t->name);
        assert_columns(t->name, t->key);
    }
    assert_int_equal(tables, number(sqlite_tables, postgres_tables));
}

static void test_every_sequence_can_be_set_and_read(void **state) {
    (void)state;
    struct database *database;
    struct db *db;
    int64_t last, sequences = 0;
    begin();
    for (const struct bulk_table *t = bulk_tables; t->name; t++)
        if (t->sequence)
            assert_ok(bulk_set_sequence(bulk, t->sequence, 40 + sequences++));
    assert_ok(end(OK));
    scratch_open(&database, &db, &arena, &options);
    int64_t expected = 40;
    for (const struct bulk_table *t = bulk_tables; t->name; t++) {
        if (!t->sequence)
            continue;
        assert_ok(bulk_sequence(db, t->sequence, &last));
        assert_int_equal(last, expected);
        assert_ok(db_begin(db));
        assert_ok(db_next_id(db, t->sequence, &last));
        assert_ok(db_end(db, OK));
        assert_int_equal(last, ++expected);
    }
    assert_ok(db_wait(db));
    scratch_close(database, db, &arena);
    assert_int_equal(sequences,
                     number("SELECT count(*) FROM sequences", "SELECT count(*) FROM pg_sequences"));
}

static void test_a_sequence_that_nobody_has_used_stands_on_nothing(void **state) {
    (void)state;
    struct database *database;
    struct db *db;
    int64_t last = -1;
    begin();
    assert_ok(bulk_set_sequence(bulk, "follows", 0));
    assert_ok(end(OK));
    scratch_open(&database, &db, &arena, &options);
    assert_ok(bulk_sequence(db, "users", &last));
    assert_int_equal(last, 0);
    assert_ok(bulk_sequence(db, "follows", &last));
    assert_int_equal(last, 0);
    scratch_close(database, db, &arena);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static bool same(struct db_arg a, struct db_arg b) {
    if (a.type != b.type)
        return false;
    return a.type == DB_NULL || (a.type == DB_INT && a.number == b.number) ||
           (a.type != DB_INT && text_equal(a.text, b.text));
}

static void assert_row(struct bulk_rows *rows, struct db_args expected) {
    struct db_args row;
    assert_true(bulk_next(rows, &row));
    assert_int_equal(row.count, expected.count);
    for (size_t i = 0; i < row.count; i++)
        assert_true(same(row.at[i], expected.at[i]));
}

static void assert_end(struct bulk_rows *rows) {
    struct db_args row;
    assert_false(bulk_next(rows, &row));
    assert_ok(bulk_close(rows));
}

/* Every type, its extremes, its absence; in an order that is not the key's. */
static void fill_everything(void) {
    static const char bytes[] = {0, (char)255, 0, 'x'};
    assert_ok(ADD("secrets", T("b"), arg_blob(bytes, sizeof bytes)));
    assert_ok(ADD("secrets", T("a"), arg_blob("", 0)));
    assert_ok(ADD("statistics", T("sex"), N(INT64_MIN), N(INT64_MAX)));
    assert_ok(ADD("credentials", N(2), T("δοκιμή 試験 🎈"), N(-1), NIL, NIL));
    assert_ok(ADD("credentials", N(1), T(""), N(0), N(7), N(5)));
    assert_ok(ADD("secrets", T("ä"), arg_blob("y", 1))); /* back to a table that was left */
    assert_ok(ADD("social_walls", N(1), N(1), N(9), T("https://b"), T(""), N(1), N(1)));
    assert_ok(ADD("social_walls", N(1), N(1), N(8), T("https://c"), T("\n"), N(1), N(1)));
}

static void assert_everything(struct db *db) {
    static const char bytes[] = {0, (char)255, 0, 'x'};
    struct bulk_rows rows;
    bulk_query(db, &rows, bulk_find("secrets"));
    assert_row(&rows, ARGS(T("a"), arg_blob("", 0)));
    assert_row(&rows, ARGS(T("b"), arg_blob(bytes, sizeof bytes)));
    assert_row(&rows, ARGS(T("ä"), arg_blob("y", 1)));
    assert_end(&rows);
    bulk_query(db, &rows, bulk_find("statistics"));
    assert_row(&rows, ARGS(T("sex"), N(INT64_MIN), N(INT64_MAX)));
    assert_end(&rows);
    bulk_query(db, &rows, bulk_find("credentials"));
    assert_row(&rows, ARGS(N(1), T(""), N(0), N(7), N(5)));
    assert_row(&rows, ARGS(N(2), T("δοκιμή 試験 🎈"), N(-1), NIL, NIL));
    assert_end(&rows);
    bulk_query(db, &rows, bulk_find("social_walls"));
    assert_row(&rows, ARGS(N(1), N(1), N(8), T("https://c"), T("\n"), N(1), N(1)));
    assert_row(&rows, ARGS(N(1), N(1), N(9), T("https://b"), T(""), N(1), N(1)));
    assert_end(&rows);
    bulk_query(db, &rows, bulk_find("follows"));
    assert_end(&rows);
}

static void test_what_is_filled_is_what_is_read(void **state) {
    (void)state;
    struct database *database;
    struct db *db;
    int64_t count;
    begin();
    fill_everything();
    assert_ok(bulk_build(bulk, NULL, NULL));
    assert_everything(bulk_db(bulk));
    assert_ok(end(OK));
    scratch_open(&database, &db, &arena, &options);
    assert_ok(db_snapshot(db));
    assert_everything(db);
    assert_ok(bulk_count(db, bulk_find("credentials"), &count));
    assert_int_equal(count, 2);
    db_snapshot_end(db);
    scratch_close(database, db, &arena);
}

static void test_reading_can_be_left_in_the_middle(void **state) {
    (void)state;
    struct database *database;
    struct db *db;
    struct bulk_rows rows;
    struct db_args row;
    int64_t count;
    begin();
    fill_everything();
    assert_ok(end(OK));
    scratch_open(&database, &db, &arena, &options);
    assert_ok(db_snapshot(db));
    bulk_query(db, &rows, bulk_find("secrets"));
    assert_true(bulk_next(&rows, &row));
    (void)!bulk_close(&rows);
    db_snapshot_end(db);
    assert_ok(bulk_count(db, bulk_find("secrets"), &count));
    assert_int_equal(count, 3);
    scratch_close(database, db, &arena);
}

/* ---- What is built ----------------------------------------------------------------------------
 */

static int64_t schema_size(void) {
    return number("SELECT sum(length(sql)) FROM sqlite_schema WHERE sql IS NOT NULL",
                  "SELECT sum(length(pg_get_indexdef(indexrelid))) FROM pg_index JOIN pg_class c"
                  " ON c.oid = indrelid WHERE relnamespace = to_regnamespace('public')"
                  " AND indisvalid");
}

static void test_indexes_are_those_of_any_database(void **state) {
    struct database *database;
    begin();
    assert_ok(end(OK));
    int64_t filled = schema_size();
    remove_database(state);
    next_empty(state);
    assert_ok(database_open(&database, scratch_url, &options));
    database_close(database);
    assert_int_equal(filled, schema_size());
    assert_true(filled > 0);
}

static struct statement searches[] = {
    {.name = "test_grams",
     .sqlite = "SELECT count(*) FROM directory_grams WHERE directory_grams MATCH $1",
     .postgres = "SELECT count(*) FROM directory WHERE username LIKE '%' || $1 || '%'"},
    {.name = "test_trigrams",
     .sqlite = "SELECT count(*) FROM directory_trigrams WHERE directory_trigrams MATCH $1",
     .postgres = "SELECT count(*) FROM directory WHERE username LIKE '%' || $1 || '%'"},
    {.name = "test_remove_entry", .sql = "DELETE FROM directory WHERE user_id = $1"},
};

static int64_t search(struct db *db, int which, const char *text) {
    int64_t n = -1;
    assert_ok(db_scalar(db, &searches[which], ARGS(arg_text(text_of(text))), &n));
    return n;
}

static void test_search_goes_on_from_what_was_filled(void **state) {
    (void)state;
    struct database *database;
    struct db *db;
    begin();
    assert_ok(add_entry(1, "margarethe"));
    assert_ok(add_entry(2, "gareth"));
    assert_ok(end(OK));
    db_register(searches, sizeof searches / sizeof searches[0]);
    scratch_open(&database, &db, &arena, &options);
    assert_int_equal(search(db, 0, "ma"), 1);
    assert_int_equal(search(db, 1, "gareth"), 2);
    assert_ok(db_begin(db));
    assert_ok(db_exec(db, &searches[2], ARGS(N(1)), NULL));
    assert_ok(db_end(db, OK));
    assert_ok(db_wait(db));
    assert_int_equal(search(db, 0, "ma"), 0);
    assert_int_equal(search(db, 1, "gareth"), 1);
    scratch_close(database, db, &arena);
}

/* ---- Refusals -------------------------------------------------------------------------------- */

static void test_one_row_is_too_many(void **state) {
    (void)state;
    struct database *database;
    assert_ok(database_open(&database, scratch_url, &options));
    database_close(database);
    assert_true(engine_script(scratch_url, "INSERT INTO user_networks VALUES (1, 1)"));
    assert_int_equal(bulk_begin(&bulk, scratch_url), ERR_CONFLICT);
    assert_int_equal(number("SELECT count(*) FROM user_networks", "SELECT count(*) FROM"
                                                                  " user_networks"),
                     1);
}

static void test_urls_that_make_no_sense(void **state) {
    (void)state;
    assert_int_equal(bulk_begin(&bulk, "oracle:x"), ERR_VALIDATION);
    assert_int_equal(bulk_begin(&bulk, "sqlite:"), ERR_VALIDATION);
    assert_int_equal(bulk_begin(&bulk, "postgresql:nowhere"), ERR_VALIDATION);
}

static void test_given_up_leaves_nothing(void **state) {
    (void)state;
    begin();
    fill_everything();
    assert_ok(bulk_set_sequence(bulk, "users", 5));
    assert_int_equal(end(ERR_UNAVAILABLE), ERR_UNAVAILABLE);
    assert_true(nothing_there());
    begin();
    fill_everything();
    assert_ok(bulk_build(bulk, NULL, NULL));
    assert_int_equal(end(ERR_CONFLICT), ERR_CONFLICT);
    assert_true(nothing_there());
}

static void test_an_empty_schema_may_be_there_and_stays_as_it_was(void **state) {
    (void)state;
    if (engine_is_sqlite())
        skip(); /* a file is something there */
    struct database *database;
    assert_ok(database_open(&database, scratch_url, &options));
    database_close(database);
    int64_t before = schema_size();
    begin();
    fill_everything();
    assert_ok(bulk_set_sequence(bulk, "users", 5));
    assert_int_equal(end(ERR_UNAVAILABLE), ERR_UNAVAILABLE);
    assert_int_equal(schema_size(), before);
    assert_int_equal(number("", "SELECT last_value FROM users_id"), 1);
    begin();
    fill_everything();
    assert_ok(end(OK));
    assert_int_equal(schema_size(), before);
}

static void assert_refused(enum err e) {
    assert_int_equal(e, ERR_VALIDATION);
    assert_int_equal(ADD("user_networks", N(1), N(1)), ERR_VALIDATION);
    assert_int_equal(bulk_set_sequence(bulk, "users", 1), ERR_VALIDATION);
    assert_int_equal(end(OK), ERR_VALIDATION);
    assert_true(nothing_there());
}

static void test_values_that_do_not_fit(void **state) {
    (void)state;
    static const struct db_arg wrong[] = {{.type = DB_TEXT, .text = {"1", 1}},
                                          {.type = DB_BLOB, .text = {"1", 1}}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        begin();
        assert_refused(ADD("statistics", T("sex"), wrong[i], N(1)));
    }
    begin();
    assert_refused(ADD("statistics", N(1), N(1), N(1)));
    begin();
    assert_refused(ADD("secrets", T("a"), T("b")));
    begin();
    assert_refused(ADD("statistics", T("a\0b"), N(1), N(1)));
    begin();
    assert_refused(ADD("statistics", T("\xC3("), N(1), N(1)));
}

static void test_the_same_key_twice_is_refused(void **state) {
    (void)state;
    begin();
    (void)!ADD("user_networks", N(1), N(1));
    (void)!ADD("user_networks", N(1), N(1));
    assert_int_not_equal(end(OK), OK);
    assert_true(nothing_there());
}

static void test_what_a_column_must_have_is_not_left_out(void **state) {
    (void)state;
    begin();
    (void)!ADD("user_networks", N(1), NIL);
    assert_int_not_equal(end(OK), OK);
    assert_true(nothing_there());
}

/* ---- SQLite's file --------------------------------------------------------------------------- */

static void write_file(const char *ending, const char *content) {
    char path[300];
    snprintf(path, sizeof path, "%s%s", scratch_path, ending);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static bool file_exists(const char *ending) {
    char path[300];
    struct stat st;
    snprintf(path, sizeof path, "%s%s", scratch_path, ending);
    return stat(path, &st) == 0;
}

static void test_a_file_that_is_there_is_kept(void **state) {
    (void)state;
    scratch_only_sqlite();
    static const char *const endings[] = {"", "-wal", "-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        scratch_next(state);
        write_file(endings[i], "");
        assert_int_equal(bulk_begin(&bulk, scratch_url), ERR_CONFLICT);
        assert_true(file_exists(endings[i]));
        assert_false(file_exists(".partial"));
    }
}

static void test_a_file_that_comes_up_meanwhile_is_kept(void **state) {
    (void)state;
    scratch_only_sqlite();
    begin();
    write_file("", "mine");
    assert_int_equal(end(OK), ERR_CONFLICT);
    assert_true(file_exists(""));
    assert_false(file_exists(".partial"));
}

static void test_only_the_database_is_left(void **state) {
    (void)state;
    scratch_only_sqlite();
    begin();
    assert_true(file_exists(".partial"));
    assert_false(file_exists(""));
    fill_everything();
    assert_ok(end(OK));
    assert_true(file_exists(""));
    static const char *const endings[] = {"-wal",         "-shm",         ".partial",
                                          ".partial-wal", ".partial-shm", ".partial-journal"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        assert_false(file_exists(endings[i]));
    assert_int_equal(number("PRAGMA application_id", ""), 0x726F6C6C);
}

static void copy_file(const char *from, const char *to) {
    char command[700];
    snprintf(command, sizeof command, "cp %s%s %s%s", scratch_path, from, scratch_path, to);
    assert_int_equal(system(command), 0);
}

static void test_what_a_dead_process_has_left_is_removed(void **state) {
    (void)state;
    scratch_only_sqlite();
    begin();
    fill_everything();
    copy_file(".partial", ".left");
    (void)!end(ERR_UNAVAILABLE);
    copy_file(".left", ".partial");
    write_file(".partial-wal", "x");
    write_file(".partial-journal", "x");
    remove(scratch_path);
    begin();
    assert_false(file_exists(".partial-journal"));
    fill_everything();
    assert_ok(end(OK));
    assert_false(file_exists(".partial"));
    assert_false(file_exists(".partial-wal"));
}

static void test_a_file_of_another_kind_is_kept(void **state) {
    (void)state;
    scratch_only_sqlite();
    write_file(".partial", "The first chapter of my novel, which is longer than a hundred letters "
                           "and is not a database of any kind at all.");
    assert_int_equal(bulk_begin(&bulk, scratch_url), ERR_CONFLICT);
    assert_true(file_exists(".partial"));
}

static void test_one_at_a_time(void **state) {
    (void)state;
    scratch_only_sqlite();
    struct bulk *second;
    begin();
    assert_int_equal(bulk_begin(&second, scratch_url), ERR_CONFLICT);
    fill_everything();
    assert_ok(end(OK));
    assert_true(file_exists(""));
}

static void test_abandoned_leaves_nothing(void **state) {
    (void)state;
    begin();
    fill_everything();
    if (engine_is_sqlite())
        write_file(".partial-journal", "x"); /* as when it ends while the schema is made */
    bulk_abandon(bulk);
    if (engine_is_sqlite())
        assert_true(nothing_there());
    assert_false(file_exists(".partial-journal"));
    assert_int_equal(end(ERR_UNAVAILABLE), ERR_UNAVAILABLE);
    assert_true(nothing_there());
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, next_empty, remove_database)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_the_list_is_the_catalog),
        TEST(test_every_sequence_can_be_set_and_read),
        TEST(test_a_sequence_that_nobody_has_used_stands_on_nothing),
        TEST(test_what_is_filled_is_what_is_read),
        TEST(test_reading_can_be_left_in_the_middle),
        TEST(test_indexes_are_those_of_any_database),
        TEST(test_search_goes_on_from_what_was_filled),
        TEST(test_one_row_is_too_many),
        TEST(test_urls_that_make_no_sense),
        TEST(test_given_up_leaves_nothing),
        TEST(test_an_empty_schema_may_be_there_and_stays_as_it_was),
        TEST(test_values_that_do_not_fit),
        TEST(test_the_same_key_twice_is_refused),
        TEST(test_what_a_column_must_have_is_not_left_out),
        TEST(test_a_file_that_is_there_is_kept),
        TEST(test_a_file_that_comes_up_meanwhile_is_kept),
        TEST(test_only_the_database_is_left),
        TEST(test_what_a_dead_process_has_left_is_removed),
        TEST(test_a_file_of_another_kind_is_kept),
        TEST(test_one_at_a_time),
        TEST(test_abandoned_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, scratch_start, scratch_end);
}
