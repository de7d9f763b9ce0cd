#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"

static char line[3 * LOG_MESSAGE_MAX];

/* What `message` puts on standard error, in `line`. */
static void logged(enum log_level level, const char *message) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    int saved = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    errno = 42;
    log_line(level, "%s", message);
    int error = errno;
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    ssize_t size = read(ends[0], line, sizeof line - 1);
    close(ends[0]);
    assert_true(size >= 0);
    line[size] = '\0';
    assert_int_equal(error, 42);
}

static void assert_logs(const char *message, const char *expected) {
    logged(LOG_WARN, message);
    assert_int_equal(line[19], 'Z');
    assert_string_equal(line + 20, expected);
}

static void test_escapes(void **state) {
    (void)state;
    assert_logs("up address=127.0.0.1:8000", " warn up address=127.0.0.1:8000\n");
    assert_logs("a\r\nb\tc\x7f\x1b[2J", " warn a\\x0d\\x0ab\\x09c\\x7f\\x1b[2J\n");
    assert_logs("a\\x0ab", " warn a\\x5cx0ab\n");
    assert_logs("Zoë 漢 \xc2\x85 \u00a0", " warn Zoë 漢 \\xc2\\x85 \u00a0\n");
    assert_logs("Zo\xeb", " warn Zo\\xeb\n");
}

static void test_cuts(void **state) {
    (void)state;
    static char message[LOG_MESSAGE_MAX + 2];
    memset(message, 'x', LOG_MESSAGE_MAX);
    logged(LOG_ERROR, message);
    size_t whole = strlen(line);
    assert_string_equal(line + whole - 2, "x\n");
    message[LOG_MESSAGE_MAX] = 'x';
    logged(LOG_ERROR, message);
    assert_int_equal(strlen(line), whole + 3);
    assert_string_equal(line + whole - 2, "x...\n");
}

static void test_levels(void **state) {
    (void)state;
    logged(LOG_INFO, "x");
    assert_string_equal(line + 20, " info x\n");
    logged(LOG_DEBUG, "x");
    assert_string_equal(line, "");
    log_level_set(LOG_DEBUG);
    logged(LOG_DEBUG, "x");
    assert_string_equal(line + 20, " debug x\n");
    log_level_set(LOG_ERROR);
    logged(LOG_WARN, "x");
    assert_string_equal(line, "");
    logged(LOG_ERROR, "x");
    assert_string_equal(line + 20, " error x\n");
    log_level_set(LOG_INFO);
}

/* The table of errors is what clients and documents are made from. */
static void test_errors(void **state) {
    (void)state;
    for (enum err e = OK + 1; e < ERR_COUNT; e++) {
        const struct error_info *info = error_info(e);
        assert_in_range(info->status, 400, 599);
        assert_int_not_equal(info->message[0], '\0');
        assert_int_not_equal(info->message[strlen(info->message) - 1], '.');
        assert_int_equal(strspn(info->code, "abcdefghijklmnopqrstuvwxyz_"), strlen(info->code));
        if (info->field != NULL)
            assert_string_equal(info->code, "validation_error");
    }
    assert_int_equal(error_info(ERR_USER_NOT_FOUND)->status, 404);
    assert_string_equal(error_info(ERR_USER_NOT_FOUND)->code, "user_not_found");
    assert_string_equal(error_info(ERR_EMAIL_TAKEN)->field, "email");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
