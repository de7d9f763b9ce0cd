/* Listening sockets when the system says no: whichever call it is that fails, listen_open says so,
 * keeps nothing open, and leaves nothing behind that would be in the way of the next try. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "http/listen.h"

/* ---- Calls that fail ------------------------------------------------------------------------- */

static int calls, fails_at, fails_with; /* counted from 1; 0: none fails */

static bool fails(void) {
    if (++calls != fails_at)
        return false;
    errno = fails_with;
    return true;
}

#define WRAP(name, parameters, arguments)                                                          \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters {                                                                 \
        return fails() ? -1 : __real_##name arguments;                                             \
    }

WRAP(socket, (int family, int type, int protocol), (family, type, protocol))
WRAP(bind, (int fd, const struct sockaddr *at, socklen_t size), (fd, at, size))
WRAP(listen, (int fd, int backlog), (fd, backlog))
WRAP(setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
     (fd, level, name, value, size))

/* What fcntl is called where offsets have 64 bits. */
int __real_fcntl64(int fd, int command, int argument);
int __wrap_fcntl64(int fd, int command, int argument);
int __wrap_fcntl64(int fd, int command, int argument) {
    return command == F_DUPFD_CLOEXEC && fails() ? -1 : __real_fcntl64(fd, command, argument);
}

/* ---- Opening --------------------------------------------------------------------------------- */

#define LOOPS 3

static char path[200], unix_address[220];

static unsigned open_files(void) {
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static enum err open_at(const char *address, struct listeners *out) {
    struct http_listen at = {.address = address, .surfaces = 1};
    struct http_config config = {.listens = &at, .listen_count = 1};
    calls = 0;
    return listen_open(out, &config, LOOPS);
}

static void open_and_close(const char *address) {
    struct listeners listeners;
    fails_at = 0;
    assert_int_equal(open_at(address, &listeners), OK);
    listen_close(&listeners);
}

/* Fails every call in turn, until none is left to fail. Options that cannot be set are no reason to
 * give up; all else is. */
static void fail_each(const char *address, int error, unsigned reasons) {
    unsigned before = open_files(), refused = 0;
    for (fails_at = 1;; fails_at++) {
        struct listeners listeners;
        fails_with = error;
        enum err e = open_at(address, &listeners);
        bool done = calls < fails_at;
        if (e == OK)
            listen_close(&listeners);
        else
            assert_int_equal(e, ERR_UNAVAILABLE);
        refused += e != OK;
        assert_int_equal(open_files(), before);
        assert_int_not_equal(access(path, F_OK), 0);
        if (done)
            break;
    }
    assert_true(refused >= reasons);
    open_and_close(address);
}

static void each_call_may_fail(void **state) {
    (void)state;
    fail_each("127.0.0.1:0", EMFILE, 2 * LOOPS + 1); /* a socket and its bind each; listen */
    fail_each("localhost:0", EMFILE, 2 * LOOPS + 1);
    fail_each(unix_address, EMFILE, 3 + LOOPS - 1); /* socket, bind, listen, and its copies */
}

/* What one machine has not, IPv6 say, is not needed for localhost. */
static void one_family_is_enough(void **state) {
    (void)state;
    struct listeners listeners;
    fails_at = 1;
    fails_with = EAFNOSUPPORT;
    assert_int_equal(open_at("localhost:0", &listeners), OK);
    assert_int_equal(listeners.count, 1);
    listen_close(&listeners);
}

/* A port that was free in one family and is taken in the other is another port's turn. */
static void a_port_that_is_half_free(void **state) {
    (void)state;
    unsigned before = open_files();
    for (int call = 1; call < 20; call++) {
        struct listeners listeners;
        fails_at = call;
        fails_with = EADDRINUSE;
        if (open_at("localhost:0", &listeners) == OK)
            listen_close(&listeners);
        assert_int_equal(open_files(), before);
    }
}

static void what_is_no_address(void **state) {
    (void)state;
    static const char *const addresses[] = {
        "",    "localhost", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",   "::1:80",
        ":80", "x:80",      "unix:",      "[::1:80",         "[127.0.0.1]:80", "127.0.0.1:x",
    };
    struct listeners listeners;
    fails_at = 0;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        assert_int_equal(open_at(addresses[i], &listeners), ERR_UNAVAILABLE);
}

/* ---- Socket files ---------------------------------------------------------------------------- */

static void a_file_that_is_no_socket_stays(void **state) {
    (void)state;
    struct listeners listeners;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    fails_at = 0;
    assert_int_equal(open_at(unix_address, &listeners), ERR_UNAVAILABLE);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(unlink(path), 0);
}

static void a_socket_that_is_in_use_stays(void **state) {
    (void)state;
    struct listeners first, second;
    fails_at = 0;
    assert_int_equal(open_at(unix_address, &first), OK);
    assert_int_equal(open_at(unix_address, &second), ERR_UNAVAILABLE);
    assert_int_equal(access(path, F_OK), 0);
    listen_close(&first);
    assert_int_not_equal(access(path, F_OK), 0);
}

static int make_folder(void **state) {
    (void)state;
    static char folder[100];
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.60s/rollcall-XXXXXX", tmp ? tmp : P_tmpdir);
    log_level_set(LOG_ERROR - 1);
    *state = mkdtemp(folder);
    snprintf(path, sizeof path, "%s/s", folder);
    snprintf(unix_address, sizeof unix_address, "unix:%s", path);
    return *state ? 0 : -1;
}

static int remove_folder(void **state) {
    return rmdir(*state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_may_fail),
        cmocka_unit_test(one_family_is_enough),
        cmocka_unit_test(a_port_that_is_half_free),
        cmocka_unit_test(what_is_no_address),
        cmocka_unit_test(a_file_that_is_no_socket_stays),
        cmocka_unit_test(a_socket_that_is_in_use_stays),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
