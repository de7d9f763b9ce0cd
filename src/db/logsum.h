/* Checksums of the frames of a write-ahead log that is open, kept in memory. The log has checksums
 * of its own, but SQLite compares them when it opens one that a crash has left, and never again: a
 * bit that flips later would be served, and moved to the file. So what is written to a log, or read
 * at its opening, is remembered as an XXH3 of each page, and compared when a page is read.
 *
 * Frames that another process has written are not known here: its page is not what was remembered,
 * nor is the header in front of it. They are taken as they are.
 *
 * The format is that of https://www.sqlite.org/walformat.html. */
#ifndef DB_LOGSUM_H
#define DB_LOGSUM_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* Of one log; all connections of this process to it share one. Thread-safe. */
struct logsum;

/* The one of the log of that name, made when nobody has it yet. To be put back. */
struct logsum *logsum_get(const char *name);
void logsum_put(struct logsum *l);

/* `size` bytes have been written at `offset`. */
void logsum_wrote(struct logsum *l, const void *bytes, int size, int64_t offset);

/* A write has failed: what stands there now is anybody's guess. */
void logsum_forget(struct logsum *l);

/* `size` bytes have been read at `offset` of `log`: whether they are what was written, as far as
 * that is known. The frame that is not is logged. */
bool logsum_adds_up(struct logsum *l, sqlite3_file *log, const void *bytes, int size,
                    int64_t offset);

#endif
