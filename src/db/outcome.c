#include "db/outcome.h"

#include <endian.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

/* A commit that waits for a standby is still in progress. */
#define PROGRESS_MAX  (2 * CLOCK_SECOND)
#define PROGRESS_STEP (CLOCK_SECOND / 50)

enum { NUMBER, BEGIN, STATUS, COMMIT };

/* A backend that is ended while it waits for the synchronous standby has committed on its own
 * server alone. So whoever asks writes something too: his commit comes after the other one, and
 * when it has been acknowledged both are wherever the server's commits have to be. */
static struct statement statements[] = {
    [NUMBER] = {.name = "outcome_number",
                .postgres = "SELECT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"},
    [BEGIN] = {.name = "outcome_begin", .postgres = "BEGIN"},
    [STATUS] = {.name = "outcome_status",
                .postgres = "SELECT pg_xact_status(CAST(CAST($1 AS TEXT) AS xid8)),"
                            " pg_logical_emit_message(true, 'rollcall', '')"},
    [COMMIT] = {.name = "outcome_commit", .postgres = "COMMIT"},
};

void outcome_register(void) {
    db_register(statements, sizeof statements / sizeof statements[0]);
}

enum err outcome_note(struct outcome *o, struct wire *w) {
    outcome_forget(o);
    return wire_ask(w, &statements[NUMBER], NO_ARGS, &o->number);
}

void outcome_forget(struct outcome *o) {
    PQclear(o->number.result);
    o->number.result = NULL;
}

/* 0 when it was lost as well. */
static int64_t number_of(const struct outcome *o) {
    uint64_t big = 0;
    if (o->number.result)
        memcpy(&big, PQgetvalue(o->number.result, 0, 0), sizeof big);
    return (int64_t)be64toh(big);
}

enum fate { UNKNOWN, IN_PROGRESS, COMMITTED, ABORTED };

static enum fate fate_of(const PGresult *status) {
    static const char *const words[] = {
        [IN_PROGRESS] = "in progress", [COMMITTED] = "committed", [ABORTED] = "aborted"};
    for (enum fate fate = IN_PROGRESS; fate <= ABORTED; fate++)
        if (strcmp(PQgetvalue(status, 0, 0), words[fate]) == 0)
            return fate;
    return UNKNOWN;
}

/* Asks the server that `run` is of, once. */
static enum fate ask(struct wire *w, int64_t number, const char *run) {
    struct wire_answer answer = {0};
    if (wire_ready(w) != OK || w->pooled || strcmp(w->run, run) != 0)
        return UNKNOWN;
    enum err e = wire_send(w, &statements[BEGIN], NO_ARGS);
    if (e == OK)
        e = wire_ask(w, &statements[STATUS], ARGS(arg_int(number)), &answer);
    if (e == OK)
        e = wire_send(w, &statements[COMMIT], NO_ARGS);
    if (e == OK)
        e = wire_collect(w, NULL);
    enum fate fate = e == OK ? fate_of(answer.result) : UNKNOWN;
    PQclear(answer.result);
    return fate;
}

static enum fate ask_until_it_has_ended(struct wire *w, int64_t number, const char *run) {
    int64_t deadline = clock_monotonic() + PROGRESS_MAX;
    enum fate fate;
    while ((fate = ask(w, number, run)) == IN_PROGRESS && clock_monotonic() < deadline)
        usleep(PROGRESS_STEP);
    return fate;
}

enum err outcome_find(struct outcome *o, struct wire *w) {
    static const char *const ends[] = {[UNKNOWN] = "it may stand",
                                       [IN_PROGRESS] = "it may stand yet",
                                       [COMMITTED] = "it stands",
                                       [ABORTED] = "nothing of it was kept"};
    char run[LINE_RUN_SIZE];
    memcpy(run, w->run, sizeof run);
    int64_t number = number_of(o);
    enum fate fate = UNKNOWN;
    if (number && *run && !w->pooled && w->renew)
        fate = ask_until_it_has_ended(w, number, run);
    log_line(LOG_WARN, "the connection ended before the answer to a commit: %s", ends[fate]);
    return fate == COMMITTED ? OK : fate == ABORTED ? ERR_AGAIN : ERR_UNAVAILABLE;
}
