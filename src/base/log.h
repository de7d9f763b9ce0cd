/* One line per event on standard error: `2024-01-15T10:30:00Z warn message key=value`. Values that
 * come from outside are escaped by log_line, so that nobody can forge a line. No secrets, ever. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Longer messages are cut. */
#define LOG_MESSAGE_MAX 2000

/* Lines above `level` are dropped. Starts at LOG_INFO. */
void log_level_set(enum log_level level);

/* Keeps errno. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Logs and aborts: a broken invariant. */
void log_fatal(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Logs that `size` bytes (0: some) could not be had, and ends the process with status 71, EX_OSERR.
 * No core is left: nothing is wrong with the program. What was acknowledged is on disk. */
#define LOG_OUT_OF_MEMORY 71
void log_out_of_memory(size_t size) __attribute__((noreturn));

#define ASSERT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition))                                                                          \
            log_fatal("assertion failed: %s (%s:%d)", #condition, __FILE__, __LINE__);             \
    } while (0)

#endif
