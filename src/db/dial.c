#include "db/dial.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/log.h"

#define VERSION_MIN 150000
#define LOOK_MAX    (5 * CLOCK_SECOND)

/* ---- Connecting ---- */

/* Adds the URL's own options, which so overrule what stands before them. */
static void add_options_of(struct buffer *out, const char *url) {
    PQconninfoOption *parts = PQconninfoParse(url, NULL);
    for (PQconninfoOption *part = parts; part && part->keyword; part++)
        if (part->val && strcmp(part->keyword, "options") == 0)
            buffer_add_text(out, text_of(part->val));
    PQconninfoFree(parts);
}

/* Keys before the URL are defaults that it may overrule, those behind it are ours to say. `limited`
 * asks for a statement_timeout, which PgBouncer refuses unless it is told to ignore it. */
static PGconn *connect_with(const char *url, int64_t timeout, bool limited) {
    struct buffer options = {0};
    char limit[64];
    snprintf(limit, sizeof limit, "-c statement_timeout=%lld ", (long long)(timeout / 1000));
    if (limited)
        buffer_add_text(&options, text_of(limit));
    add_options_of(&options, url);
    buffer_add_char(&options, '\0');
    const char *const keys[] = {"fallback_application_name",
                                "connect_timeout",
                                "tcp_user_timeout",
                                "keepalives_idle",
                                "dbname",
                                "client_encoding",
                                "options",
                                NULL};
    const char *const values[] = {"rollcall", "3", "5000", "10", url, "UTF8", options.at, NULL};
    PGconn *conn = PQconnectdbParams(keys, values, 1);
    buffer_free(&options);
    return conn;
}

static PGconn *connect_at_all(const char *url, int64_t timeout, bool pooled) {
    bool limited = timeout > 0 && !pooled;
    PGconn *conn = connect_with(url, timeout, limited);
    if (PQstatus(conn) == CONNECTION_OK || !limited ||
        !strstr(PQerrorMessage(conn), "unsupported startup parameter"))
        return conn;
    PQfinish(conn);
    return connect_with(url, timeout, false);
}

/* ---- Looking at what answers ---- */

static bool suits(PGconn *conn) {
    const char *encoding = PQparameterStatus(conn, "server_encoding");
    if (PQserverVersion(conn) < VERSION_MIN) {
        log_line(LOG_ERROR, "the database server must be PostgreSQL 15 or later");
        return false;
    }
    if (encoding && strcmp(encoding, "UTF8") == 0)
        return true;
    log_line(LOG_ERROR, "the database must be made with ENCODING 'UTF8', not %s",
             encoding ? encoding : "an unknown one");
    return false;
}

static bool pump(PGconn *conn, int64_t deadline) {
    int left = PQflush(conn);
    int64_t wait = deadline - clock_monotonic();
    struct pollfd p = {.fd = PQsocket(conn), .events = left > 0 ? POLLIN | POLLOUT : POLLIN};
    return left >= 0 && wait > 0 && poll(&p, 1, (int)(wait / 1000) + 1) > 0 && PQconsumeInput(conn);
}

/* Like PQexec, but not for ever. NULL when there is no answer. */
static PGresult *ask(PGconn *conn, const char *sql) {
    int64_t deadline = clock_monotonic() + LOOK_MAX;
    if (!PQsendQuery(conn, sql))
        return NULL;
    PGresult *answer = NULL, *part;
    do {
        while (PQisBusy(conn))
            if (!pump(conn, deadline)) {
                PQclear(answer);
                return NULL;
            }
        part = PQgetResult(conn);
        if (part) {
            PQclear(answer);
            answer = part;
        }
    } while (part);
    return answer;
}

/* A pooler gives every client a number of its own; the server tells the true one. */
static bool look(struct line *line) {
    PGresult *answer = ask(line->conn, "SELECT pg_backend_pid(), " LINE_RUN " FROM pg_stat_wal");
    bool good = PQresultStatus(answer) == PGRES_TUPLES_OK && PQntuples(answer) == 1;
    if (good) {
        line->pooled = atoi(PQgetvalue(answer, 0, 0)) != PQbackendPID(line->conn);
        snprintf(line->run, sizeof line->run, "%s", PQgetvalue(answer, 0, 1));
    }
    PQclear(answer);
    return good;
}

static void ignore_notice(void *self, const PGresult *notice) {
    (void)self;
    (void)notice;
}

static bool set_up(struct line *line) {
    if (PQstatus(line->conn) != CONNECTION_OK)
        return false;
    PQsetNoticeReceiver(line->conn, ignore_notice, NULL);
    return suits(line->conn) && PQsetnonblocking(line->conn, 1) == 0 && look(line) &&
           PQenterPipelineMode(line->conn);
}

bool dial(struct line *out, const char *url, int64_t timeout, bool pooled, enum log_level level) {
    *out = (struct line){.conn = connect_at_all(url, timeout, pooled)};
    if (set_up(out))
        return true;
    log_line(level, "no connection to the database: %s", PQerrorMessage(out->conn));
    PQfinish(out->conn);
    out->conn = NULL;
    return false;
}
