/* Queries that are sent before they are asked for, transactions of one statement, and what makes
 * them durable: only where there is a round trip to save. */
#include "scratch.h"

#include <stdatomic.h>
#include <stdio.h>

static struct statement statements[] = {
    {.name = "test_things",
     .sql = "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT, rank BIGINT, "
            "UNIQUE (rank) DEFERRABLE INITIALLY DEFERRED)"},
    {.name = "test_put", .sql = "INSERT INTO things (id, name) VALUES ($1, $2)"},
    {.name = "test_rank", .sql = "UPDATE things SET rank = $2 WHERE id = $1"},
    {.name = "test_count", .sql = "SELECT COUNT(*) FROM things"},
    {.name = "test_count_named",
     .sql = "SELECT COUNT(*) FROM things WHERE name = $1 OR CAST($1 AS TEXT) IS NULL"},
    {.name = "test_count_from", .sql = "SELECT COUNT(*) FROM things WHERE id >= $1"},
    {.name = "test_list", .sql = "SELECT id FROM things ORDER BY id"},
    {.name = "test_divide", .sql = "SELECT 10 / CAST($1 AS BIGINT)"},
    {.name = "test_mark", .sql = "SELECT 1"},
    {.name = "test_process", .sql = "SELECT pg_backend_pid()"},
};
enum { TABLE, PUT, RANK, COUNT, COUNT_NAMED, COUNT_FROM, LIST, DIVIDE, MARK, PROCESS };

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
    assert_ok(db_begin(db));
    assert_ok(db_exec(db, &statements[TABLE], NO_ARGS, NULL));
    assert_ok(db_end(db, OK));
    db_use(db, &arena);
    return 0;
}

static int close_database(void **state) {
    (void)state;
    scratch_close(database, db, &arena);
    return 0;
}

/* By somebody else, on a connection of its own. */
static void add(int id, const char *name) {
    char sql[100];
    snprintf(sql, sizeof sql, "INSERT INTO things (id, name) VALUES (%d, '%s')", id, name);
    assert_true(engine_script(scratch_url, sql));
}

static int64_t stored(void) {
    int64_t n = -1;
    assert_true(engine_number(scratch_url, "SELECT COUNT(*) FROM things", &n));
    return n;
}

static void end_connections(void) {
    int64_t ended;
    assert_true(engine_number(scratch_url,
                              "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
                              "WHERE datname = current_database() AND pid <> pg_backend_pid()",
                              &ended));
    assert_true(ended > 0);
}

static int64_t number(int statement, struct db_args args) {
    int64_t n = -1;
    assert_ok(db_scalar(db, &statements[statement], args, &n));
    return n;
}

static void ahead(int statement, struct db_args args) {
    db_ahead(db, &statements[statement], args);
}

/* Waits for the answers to all that was sent ahead: from here on what is kept is old. */
static void fetch(void) {
    ahead(MARK, NO_ARGS);
    assert_int_equal(number(MARK, NO_ARGS), 1);
}

/* ---- Ahead ----------------------------------------------------------------------------------- */

static void what_was_sent_ahead_is_kept(void **state) {
    (void)state;
    add(1, "a");
    ahead(COUNT, NO_ARGS);
    fetch();
    add(2, "b");
    assert_int_equal(number(COUNT, NO_ARGS), 1);
    assert_int_equal(number(COUNT, NO_ARGS), 1); /* by whoever asks */
    struct db_rows rows;
    ahead(LIST, NO_ARGS);
    fetch();
    db_query(db, &rows, &statements[LIST], NO_ARGS);
    assert_true(db_next(&rows));
    assert_int_equal(db_int(&rows, 0), 1);
    assert_true(db_next(&rows));
    assert_false(db_next(&rows));
    assert_ok(db_close(&rows));
}

static void only_the_same_question_gets_the_answer(void **state) {
    (void)state;
    add(1, "a");
    add(2, "b");
    ahead(COUNT_FROM, ARGS(arg_int(1)));
    ahead(COUNT_NAMED, ARGS(arg_text(TEXT("a"))));
    ahead(COUNT_NAMED, ARGS(arg_text(TEXT(""))));
    fetch();
    add(3, "a");
    add(4, "");
    assert_int_equal(number(COUNT, NO_ARGS), 4);
    assert_int_equal(number(COUNT_FROM, ARGS(arg_int(1))), 2);
    assert_int_equal(number(COUNT_FROM, ARGS(arg_int(2))), 3);
    assert_int_equal(number(COUNT_NAMED, ARGS(arg_text(TEXT("a")))), 1);
    assert_int_equal(number(COUNT_NAMED, ARGS(arg_text(TEXT("A")))), 0);
    assert_int_equal(number(COUNT_NAMED, ARGS(arg_text(TEXT("aa")))), 0);
    assert_int_equal(number(COUNT_NAMED, ARGS(arg_text(TEXT("")))), 0);
    assert_int_equal(number(COUNT_NAMED, ARGS(arg_null())), 4);
}

static void arguments_need_not_outlive_the_call(void **state) {
    (void)state;
    char name[] = "a";
    add(1, "a");
    ahead(COUNT_NAMED, ARGS(arg_text(text_of(name))));
    name[0] = 'b';
    fetch();
    add(2, "a");
    assert_int_equal(number(COUNT_NAMED, ARGS(arg_text(TEXT("a")))), 1);
    assert_int_equal(number(COUNT_NAMED, ARGS(arg_text(TEXT("b")))), 0);
}

static void a_round_forgets(void **state) {
    (void)state;
    ahead(COUNT, NO_ARGS);
    fetch();
    add(1, "a");
    db_round_end(db);
    assert_int_equal(number(COUNT, NO_ARGS), 1);
    ahead(COUNT, NO_ARGS); /* never asked for */
    db_round_end(db);
    add(2, "b");
    assert_int_equal(number(COUNT, NO_ARGS), 2);
    db_round_end(db);
    db_round_end(db);
}

/* All that travels with it fails as well, and is asked again. */
static void what_fails_was_never_sent(void **state) {
    (void)state;
    int64_t n;
    add(1, "a");
    ahead(COUNT, NO_ARGS);
    ahead(DIVIDE, ARGS(arg_int(0)));
    ahead(COUNT_FROM, ARGS(arg_int(0)));
    ahead(DIVIDE, ARGS(arg_int(5)));
    assert_int_equal(number(DIVIDE, ARGS(arg_int(5))), 2);
    add(2, "b");
    assert_int_equal(number(COUNT, NO_ARGS), 1); /* went before it */
    assert_int_equal(number(COUNT_FROM, ARGS(arg_int(0))), 2);
    assert_int_equal(db_scalar(db, &statements[DIVIDE], ARGS(arg_int(0)), &n), ERR_CONFLICT);
    db_round_end(db);
    ahead(PUT, ARGS(arg_int(7), arg_text(TEXT("x")))); /* writes: is not sent */
    fetch();
    assert_int_equal(stored(), 2);
}

static void what_is_lost_was_never_sent(void **state) {
    (void)state;
    add(1, "a");
    ahead(COUNT, NO_ARGS);
    end_connections();
    assert_int_equal(number(COUNT, NO_ARGS), 1);
    db_round_end(db);
    end_connections();
    ahead(COUNT, NO_ARGS); /* on a new connection */
    fetch();
    add(2, "b");
    assert_int_equal(number(COUNT, NO_ARGS), 1);
    end_connections();
    assert_int_equal(number(COUNT, NO_ARGS), 1); /* what is there stays */
    assert_int_equal(number(COUNT_FROM, ARGS(arg_int(0))), 2);
}

static void a_transaction_sees_what_is_there(void **state) {
    (void)state;
    ahead(COUNT, NO_ARGS);
    ahead(COUNT_FROM, ARGS(arg_int(0)));
    fetch();
    add(1, "a");
    assert_ok(db_snapshot(db));
    assert_int_equal(number(COUNT, NO_ARGS), 1);
    ahead(COUNT_NAMED, ARGS(arg_text(TEXT("a")))); /* is not sent */
    db_snapshot_end(db);
    assert_int_equal(number(COUNT, NO_ARGS), 0);

    assert_ok(db_begin(db));
    assert_ok(db_exec(db, &statements[PUT], ARGS(arg_int(2), arg_text(TEXT("b"))), NULL));
    assert_int_equal(number(COUNT, NO_ARGS), 2);
    assert_ok(db_end(db, OK));
    assert_int_equal(number(COUNT, NO_ARGS), 2); /* what it has written itself */
    assert_int_equal(number(COUNT_NAMED, ARGS(arg_text(TEXT("a")))), 1);
    db_use(db, &arena);
    assert_int_equal(number(COUNT, NO_ARGS), 0); /* somebody else asked before that */
    assert_ok(db_wait(db));
}

static void a_transaction_may_begin_with_some_under_way(void **state) {
    (void)state;
    ahead(COUNT, NO_ARGS);
    assert_ok(db_begin(db));
    assert_ok(db_exec(db, &statements[PUT], ARGS(arg_int(1), arg_text(TEXT("a"))), NULL));
    assert_ok(db_end(db, OK));
    ahead(COUNT_FROM, ARGS(arg_int(0)));
    assert_ok(db_snapshot(db));
    assert_int_equal(number(COUNT, NO_ARGS), 1);
    db_snapshot_end(db);
    ahead(COUNT_NAMED, ARGS(arg_null()));
    db_use(db, &arena);
    assert_int_equal(number(COUNT, NO_ARGS), 0);
    assert_int_equal(number(COUNT_FROM, ARGS(arg_int(0))), 1);
    assert_int_equal(number(COUNT_NAMED, ARGS(arg_null())), 1);
    ahead(LIST, NO_ARGS); /* and the handle is closed like that */
}

static void there_may_be_too_many(void **state) {
    (void)state;
    for (int i = 0; i < 200; i++)
        ahead(COUNT_FROM, ARGS(arg_int(i)));
    add(1000, "a");
    for (int i = 0; i < 200; i++)
        assert_in_range(number(COUNT_FROM, ARGS(arg_int(i))), 0, 1);
    assert_int_equal(number(COUNT_FROM, ARGS(arg_int(199))), 1);
}

/* ---- Transactions of one statement ----------------------------------------------------------- */

static enum err put(int64_t id, const char *name) {
    int64_t changed;
    assert_ok(db_begin_single(db));
    enum err e =
        db_exec(db, &statements[PUT], ARGS(arg_int(id), arg_text(text_of(name))), &changed);
    return db_end(db, e);
}

static enum err set_rank(int64_t id, int64_t rank) {
    assert_ok(db_begin_single(db));
    return db_end(db, db_exec(db, &statements[RANK], ARGS(arg_int(id), arg_int(rank)), NULL));
}

static void a_single_statement_commits_itself(void **state) {
    (void)state;
    assert_ok(put(1, "a"));
    assert_int_equal(stored(), 1);
    assert_true(db_pending(db));
    assert_ok(db_wait(db));
    assert_false(db_pending(db));
    assert_int_equal(put(1, "again"), ERR_CONFLICT);
    assert_int_equal(stored(), 1);
    assert_ok(db_begin_single(db));
    assert_int_equal(number(COUNT, NO_ARGS), 1);
    assert_ok(db_end(db, OK));
    assert_ok(db_begin_single(db));
    assert_ok(db_end(db, OK)); /* none is well too */
    assert_ok(db_wait(db));
}

static void a_single_statement_can_undo_itself(void **state) {
    (void)state;
    int64_t n;
    assert_ok(db_begin_single(db));
    assert_int_equal(db_scalar(db, &statements[DIVIDE], ARGS(arg_int(0)), &n), ERR_CONFLICT);
    assert_int_equal(db_end(db, ERR_USER_NOT_FOUND), ERR_USER_NOT_FOUND);
    assert_ok(put(1, "a"));
}

/* The statement goes well, and its commit does not. */
static void a_single_statement_can_fail_at_its_end(void **state) {
    (void)state;
    assert_ok(put(1, "a"));
    assert_ok(put(2, "b"));
    assert_ok(set_rank(1, 5));
    assert_int_equal(set_rank(2, 5), ERR_CONFLICT);
    int64_t ranked;
    assert_true(engine_number(scratch_url, "SELECT COUNT(*) FROM things WHERE rank = 5", &ranked));
    assert_int_equal(ranked, 1);
    assert_ok(set_rank(2, 6));
}

static void a_single_statement_is_not_repeated_when_it_may_stand(void **state) {
    (void)state;
    assert_ok(put(1, "a"));
    end_connections(); /* seen before anything is sent */
    assert_ok(put(2, "b"));
    assert_int_equal(stored(), 2);
}

/* ---- On disk --------------------------------------------------------------------------------- */

struct ticket {
    struct db_ticket base;
    atomic_int calls;
    enum err result;
};

static void settled(struct db_ticket *base, enum err result) {
    struct ticket *t = (struct ticket *)base;
    t->result = result;
    t->calls++;
}

static enum err settle(void) {
    struct ticket t = {.base.settled = settled};
    assert_true(db_pending(db));
    db_settle(db, &t.base);
    assert_false(db_pending(db));
    for (int ms = 0; ms < 10000 && t.calls == 0; ms++)
        usleep(1000);
    assert_int_equal(t.calls, 1);
    return t.result;
}

/* As a crash or another server would: this is how one run is told from the next (db/dial.h). */
static void begin_another_run(void) {
    assert_true(engine_script(scratch_url, "SELECT pg_stat_reset_shared('wal')"));
    end_connections();
}

static void what_is_committed_is_settled(void **state) {
    (void)state;
    assert_ok(put(1, "a"));
    assert_ok(settle());
    assert_int_equal(put(1, "again"), ERR_CONFLICT); /* rests on what others may not have settled */
    assert_ok(settle());
    assert_ok(put(2, "b"));
    assert_ok(put(3, "c"));
    assert_ok(settle());
    assert_ok(db_wait(db));
    assert_int_equal(stored(), 3);
}

static void another_connection_will_do(void **state) {
    (void)state;
    assert_ok(put(1, "a"));
    end_connections();
    assert_int_equal(number(COUNT, NO_ARGS), 1);
    assert_ok(put(2, "b"));
    end_connections();
    assert_ok(settle());
}

/* It knows nothing of what the first one has forgotten. */
static void another_server_settles_nothing(void **state) {
    (void)state;
    assert_ok(put(1, "a"));
    begin_another_run();
    assert_int_equal(settle(), ERR_UNAVAILABLE);
    assert_ok(put(2, "b"));
    begin_another_run();
    assert_int_equal(number(COUNT, NO_ARGS), 2);
    assert_ok(put(3, "c"));
    assert_int_equal(settle(), ERR_UNAVAILABLE); /* one of the two is in doubt */
    assert_ok(put(4, "d"));
    assert_ok(settle());
    assert_ok(put(5, "e"));
    begin_another_run();
    assert_int_equal(db_wait(db), ERR_UNAVAILABLE);
    assert_ok(db_wait(db));
}

static void who_flushes_goes_where_the_others_went(void **state) {
    (void)state;
    char sql[60];
    int64_t ended;
    assert_ok(put(1, "a"));
    assert_ok(settle());
    assert_true(engine_script(scratch_url, "SELECT pg_stat_reset_shared('wal')"));
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)",
             (int)number(PROCESS, NO_ARGS));
    assert_true(engine_number(scratch_url, sql, &ended));
    assert_ok(put(2, "b"));
    assert_ok(settle());
}

static int64_t position(const char *function) {
    char sql[100];
    int64_t bytes = 0;
    snprintf(sql, sizeof sql, "SELECT %s() - '0/0'", function);
    assert_true(engine_number(scratch_url, sql, &bytes));
    return bytes;
}

/* The server of the tests does not wait for its disk unless it is told to. */
static void durable_again(void) {
    assert_true(engine_script(scratch_url,
                              "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET "
                              "synchronous_commit = on', current_database()); END $$"));
    end_connections();
}

static void what_is_settled_is_on_disk(void **state) {
    (void)state;
    durable_again();
    for (int i = 1; i <= 20; i++) {
        assert_ok(put(i, "x"));
        int64_t committed = position("pg_current_wal_insert_lsn");
        assert_ok(settle());
        assert_true(position("pg_current_wal_flush_lsn") >= committed);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_database, close_database)

int main(void) {
    if (engine_is_sqlite())
        return 77; /* skipped */
    const struct CMUnitTest tests[] = {
        TEST(what_was_sent_ahead_is_kept),
        TEST(only_the_same_question_gets_the_answer),
        TEST(arguments_need_not_outlive_the_call),
        TEST(a_round_forgets),
        TEST(what_fails_was_never_sent),
        TEST(what_is_lost_was_never_sent),
        TEST(a_transaction_sees_what_is_there),
        TEST(a_transaction_may_begin_with_some_under_way),
        TEST(there_may_be_too_many),
        TEST(a_single_statement_commits_itself),
        TEST(a_single_statement_can_undo_itself),
        TEST(a_single_statement_can_fail_at_its_end),
        TEST(a_single_statement_is_not_repeated_when_it_may_stand),
        TEST(what_is_committed_is_settled),
        TEST(another_connection_will_do),
        TEST(another_server_settles_nothing),
        TEST(who_flushes_goes_where_the_others_went),
        TEST(what_is_settled_is_on_disk),
    };
    return cmocka_run_group_tests(tests, start, scratch_end);
}
