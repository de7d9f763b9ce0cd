#include "db/dial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define BACKOFF_FIRST (CLOCK_SECOND / 10)
#define BACKOFF_MAX   (2 * CLOCK_SECOND)

bool wire_settings_open(struct wire_settings *settings, const char *url, int64_t timeout) {
    *settings =
        (struct wire_settings){.url = strdup(url), .timeout = timeout, .backoff = BACKOFF_FIRST};
    pthread_mutex_init(&settings->lock, NULL);
    return settings->url;
}

void wire_settings_close(struct wire_settings *settings) {
    pthread_mutex_destroy(&settings->lock);
    free(settings->url);
}

/* ---- While the server is away ---- */

static bool may_dial(struct wire_settings *settings) {
    pthread_mutex_lock(&settings->lock);
    bool may = clock_monotonic() >= settings->retry_at;
    pthread_mutex_unlock(&settings->lock);
    return may;
}

static void note_success(struct wire_settings *settings, bool pooled) {
    pthread_mutex_lock(&settings->lock);
    if (pooled && !settings->pooled)
        log_line(wire_level(settings, LOG_INFO),
                 "the database is behind a pooler: statements are not kept prepared");
    if (pooled)
        settings->pooled = true;
    settings->backoff = BACKOFF_FIRST;
    settings->retry_at = 0;
    pthread_mutex_unlock(&settings->lock);
}

static void note_failure(struct wire_settings *settings) {
    pthread_mutex_lock(&settings->lock);
    settings->retry_at = clock_monotonic() + settings->backoff;
    settings->backoff = settings->backoff * 2 < BACKOFF_MAX ? settings->backoff * 2 : BACKOFF_MAX;
    pthread_mutex_unlock(&settings->lock);
}

/* ---- Connecting ---- */

/* What stands before the URL are defaults that it may overrule, what stands behind is ours to say.
 * `options` is what PgBouncer refuses unless it is told to ignore it. */
static PGconn *connect_with(const struct wire_settings *settings, bool options) {
    char limits[64] = "";
    if (options && settings->timeout > 0)
        snprintf(limits, sizeof limits, "-c statement_timeout=%lld",
                 (long long)(settings->timeout / 1000));
    const char *const keys[] = {"fallback_application_name",
                                "connect_timeout",
                                "tcp_user_timeout",
                                "keepalives_idle",
                                "options",
                                "dbname",
                                "client_encoding",
                                NULL};
    const char *const values[] = {"rollcall", "3",           "5000", "10",
                                  limits,     settings->url, "UTF8", NULL};
    return PQconnectdbParams(keys, values, 1);
}

static PGconn *connect_at_all(const struct wire_settings *settings) {
    PGconn *conn = connect_with(settings, !settings->pooled);
    if (PQstatus(conn) == CONNECTION_OK ||
        !strstr(PQerrorMessage(conn), "unsupported startup parameter"))
        return conn;
    PQfinish(conn);
    return connect_with(settings, false);
}

/* A pooler gives every client a number of its own; the server tells the true one. */
static bool find_pooler(PGconn *conn, bool *pooled) {
    PGresult *result = PQexec(conn, "SELECT pg_backend_pid()");
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
    if (good)
        *pooled = atoi(PQgetvalue(result, 0, 0)) != PQbackendPID(conn);
    PQclear(result);
    return good;
}

static void ignore_notice(void *self, const PGresult *notice) {
    (void)self;
    (void)notice;
}

static bool set_up(PGconn *conn, bool *pooled) {
    if (PQstatus(conn) != CONNECTION_OK)
        return false;
    PQsetNoticeReceiver(conn, ignore_notice, NULL);
    const char *encoding = PQparameterStatus(conn, "server_encoding");
    if (!encoding || strcmp(encoding, "UTF8") != 0) {
        log_line(LOG_ERROR, "the database must be made with ENCODING 'UTF8', not %s",
                 encoding ? encoding : "an unknown one");
        return false;
    }
    return find_pooler(conn, pooled) && PQsetnonblocking(conn, 1) == 0 && PQenterPipelineMode(conn);
}

PGconn *dial(struct wire_settings *settings, bool *pooled) {
    if (!may_dial(settings))
        return NULL;
    PGconn *conn = connect_at_all(settings);
    if (set_up(conn, pooled)) {
        note_success(settings, *pooled);
        return conn;
    }
    log_line(wire_level(settings, LOG_ERROR), "no connection to the database: %s",
             PQerrorMessage(conn));
    PQfinish(conn);
    note_failure(settings);
    return NULL;
}
