#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "db/link.h"

#define TEST_MS (CLOCK_SECOND / 1000)

/* ---- A disk that fails ---- */

static atomic_int syncs;            /* so far */
static atomic_int syncs_failing;    /* the next so many fail, without having synced anything */
static _Atomic ino_t inode_failing; /* every one of this file fails */
static atomic_bool disk_full;

static bool is_failing(int file) {
    struct stat st;
    if (inode_failing && fstat(file, &st) == 0 && st.st_ino == inode_failing)
        return true;
    return syncs_failing > 0 && syncs_failing-- > 0;
}

/* In place of the C library's. */
int fdatasync(int file) {
    syncs++;
    if (is_failing(file)) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, file);
}

static ssize_t write_at(int file, const void *at, size_t size, off_t offset) {
    if (!disk_full)
        return syscall(SYS_pwrite64, file, at, size, offset);
    errno = ENOSPC;
    return -1;
}

static void replace_write(void) {
    link_setup_library();
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    assert_int_equal(vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)write_at),
                     SQLITE_OK);
    assert_int_equal(vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)write_at), SQLITE_OK);
}

/* ---- Set-up ---- */

static struct statement statements[] = {
    {.name = "test_table",
     .sql = "CREATE TABLE IF NOT EXISTS totals (id BIGINT PRIMARY KEY, total BIGINT, filler TEXT)"},
    {.name = "test_add",
     .sql = "INSERT INTO totals (id, total) VALUES ($1, 1)"
            " ON CONFLICT (id) DO UPDATE SET total = totals.total + 1"},
    {.name = "test_total", .sql = "SELECT coalesce(sum(total), 0) FROM totals"},
    {.name = "test_total_of", .sql = "SELECT total FROM totals WHERE id = $1"},
    {.name = "test_fill",
     .sql = "INSERT INTO totals (id, filler) VALUES ($1, $2)"
            " ON CONFLICT (id) DO UPDATE SET filler = $2"},
    {.name = "test_wrong",
     .sql = "INSERT INTO totals (id, total) SELECT id, 1 FROM totals WHERE id = $1"},
};
enum { TABLE, ADD, TOTAL, TOTAL_OF, FILL, WRONG };

static struct database *database;
static struct db *db;
static struct arena arena;

static int start(void **state) {
    replace_write();
    db_register(statements, sizeof statements / sizeof statements[0]);
    return scratch_start(state);
}

static void open_with(const struct db_options *options) {
    scratch_next(NULL);
    scratch_open(&database, &db, &arena, options);
    assert_ok(db_begin(db));
    assert_ok(db_end(db, db_exec(db, &statements[TABLE], NO_ARGS, NULL)));
    assert_ok(db_wait(db));
}

static int open_durable(void **state) {
    (void)state;
    open_with(&(struct db_options){.durable = true, .group_limit = 8, .busy_timeout = 300});
    return 0;
}

static int close_database(void **state) {
    (void)state;
    syncs_failing = 0;
    disk_full = false;
    scratch_close(database, db, &arena);
    return 0;
}

/* A transaction that adds one to total `id`; ends as `result` says. */
static enum err add(struct db *on, int64_t id, enum err result) {
    enum err e = db_begin(on);
    if (e != OK)
        return e;
    e = db_exec(on, &statements[ADD], ARGS(arg_int(id)), NULL);
    return db_end(on, e == OK ? result : e);
}

static enum err add_and_wait(struct db *on, int64_t id) {
    enum err e = add(on, id, OK);
    enum err written = db_wait(on);
    return e == OK ? written : e;
}

static int64_t total(struct db *on) {
    int64_t n = -1;
    assert_ok(db_scalar(on, &statements[TOTAL], NO_ARGS, &n));
    return n;
}

/* ---- A ticket that can be waited for ---- */

struct receipt {
    struct db_ticket ticket;
    atomic_int calls;
    _Atomic enum err result;
};

static void receive(struct db_ticket *ticket, enum err result) {
    struct receipt *r = (struct receipt *)ticket;
    r->result = result;
    r->calls++;
}

static struct receipt new_receipt(void) {
    return (struct receipt){.ticket = {.settled = receive}};
}

static bool arrives(const struct receipt *r, int64_t within) {
    int64_t end = clock_monotonic() + within;
    while (r->calls == 0 && clock_monotonic() < end)
        usleep(200);
    return r->calls > 0;
}

/* ---- Groups ---- */

static void an_announced_crowd_is_one_group(void **state) {
    (void)state;
    struct receipt receipts[6];
    for (int i = 0; i < 6; i++)
        db_announce(database);
    int before = syncs;
    int64_t began = clock_monotonic();
    for (int i = 0; i < 6; i++) {
        receipts[i] = new_receipt();
        assert_ok(add(db, 1, OK));
        db_settle(db, &receipts[i].ticket);
        db_retire(database);
    }
    int64_t took = clock_monotonic() - began;
    for (int i = 0; i < 6; i++) {
        assert_true(arrives(&receipts[i], CLOCK_SECOND));
        assert_int_equal(receipts[i].result, OK);
    }
    if (took < 4 * TEST_MS) /* else the group may have become too old */
        assert_int_equal(syncs - before, 1);
    assert_int_equal(total(db), 6);
}

static void a_group_does_not_wait_for_ever(void **state) {
    (void)state;
    struct receipt receipt = new_receipt();
    db_announce(database); /* and never comes */
    assert_ok(add(db, 1, OK));
    db_settle(db, &receipt.ticket);
    assert_true(arrives(&receipt, CLOCK_SECOND));
    db_retire(database);
}

static void a_full_group_is_closed(void **state) {
    (void)state;
    struct receipt receipts[20];
    int before = syncs;
    db_announce(database);
    for (int i = 0; i < 20; i++) {
        receipts[i] = new_receipt();
        assert_ok(add(db, 1, OK));
        db_settle(db, &receipts[i].ticket);
    }
    assert_true(syncs - before >= 2); /* groups of eight */
    assert_true(arrives(&receipts[15], CLOCK_SECOND));
    db_retire(database);
    assert_true(arrives(&receipts[19], CLOCK_SECOND));
}

static void a_single_write_is_prompt(void **state) {
    (void)state;
    struct database *fast;
    struct db *on;
    struct arena scratch = {0};
    int64_t quickest = CLOCK_SECOND;
    scratch_next(NULL);
    scratch_open(&fast, &on, &scratch, &(struct db_options){.durable = false});
    for (int i = 0; i < 50; i++) {
        int64_t began = clock_monotonic();
        int64_t id;
        assert_ok(db_begin(on));
        assert_ok(db_end(on, db_next_id(on, "users", &id)));
        assert_ok(db_wait(on));
        int64_t took = clock_monotonic() - began;
        if (took < quickest)
            quickest = took;
    }
    assert_true(quickest < 4 * TEST_MS); /* a group grows five old when somebody is announced */
    scratch_close(fast, on, &scratch);
}

static void a_ticket_that_comes_late_is_called_at_once(void **state) {
    (void)state;
    struct db *other;
    struct receipt receipt = new_receipt();
    assert_ok(db_connect(&other, database));
    assert_ok(add(db, 1, OK));
    assert_ok(add_and_wait(other, 1)); /* by then the group of `db` is on disk as well */
    db_settle(db, &receipt.ticket);
    assert_int_equal(receipt.calls, 1);
    assert_int_equal(receipt.result, OK);
    assert_false(db_pending(db));
    db_disconnect(other);
}

static void closing_waits_for_the_open_group(void **state) {
    struct receipt receipt = new_receipt();
    open_durable(state);
    db_announce(database);
    assert_ok(add(db, 1, OK));
    db_settle(db, &receipt.ticket);
    close_database(state);
    assert_int_equal(receipt.calls, 1);
    assert_int_equal(receipt.result, OK);
}

/* ---- Many threads ---- */

#define THREADS 16
#define ROUNDS  60

struct worker {
    pthread_t thread;
    int number;
    atomic_int calls, kept;
    struct receipt receipts[ROUNDS];
};

/* Every third transaction is undone, after it has written. */
static void *work(void *self) {
    struct worker *w = self;
    struct db *mine;
    assert_ok(db_connect(&mine, database));
    for (int i = 0; i < ROUNDS; i++) {
        enum err wanted = (i + w->number) % 3 == 0 ? ERR_FORBIDDEN : OK;
        w->receipts[i] = new_receipt();
        db_announce(database);
        enum err e = add(mine, w->number, wanted);
        if (e == OK)
            w->kept++;
        assert_int_equal(e, wanted);
        db_settle(mine, &w->receipts[i].ticket);
        db_retire(database);
        if (i % 4 == 0)
            arrives(&w->receipts[i], CLOCK_SECOND);
    }
    assert_true(arrives(&w->receipts[ROUNDS - 1], 60 * CLOCK_SECOND));
    db_disconnect(mine);
    return NULL;
}

/* However slow the machine is, nobody is turned away. */
static void threads_do_not_see_each_other_s_mistakes(void **state) {
    static struct worker workers[THREADS];
    int kept = 0;
    open_with(&(struct db_options){.durable = true, .group_limit = 8, .busy_timeout = 60000});
    for (int i = 0; i < THREADS; i++) {
        workers[i].number = i;
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    for (int i = 0; i < THREADS; i++) {
        int64_t n;
        assert_ok(db_scalar(db, &statements[TOTAL_OF], ARGS(arg_int(i)), &n));
        assert_int_equal(n, workers[i].kept);
        kept += workers[i].kept;
        for (int k = 0; k < ROUNDS; k++) {
            assert_int_equal(workers[i].receipts[k].calls, 1);
            assert_int_equal(workers[i].receipts[k].result, OK);
        }
    }
    assert_int_equal(kept, THREADS * ROUNDS * 2 / 3);
    close_database(state);
}

static void an_undone_transaction_leaves_its_neighbours(void **state) {
    (void)state;
    db_announce(database);
    assert_ok(add(db, 1, OK));
    assert_int_equal(add(db, 2, ERR_BANNED), ERR_BANNED);
    assert_ok(add(db, 3, OK));
    db_retire(database);
    assert_ok(db_wait(db));
    assert_int_equal(total(db), 2);
}

static void a_wrong_statement_leaves_its_neighbours(void **state) {
    (void)state;
    db_announce(database);
    assert_ok(add(db, 1, OK));
    assert_ok(db_begin(db));
    enum err e = db_exec(db, &statements[WRONG], ARGS(arg_int(1)), NULL);
    assert_int_equal(e, ERR_INTERNAL); /* the key is there already */
    assert_int_equal(db_end(db, e), ERR_INTERNAL);
    db_retire(database);
    assert_ok(db_wait(db));
    assert_int_equal(total(db), 1);
}

/* ---- Failing disks ---- */

/* Until the writer has been repaired; it is tried every tenth of a second. */
static void assert_recovers(struct db *with) {
    int64_t end = clock_monotonic() + 5 * CLOCK_SECOND;
    while (add_and_wait(with, 9) != OK) {
        assert_true(clock_monotonic() < end);
        usleep(20000);
    }
}

static void a_failed_sync_loses_the_group_and_says_so(void **state) {
    (void)state;
    struct receipt receipts[3];
    assert_ok(add_and_wait(db, 1));
    syncs_failing = 1;
    db_announce(database);
    for (int i = 0; i < 3; i++) {
        receipts[i] = new_receipt();
        assert_ok(add(db, 1, OK));
        db_settle(db, &receipts[i].ticket);
    }
    db_retire(database);
    for (int i = 0; i < 3; i++) {
        assert_true(arrives(&receipts[i], CLOCK_SECOND));
        assert_int_equal(receipts[i].calls, 1);
    }
    assert_int_equal(receipts[0].result, ERR_UNAVAILABLE);
    assert_int_equal(total(db), 1); /* reads go on */
    assert_recovers(db);
    int64_t n;
    assert_ok(db_scalar(db, &statements[TOTAL_OF], ARGS(arg_int(1)), &n));
    assert_int_equal(n, 1); /* nothing of the lost group came after */
}

static void a_writer_is_tried_out_before_it_is_trusted(void **state) {
    (void)state;
    syncs_failing = 3; /* the group, and two tries */
    assert_int_equal(add_and_wait(db, 1), ERR_UNAVAILABLE);
    assert_int_equal(add_and_wait(db, 1), ERR_UNAVAILABLE);
    assert_int_equal(syncs_failing, 1);
    while (syncs_failing > 0) /* the next try is a tenth of a second away */
        assert_int_equal(add_and_wait(db, 1), ERR_UNAVAILABLE);
    assert_int_equal(total(db), 0);
    assert_recovers(db);
    assert_int_equal(total(db), 1);
}

static void trying_out_is_a_write_of_its_own(void **state) {
    (void)state;
    syncs_failing = 1;
    assert_int_equal(add_and_wait(db, 1), ERR_UNAVAILABLE);
    int before = syncs;
    assert_ok(add_and_wait(db, 1));
    assert_true(syncs - before >= 2);
    before = syncs;
    assert_ok(add_and_wait(db, 1));
    assert_int_equal(syncs - before, 1);
}

static void a_full_disk_is_got_over(void **state) {
    (void)state;
    assert_ok(add_and_wait(db, 1));
    disk_full = true;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(add_and_wait(db, 1), ERR_UNAVAILABLE);
        assert_int_equal(total(db), 1);
    }
    disk_full = false;
    assert_recovers(db);
    assert_int_equal(total(db), 2);
}

static void a_lost_group_is_remembered(void **state) {
    (void)state;
    struct receipt receipt = new_receipt();
    struct db *other;
    assert_ok(db_connect(&other, database));
    syncs_failing = 1;
    assert_ok(add(db, 1, OK));
    assert_int_equal(db_wait(other), OK); /* was in no group */
    while (syncs_failing > 0)
        usleep(100);
    assert_recovers(other);
    assert_int_equal(db_begin(db), ERR_UNAVAILABLE);
    assert_true(db_pending(db));
    db_settle(db, &receipt.ticket);
    assert_int_equal(receipt.result, ERR_UNAVAILABLE);
    assert_ok(add_and_wait(db, 2));
    db_disconnect(other);
}

/* Begins a transaction in the group that `receipt` is of; *before is the total without it. A group
 * that got too old in between, on a busy machine, is on disk by then: once more. */
static void begin_in_one_group(struct receipt *receipt, int64_t *before) {
    struct db *other;
    assert_ok(db_connect(&other, database));
    for (int id = 1;; id++) {
        *receipt = new_receipt();
        *before = total(other);
        assert_ok(add(db, id, OK));
        db_settle(db, &receipt->ticket);
        assert_ok(db_begin(db));
        if (total(other) == *before)
            break;
        assert_int_equal(db_end(db, ERR_NOT_FOUND), ERR_NOT_FOUND);
        assert_ok(db_wait(db));
        assert_true(arrives(receipt, CLOCK_SECOND));
    }
    db_disconnect(other);
}

/* A group too large for the page cache is written before it is committed. */
static void a_statement_that_meets_a_full_disk_loses_the_group(void **state) {
    (void)state;
    struct receipt receipt;
    size_t size = 1 << 20;
    char *filler = malloc(size);
    memset(filler, 'x', size);
    db_announce(database);
    int64_t before;
    begin_in_one_group(&receipt, &before);
    disk_full = true;
    enum err e = OK;
    for (int i = 100; e == OK && i < 200; i++)
        e = db_exec(db, &statements[FILL], ARGS(arg_int(i), arg_blob(filler, size)), NULL);
    assert_int_equal(e, ERR_UNAVAILABLE);
    disk_full = false;
    assert_int_equal(db_exec(db, &statements[ADD], ARGS(arg_int(5)), NULL), ERR_UNAVAILABLE);
    assert_int_equal(db_end(db, OK), ERR_UNAVAILABLE);
    db_retire(database);
    assert_true(arrives(&receipt, CLOCK_SECOND));
    assert_int_equal(receipt.result, ERR_UNAVAILABLE);
    assert_int_equal(db_wait(db), ERR_UNAVAILABLE);
    assert_int_equal(total(db), before);
    assert_recovers(db);
    free(filler);
}

/* ---- Other processes, and the log ---- */

static sqlite3 *hold_write_lock(void) {
    sqlite3 *raw;
    assert_int_equal(sqlite3_open(scratch_path, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return raw;
}

static void another_process_is_waited_for(void **state) {
    (void)state;
    sqlite3 *raw = hold_write_lock();
    int64_t began = clock_monotonic();
    assert_int_equal(db_begin(db), ERR_UNAVAILABLE);
    int64_t took = clock_monotonic() - began;
    assert_true(took >= 300 * TEST_MS && took < 3 * CLOCK_SECOND);
    assert_false(db_pending(db));
    sqlite3_exec(raw, "COMMIT", NULL, NULL, NULL);
    assert_ok(add_and_wait(db, 1));
    sqlite3_close(raw);
}

static void *wait_for_turn(void *self) {
    struct db *mine;
    assert_ok(db_connect(&mine, database));
    *(enum err *)self = add_and_wait(mine, 1);
    db_disconnect(mine);
    return NULL;
}

static void those_who_wait_together_give_up_together(void **state) {
    (void)state;
    enum { MANY = 24 };
    pthread_t threads[MANY];
    enum err results[MANY];
    sqlite3 *raw = hold_write_lock();
    int64_t began = clock_monotonic();
    for (int i = 0; i < MANY; i++)
        pthread_create(&threads[i], NULL, wait_for_turn, &results[i]);
    for (int i = 0; i < MANY; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(results[i], ERR_UNAVAILABLE);
    }
    assert_true(clock_monotonic() - began <
                MANY / 2 * 300 * TEST_MS); /* one after the other: twice that */
    sqlite3_close(raw);
    assert_ok(add_and_wait(db, 1));
}

/* In a process of its own: writes without a pause until the other one is done. */
static void write_until(int done) {
    struct database *mine;
    struct db *on;
    struct db_options options = {.durable = true};
    char byte;
    if (database_open(&mine, scratch_path, &options) != OK || db_connect(&on, mine) != OK)
        _exit(1);
    int64_t end = clock_monotonic() + 20 * CLOCK_SECOND;
    while (read(done, &byte, 1) < 0 && clock_monotonic() < end)
        for (int i = 0; i < 20; i++)
            if (add(on, 1, OK) != OK)
                _exit(2);
    if (db_wait(on) != OK)
        _exit(3);
    _exit(0);
}

static void two_processes_write_side_by_side(void **state) {
    int done[2], status = -1;
    scratch_next(state);
    scratch_open(&database, &db, &arena, &(struct db_options){.durable = true});
    assert_ok(db_begin(db));
    assert_ok(db_end(db, db_exec(db, &statements[TABLE], NO_ARGS, NULL)));
    assert_ok(db_wait(db));
    scratch_close(database, db, &arena);
    assert_int_equal(pipe2(done, O_NONBLOCK), 0);
    pid_t child = fork();
    if (child == 0) {
        close(done[1]);
        write_until(done[0]);
    }
    scratch_open(&database, &db, &arena, &(struct db_options){.durable = true});
    for (int i = 0; i < 50; i++)
        assert_ok(add_and_wait(db, 2));
    close(done[1]);
    waitpid(child, &status, 0);
    close(done[0]);
    assert_int_equal(status, 0);
    int64_t n;
    assert_ok(db_scalar(db, &statements[TOTAL_OF], ARGS(arg_int(2)), &n));
    assert_int_equal(n, 50);
    scratch_close(database, db, &arena);
}

static int64_t log_size(void) {
    char path[300];
    struct stat st;
    snprintf(path, sizeof path, "%s-wal", scratch_path);
    return stat(path, &st) == 0 ? st.st_size : 0;
}

#define LOG_LIMIT (1 << 20)

/* About 100 KB a time. */
static enum err fill(int64_t id) {
    static char filler[100000];
    enum err e = db_begin(db);
    if (e != OK)
        return e;
    memset(filler, 'x', sizeof filler);
    e = db_exec(db, &statements[FILL], ARGS(arg_int(id), arg_blob(filler, sizeof filler)), NULL);
    e = db_end(db, e);
    enum err written = db_wait(db);
    return e == OK ? written : e;
}

static void the_log_starts_afresh(void **state) {
    (void)state;
    open_with(&(struct db_options){.durable = false, .wal_limit = LOG_LIMIT});
    for (int i = 0; i < 200; i++) {
        assert_ok(fill(i % 20));
        assert_true(log_size() < LOG_LIMIT + 200000);
    }
    close_database(state);
    assert_int_equal(log_size(), 0);
}

static void a_log_at_its_limit_holds_writers(void **state) {
    (void)state;
    struct db *reader;
    int i = 0;
    open_with(&(struct db_options){.durable = false, .wal_limit = LOG_LIMIT, .busy_timeout = 400});
    assert_ok(db_connect(&reader, database));
    assert_ok(db_snapshot(reader));
    assert_int_equal(total(reader), 0); /* what it sees must stay: the log cannot be emptied */
    while (fill(i % 20) == OK && i < 100)
        i++;
    assert_true(i < 20);
    assert_true(log_size() < LOG_LIMIT + 200000);
    assert_int_equal(total(reader), 0);
    db_snapshot_end(reader);
    assert_ok(fill(1));
    db_disconnect(reader);
    close_database(state);
}

/* Pages of the database file may be gone: the log, which still has them, outlives the process. */
static void a_file_that_could_not_be_synced_keeps_its_log(void **state) {
    (void)state;
    const struct db_options options = {
        .durable = true, .wal_limit = LOG_LIMIT, .busy_timeout = 300};
    struct stat st;
    open_with(&options);
    assert_int_equal(stat(scratch_path, &st), 0);
    inode_failing = st.st_ino;
    int written = 0;
    while (written < 100 && fill(written) == OK)
        written++;
    assert_true(written < 20); /* until the log is full */
    inode_failing = 0;
    assert_int_equal(fill(50), ERR_UNAVAILABLE);
    scratch_close(database, db, &arena);
    assert_true(log_size() > 0);

    const struct db_options patient = {.durable = true, .wal_limit = LOG_LIMIT};
    scratch_open(&database, &db, &arena, &patient);
    for (int i = 0; i < 40; i++)
        assert_ok(fill(i));
    int64_t n;
    for (int i = 0; i < written; i++)
        assert_int_equal(db_scalar(db, &statements[TOTAL_OF], ARGS(arg_int(i)), &n),
                         ERR_NOT_FOUND); /* there, and NULL */
    close_database(state);
    assert_int_equal(log_size(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_durable, close_database)

int main(void) {
    if (!engine_is_sqlite())
        return 77; /* skipped: this is about SQLite alone */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_processes_write_side_by_side), /* forks: before any thread */
        TEST(an_announced_crowd_is_one_group),
        TEST(a_group_does_not_wait_for_ever),
        TEST(a_full_group_is_closed),
        cmocka_unit_test(a_single_write_is_prompt),
        TEST(a_ticket_that_comes_late_is_called_at_once),
        cmocka_unit_test(closing_waits_for_the_open_group),
        cmocka_unit_test(threads_do_not_see_each_other_s_mistakes),
        TEST(an_undone_transaction_leaves_its_neighbours),
        TEST(a_wrong_statement_leaves_its_neighbours),
        TEST(a_failed_sync_loses_the_group_and_says_so),
        TEST(a_writer_is_tried_out_before_it_is_trusted),
        TEST(trying_out_is_a_write_of_its_own),
        TEST(a_full_disk_is_got_over),
        TEST(a_lost_group_is_remembered),
        TEST(a_statement_that_meets_a_full_disk_loses_the_group),
        TEST(another_process_is_waited_for),
        TEST(those_who_wait_together_give_up_together),
        cmocka_unit_test(the_log_starts_afresh),
        cmocka_unit_test(a_log_at_its_limit_holds_writers),
        cmocka_unit_test(a_file_that_could_not_be_synced_keeps_its_log),
    };
    return cmocka_run_group_tests(tests, start, scratch_end);
}
