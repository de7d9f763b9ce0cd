#include "scratch.h"

#include <sqlite3.h>

#include "db/gram.h"

static sqlite3 *handle;

static void run(const char *sql) {
    char *message = NULL;
    if (sqlite3_exec(handle, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
}

static int open_memory(void **state) {
    (void)state;
    assert_int_equal(sqlite3_open(":memory:", &handle), SQLITE_OK);
    assert_int_equal(gram_register(handle), SQLITE_OK);
    run("CREATE VIRTUAL TABLE t USING fts5 (a, b, tokenize='gram', detail='column')");
    run("CREATE VIRTUAL TABLE v USING fts5vocab ('t', 'row')");
    return 0;
}

static int close_memory(void **state) {
    (void)state;
    return sqlite3_close(handle);
}

/* The first column of all rows, joined by '|'. */
static const char *answer(const char *sql, const char *argument) {
    static char out[512];
    sqlite3_stmt *stmt;
    out[0] = '\0';
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL), SQLITE_OK);
    if (argument)
        sqlite3_bind_text(stmt, 1, argument, -1, SQLITE_STATIC);
    for (size_t n = 0; sqlite3_step(stmt) == SQLITE_ROW;)
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%s", n ? "|" : "",
                              (const char *)sqlite3_column_text(stmt, 0));
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    return out;
}

static const char *match(const char *query) {
    return answer("SELECT rowid FROM t WHERE t MATCH ?1 ORDER BY rowid", query);
}

static void a_document_is_its_characters_and_pairs(void **state) {
    (void)state;
    run("INSERT INTO t VALUES ('b a', 'é€')");
    assert_string_equal(answer("SELECT term FROM v ORDER BY term", NULL), " | a|a|b|b |é|é€|€");
}

static void repeated_pairs_are_one_term(void **state) {
    (void)state;
    run("INSERT INTO t VALUES ('aaaa', '')");
    assert_string_equal(answer("SELECT term || doc FROM v ORDER BY term", NULL), "a1|aa1");
}

static void one_and_two_characters_are_found(void **state) {
    (void)state;
    run("INSERT INTO t VALUES ('anna', 'of lisbon'), ('bo', '日本'), ('', '😀!')");
    assert_string_equal(match("\"n\""), "1");
    assert_string_equal(match("\"o\""), "1|2");
    assert_string_equal(match("\"f \""), "1");
    assert_string_equal(match("\"日本\""), "2");
    assert_string_equal(match("\"本\""), "2");
    assert_string_equal(match("\"😀!\""), "3");
    assert_string_equal(match("\"an\""), "1");
    assert_string_equal(match("\"ab\""), "");
}

static void a_column_can_be_asked_for(void **state) {
    (void)state;
    run("INSERT INTO t VALUES ('anna', 'bo'), ('bo', 'anna')");
    assert_string_equal(match("a : \"nn\""), "1");
    assert_string_equal(match("b : \"nn\""), "2");
}

static void a_query_is_one_term(void **state) {
    (void)state;
    run("INSERT INTO t VALUES ('abc', '')");
    assert_string_equal(match("\"abc\""), ""); /* for trigrams to answer */
    assert_string_equal(match("\"\""), "");
}

static void quotes_and_wildcards_are_characters(void **state) {
    (void)state;
    run("INSERT INTO t VALUES ('say \"hi\"', ''), ('50%', ''), ('a_b', ''), ('x*', '')");
    assert_string_equal(match("\"\"\"\""), "1");
    assert_string_equal(match("\"0%\""), "2");
    assert_string_equal(match("\"_\""), "3");
    assert_string_equal(match("\"*\""), "4");
}

static void deleting_takes_every_term(void **state) {
    (void)state;
    run("INSERT INTO t VALUES ('anna', 'x'), ('bo', 'y')");
    run("DELETE FROM t WHERE rowid = 1");
    assert_string_equal(answer("SELECT term FROM v ORDER BY term", NULL), "b|bo|o|y");
    run("INSERT INTO t (t) VALUES ('integrity-check')");
}

static void broken_text_is_taken_as_it_is(void **state) {
    (void)state;
    run("INSERT INTO t VALUES (CAST(X'80FF41C3' AS TEXT), CAST(X'' AS TEXT))");
    assert_string_equal(match("\"A\""), "1");
    run("INSERT INTO t (t) VALUES ('integrity-check')");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_memory, close_memory)

int main(void) {
    if (!engine_is_sqlite())
        return 77; /* skipped: this is about SQLite alone */
    const struct CMUnitTest tests[] = {
        TEST(a_document_is_its_characters_and_pairs),
        TEST(repeated_pairs_are_one_term),
        TEST(one_and_two_characters_are_found),
        TEST(a_column_can_be_asked_for),
        TEST(a_query_is_one_term),
        TEST(quotes_and_wildcards_are_characters),
        TEST(deleting_takes_every_term),
        TEST(broken_text_is_taken_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
