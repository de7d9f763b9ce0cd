/* Whether a write-ahead log that a crash has left behind is whole.
 *
 * SQLite checks the frames of a log one after the other and takes the first that is wrong for the
 * end: what a power cut has torn off was never acknowledged. A bit that has flipped further in
 * front looks the same to it, and everything behind is dropped without a word. But a transaction is
 * written only when the one before it has been synced. So when behind a wrong frame, and in one
 * chain of checksums with it, the ends of two transactions follow, the first of them had been
 * acknowledged, and the frame has not been torn: it is damaged. In the last transaction the two
 * cannot be told apart.
 *
 * The format is that of https://www.sqlite.org/walformat.html. */
#ifndef DB_WALCHECK_H
#define DB_WALCHECK_H

#include "base/error.h"

/* ERR_UNAVAILABLE, logged, when the log of the database at `path` is damaged or cannot be read. A
 * log that another process is writing to is taken to be whole. */
enum err walcheck(const char *path);

#endif
