#include "scratch.h"

#include <sqlite3.h>
#include <string.h>

#include "db/link.h"
#include "db/logsum.h"
#include "db/pagesum.h"

#define PAGE 4096

/* Made anew for every test: sealed, closed, with the log moved to the file. */
static int make(void **state) {
    const struct db_options options = {.durable = false};
    struct database *database;
    if (!engine_is_sqlite())
        return 0;
    scratch_next(state);
    if (database_open(&database, scratch_url, &options) != OK)
        return -1;
    database_close(database);
    return 0;
}

static void change(long at, unsigned char by) {
    FILE *file = fopen(scratch_path, "r+b");
    assert_non_null(file);
    fseek(file, at, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(byte ^ by, file);
    fclose(file);
}

static void read_page(int number, unsigned char *out) {
    FILE *file = fopen(scratch_path, "rb");
    assert_non_null(file);
    fseek(file, (number - 1L) * PAGE, SEEK_SET);
    assert_int_equal(fread(out, 1, PAGE, file), PAGE);
    fclose(file);
}

static void write_page(int number, const unsigned char *page) {
    FILE *file = fopen(scratch_path, "r+b");
    assert_non_null(file);
    fseek(file, (number - 1L) * PAGE, SEEK_SET);
    assert_int_equal(fwrite(page, 1, PAGE, file), PAGE);
    fclose(file);
}

static struct pagesum_tally scanned(void) {
    struct pagesum_tally tally;
    assert_ok(pagesum_scan(scratch_path, &tally));
    return tally;
}

static void every_page_has_a_seal(void **state) {
    (void)state;
    scratch_only_sqlite();
    struct pagesum_tally tally = scanned();
    assert_true(tally.pages > 10);
    assert_int_equal(tally.bare, 0);
    assert_int_equal(tally.damaged, 0);
}

static void a_changed_byte_is_found(void **state) {
    (void)state;
    scratch_only_sqlite();
    change(20, 8); /* says that there is no room for a seal */
    change(3 * PAGE + 77, 1);
    change(6 * PAGE - 1, 0x80); /* of the seal itself */
    assert_int_equal(scanned().damaged, 3);
}

static void counters_that_a_backup_changes_are_left_out(void **state) {
    (void)state;
    scratch_only_sqlite();
    change(27, 1);
    change(43, 1);
    change(92, 1);
    change(99, 1);
    assert_int_equal(scanned().damaged, 0);
    change(28, 1);
    assert_int_equal(scanned().damaged, 1);
}

static void a_page_in_the_wrong_place_is_found(void **state) {
    unsigned char page[PAGE];
    (void)state;
    scratch_only_sqlite();
    read_page(4, page);
    write_page(5, page);
    assert_int_equal(scanned().damaged, 1);
}

static void a_page_without_a_seal_is_counted(void **state) {
    unsigned char page[PAGE];
    (void)state;
    scratch_only_sqlite();
    read_page(4, page);
    memset(page + PAGE - 8, 0, 8);
    write_page(4, page);
    struct pagesum_tally tally = scanned();
    assert_int_equal(tally.bare, 1);
    assert_int_equal(tally.damaged, 0);
}

static void a_damaged_page_is_an_error_even_if_it_could_be_mapped(void **state) {
    const struct sqlite_settings settings = {.path = scratch_path};
    struct link c;
    int64_t page, rows;
    (void)state;
    scratch_only_sqlite();
    assert_ok(link_open(&c, &settings, ROLE_READER));
    assert_ok(link_script(&c, "map", "PRAGMA mmap_size = 1073741824"));
    assert_ok(link_number(&c, "SELECT rootpage FROM sqlite_schema WHERE name = 'users'", &page));
    change((page - 1) * PAGE + 2000, 4); /* where nothing stands */
    assert_int_equal(link_number(&c, "SELECT count(*) FROM users NOT INDEXED", &rows),
                     ERR_UNAVAILABLE);
    assert_int_equal(sqlite3_extended_errcode(c.handle), SQLITE_IOERR_DATA);
    link_close(&c);
}

static void what_cannot_be_read_is_said(void **state) {
    struct pagesum_tally tally;
    (void)state;
    scratch_only_sqlite();
    assert_int_equal(pagesum_scan("/nowhere/at/all.db", &tally), ERR_UNAVAILABLE);
}

/* SQLite hands over the header of a log before it has looked at it. */
static void a_log_with_pages_of_no_size_is_taken_as_it_is(void **state) {
    (void)state;
    static const unsigned char sizes[][4] = {
        {0, 0, 0, 0}, {0xFF, 0xFF, 0xFF, 0xE8}, {0x7F, 0xFF, 0xFF, 0xFF}, {0, 0, 0x10, 1}};
    static const unsigned char page[PAGE];
    struct logsum *log = logsum_get("a log");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char header[32] = {0};
        memcpy(header + 8, sizes[i], 4);
        assert_true(logsum_adds_up(log, NULL, header, sizeof header, 0));
        logsum_wrote(log, page, PAGE, 56);
        assert_true(logsum_adds_up(log, NULL, page, PAGE, 56));
    }
    logsum_put(log);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_page_has_a_seal, make),
        cmocka_unit_test_setup(a_changed_byte_is_found, make),
        cmocka_unit_test_setup(counters_that_a_backup_changes_are_left_out, make),
        cmocka_unit_test_setup(a_page_in_the_wrong_place_is_found, make),
        cmocka_unit_test_setup(a_page_without_a_seal_is_counted, make),
        cmocka_unit_test_setup(a_damaged_page_is_an_error_even_if_it_could_be_mapped, make),
        cmocka_unit_test_setup(what_cannot_be_read_is_said, make),
        cmocka_unit_test(a_log_with_pages_of_no_size_is_taken_as_it_is),
    };
    return cmocka_run_group_tests(tests, scratch_start, scratch_end);
}
