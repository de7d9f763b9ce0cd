/* Brings a database up to the schema of this program, one migration at a time.
 *
 * A migration is a file "0001_name.sql" of migrations/, written once for all engines: {id}, {text},
 * {blob} and {clustered} stand for the engine's own words, a line that begins with "--sqlite:" (or
 * another engine's name) is for that engine alone, any other line that begins with "--" is left
 * out. Versions count up from 1 without a gap. What has been applied is kept in the table
 * `migrations` with a checksum of the text that the engine was given. */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "base/arena.h"
#include "base/embed.h"
#include "base/error.h"
#include "base/text.h"

struct db;

/* How an engine says what the migrations leave open. */
struct dialect {
    const char *prefix;    /* "--sqlite:" */
    const char *id;        /* the type of a key that ids are looked up by */
    const char *text;      /* text in the order of its bytes */
    const char *blob;      /* bytes */
    const char *clustered; /* behind a table that is kept in the order of its key */
    const char *lock;      /* a script that keeps other processes out; NULL: none is needed */
};

/* Once, before any database is opened: its threads look statements up from then on. */
void migrate_register(void);

/* The text of a migration in the words of an engine, NUL-terminated. */
struct text migrate_render(struct arena *arena, struct text source, const struct dialect *dialect);

/* Applies what is missing of `list`, each in a transaction of its own, so that of several processes
 * that start at once one applies it and the others find it done. Takes no lock when nothing is
 * missing. Refuses, logs why and answers ERR_UNAVAILABLE: a database that knows more migrations
 * than `list`, or one whose applied text is not that of `list`. */
enum err migrate_run(struct db *db, const struct embedded *list);

/* For who must not make a database: logs and answers ERR_UNAVAILABLE when there is no schema. */
enum err migrate_require(struct db *db);

/* The same inside a transaction of the caller's, and part of it. Takes the lock in any case, so
 * that a process that starts meanwhile waits for the end of the transaction. */
enum err migrate_within(struct db *db, const struct embedded *list);

/* Whether the database is where migrate_run would bring it; ERR_UNAVAILABLE, logged, when it is
 * not.
 */
enum err migrate_compare(struct db *db, const struct embedded *list);

#endif
