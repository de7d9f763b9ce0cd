/* /api/system/: how the service fares. */
#include "api/routes.h"
#include "api/service.h"
#include "base/clock.h"
#include "base/meter.h"
#include "core/audit_watch.h"
#include "core/stats.h"

/* ---- Figures --------------------------------------------------------------------------------- */

/* A number with two decimals. */
static void key_ratio(struct json *j, const char *key, uint64_t over, uint64_t under) {
    json_key(j, key);
    json_cents(j, under ? (int64_t)(over * 100 / under) : 0);
}

static enum err put_database(struct call *c) {
    struct db_facts facts;
    int64_t accounts;
    TRY(db_facts(c->ctx.db, &facts));
    TRY(stats_accounts(&c->ctx, STATS_TOTAL, &accounts));
    json_key_text(&c->out, "engine", facts.engine);
    json_key_text(&c->out, "engine_version", facts.version);
    json_key_int(&c->out, "database_bytes", facts.bytes);
    json_key_int(&c->out, "accounts", accounts);
    return OK;
}

static void put_queues(struct json *j, const struct http_figures *figures) {
    json_key(j, "queues");
    json_open_array(j);
    for (enum lane lane = 0; lane < LANE_COUNT; lane++) {
        if (!figures->queues[lane].name)
            continue;
        json_open_object(j);
        json_key_cstr(j, "lane", figures->queues[lane].name);
        json_key_int(j, "depth", figures->queues[lane].depth);
        json_key_int(j, "limit", figures->queues[lane].limit);
        json_close_object(j);
    }
    json_close_array(j);
}

static void put_requests(struct call *c) {
    struct json *j = &c->out;
    struct http_figures figures = {0};
    if (c->host->server)
        http_figures(c->host->server, &figures);
    int64_t up = clock_monotonic() - c->host->started;
    json_key_int(j, "uptime_seconds", up / CLOCK_SECOND);
    json_key_int(j, "requests_total", (int64_t)figures.requests);
    key_ratio(j, "requests_per_second", figures.recent_requests, METER_WINDOW);
    json_key_int(j, "connections", figures.connections);
    put_queues(j, &figures);
}

static void put_commits(struct call *c) {
    struct json *j = &c->out;
    struct db_pace pace;
    database_pace(c->ctx.core->database, &pace);
    json_key(j, "commits");
    json_open_object(j);
    json_key_int(j, "total", (int64_t)pace.commits);
    key_ratio(j, "per_second", pace.recent_commits, METER_WINDOW);
    key_ratio(j, "writes_per_commit", pace.recent_writes, pace.recent_commits);
    if (pace.last_commit)
        key_ratio(j, "last_ms", (uint64_t)pace.last_commit, CLOCK_SECOND / 1000);
    else
        json_key_null(j, "last_ms");
    json_close_object(j);
}

/* ---- Warnings -------------------------------------------------------------------------------- */

static void put_warning(struct json *j, const char *code, const char *message) {
    json_open_object(j);
    json_key_cstr(j, "code", code);
    json_key_cstr(j, "message", message);
    json_close_object(j);
}

static void put_warnings(struct call *c) {
    struct json *j = &c->out;
    json_key(j, "warnings");
    json_open_array(j);
    if (audit_watch_state(c->ctx.core) == AUDIT_BROKEN)
        put_warning(j, "audit_broken",
                    "The audit trail is not what was sealed: `rollcall audit verify` says where");
    for (size_t i = 0; i < c->host->warning_count; i++)
        put_warning(j, c->host->warnings[i].code, c->host->warnings[i].message);
    json_close_array(j);
}

enum err api_system(struct call *c, const struct nothing_input *in) {
    (void)in;
    json_open_object(&c->out);
    json_key_cstr(&c->out, "version", ROLLCALL_VERSION);
    TRY(put_database(c));
    put_requests(c);
    put_commits(c);
    put_warnings(c);
    json_close_object(&c->out);
    return OK;
}
