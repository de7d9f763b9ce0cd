#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/unicode.h"

static _Atomic enum log_level highest = LOG_INFO;

void log_level_set(enum log_level level) {
    atomic_store_explicit(&highest, level, memory_order_relaxed);
}

/* One character, or one byte that is not UTF-8. The backslash too, so that an escape is never
 * ambiguous. */
static bool wants_escape(struct text one, int code_point) {
    bool stray = one.size == 1 && (unsigned char)one.at[0] >= 0x80;
    return stray || code_point == '\\' || unicode_has_control(one, false);
}

/* Needs 4 bytes of room per byte of `t`. */
static size_t escape(char *out, struct text t) {
    static const char hex[] = "0123456789abcdef";
    size_t size = 0;
    while (t.size > 0) {
        struct text one = t;
        int code_point = unicode_next(&t);
        one.size -= t.size;
        bool plain = !wants_escape(one, code_point);
        for (size_t i = 0; i < one.size; i++) {
            unsigned char c = (unsigned char)one.at[i];
            if (plain) {
                out[size++] = one.at[i];
                continue;
            }
            out[size++] = '\\';
            out[size++] = 'x';
            out[size++] = hex[c >> 4];
            out[size++] = hex[c & 15];
        }
    }
    return size;
}

static void write_line(enum log_level level, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void write_line(enum log_level level, const char *format, va_list args) {
    static const char *const names[] = {"error", "warn", "info", "debug"};
    char message[LOG_MESSAGE_MAX + 1];
    char line[CLOCK_TEXT_SIZE + 8 + LOG_MESSAGE_MAX * 4 + 4];
    int wanted = vsnprintf(message, sizeof message, format, args);
    if (wanted < 0)
        return;
    bool cut = wanted > LOG_MESSAGE_MAX;
    struct text text = {message, cut ? LOG_MESSAGE_MAX : (size_t)wanted};

    clock_format(clock_now(), line);
    size_t size = CLOCK_TEXT_SIZE - 1;
    size += (size_t)sprintf(line + size, " %s ", names[level]);
    size += escape(line + size, text);
    size += (size_t)sprintf(line + size, "%s\n", cut ? "..." : "");
    /* One write keeps the lines of several threads apart. Nobody is left to tell of a failure. */
    while (write(STDERR_FILENO, line, size) < 0 && errno == EINTR)
        ;
}

void log_line(enum log_level level, const char *format, ...) {
    if (level > atomic_load_explicit(&highest, memory_order_relaxed))
        return;
    int saved = errno;
    va_list args;
    va_start(args, format);
    write_line(level, format, args);
    va_end(args);
    errno = saved;
}

void log_fatal(const char *format, ...) {
    va_list args;
    va_start(args, format);
    write_line(LOG_ERROR, format, args);
    va_end(args);
    abort();
}

void log_out_of_memory(size_t size) {
    if (size)
        log_line(LOG_ERROR, "out of memory: %zu bytes", size);
    else
        log_line(LOG_ERROR, "out of memory");
    _exit(LOG_OUT_OF_MEMORY);
}
