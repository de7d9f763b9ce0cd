/* A file of what must not be forgotten: accounts that have been erased, one line each, "ID TIME".
 * It is only ever added to, lies outside the database and its backups, and belongs to one database:
 * its first line says which. Several processes may add to it. What a crash has cut off in the
 * middle of a line was never acknowledged and is passed over. */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include "core/core.h"

#define JOURNAL_OWNER_SIZE 16 /* characters */

struct journal_entry {
    int64_t user_id;
    int64_t erased_at; /* µs */
};

/* All entries in the order of ids, each id once with its latest time, in `arena`. None when there
 * is no such file. ERR_UNAVAILABLE, logged: it cannot be read, is no journal, or that of another
 * database than `owner`. */
enum err journal_read(struct arena *arena, const char *path, struct text owner,
                      struct journal_entry **out, size_t *count);

/* Adds the entries and waits until they are on disk; makes the file, for its owner alone, when
 * there is none. ERR_UNAVAILABLE, logged, as above; part of them may then be there. */
enum err journal_append(struct arena *arena, const char *path, struct text owner,
                        const struct journal_entry *entries, size_t count);

#endif
