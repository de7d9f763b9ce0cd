#include "scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct statement statements[] = {
    {.name = "test_table",
     .sqlite = "CREATE TABLE IF NOT EXISTS things (id INTEGER PRIMARY KEY, name TEXT, bytes BLOB)",
     .postgres =
         "CREATE TABLE IF NOT EXISTS things (id BIGINT PRIMARY KEY, name TEXT, bytes BYTEA)"},
    {.name = "test_put",
     .sql = "INSERT INTO things (id, name, bytes) VALUES ($1, $2, $3)"
            " ON CONFLICT (id) DO NOTHING"},
    {.name = "test_get", .sql = "SELECT id, name, bytes FROM things WHERE id = $1"},
    {.name = "test_list", .sql = "SELECT id, name FROM things ORDER BY id"},
    {.name = "test_count", .sql = "SELECT count(*) FROM things"},
    {.name = "test_newest", .sql = "SELECT max(id) FROM things"},
    {.name = "test_order", .sql = "SELECT $2 || $1 || $2"},
    {.name = "test_rename", .sql = "UPDATE things SET name = $2 WHERE id >= $1 RETURNING id"},
    {.name = "test_match",
     .sqlite = "SELECT count(*) FROM directory_grams($1)",
     .postgres = "SELECT CAST(CAST($1 AS TEXT) AS BIGINT)"},
};
enum { TABLE, PUT, GET, LIST, COUNT, NEWEST, ORDER, RENAME, MATCH };

static struct statement broken[] = {
    {.name = "test_broken", .sql = "SELECT nothing FROM nowhere"},
};

static const struct db_options options = {.durable = false};

static struct database *database;
static struct db *db;
static struct arena arena;

static enum err put(struct db *on, int64_t id, const char *name) {
    return db_exec(on, &statements[PUT], ARGS(arg_int(id), arg_text(text_of(name)), arg_null()),
                   NULL);
}

/* In a transaction of its own, on disk when it returns. */
static void add(int64_t id, const char *name) {
    assert_ok(db_begin(db));
    assert_ok(db_end(db, put(db, id, name)));
    assert_ok(db_wait(db));
}

static int64_t count(struct db *on) {
    int64_t n = -1;
    assert_ok(db_scalar(on, &statements[COUNT], NO_ARGS, &n));
    return n;
}

static int start(void **state) {
    db_register(statements, sizeof statements / sizeof statements[0]);
    return scratch_start(state);
}

static int open_database(void **state) {
    scratch_next(state);
    scratch_open(&database, &db, &arena, &options);
    assert_ok(db_begin(db));
    assert_ok(db_end(db, db_exec(db, &statements[TABLE], NO_ARGS, NULL)));
    assert_ok(db_wait(db));
    return 0;
}

static int close_database(void **state) {
    (void)state;
    scratch_close(database, db, &arena);
    return 0;
}

/* ---- Opening ---- */

static void urls_without_sense_are_refused(void **state) {
    (void)state;
    const char *urls[] = {"",          "sqlite:", "sqlite::memory:", ":memory:", "postgresql:x",
                          "postgres:", "mysql:x"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++)
        assert_int_equal(database_open(&database, urls[i], &options), ERR_VALIDATION);
}

static void open_by_url_and_by_path(void **state) {
    scratch_only_sqlite();
    char url[300];
    scratch_next(state);
    snprintf(url, sizeof url, "sqlite:%s", scratch_path);
    assert_ok(database_open(&database, url, &options));
    assert_true(database_is_local(database));
    database_close(database);
    assert_ok(database_open(&database, scratch_path, &options));
    database_close(database);
}

static void a_new_file_is_for_its_owner_alone(void **state) {
    scratch_only_sqlite();
    struct stat st;
    scratch_next(state);
    mode_t before = umask(0);
    assert_ok(database_open(&database, scratch_path, &options));
    umask(before);
    assert_int_equal(stat(scratch_path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    database_close(database);
}

static void what_is_no_database_is_refused(void **state) {
    scratch_only_sqlite();
    char text[4096];
    scratch_next(state);
    memset(text, 'x', sizeof text);
    int file = open(scratch_path, O_CREAT | O_RDWR, 0600);
    assert_int_equal(write(file, text, sizeof text), sizeof text);
    close(file);
    assert_int_equal(database_open(&database, scratch_path, &options), ERR_UNAVAILABLE);
    assert_int_equal(database_open(&database, scratch_folder, &options), ERR_UNAVAILABLE);
    assert_int_equal(database_open(&database, "/nowhere/at/all.db", &options), ERR_UNAVAILABLE);
}

static void another_program_s_database_is_left_alone(void **state) {
    scratch_only_sqlite();
    sqlite3 *raw;
    struct stat before, after;
    scratch_next(state);
    sqlite3_open(scratch_path, &raw);
    assert_int_equal(sqlite3_exec(raw, "CREATE TABLE theirs (a)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(raw);
    stat(scratch_path, &before);
    assert_int_equal(database_open(&database, scratch_path, &options), ERR_UNAVAILABLE);
    stat(scratch_path, &after);
    assert_int_equal(before.st_size, after.st_size);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void a_label_has_no_password_in_it(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"sqlite:/var/a@b:c.db", "sqlite:/var/a@b:c.db"},
        {"postgresql://h/d", "postgresql://h/d"},
        {"postgresql://u@h:5432/d?host=/run", "postgresql://u@h:5432/d?host=/run"},
        {"postgresql://u:secret@h:5432/d", "postgresql://u@h:5432/d"},
        {"postgresql://u:se@cret@h1,h2/d?sslmode=require",
         "postgresql://u@h1,h2/d?sslmode=require"},
        {"postgresql://h/d?user=u&password=secret", "postgresql://h/d"},
        {"postgresql://h/d?user=u&password=se@cret", "postgresql://h/d"},
        {"postgresql://u:se?cret@h/d", "postgresql://u"},
        {"postgresql://u:se/cret@h/d", "postgresql://u"},
        {"postgresql://h:5432/d?password=se@cret", "postgresql://h"},
        {"postgresql://u:%73%65@h1:1,[::1]:2,h3/d?target_session_attrs=read-write",
         "postgresql://u@h1:1,[::1]:2,h3/d?target_session_attrs=read-write"},
        {"postgresql://u@[2001:db8::1]:5432/d", "postgresql://u@[2001:db8::1]:5432/d"},
        {"postgresql://[2001:db8::1]:5432/d", "postgresql://[2001:db8::1]:5432/d"},
        {"postgresql://%2Frun%2Fpg/d", "postgresql://%2Frun%2Fpg/d"},
        {"postgresql:///d?host=/run&user=u@x", "postgresql:///d?host=/run&user=u@x"},
    };
    struct arena scratch = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(database_label(&scratch, cases[i][0]).at, cases[i][1]);
    arena_free(&scratch);
}

/* ---- Arguments and rows ---- */

static void values_come_back_as_they_were(void **state) {
    (void)state;
    const char bytes[] = {0, 1, (char)0xFF, 0};
    /* PostgreSQL knows no NUL in a text. */
    struct text name = engine_is_sqlite() ? TEXT("h\xC3\xA9\0llo") : TEXT("h\xC3\xA9 llo");
    assert_ok(db_begin(db));
    assert_ok(db_exec(db, &statements[PUT],
                      ARGS(arg_int(INT64_MIN), arg_text(name), arg_blob(bytes, sizeof bytes)),
                      NULL));
    struct db_rows rows;
    assert_ok(db_one(db, &rows, &statements[GET], ARGS(arg_int(INT64_MIN))));
    assert_true(db_int(&rows, 0) == INT64_MIN);
    struct text got = db_text(&rows, 1);
    assert_int_equal(got.size, name.size);
    assert_memory_equal(got.at, name.at, name.size + 1);
    got = db_text(&rows, 2);
    assert_int_equal(got.size, sizeof bytes);
    assert_memory_equal(got.at, bytes, sizeof bytes);
    assert_ok(db_close(&rows));
    assert_ok(db_end(db, OK));
}

static void null_is_not_empty(void **state) {
    (void)state;
    struct text empty = {0};
    assert_ok(db_begin(db));
    assert_ok(
        db_exec(db, &statements[PUT], ARGS(arg_int(1), arg_text(empty), arg_blob(NULL, 0)), NULL));
    assert_ok(db_exec(db, &statements[PUT],
                      ARGS(arg_int(2), arg_text_or_null(empty), arg_int_or_null(0)), NULL));
    for (int64_t id = 1; id <= 2; id++) {
        struct db_rows rows;
        assert_ok(db_one(db, &rows, &statements[GET], ARGS(arg_int(id))));
        for (int column = 1; column <= 2; column++) {
            assert_int_equal(db_is_null(&rows, column), id == 2);
            assert_int_equal(db_text(&rows, column).size, 0);
            assert_string_equal(db_text(&rows, column).at, "");
            assert_int_equal(db_int(&rows, column), 0);
        }
        assert_ok(db_close(&rows));
    }
    assert_ok(db_end(db, OK));
}

static void parameters_go_by_their_number(void **state) {
    (void)state;
    struct db_rows rows;
    assert_ok(
        db_one(db, &rows, &statements[ORDER], ARGS(arg_text(TEXT("one")), arg_text(TEXT("two")))));
    assert_string_equal(db_text(&rows, 0).at, "twoonetwo");
    assert_ok(db_close(&rows));
}

static void absence_is_not_a_failure(void **state) {
    (void)state;
    struct db_rows rows;
    int64_t n = 7;
    assert_int_equal(db_one(db, &rows, &statements[GET], ARGS(arg_int(1))), ERR_NOT_FOUND);
    assert_int_equal(db_scalar(db, &statements[GET], ARGS(arg_int(1)), &n), ERR_NOT_FOUND);
    assert_int_equal(db_scalar(db, &statements[NEWEST], NO_ARGS, &n), ERR_NOT_FOUND);
    assert_int_equal(n, 7);
}

static void exec_counts_what_it_changed(void **state) {
    (void)state;
    int64_t changed = -1;
    struct db_args one = ARGS(arg_int(1), arg_text(TEXT("a")), arg_null());
    assert_ok(db_begin(db));
    assert_ok(db_exec(db, &statements[PUT], one, &changed));
    assert_int_equal(changed, 1);
    assert_ok(db_exec(db, &statements[PUT], one, &changed));
    assert_int_equal(changed, 0);
    assert_ok(put(db, 2, "b"));
    assert_ok(db_exec(db, &statements[RENAME], ARGS(arg_int(1), arg_text(TEXT("c"))), &changed));
    assert_int_equal(changed, 2);
    assert_ok(db_end(db, OK));
}

static void a_row_of_returning_is_enough_to_have_written(void **state) {
    (void)state;
    struct db_rows rows;
    add(1, "a");
    add(2, "b");
    assert_ok(db_begin(db));
    assert_ok(db_one(db, &rows, &statements[RENAME], ARGS(arg_int(1), arg_text(TEXT("c")))));
    assert_ok(db_close(&rows));
    assert_ok(db_end(db, OK));
    assert_ok(db_wait(db));
    db_query(db, &rows, &statements[LIST], NO_ARGS);
    while (db_next(&rows))
        assert_string_equal(db_text(&rows, 1).at, "c");
    assert_ok(db_close(&rows));
}

static void several_queries_may_be_open(void **state) {
    (void)state;
    struct db_rows all, one;
    int64_t seen = 0;
    for (int64_t id = 1; id <= 3; id++)
        add(id, "x");
    db_query(db, &all, &statements[LIST], NO_ARGS);
    while (db_next(&all)) {
        assert_ok(db_one(db, &one, &statements[GET], ARGS(arg_int(db_int(&all, 0)))));
        seen += db_int(&one, 0);
        assert_ok(db_close(&one));
    }
    assert_ok(db_close(&all));
    assert_int_equal(seen, 6);
}

static void a_query_open_across_begin_stays_where_it_was(void **state) {
    (void)state;
    struct db_rows rows;
    add(1, "a");
    add(2, "b");
    db_query(db, &rows, &statements[LIST], NO_ARGS);
    assert_true(db_next(&rows));
    add(3, "c");
    assert_true(db_next(&rows));
    assert_int_equal(db_int(&rows, 0), 2);
    assert_false(db_next(&rows));
    assert_ok(db_close(&rows));
    assert_int_equal(count(db), 3);
}

static void a_query_that_is_over_holds_nothing(void **state) {
    scratch_only_sqlite();
    (void)state;
    struct db_rows rows;
    sqlite3 *raw;
    add(1, "a");
    db_query(db, &rows, &statements[LIST], NO_ARGS);
    while (db_next(&rows))
        assert_int_equal(db_int(&rows, 0), 1);
    add(2, "b"); /* before db_close */
    sqlite3_open(scratch_path, &raw);
    assert_int_equal(sqlite3_wal_checkpoint_v2(raw, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(raw);
    assert_ok(db_close(&rows));
}

static void writing_needs_a_transaction(void **state) {
    (void)state;
    assert_int_equal(put(db, 1, "a"), ERR_INTERNAL);
    assert_int_equal(count(db), 0);
}

static void a_statement_that_fails_says_so_once_closed(void **state) {
    (void)state;
    struct db_rows rows;
    db_query(db, &rows, &statements[MATCH], ARGS(arg_text(TEXT("\"unclosed"))));
    assert_false(db_next(&rows));
    assert_int_equal(db_close(&rows), ERR_INTERNAL);
    assert_int_equal(count(db), 0);
}

static void prepare_all_finds_what_is_wrong(void **state) {
    (void)state;
    assert_ok(db_prepare_all(db));
    db_register(broken, 1);
    assert_int_equal(db_prepare_all(db), ERR_INTERNAL);
    struct db_rows rows;
    db_query(db, &rows, &broken[0], NO_ARGS);
    assert_false(db_next(&rows));
    assert_int_equal(db_close(&rows), ERR_INTERNAL);
}

/* ---- Transactions ---- */

static void a_transaction_sees_its_own_writes(void **state) {
    (void)state;
    struct db *other;
    assert_ok(db_connect(&other, database));
    assert_ok(db_begin(db));
    assert_ok(put(db, 1, "a"));
    assert_int_equal(count(db), 1);
    assert_int_equal(count(other), 0);
    assert_ok(db_end(db, OK));
    assert_ok(db_wait(db));
    assert_int_equal(count(db), 1);
    assert_int_equal(count(other), 1);
    db_disconnect(other);
}

static void a_single_statement_is_a_transaction(void **state) {
    (void)state;
    int64_t changed;
    assert_ok(db_begin_single(db));
    assert_ok(db_end(db, put(db, 1, "a")));
    assert_true(db_pending(db));
    assert_ok(db_wait(db));
    assert_false(db_pending(db));
    assert_int_equal(count(db), 1);
    assert_ok(db_begin_single(db));
    enum err e =
        db_exec(db, &statements[PUT], ARGS(arg_int(2), arg_text(TEXT("b")), arg_null()), &changed);
    assert_ok(db_end(db, e));
    assert_int_equal(changed, 1);
    db_round_end(db);
    assert_ok(db_wait(db));
    assert_int_equal(count(db), 2);
}

static void a_held_transaction_ends_when_it_is_let_go(void **state) {
    (void)state;
    db_hold(db);
    assert_ok(db_begin_single(db));
    assert_ok(db_end(db, put(db, 1, "rule")));
    assert_int_equal(count(db), 1); /* still inside */
    assert_ok(db_begin(db));
    assert_ok(db_end(db, put(db, 2, "caller")));
    assert_int_equal(db_let_go(db, ERR_CONFLICT), ERR_CONFLICT);
    assert_ok(db_wait(db));
    assert_int_equal(count(db), 0);

    db_hold(db);
    assert_ok(db_begin(db));
    assert_ok(db_end(db, put(db, 1, "rule")));
    assert_ok(db_begin(db));
    assert_ok(db_end(db, put(db, 2, "caller")));
    assert_ok(db_let_go(db, OK));
    assert_ok(db_wait(db));
    assert_int_equal(count(db), 2);
}

static void what_fails_is_not_held(void **state) {
    (void)state;
    db_hold(db);
    assert_ok(db_begin(db));
    assert_ok(put(db, 1, "rule"));
    assert_int_equal(db_end(db, ERR_VALIDATION), ERR_VALIDATION);
    add(2, "apart"); /* at once */
    assert_int_equal(db_let_go(db, ERR_VALIDATION), ERR_VALIDATION);
    assert_ok(db_wait(db));
    assert_int_equal(count(db), 1);

    db_hold(db);
    assert_ok(db_begin(db));
    assert_ok(put(db, 3, "rule"));
    assert_ok(db_end(db, OK));
    assert_ok(db_begin(db));
    assert_ok(put(db, 4, "caller"));
    assert_int_equal(db_end(db, ERR_CONFLICT), ERR_CONFLICT); /* all of it */
    assert_int_equal(db_let_go(db, ERR_CONFLICT), ERR_CONFLICT);
    assert_ok(db_wait(db));
    assert_int_equal(count(db), 1);

    db_hold(db);
    assert_int_equal(db_let_go(db, OK), OK); /* nothing began */
    add(5, "apart");
    assert_int_equal(count(db), 2);
}

static void an_undone_transaction_leaves_nothing(void **state) {
    (void)state;
    assert_ok(db_begin(db));
    assert_ok(put(db, 1, "a"));
    assert_int_equal(db_end(db, ERR_NOT_FOUND), ERR_NOT_FOUND);
    assert_int_equal(db_pending(db), database_is_local(database));
    assert_ok(db_wait(db));
    assert_false(db_pending(db));
    assert_int_equal(count(db), 0);
}

static void ids_count_up_from_one(void **state) {
    (void)state;
    int64_t id;
    assert_ok(db_begin(db));
    for (int64_t wanted = 1; wanted <= 3; wanted++) {
        assert_ok(db_next_id(db, "users", &id));
        assert_int_equal(id, wanted);
    }
    assert_ok(db_next_id(db, "follows", &id));
    assert_int_equal(id, 1);
    assert_ok(db_end(db, OK));
    assert_ok(db_begin(db));
    assert_ok(db_next_id(db, "users", &id));
    assert_int_equal(id, 4);
    assert_ok(db_end(db, OK));
}

static void a_snapshot_is_one_moment(void **state) {
    (void)state;
    struct db *other;
    assert_ok(db_connect(&other, database));
    assert_ok(db_snapshot(other));
    assert_int_equal(count(other), 0);
    add(1, "a");
    assert_int_equal(count(other), 0);
    assert_ok(db_snapshot(other)); /* part of the one around it */
    db_snapshot_end(other);
    assert_int_equal(count(other), 0);
    db_snapshot_end(other);
    assert_int_equal(count(other), 1);
    db_disconnect(other);
}

/* Runs `mistake` in a process of its own, which has to abort. */
static void assert_aborts(void (*mistake)(void)) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr);
        signal(SIGABRT, SIG_DFL);
        mistake();
        _exit(0);
    }
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void begin_in_snapshot(void) {
    if (db_snapshot(db) == OK)
        (void)!db_begin(db);
}

static void query_twice(void) {
    struct db_rows a, b;
    db_query(db, &a, &statements[LIST], NO_ARGS);
    db_query(db, &b, &statements[LIST], NO_ARGS);
}

static void too_few_arguments(void) {
    struct db_rows rows;
    (void)!db_one(db, &rows, &statements[ORDER], ARGS(arg_int(1)));
}

static void id_outside_a_transaction(void) {
    int64_t id;
    (void)!db_next_id(db, "users", &id);
}

static void mistakes_of_the_program_abort(void **state) {
    (void)state;
    assert_aborts(begin_in_snapshot);
    assert_aborts(query_twice);
    assert_aborts(too_few_arguments);
    assert_aborts(id_outside_a_transaction);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_database, close_database)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_without_sense_are_refused),
        cmocka_unit_test(a_label_has_no_password_in_it),
        cmocka_unit_test(open_by_url_and_by_path),
        cmocka_unit_test(a_new_file_is_for_its_owner_alone),
        cmocka_unit_test(what_is_no_database_is_refused),
        cmocka_unit_test(another_program_s_database_is_left_alone),
        TEST(values_come_back_as_they_were),
        TEST(null_is_not_empty),
        TEST(parameters_go_by_their_number),
        TEST(absence_is_not_a_failure),
        TEST(exec_counts_what_it_changed),
        TEST(a_row_of_returning_is_enough_to_have_written),
        TEST(several_queries_may_be_open),
        TEST(a_query_open_across_begin_stays_where_it_was),
        TEST(a_query_that_is_over_holds_nothing),
        TEST(writing_needs_a_transaction),
        TEST(a_statement_that_fails_says_so_once_closed),
        TEST(a_transaction_sees_its_own_writes),
        TEST(a_single_statement_is_a_transaction),
        TEST(a_held_transaction_ends_when_it_is_let_go),
        TEST(what_fails_is_not_held),
        TEST(an_undone_transaction_leaves_nothing),
        TEST(ids_count_up_from_one),
        TEST(a_snapshot_is_one_moment),
        TEST(mistakes_of_the_program_abort),
        TEST(prepare_all_finds_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, start, scratch_end);
}
