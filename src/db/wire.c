#include "db/wire.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define PARAMETERS_MAX 64
#define SCRIPT_TIMEOUT CLOCK_HOUR
/* The server gives up by itself (statement_timeout); only when it does not say so, we do. */
#define TIMEOUT_MARGIN (CLOCK_SECOND / 2)

/* ---- Opening and losing it ---- */

void wire_settings_open(struct wire_settings *settings, const char *url, int64_t timeout) {
    *settings = (struct wire_settings){.dialler = dialler_new(url, timeout), .timeout = timeout};
}

void wire_settings_quiet(struct wire_settings *settings) {
    settings->quiet = true;
    dialler_quiet(settings->dialler);
}

void wire_settings_close(struct wire_settings *settings) {
    dialler_free(settings->dialler);
}

void wire_open(struct wire *w, struct wire_settings *settings) {
    *w = (struct wire){.settings = settings};
}

void wire_drop(struct wire *w) {
    PQfinish(w->conn);
    w->conn = NULL;
    PQfreemem(w->copied);
    w->copied = NULL;
    w->sent_count = 0;
    w->closed = false;
    for (size_t i = 0; i < w->slots; i++)
        w->statements[i].prepared = false;
}

void wire_close(struct wire *w) {
    wire_drop(w);
    free(w->statements);
    free(w->sent);
}

static enum err lost(struct wire *w) {
    line_log(wire_level(w, LOG_WARN), "connection to the database lost", w->conn);
    wire_drop(w);
    w->renew = true;
    w->refused = false;
    return ERR_UNAVAILABLE;
}

/* Whether the other side has closed an idle connection: it says so without being asked. */
static bool is_dead(struct wire *w) {
    struct pollfd p = {.fd = PQsocket(w->conn), .events = POLLIN};
    for (int reads = 0; reads < 4 && poll(&p, 1, 0) > 0; reads++)
        if (!PQconsumeInput(w->conn))
            return true;
    return PQstatus(w->conn) != CONNECTION_OK;
}

static enum err connect_wire(struct wire *w) {
    struct line line;
    struct wire_settings *settings = w->settings;
    if (!dialler_get(settings->dialler, &line, settings->pooled))
        return ERR_UNAVAILABLE;
    if (line.pooled && !atomic_exchange(&settings->pooled, true))
        log_line(wire_level(w, LOG_INFO),
                 "the database is behind a pooler: statements are not kept prepared");
    w->conn = line.conn;
    w->writes = line.writes;
    w->pooled = settings->pooled;
    memcpy(w->run, line.run, sizeof w->run);
    return OK;
}

/* The server says so with the first answer after it was told. It may still answer long after
 * another has taken its place, and would answer with the past. */
static bool is_demoted(const struct wire *w) {
    if (!w->writes)
        return false;
    const char *read_only = PQparameterStatus(w->conn, "default_transaction_read_only");
    return read_only && strcmp(read_only, "on") == 0;
}

enum err wire_ready(struct wire *w) {
    if (w->conn && (w->closed || w->sent_count))
        (void)!wire_collect(w, NULL);
    w->renew = w->refused = false;
    if (w->conn && (PQtransactionStatus(w->conn) != PQTRANS_IDLE || is_dead(w) || is_demoted(w)))
        wire_drop(w);
    return w->conn ? OK : connect_wire(w);
}

/* ---- Statements ---- */

const char *wire_text(const struct statement *s) {
    return s->postgres ? s->postgres : s->sql;
}

/* The highest n of the parameters "$n". */
static uint16_t count_parameters(const struct statement *s) {
    unsigned long count = 0;
    for (const char *at = strchr(wire_text(s), '$'); at; at = strchr(at + 1, '$')) {
        unsigned long n = strtoul(at + 1, NULL, 10);
        ASSERT(n <= PARAMETERS_MAX);
        count = n > count ? n : count;
    }
    return (uint16_t)count;
}

struct wire_statement *wire_statement(struct wire *w, const struct statement *s) {
    if (s->slot >= w->slots) {
        size_t slots = db_statement_count() + 1;
        struct wire_statement *grown = realloc(w->statements, slots * sizeof *grown);
        if (!grown)
            log_out_of_memory(0);
        memset(grown + w->slots, 0, (slots - w->slots) * sizeof *grown);
        w->statements = grown;
        w->slots = slots;
    }
    struct wire_statement *known = &w->statements[s->slot];
    if (known->parameters == 0) {
        ASSERT(wire_text(s));
        known->parameters = (uint16_t)(count_parameters(s) + 1);
    }
    return known;
}

/* Arguments as libpq takes them. Numbers go as text, so that they suit whatever integer type the
 * server finds for the parameter; texts and bytes go as they are, with their length. */
struct values {
    const char *at[PARAMETERS_MAX];
    int sizes[PARAMETERS_MAX];
    int formats[PARAMETERS_MAX];
    char digits[PARAMETERS_MAX][24];
};

static void fill(struct values *v, const struct db_arg *args, int count) {
    for (int i = 0; i < count; i++) {
        const struct db_arg *arg = &args[i];
        v->at[i] = NULL;
        v->sizes[i] = 0;
        v->formats[i] = 1;
        if (arg->type == DB_INT) {
            snprintf(v->digits[i], sizeof v->digits[i], "%lld", (long long)arg->number);
            v->at[i] = v->digits[i];
            v->formats[i] = 0;
        } else if (arg->type != DB_NULL) {
            v->at[i] = arg->text.at ? arg->text.at : "";
            v->sizes[i] = (int)arg->text.size;
        }
    }
}

static void note_sent(struct wire *w, struct wire_sent sent) {
    if (w->sent_count == w->sent_room) {
        size_t room = w->sent_room ? 2 * w->sent_room : 16;
        struct wire_sent *grown = realloc(w->sent, room * sizeof *grown);
        if (!grown)
            log_out_of_memory(0);
        w->sent = grown;
        w->sent_room = room;
    }
    w->sent[w->sent_count++] = sent;
}

static bool prepare(struct wire *w, const struct statement *s, struct wire_statement *known) {
    if (known->prepared)
        return true;
    if (!PQsendPrepare(w->conn, s->name, wire_text(s), 0, NULL))
        return false;
    note_sent(w, (struct wire_sent){.statement = s, .prepares = true});
    known->prepared = true;
    return true;
}

enum err wire_send(struct wire *w, const struct statement *s, struct db_args args) {
    return wire_ask(w, s, args, NULL);
}

enum err wire_ask(struct wire *w, const struct statement *s, struct db_args args,
                  struct wire_answer *answer) {
    if (!w->conn)
        return ERR_UNAVAILABLE;
    struct wire_statement *known = wire_statement(w, s);
    int count = known->parameters - 1;
    if (args.count < (size_t)count)
        log_fatal("statement %s: arguments are missing", s->name);
    struct values v;
    fill(&v, args.at, count);
    bool sent =
        w->pooled
            ? PQsendQueryParams(w->conn, wire_text(s), count, NULL, v.at, v.sizes, v.formats, 1)
            : prepare(w, s, known) &&
                  PQsendQueryPrepared(w->conn, s->name, count, v.at, v.sizes, v.formats, 1);
    if (!sent)
        return lost(w);
    note_sent(w, (struct wire_sent){.statement = s, .answer = answer});
    return OK;
}

/* ---- Answers ---- */

/* Sends and receives what can be, waiting at most until the deadline (monotonic; 0: for ever). */
static bool pump(struct wire *w, int64_t deadline) {
    int left = PQflush(w->conn);
    if (left < 0)
        return false;
    struct pollfd p = {.fd = PQsocket(w->conn), .events = POLLIN};
    if (left)
        p.events |= POLLOUT;
    int64_t wait = deadline ? deadline - clock_monotonic() : -1000;
    if (deadline && wait < 0)
        wait = 0;
    int ready = poll(&p, 1, (int)((wait + (deadline ? 999 : 0)) / 1000));
    if (ready == 0)
        return false;
    return !(p.revents & ~POLLOUT) || PQconsumeInput(w->conn);
}

/* The next part of an answer; NULL at the end of one, and when the connection is gone. */
static PGresult *receive(struct wire *w, int64_t deadline) {
    while (PQisBusy(w->conn)) {
        if (pump(w, deadline))
            continue;
        if (PQstatus(w->conn) == CONNECTION_OK) {
            log_line(wire_level(w, LOG_ERROR), "the database does not answer");
            wire_drop(w);
        } else {
            (void)!lost(w);
        }
        return NULL;
    }
    return PQgetResult(w->conn);
}

/* Why a statement failed, by SQLSTATE (appendix A of the PostgreSQL manual). */
static enum err meaning(const char *state) {
    static const struct {
        const char *prefix;
        enum err means;
    } table[] = {
        {"23505", ERR_CONFLICT},    /* unique_violation */
        {"22012", ERR_CONFLICT},    /* division_by_zero: how a statement undoes itself */
        {"08", ERR_UNAVAILABLE},    /* connection exceptions */
        {"25006", ERR_UNAVAILABLE}, /* read_only_sql_transaction: no longer the primary */
        {"25P03", ERR_UNAVAILABLE}, /* idle_in_transaction_session_timeout: we stood still */
        {"26", ERR_UNAVAILABLE},    /* no such prepared statement: someone else's session */
        {"42P05", ERR_UNAVAILABLE}, /* prepared already: the same */
        {"0A000", ERR_UNAVAILABLE}, /* a prepared plan no longer fits its tables */
        {"40001", ERR_AGAIN},       /* serialization_failure */
        {"40P01", ERR_AGAIN},       /* deadlock_detected */
        {"40", ERR_UNAVAILABLE},    /* transaction rollback, or not: 40003 does not know */
        {"53", ERR_UNAVAILABLE},    /* insufficient resources */
        {"55P03", ERR_UNAVAILABLE}, /* lock_not_available */
        {"57", ERR_UNAVAILABLE},    /* shutting down, or cancelled by statement_timeout */
        {"58", ERR_UNAVAILABLE},    /* the server's system fails */
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strncmp(state, table[i].prefix, strlen(table[i].prefix)) == 0)
            return table[i].means;
    return ERR_INTERNAL;
}

/* Whether the connection is of no more use after such a failure, and another may do better. */
static bool condemns(const char *state) {
    static const char *const prefixes[] = {"08", "25006", "25P03", "26", "42P05", "0A000", "57P"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncmp(state, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

static bool is_name_trouble(const char *state) {
    return strncmp(state, "26", 2) == 0 || strcmp(state, "42P05") == 0;
}

/* Then it may have come after a commit, whose own answer is lost with it. */
static bool ends_session(const PGresult *result) {
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return !severity || strcmp(severity, "ERROR") != 0;
}

/* What to do about it, as the server puts it; it has nothing to say about rights on tables. */
static const char *hint_of(const PGresult *result, const char *state) {
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    if (!hint && strcmp(state, "42501") == 0)
        return "the role that the URL names must own the database";
    return hint;
}

/* The message without the details, which may quote a user's data. */
static enum err failed(struct wire *w, const char *name, const PGresult *result) {
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!state)
        return ERR_UNAVAILABLE; /* made by libpq: the connection is gone */
    enum err e = meaning(state);
    const char *hint = hint_of(result, state);
    if (e != ERR_CONFLICT)
        log_line(wire_level(w, e == ERR_INTERNAL ? LOG_ERROR : LOG_WARN),
                 "statement %s failed: %s (%s)%s%s", name, message ? message : "", state,
                 hint ? "; " : "", hint ? hint : "");
    if (is_name_trouble(state))
        w->settings->pooled = true;
    if (condemns(state))
        w->renew = w->refused = true;
    if (ends_session(result))
        w->refused = false;
    return e;
}

/* What became of one statement; takes the result unless it is wanted. */
static enum err judge(struct wire *w, const struct wire_sent *sent, PGresult *result) {
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        return OK;
    case PGRES_PIPELINE_ABORTED: /* one before it has failed */
        break;
    default:
        if (sent->prepares)
            w->statements[sent->statement->slot].prepared = false;
        return failed(w, sent->statement->name, result);
    }
    if (sent->prepares)
        w->statements[sent->statement->slot].prepared = false;
    return ERR_UNAVAILABLE;
}

/* All parts of the answer to one statement. */
static enum err collect_one(struct wire *w, const struct wire_sent *sent, int64_t deadline,
                            PGresult **out) {
    enum err e = OK;
    *out = NULL;
    PGresult *part;
    while ((part = receive(w, deadline))) {
        enum err one = judge(w, sent, part);
        if (e == OK)
            e = one;
        PQclear(*out);
        *out = part;
        if (PQstatus(w->conn) != CONNECTION_OK)
            break;
    }
    if (!w->conn)
        return ERR_UNAVAILABLE;
    return PQstatus(w->conn) == CONNECTION_OK ? e : lost(w);
}

enum err wire_release(struct wire *w) {
    if (!w->conn)
        return ERR_UNAVAILABLE;
    if (!w->closed && !PQpipelineSync(w->conn))
        return lost(w);
    w->closed = true;
    return OK;
}

static int64_t deadline_of(const struct wire *w) {
    int64_t timeout = w->settings->timeout;
    return timeout > 0 ? clock_monotonic() + timeout + TIMEOUT_MARGIN : 0;
}

/* The end of what was sent. A lone statement commits only then, and may still fail: then there is
 * an error, and nothing, before the end. */
static enum err collect_sync(struct wire *w, int64_t deadline) {
    enum err e = OK;
    for (int parts = 0; parts < 3; parts++) {
        PGresult *part = receive(w, deadline);
        if (!w->conn)
            return ERR_UNAVAILABLE;
        bool end = PQresultStatus(part) == PGRES_PIPELINE_SYNC;
        if (part && !end)
            e = failed(w, "sync", part);
        PQclear(part);
        if (end)
            return e;
    }
    return lost(w);
}

static enum err collect_all(struct wire *w, PGresult **last) {
    int64_t deadline = deadline_of(w);
    enum err e = OK;
    for (size_t i = 0; i < w->sent_count; i++) {
        PGresult *result;
        enum err one = collect_one(w, &w->sent[i], deadline, &result);
        struct wire_answer *answer = w->sent[i].answer;
        if (answer && one == OK)
            answer->result = result;
        else if (last && one == OK && i + 1 == w->sent_count)
            *last = result;
        else
            PQclear(result);
        if (e == OK)
            e = one;
        if (!w->conn)
            return ERR_UNAVAILABLE;
    }
    enum err ended = collect_sync(w, deadline);
    return e != OK && w->conn ? e : ended;
}

/* What has been committed is good, whatever has become of the server since. */
static bool is_commit(PGresult *result) {
    return result && strcmp(PQcmdStatus(result), "COMMIT") == 0;
}

static enum err leave_demoted(struct wire *w) {
    log_line(wire_level(w, LOG_WARN),
             "the database server no longer takes writes: looking for another");
    for (size_t i = 0; i < w->sent_count; i++)
        if (w->sent[i].answer) {
            PQclear(w->sent[i].answer->result);
            w->sent[i].answer->result = NULL;
        }
    w->renew = true;
    return ERR_UNAVAILABLE;
}

enum err wire_collect(struct wire *w, PGresult **last) {
    PGresult *result = NULL;
    TRY(wire_release(w));
    enum err e = collect_all(w, &result);
    if (e == OK && is_demoted(w) && !is_commit(result))
        e = leave_demoted(w);
    w->sent_count = 0;
    w->closed = false;
    if (e != OK && w->conn && w->renew)
        wire_drop(w);
    if (last && e == OK)
        *last = result;
    else
        PQclear(result);
    return e;
}

/* ---- Scripts and checks ---- */

enum err wire_script(struct wire *w, const char *sql) {
    if (w->sent_count)
        TRY(wire_collect(w, NULL));
    if (!w->conn || !PQexitPipelineMode(w->conn) || !PQsendQuery(w->conn, sql))
        return w->conn ? lost(w) : ERR_UNAVAILABLE;
    static const struct statement script = {.name = "script"};
    const struct wire_sent sent = {.statement = &script};
    PGresult *last;
    int64_t limit = w->settings->timeout > 0 ? clock_monotonic() + SCRIPT_TIMEOUT : 0;
    enum err e = collect_one(w, &sent, limit, &last);
    PQclear(last);
    if (w->conn && !PQenterPipelineMode(w->conn))
        return lost(w);
    return e;
}

enum err wire_check(struct wire *w, const struct statement *s) {
    if (!wire_text(s))
        return OK;
    TRY(wire_ready(w));
    if (!PQsendPrepare(w->conn, "", wire_text(s), 0, NULL))
        return lost(w);
    note_sent(w, (struct wire_sent){.statement = s});
    return wire_collect(w, NULL);
}

/* ---- COPY ---- */

/* The end of a copy: what became of it, and back to pipelining. */
static enum err leave_copy(struct wire *w) {
    static const struct statement copy = {.name = "copy"};
    const struct wire_sent sent = {.statement = &copy};
    PGresult *last;
    enum err e = collect_one(w, &sent, 0, &last);
    PQclear(last);
    if (w->conn && !PQenterPipelineMode(w->conn))
        return lost(w);
    return e;
}

enum err wire_copy(struct wire *w, const char *sql) {
    if (w->sent_count)
        TRY(wire_collect(w, NULL));
    if (!w->conn || !PQexitPipelineMode(w->conn) || !PQsendQuery(w->conn, sql))
        return w->conn ? lost(w) : ERR_UNAVAILABLE;
    PGresult *result = receive(w, 0);
    if (!result)
        return ERR_UNAVAILABLE;
    ExecStatusType status = PQresultStatus(result);
    enum err e =
        status == PGRES_COPY_IN || status == PGRES_COPY_OUT ? OK : failed(w, "copy", result);
    PQclear(result);
    if (e == OK)
        return OK;
    (void)!leave_copy(w);
    return e;
}

enum err wire_copy_get(struct wire *w, struct text *message) {
    PQfreemem(w->copied);
    w->copied = NULL;
    *message = (struct text){NULL, 0};
    int size;
    while ((size = PQgetCopyData(w->conn, &w->copied, 1)) == 0)
        if (!pump(w, 0))
            return lost(w);
    if (size < 0)
        return leave_copy(w);
    *message = (struct text){w->copied, (size_t)size};
    return OK;
}

/* Waits until the server has taken all that has been put; it may have something to say meanwhile.
 */
static enum err drain(struct wire *w) {
    struct pollfd p = {.fd = PQsocket(w->conn), .events = POLLIN | POLLOUT};
    int left;
    while ((left = PQflush(w->conn)) > 0) {
        int ready = poll(&p, 1, -1);
        if (ready > 0 && (p.revents & ~POLLOUT) && !PQconsumeInput(w->conn))
            return lost(w);
    }
    return left == 0 ? OK : lost(w);
}

enum err wire_copy_put(struct wire *w, struct text bytes) {
    int put;
    ASSERT(bytes.size <= INT_MAX);
    while ((put = PQputCopyData(w->conn, bytes.at, (int)bytes.size)) == 0)
        TRY(drain(w));
    return put > 0 ? drain(w) : lost(w);
}

enum err wire_copy_end(struct wire *w, enum err result) {
    int put;
    while ((put = PQputCopyEnd(w->conn, result == OK ? NULL : "given up")) == 0)
        TRY(drain(w));
    if (put < 0)
        return lost(w);
    TRY(drain(w));
    return leave_copy(w);
}

void wire_copy_break(struct wire *w) {
    wire_drop(w);
}
