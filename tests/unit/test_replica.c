/* Replies that wait for standbys. Standbys that really follow are for tests/postgres. */
#include "scratch.h"

#include "db/postgres.h"

static struct statement statements[] = {
    {.name = "test_things", .sql = "CREATE TABLE things (id BIGINT PRIMARY KEY)"},
    {.name = "test_put", .sql = "INSERT INTO things (id) VALUES ($1)"},
    {.name = "test_count", .sql = "SELECT count(*) FROM things"},
};
enum { TABLE, PUT, COUNT };

static struct database *database;
static struct db *db;
static struct arena arena;

static int start(void **state) {
    db_register(statements, sizeof statements / sizeof statements[0]);
    return scratch_start(state);
}

/* With a "replica" that is the primary itself, and so no standby. */
static int open_database(void **state) {
    if (engine_is_sqlite())
        return 0;
    scratch_next(state);
    const char *replicas[] = {scratch_url};
    scratch_open(&database, &db, &arena,
                 &(struct db_options){.replicas = replicas, .replica_count = 1});
    assert_ok(db_begin(db));
    assert_ok(db_exec(db, &statements[TABLE], NO_ARGS, NULL));
    assert_ok(db_end(db, OK));
    assert_ok(db_wait(db));
    return 0;
}

static int close_database(void **state) {
    (void)state;
    if (database)
        scratch_close(database, db, &arena);
    database = NULL;
    return 0;
}

static void only_postgres(void) {
    if (engine_is_sqlite())
        skip();
}

static void put(int64_t id, enum err result) {
    int64_t changed;
    assert_ok(db_begin(db));
    assert_ok(db_exec(db, &statements[PUT], ARGS(arg_int(id)), &changed));
    assert_int_equal(db_end(db, result), result);
}

static int64_t count(void) {
    int64_t n = -1;
    assert_ok(db_scalar(db, &statements[COUNT], NO_ARGS, &n));
    return n;
}

/* ---- Leases and URLs ---- */

static void a_lease_runs_from_the_beginning_of_its_round(void **state) {
    (void)state;
    assert_true(lease_holds(1000, 1000));
    assert_true(lease_holds(1000, 1000 + STANDBY_LEASE - 1));
    assert_false(lease_holds(1000, 1000 + STANDBY_LEASE));
    assert_false(lease_holds(0, 1)); /* there has been no round */
}

static void not_everything_is_a_replica(void **state) {
    (void)state;
    const char *primary = "postgresql://a/x", *replica = "postgres://b:5433/x?sslmode=require";
    assert_true(database_replica_fits(primary, replica));
    assert_true(database_replica_fits(primary, "postgresql:///x?host=/run"));
    assert_false(database_replica_fits(primary, "postgresql://b,c/x"));
    assert_false(database_replica_fits(primary, "postgresql:///x?hostaddr=10.0.0.1,10.0.0.2"));
    assert_false(database_replica_fits(primary, "postgresql://b:port/x?no=such"));
    assert_false(database_replica_fits(primary, "sqlite:x.db"));
    assert_false(database_replica_fits(primary, "x.db"));
    assert_false(database_replica_fits("sqlite:x.db", "sqlite:x.db"));
    assert_false(database_replica_fits("sqlite:x.db", replica));

    struct database *none;
    const char *replicas[] = {replica};
    assert_int_equal(database_open(&none, "sqlite::memory:",
                                   &(struct db_options){.replicas = replicas, .replica_count = 1}),
                     ERR_VALIDATION);
}

/* ---- Waiting ---- */

static void a_write_waits_until_no_lease_is_left(void **state) {
    (void)state;
    only_postgres();
    assert_false(db_pending(db));
    put(1, OK);
    assert_true(db_pending(db));
    int64_t before = clock_monotonic();
    assert_ok(db_wait(db));
    assert_true(clock_monotonic() - before >= STANDBY_LEASE);
    assert_false(db_pending(db));
    before = clock_monotonic();
    assert_ok(db_wait(db));
    assert_true(clock_monotonic() - before < STANDBY_LEASE);
}

static void replicas_of_others_are_waited_for_too(void **state) {
    (void)state;
    only_postgres();
    struct database *stranger;
    struct db *on;
    int64_t changed, before;
    assert_ok(database_open(&stranger, scratch_url, &(struct db_options){.strangers = true}));
    assert_ok(db_connect(&on, stranger));
    assert_ok(db_begin(on));
    assert_ok(db_exec(on, &statements[PUT], ARGS(arg_int(1)), &changed));
    assert_ok(db_end(on, OK));
    before = clock_monotonic();
    assert_ok(db_wait(on));
    assert_true(clock_monotonic() - before >= STANDBY_LEASE);
    db_replica_on(on);
    assert_ok(db_scalar(on, &statements[COUNT], NO_ARGS, &changed));
    assert_true(db_replica_off(on));
    db_disconnect(on);
    database_close(stranger);
}

static void nothing_waits_that_the_server_has_not_heard_of(void **state) {
    (void)state;
    only_postgres();
    assert_int_equal(count(), 0);
    assert_ok(db_snapshot(db));
    assert_int_equal(count(), 0);
    db_snapshot_end(db);
    assert_ok(db_begin(db));
    assert_int_equal(db_end(db, ERR_NOT_FOUND), ERR_NOT_FOUND);
    assert_false(db_pending(db));
    put(1, ERR_NOT_FOUND); /* undone, but it may tell of what others have written */
    assert_true(db_pending(db));
    assert_ok(db_wait(db));
}

#define TICKETS 5
static struct db_ticket tickets[TICKETS];
static const struct db_ticket *settled[TICKETS];
static atomic_size_t settled_count;

static void note_settled(struct db_ticket *ticket, enum err result) {
    assert_ok(result);
    settled[settled_count++] = ticket;
}

static void settle_some(void) {
    settled_count = 0;
    for (int64_t i = 0; i < TICKETS; i++) {
        tickets[i] = (struct db_ticket){.settled = note_settled};
        put(i, OK);
        db_settle(db, &tickets[i]);
        assert_false(db_pending(db));
    }
}

static void assert_all_are_settled(void) {
    assert_int_equal(settled_count, TICKETS);
    for (int i = 0; i < TICKETS; i++)
        assert_ptr_equal(settled[i], &tickets[i]);
}

static void replies_go_in_the_order_in_which_they_came(void **state) {
    (void)state;
    only_postgres();
    settle_some();
    put(TICKETS, OK);
    assert_ok(db_wait(db));
    assert_all_are_settled();
}

static void what_waits_is_answered_before_the_database_closes(void **state) {
    only_postgres();
    settle_some();
    close_database(state);
    assert_all_are_settled();
}

static void a_primary_is_not_read_from(void **state) {
    (void)state;
    only_postgres();
    put(1, OK);
    assert_ok(db_wait(db));
    db_replica_on(db);
    assert_false(postgres_on_replica((struct postgres_db *)db));
    assert_int_equal(count(), 1);
    assert_true(db_replica_off(db));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_database, close_database)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lease_runs_from_the_beginning_of_its_round),
        cmocka_unit_test(not_everything_is_a_replica),
        TEST(a_write_waits_until_no_lease_is_left),
        TEST(replicas_of_others_are_waited_for_too),
        TEST(nothing_waits_that_the_server_has_not_heard_of),
        TEST(replies_go_in_the_order_in_which_they_came),
        TEST(what_waits_is_answered_before_the_database_closes),
        TEST(a_primary_is_not_read_from),
    };
    return cmocka_run_group_tests(tests, start, scratch_end);
}
