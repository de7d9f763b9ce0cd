/* What only PostgreSQL does: connections that end, writers side by side, statements kept back. */
#include "scratch.h"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "db/driver.h"

static struct statement statements[] = {
    {.name = "test_things", .sql = "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT UNIQUE)"},
    {.name = "test_put", .sql = "INSERT INTO things (id, name) VALUES ($1, $2)"},
    {.name = "test_rename", .sql = "UPDATE things SET name = $2 WHERE id = $1"},
    {.name = "test_count", .sql = "SELECT count(*) FROM things"},
    {.name = "test_sleep", .sql = "SELECT 1 FROM pg_sleep($1)"},
    {.name = "test_prepared", .sql = "SELECT count(*) FROM pg_prepared_statements"},
};
enum { TABLE, PUT, RENAME, COUNT, SLEEP, PREPARED };

static const struct db_options options = {.durable = false};

static struct database *database;
static struct db *db;
static struct arena arena;

static enum err put(struct db *on, int64_t id, const char *name) {
    int64_t changed;
    return db_exec(on, &statements[PUT], ARGS(arg_int(id), arg_text(text_of(name))), &changed);
}

static enum err rename_to(struct db *on, int64_t id, const char *name) {
    int64_t changed;
    return db_exec(on, &statements[RENAME], ARGS(arg_int(id), arg_text(text_of(name))), &changed);
}

static int64_t count(void) {
    int64_t n = -1;
    assert_ok(db_scalar(db, &statements[COUNT], NO_ARGS, &n));
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
    assert_ok(db_exec(db, &statements[TABLE], NO_ARGS, NULL));
    assert_ok(put(db, 1, "one"));
    assert_ok(put(db, 2, "two"));
    assert_ok(db_end(db, OK));
    return 0;
}

static int close_database(void **state) {
    (void)state;
    scratch_close(database, db, &arena);
    return 0;
}

/* Ends every connection to the database but the one that says so. */
static void end_connections(void) {
    int64_t ended;
    assert_true(engine_number(scratch_url,
                              "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
                              "WHERE datname = current_database() AND pid <> pg_backend_pid()",
                              &ended));
    assert_true(ended > 0);
}

/* ---- Connections that end ---- */

static void a_dead_connection_is_replaced(void **state) {
    (void)state;
    assert_int_equal(count(), 2);
    end_connections();
    assert_int_equal(count(), 2);
    end_connections();
    assert_ok(db_snapshot(db));
    assert_int_equal(count(), 2);
    db_snapshot_end(db);
    end_connections();
    assert_ok(db_begin(db));
    assert_ok(put(db, 3, "three"));
    assert_ok(db_end(db, OK));
    assert_int_equal(count(), 3);
}

static void a_transaction_ends_with_its_connection(void **state) {
    (void)state;
    assert_ok(db_begin(db));
    assert_ok(put(db, 3, "three"));
    end_connections();
    assert_int_equal(put(db, 4, "four"), ERR_UNAVAILABLE);
    assert_int_equal(put(db, 5, "five"), ERR_UNAVAILABLE); /* not on its own, on a new one */
    assert_int_equal(db_end(db, OK), ERR_UNAVAILABLE);
    assert_int_equal(count(), 2);

    assert_ok(db_begin(db));
    assert_ok(put(db, 3, "three"));
    end_connections();
    assert_int_equal(db_end(db, OK), ERR_AGAIN);
    assert_int_equal(count(), 2);
}

static void a_server_that_is_not_there_is_not_waited_for(void **state) {
    (void)state;
    struct database *other;
    int64_t before = clock_monotonic();
    assert_int_equal(database_open(&other, "postgresql://nobody@/x?host=/nowhere", &options),
                     ERR_UNAVAILABLE);
    assert_true(clock_monotonic() - before < 2 * CLOCK_SECOND);
}

/* Stands before the system's: names of the domain "silent" are looked up until the gate is open. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static atomic_int lookups;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **out) {
    static int (*resolve)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&resolve = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!node || !strstr(node, ".silent"))
        return resolve(node, service, hints, out);
    lookups++;
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    lookups--;
    return EAI_NONAME;
}

static void a_name_that_nobody_looks_up_is_not_waited_for(void **state) {
    (void)state;
    struct database *other;
    int64_t before = clock_monotonic();
    pthread_mutex_lock(&gate);
    assert_int_equal(database_open(&other, "postgresql://nobody@server.silent/x", &options),
                     ERR_UNAVAILABLE);
    assert_int_equal(lookups, 1);
    assert_true(clock_monotonic() - before < 8 * CLOCK_SECOND);
    pthread_mutex_unlock(&gate); /* what is left of it ends by itself */
    while (lookups)
        usleep(1000);
}

static void an_answer_that_takes_too_long_is_none(void **state) {
    (void)state;
    struct database *hasty;
    struct db *on;
    int64_t one, before = clock_monotonic();
    assert_ok(database_open(&hasty, scratch_url, &(struct db_options){.answer_timeout = 200}));
    assert_ok(db_connect(&on, hasty));
    assert_int_equal(db_scalar(on, &statements[SLEEP], ARGS(arg_int(20)), &one), ERR_UNAVAILABLE);
    assert_true(clock_monotonic() - before < 5 * CLOCK_SECOND);
    assert_ok(db_scalar(on, &statements[SLEEP], ARGS(arg_int(0)), &one));
    db_disconnect(on);
    database_close(hasty);
}

/* ---- Statements ---- */

static void statements_are_prepared_once(void **state) {
    (void)state;
    int64_t before, after;
    count();
    assert_ok(db_scalar(db, &statements[PREPARED], NO_ARGS, &before));
    count();
    assert_ok(db_scalar(db, &statements[PREPARED], NO_ARGS, &after));
    assert_true(before >= 2);
    assert_int_equal(before, after);
}

static void names_that_are_not_ours_are_done_without(void **state) {
    (void)state;
    int64_t n = 0;
    assert_ok(db_begin(db));
    assert_ok(db->driver->script(db, "PREPARE test_count AS SELECT 77"));
    assert_ok(db_end(db, OK));
    assert_int_equal(count(), 2); /* on a new connection */
    assert_ok(db_scalar(db, &statements[PREPARED], NO_ARGS, &n));
    assert_int_equal(n, 0);
    assert_ok(db_begin(db));
    assert_ok(put(db, 3, "three"));
    assert_ok(db_end(db, OK));
    assert_int_equal(count(), 3);
}

static void a_failure_that_nobody_waited_for_undoes_all(void **state) {
    (void)state;
    assert_ok(db_begin(db));
    assert_ok(put(db, 3, "three"));
    assert_ok(db_exec(db, &statements[PUT], ARGS(arg_int(3), arg_null()), NULL));
    assert_ok(db_exec(db, &statements[PUT], ARGS(arg_int(4), arg_null()), NULL));
    assert_int_equal(db_end(db, OK), ERR_CONFLICT);
    assert_int_equal(count(), 2);
    assert_ok(db_begin(db));
    assert_ok(db_exec(db, &statements[PUT], ARGS(arg_int(3), arg_null()), NULL));
    assert_int_equal(count(), 3);
    assert_ok(db_end(db, OK));
    assert_int_equal(count(), 3);
}

/* ---- Writers side by side ---- */

static void a_taken_key_is_a_conflict(void **state) {
    (void)state;
    assert_ok(db_begin(db));
    assert_int_equal(rename_to(db, 1, "two"), ERR_CONFLICT);
    assert_int_equal(db_end(db, ERR_EMAIL_TAKEN), ERR_EMAIL_TAKEN);
    assert_int_equal(count(), 2);
    assert_ok(db_begin(db));
    assert_ok(rename_to(db, 1, "three"));
    assert_ok(db_end(db, OK));
}

struct crossing {
    struct db *on;
    int64_t first, second;
    pthread_barrier_t *both_hold_one;
    enum err result;
};

static void *cross(void *data) {
    struct crossing *c = data;
    c->result = db_begin(c->on);
    if (c->result == OK)
        c->result = rename_to(c->on, c->first, c->first == 1 ? "a" : "b");
    pthread_barrier_wait(c->both_hold_one);
    if (c->result == OK)
        c->result = rename_to(c->on, c->second, c->first == 1 ? "c" : "d");
    c->result = db_end(c->on, c->result);
    return NULL;
}

static void of_two_that_wait_for_each_other_one_gives_way(void **state) {
    (void)state;
    pthread_barrier_t barrier;
    pthread_t thread;
    struct db *other;
    assert_ok(db_connect(&other, database));
    pthread_barrier_init(&barrier, NULL, 2);
    struct crossing a = {db, 1, 2, &barrier, OK}, b = {other, 2, 1, &barrier, OK};
    assert_int_equal(pthread_create(&thread, NULL, cross, &a), 0);
    cross(&b);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&barrier);
    db_disconnect(other);
    assert_true((a.result == OK) != (b.result == OK));
    assert_int_equal(a.result == OK ? b.result : a.result, ERR_AGAIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_database, close_database)

int main(void) {
    if (engine_is_sqlite())
        return 77; /* skipped */
    const struct CMUnitTest tests[] = {
        TEST(a_dead_connection_is_replaced),
        TEST(a_transaction_ends_with_its_connection),
        cmocka_unit_test(a_server_that_is_not_there_is_not_waited_for),
        cmocka_unit_test(a_name_that_nobody_looks_up_is_not_waited_for),
        TEST(an_answer_that_takes_too_long_is_none),
        TEST(statements_are_prepared_once),
        TEST(names_that_are_not_ours_are_done_without),
        TEST(a_failure_that_nobody_waited_for_undoes_all),
        TEST(a_taken_key_is_a_conflict),
        TEST(of_two_that_wait_for_each_other_one_gives_way),
    };
    return cmocka_run_group_tests(tests, start, scratch_end);
}
