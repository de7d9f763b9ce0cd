#include "engine.h"

#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SQLITE_SCHEME "sqlite:"

static const char *pattern(void) {
    const char *given = getenv("ROLLCALL_TEST_DATABASE");
    return given && strchr(given, '%') ? given : NULL;
}

bool engine_is_sqlite(void) {
    return pattern() == NULL;
}

static void url_of(const char *name, char *url, size_t room) {
    const char *given = pattern(), *mark = strstr(given, "%s");
    snprintf(url, room, "%.*s%s%s", (int)(mark - given), given, name, mark + 2);
}

/* One number, or none when there are no rows; false when it fails. */
static bool run(const char *url, const char *sql, int64_t *out) {
    PGconn *conn = PQconnectdb(url);
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || (status == PGRES_TUPLES_OK && PQntuples(result));
    if (good && out)
        *out = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    if (!good)
        fprintf(stderr, "%s: %s", sql, PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
    return good;
}

static bool maintain(const char *command, const char *name, const char *rest) {
    char url[300], sql[200];
    url_of("postgres", url, sizeof url);
    snprintf(sql, sizeof sql, "%s %s%s", command, name, rest);
    return run(url, sql, NULL);
}

static bool make_database(const char *template, char *url, size_t room) {
    static int count;
    char name[64], like[80] = "";
    snprintf(name, sizeof name, "unit_%d_%d", (int)getpid(), ++count);
    if (template)
        snprintf(like, sizeof like, " TEMPLATE %s", template);
    url_of(name, url, room);
    return maintain("CREATE DATABASE", name, like);
}

static bool make(const char *folder, const char *template, char *url, size_t room) {
    static int count;
    if (!engine_is_sqlite())
        return make_database(template, url, room);
    snprintf(url, room, SQLITE_SCHEME "%s/%d.db", folder, ++count);
    return true;
}

bool engine_new(const char *folder, char *url, size_t room) {
    return make(folder, getenv("ROLLCALL_TEST_TEMPLATE"), url, room);
}

bool engine_new_empty(const char *folder, char *url, size_t room) {
    return make(folder, NULL, url, room);
}

void engine_remove(const char *url) {
    if (engine_is_sqlite())
        return;
    const char *name = strstr(url, "unit_");
    size_t length = name ? strcspn(name, "?") : 0;
    char copy[64];
    if (length == 0 || length >= sizeof copy)
        return;
    memcpy(copy, name, length);
    copy[length] = '\0';
    maintain("DROP DATABASE IF EXISTS", copy, " WITH (FORCE)");
}

static bool sqlite_number(const char *path, const char *sql, int64_t *out) {
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    bool good = sqlite3_open(path, &db) == SQLITE_OK &&
                sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;
    if (good)
        *out = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return good;
}

static bool sqlite_script(const char *path, const char *sql) {
    sqlite3 *db;
    char *message = NULL;
    bool good = sqlite3_open(path, &db) == SQLITE_OK &&
                sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK;
    if (!good)
        fprintf(stderr, "%s: %s\n", sql, message ? message : "cannot be opened");
    sqlite3_free(message);
    sqlite3_close(db);
    return good;
}

bool engine_script(const char *url, const char *sql) {
    return engine_is_sqlite() ? sqlite_script(url + strlen(SQLITE_SCHEME), sql)
                              : run(url, sql, NULL);
}

bool engine_number(const char *url, const char *sql, int64_t *out) {
    if (engine_is_sqlite())
        return sqlite_number(url + strlen(SQLITE_SCHEME), sql, out);
    return run(url, sql, out);
}
