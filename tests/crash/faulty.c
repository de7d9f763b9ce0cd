/* A disk at a test's command, for LD_PRELOAD: stands between the program and the C library, counts
 * the calls that reach the database file and its log, and lets those fail that the test has asked
 * for. The test and the program share the file that FAULTY names (disk.py has the same layout).
 *
 * FAULTY_SYNCHRONOUS=NORMAL makes a program that asks SQLite for `synchronous = FULL` get that
 * instead: how the tests show that they notice. */
#include "shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define FILES_MAX 4096 /* descriptors that are looked after */

enum { CALL_WRITE = 1, CALL_SYNC = 2, CALL_TRUNCATE = 4, CALL_SEND = 8 };
enum { FILE_DATABASE = 1, FILE_LOG = 2 };

/* All 32 bits wide. */
struct orders {
    _Atomic int32_t calls;   /* which kinds fail */
    _Atomic int32_t files;   /* on which files */
    _Atomic int32_t spared;  /* so many more calls pass before */
    _Atomic int32_t failing; /* so many fail then */
    _Atomic int32_t error;   /* with this errno; 0: the process is killed there */
    _Atomic int32_t halves; /* a write does half of its work before it fails, any other all of it */
    _Atomic int32_t seen;   /* calls of the kinds and files asked for, so far */
    _Atomic int32_t failed; /* and those that did fail */
};

static struct orders *orders;
static atomic_uchar kinds[FILES_MAX]; /* by descriptor */

/* The C library has the calls that take an offset under two names; SQLite uses the one with 64 in
 * it, and _FILE_OFFSET_BITS, which Meson sets, makes these here be called the same. */
#define REAL(name, symbol)                                                                         \
    static __typeof__(name) *real;                                                                 \
    if (!real)                                                                                     \
    real = (__typeof__(real))dlsym(RTLD_NEXT, symbol)

__attribute__((constructor)) static void start(void) {
    orders = orders_from("FAULTY", sizeof *orders);
}

/* ---- Which file it is ---- */

static bool ends(const char *path, const char *end) {
    size_t n = strlen(path), m = strlen(end);
    return n >= m && strcmp(path + n - m, end) == 0;
}

static int note(int file, const char *path) {
    if (file >= 0 && file < FILES_MAX)
        kinds[file] = ends(path, ".db") ? FILE_DATABASE : ends(path, ".db-wal") ? FILE_LOG : 0;
    return file;
}

int open(const char *path, int flags, ...) {
    REAL(open, "open64");
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return note(real(path, flags, mode), path);
}

int close(int file) {
    REAL(close, "close");
    if (file >= 0 && file < FILES_MAX)
        kinds[file] = 0;
    return real(file);
}

/* ---- Whether it fails ---- */

/* Takes one from a number that several threads count down; false when there is none left. */
static bool take_one(_Atomic int32_t *number) {
    int32_t n = *number;
    while (n > 0)
        if (atomic_compare_exchange_weak(number, &n, n - 1))
            return true;
    return false;
}

static bool is_meant(int file, int call) {
    if (!orders || !(call & orders->calls))
        return false;
    return call == CALL_SEND || (file >= 0 && file < FILES_MAX && (kinds[file] & orders->files));
}

static bool fails(int file, int call) {
    if (!is_meant(file, call))
        return false;
    orders->seen++;
    if (take_one(&orders->spared) || !take_one(&orders->failing))
        return false;
    orders->failed++;
    return true;
}

static int fail(void) {
    if (orders->error == 0)
        kill(getpid(), SIGKILL);
    errno = orders->error;
    return -1;
}

ssize_t pwrite(int file, const void *at, size_t size, off_t offset) {
    REAL(pwrite, "pwrite64");
    if (!fails(file, CALL_WRITE))
        return real(file, at, size, offset);
    if (orders->halves)
        (void)!real(file, at, size / 2, offset);
    return fail();
}

int fdatasync(int file) {
    REAL(fdatasync, "fdatasync");
    bool failing = fails(file, CALL_SYNC);
    int result = failing && !orders->halves ? 0 : real(file);
    return failing ? fail() : result;
}

int ftruncate(int file, off_t size) {
    REAL(ftruncate, "ftruncate64");
    bool failing = fails(file, CALL_TRUNCATE);
    int result = failing && !orders->halves ? 0 : real(file, size);
    return failing ? fail() : result;
}

/* To a database server. */
ssize_t send(int file, const void *at, size_t size, int flags) {
    REAL(send, "send");
    bool failing = fails(file, CALL_SEND);
    ssize_t result = failing && !orders->halves ? 0 : real(file, at, size, flags);
    return failing ? fail() : result;
}

/* ---- A setting that the product has not ---- */

struct sqlite3;
int sqlite3_exec(struct sqlite3 *handle, const char *sql, int (*row)(void *, int, char **, char **),
                 void *self, char **message);

int sqlite3_exec(struct sqlite3 *handle, const char *sql, int (*row)(void *, int, char **, char **),
                 void *self, char **message) {
    REAL(sqlite3_exec, "sqlite3_exec");
    const char *synchronous = getenv("FAULTY_SYNCHRONOUS");
    if (synchronous && strcmp(synchronous, "NORMAL") == 0 &&
        strcmp(sql, "PRAGMA synchronous = FULL") == 0)
        sql = "PRAGMA synchronous = NORMAL";
    return real(handle, sql, row, self, message);
}
