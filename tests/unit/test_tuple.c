/* COPY's binary format: what is written is what is read, and of anything else nothing is believed.
 */
#include "db/tuple.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

static const struct bulk_shape shape = {
    .width = 4,
    .types = {DB_INT, DB_TEXT, DB_BLOB, DB_TEXT},
    .names = {"a", "b", "c", "d"},
};
#define ROW ARGS(arg_int(INT64_MIN), arg_text(TEXT("żółw")), arg_blob("\0\377", 2), arg_null())

/* A message in memory of just its size, so that reading past it is seen. */
static struct text exactly(const struct buffer *b, size_t size) {
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, b->at, size);
    return (struct text){copy, size};
}

static struct buffer first_message(void) {
    struct buffer b = {0};
    tuple_write_header(&b);
    tuple_write(&b, ROW);
    return b;
}

static enum tuple_found read_copy(const struct buffer *b, size_t size, bool begun,
                                  struct db_arg row[]) {
    struct text message = exactly(b, size);
    enum tuple_found found = tuple_read(&begun, message, &shape, row);
    free((char *)message.at);
    return found;
}

static void test_round_trip(void **state) {
    (void)state;
    struct db_arg row[BULK_COLUMNS_MAX];
    struct buffer b = first_message();
    struct text message = exactly(&b, b.size);
    bool begun = false;
    assert_int_equal(tuple_read(&begun, message, &shape, row), TUPLE_ROW);
    assert_true(begun);
    assert_true(row[0].type == DB_INT && row[0].number == INT64_MIN);
    assert_true(row[1].type == DB_TEXT && text_equal(row[1].text, TEXT("żółw")));
    assert_true(row[2].type == DB_BLOB && text_equal(row[2].text, TEXT("\0\377")));
    assert_true(row[3].type == DB_NULL);
    free((char *)message.at);
    buffer_free(&b);
}

static void test_the_end_is_no_row(void **state) {
    (void)state;
    struct db_arg row[BULK_COLUMNS_MAX];
    struct buffer header = {0}, end = {0};
    tuple_write_header(&header);
    tuple_write_end(&end);
    assert_int_equal(read_copy(&header, header.size, false, row), TUPLE_NONE);
    assert_int_equal(read_copy(&end, end.size, true, row), TUPLE_NONE);
    assert_int_equal(read_copy(&end, end.size, false, row), TUPLE_NONSENSE);
    buffer_free(&header);
    buffer_free(&end);
}

static void test_a_part_of_a_row_is_nonsense(void **state) {
    (void)state;
    struct db_arg row[BULK_COLUMNS_MAX];
    struct buffer header = {0}, b = first_message();
    tuple_write_header(&header);
    for (size_t size = 0; size < b.size; size++)
        assert_int_equal(read_copy(&b, size, false, row),
                         size == header.size ? TUPLE_NONE : TUPLE_NONSENSE);
    buffer_add_char(&b, 0);
    assert_int_equal(read_copy(&b, b.size, false, row), TUPLE_NONSENSE);
    buffer_free(&header);
    buffer_free(&b);
}

static void test_whatever_a_byte_becomes(void **state) {
    (void)state;
    struct db_arg row[BULK_COLUMNS_MAX];
    struct buffer b = first_message();
    for (size_t i = 0; i < b.size; i++) {
        char was = b.at[i];
        for (int value = 0; value < 256; value++) {
            b.at[i] = (char)value;
            (void)read_copy(&b, b.size, false, row);
        }
        b.at[i] = was;
    }
    buffer_free(&b);
}

static void test_rows_of_another_shape(void **state) {
    (void)state;
    struct db_arg row[BULK_COLUMNS_MAX];
    struct buffer b = {0};
    tuple_write(&b, ARGS(arg_int(1), arg_null(), arg_null()));
    assert_int_equal(read_copy(&b, b.size, true, row), TUPLE_NONSENSE);
    b.size = 0;
    tuple_write(&b, ARGS(arg_text(TEXT("1")), arg_null(), arg_null(), arg_null()));
    assert_int_equal(read_copy(&b, b.size, true, row), TUPLE_NONSENSE);
    buffer_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_the_end_is_no_row),
        cmocka_unit_test(test_a_part_of_a_row_is_nonsense),
        cmocka_unit_test(test_whatever_a_byte_becomes),
        cmocka_unit_test(test_rows_of_another_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
