/* Databases for tests, of the engine that the run is about: SQLite, or the PostgreSQL cluster that
 * ROLLCALL_TEST_DATABASE has the URL of, with %s for the name of a database. */
#ifndef TESTS_ENGINE_H
#define TESTS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool engine_is_sqlite(void);

/* The URL of a new database: a file that is not there yet in `folder`, or an empty schema. False
 * when there is none to be had. */
bool engine_new(const char *folder, char *url, size_t room);
/* The same without a schema. */
bool engine_new_empty(const char *folder, char *url, size_t room);
/* Removes what is not a file. */
void engine_remove(const char *url);

/* One number by a query written out in the test, on a connection of its own. False when it fails.
 */
bool engine_number(const char *url, const char *sql, int64_t *out);

/* Runs statements that give no rows. */
bool engine_script(const char *url, const char *sql);

#endif
