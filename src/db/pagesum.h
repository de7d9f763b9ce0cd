/* Checksums on the pages of a database file: a layer between SQLite and the file system
 * (https://www.sqlite.org/vfs.html) that seals every page as it is written and checks it when it is
 * read, so that a bit that has flipped on the disk is an error and never an answer.
 *
 * The seal is the XXH3 of the page's other bytes, seeded with its number so that one written in the
 * wrong place is found too, in the last 8 bytes of the page, which SQLite has been told to leave
 * alone. A database that was made without room for it is read and written as it is.
 *
 * The log has checksums of its own, taken before a page gets here, so its pages are not sealed but
 * remembered (logsum.h): they are sealed when they are moved to the file. SQLite gets to see zeros
 * in place of the seal and so the log has zeros there. A page with zeros, then, was moved by a
 * program without this layer, such as the sqlite3 command after a crash, or by `.backup`; it is
 * taken as it is. One that such a program has changed has the seal of what it was before, and
 * counts as damaged.
 *
 * Of page 1, the seal leaves out the counters in the header that SQLite's own backup changes. */
#ifndef DB_PAGESUM_H
#define DB_PAGESUM_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/error.h"

/* The name of the layer, for sqlite3_open_v2. */
#define PAGESUM_VFS "pagesum"

/* Makes the layer known to SQLite, which has been initialised. A result code of SQLite. A page that
 * does not add up is logged, and SQLITE_IOERR_DATA where it was read. */
int pagesum_register(void);

/* Makes room for seals in an empty database; without effect on any other. A result code. */
int pagesum_reserve(sqlite3 *handle);

struct pagesum_tally {
    int64_t pages;   /* 0: the file has no room for seals */
    int64_t bare;    /* without a seal */
    int64_t damaged; /* that do not add up */
};

/* Reads every page of the file at `path`, logs each that is damaged, and counts. Of a page that the
 * log has as well it is the log that counts. Others may have the database open, and write.
 * ERR_UNAVAILABLE, logged, when the file cannot be read. */
enum err pagesum_scan(const char *path, struct pagesum_tally *out);

#endif
