#include "db/dial.h"

#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"

#define VERSION_MIN 150000
#define LOOK_MAX    (5 * CLOCK_SECOND)

void line_log(enum log_level level, const char *what, const PGconn *conn) {
    char reason[LOG_MESSAGE_MAX];
    size_t size = 0;
    for (const char *at = PQerrorMessage(conn); *at && size + 1 < sizeof reason; at++)
        if (!isspace((unsigned char)*at))
            reason[size++] = *at;
        else if (at[1] && !isspace((unsigned char)at[1]))
            reason[size++] = ' ';
    reason[size] = '\0';
    log_line(level, "%s: %s", what, reason);
}

/* ---- Connecting ---- */

/* Adds what `url` says about `keyword`, if anything. */
static void add_part(struct buffer *out, const char *url, const char *keyword) {
    PQconninfoOption *parts = PQconninfoParse(url, NULL);
    for (PQconninfoOption *part = parts; part && part->keyword; part++)
        if (part->val && strcmp(part->keyword, keyword) == 0)
            buffer_add_text(out, text_of(part->val));
    PQconninfoFree(parts);
}

static bool says(const char *url, const char *keyword, const char *value) {
    struct buffer said = {0};
    add_part(&said, url, keyword);
    bool same = text_equal(buffer_text(&said), text_of(value));
    buffer_free(&said);
    return same;
}

/* Keys before the URL are defaults that it may overrule, those behind it are ours to say; options
 * stand before the URL's own, which so overrule them. `limited` asks for limits: to a statement,
 * and to a transaction of ours that stands still because we do. PgBouncer refuses them unless it is
 * told to ignore them. */
static PGconn *connect_with(const char *url, const struct place *place, int64_t timeout,
                            bool limited) {
    struct buffer options = {0};
    char limits[128];
    long long ms = timeout / 1000;
    snprintf(limits, sizeof limits,
             "-c statement_timeout=%lld -c idle_in_transaction_session_timeout=%lld ", ms, ms);
    if (limited)
        buffer_add_text(&options, text_of(limits));
    add_part(&options, url, "options");
    buffer_add_char(&options, '\0');
    const char *const keys[] = {"fallback_application_name",
                                "connect_timeout",
                                "tcp_user_timeout",
                                "keepalives_idle",
                                "dbname",
                                "client_encoding",
                                "options",
                                "host",
                                "port",
                                NULL};
    const char *const values[] = {"rollcall", "3",        "5000",      "10",        url,
                                  "UTF8",     options.at, place->host, place->port, NULL};
    PGconn *conn = PQconnectdbParams(keys, values, 1);
    buffer_free(&options);
    return conn;
}

static PGconn *connect_at_all(const char *url, const struct place *place, int64_t timeout,
                              bool pooled) {
    bool limited = timeout > 0 && !pooled;
    PGconn *conn = connect_with(url, place, timeout, limited);
    if (PQstatus(conn) == CONNECTION_OK || !limited ||
        !strstr(PQerrorMessage(conn), "unsupported startup parameter"))
        return conn;
    PQfinish(conn);
    return connect_with(url, place, timeout, false);
}

/* Hosts that are gone without a trace cost seconds each: where one is as good as another, the one
 * that worked last goes first. */
static PGconn *connect_somewhere(const char *url, const struct place *first, int64_t timeout,
                                 bool pooled) {
    static const struct place anywhere = {.host = ""};
    PGconn *conn = connect_at_all(url, first, timeout, pooled);
    if (PQstatus(conn) == CONNECTION_OK || !*first->host)
        return conn;
    PQfinish(conn);
    return connect_at_all(url, &anywhere, timeout, pooled);
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

/* An address that the URL gives beside the name would no longer fit the name alone. */
static void find_place(struct line *line, const char *url) {
    line->writes = says(url, "target_session_attrs", "read-write");
    if (!line->writes || !says(url, "hostaddr", ""))
        return;
    snprintf(line->place.host, sizeof line->place.host, "%s", PQhost(line->conn));
    snprintf(line->place.port, sizeof line->place.port, "%s", PQport(line->conn));
}

bool dial(struct line *out, const char *url, const struct place *first, int64_t timeout,
          bool pooled, enum log_level level) {
    *out = (struct line){.conn = connect_somewhere(url, first, timeout, pooled)};
    if (set_up(out)) {
        find_place(out, url);
        return true;
    }
    line_log(level, "no connection to the database", out->conn);
    PQfinish(out->conn);
    out->conn = NULL;
    return false;
}
