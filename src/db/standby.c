#include "db/standby.h"

#include <endian.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"

#define IDLE_PAUSE     (STANDBY_LEASE / 4)  /* between rounds that nobody waits for */
#define PACE           (CLOCK_SECOND / 500) /* of rounds, when somebody always waits */
#define POLL_FIRST     (CLOCK_SECOND / 2000)
#define POLL_MAX       (CLOCK_SECOND / 50)
#define ANSWER_TIMEOUT (2 * CLOCK_SECOND) /* past it the primary had better be asked */
#define PATIENCE       (2 * CLOCK_SECOND) /* before it is said that the standby is of no use */

enum { PRIMARY, STANDBY, RUN };

/* A position, and where it counts: positions compare within one timeline of one cluster, rows
 * within one database of it.
 *
 * A commit that is acknowledged has been flushed, and only what was flushed is sent; a server that
 * acknowledges before it flushes is asked for all there is. A standby asks for the timeline that it
 * is going to replay, which not everybody may see; the one that its files name may be an older one
 * for minutes after it has changed, and then it is not used. */
static struct statement statements[] = {
    [PRIMARY] = {.name = "standby_primary_position",
                 .postgres =
                     "SELECT CAST(pg_wal_lsn_diff("
                     "CASE WHEN current_setting('synchronous_commit') = 'off' "
                     "THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END, "
                     "'0/0') AS BIGINT), "
                     "s.system_identifier || ' ' || d.oid || ' ' || CAST(CAST('x' || "
                     "substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8) AS BIT(32)) "
                     "AS INTEGER), '' "
                     "FROM pg_control_system() s, pg_database d "
                     "WHERE d.datname = current_database()"},
    [STANDBY] = {.name = "standby_position",
                 .postgres =
                     "SELECT CAST(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') AS BIGINT), "
                     "s.system_identifier || ' ' || d.oid || ' ' || coalesce("
                     "(SELECT received_tli FROM pg_stat_wal_receiver), "
                     "r.min_recovery_end_timeline), " LINE_RUN " "
                     "FROM pg_control_system() s, pg_control_recovery() r, pg_database d, "
                     "pg_stat_wal WHERE d.datname = current_database() AND pg_is_in_recovery()"},
    [RUN] = {.name = "standby_run", .postgres = "SELECT " LINE_RUN " FROM pg_stat_wal"},
};

const struct statement *const standby_run = &statements[RUN];

struct standby {
    struct text name; /* its URL, to be shown */
    struct arena arena;
    struct wire_settings to_primary, to_standby;
    struct wire primary, wire; /* the watcher's */
    void (*notify)(void *self);
    void *self;
    pthread_t thread;

    pthread_mutex_t lock;
    pthread_cond_t wake;
    int64_t shown; /* when the last round that ended well began */
    char run[LINE_RUN_SIZE];
    int64_t wanted; /* somebody waits for a round that begins no earlier */
    bool stop;

    /* The watcher's own: what was last said of the standby. */
    enum { NOTHING_SAID, SAID_USED, SAID_UNUSED } said;
    int64_t good_at;
};

/* ---- What both servers say ---- */

struct position {
    int64_t at;
    char identity[80];
    char run[LINE_RUN_SIZE];
};

static int64_t integer(const PGresult *row, int column) {
    uint64_t big;
    memcpy(&big, PQgetvalue(row, 0, column), sizeof big);
    return (int64_t)be64toh(big);
}

/* Whatever is not known, such as a position in a log that is not there, is NULL in the row. */
static bool is_complete(const PGresult *row) {
    for (int column = 0; column < PQnfields(row); column++)
        if (PQntuples(row) != 1 || PQgetisnull(row, 0, column))
            return false;
    return true;
}

/* ERR_NOT_FOUND: it is in no position to tell. */
static enum err ask(struct wire *w, const struct statement *s, struct position *out) {
    PGresult *row;
    TRY(wire_ready(w));
    TRY(wire_send(w, s, NO_ARGS));
    TRY(wire_collect(w, &row));
    bool complete = is_complete(row);
    if (complete) {
        out->at = integer(row, 0);
        snprintf(out->identity, sizeof out->identity, "%s", PQgetvalue(row, 0, 1));
        snprintf(out->run, sizeof out->run, "%s", PQgetvalue(row, 0, 2));
    }
    PQclear(row);
    return complete ? OK : ERR_NOT_FOUND;
}

/* ---- Rounds ---- */

/* Sleeps until `until`, or until a round is called for that begins after `hurry`. False when the
 * watcher is to stop. */
static bool nap(struct standby *s, int64_t until, int64_t hurry) {
    const struct timespec end = {until / CLOCK_SECOND, until % CLOCK_SECOND * 1000};
    int e = 0;
    pthread_mutex_lock(&s->lock);
    while (!s->stop && s->wanted <= hurry && e == 0)
        e = pthread_cond_clockwait(&s->wake, &s->lock, CLOCK_MONOTONIC, &end);
    bool go_on = !s->stop;
    pthread_mutex_unlock(&s->lock);
    return go_on;
}

/* The longer it takes, the less often it is asked. */
static bool nap_between_polls(struct standby *s, int64_t began) {
    int64_t now = clock_monotonic(), pause = (now - began) / 4;
    pause = pause < POLL_FIRST ? POLL_FIRST : pause > POLL_MAX ? POLL_MAX : pause;
    return nap(s, now + pause, INT64_MAX);
}

static void note_shown(struct standby *s, int64_t began, const char *run) {
    pthread_mutex_lock(&s->lock);
    s->shown = began;
    memcpy(s->run, run, sizeof s->run);
    pthread_mutex_unlock(&s->lock);
    s->notify(s->self);
}

/* What is in the way, in words; NULL when all that was committed at `began` is to be seen. */
static const char *run_round(struct standby *s, int64_t began) {
    struct position primary, standby;
    if (ask(&s->primary, &statements[PRIMARY], &primary) != OK)
        return "the primary does not tell its position";
    do {
        enum err e = ask(&s->wire, &statements[STANDBY], &standby);
        if (e != OK)
            return e == ERR_NOT_FOUND ? "it is no standby" : "it does not answer";
        if (strcmp(standby.identity, primary.identity) != 0)
            return "it follows another database, or another timeline";
        if (standby.at >= primary.at) {
            note_shown(s, began, standby.run);
            return NULL;
        }
    } while (clock_monotonic() - began < STANDBY_LEASE && nap_between_polls(s, began));
    return "it lags behind";
}

/* Once when it becomes of no use, once when it is of use again. */
static void tell(struct standby *s, const char *trouble) {
    int64_t now = clock_monotonic();
    if (!trouble) {
        s->good_at = now;
        if (s->said != SAID_USED)
            log_line(LOG_INFO, "reading from replica=%.*s", TEXT_ARGS(s->name));
        s->said = SAID_USED;
    } else if (s->said != SAID_UNUSED && now - s->good_at >= PATIENCE) {
        log_line(LOG_WARN,
                 "not reading from replica=%.*s: %s; while it is so every write is answered "
                 "%lld ms later",
                 TEXT_ARGS(s->name), trouble, (long long)(STANDBY_LEASE / 1000));
        s->said = SAID_UNUSED;
    }
}

static void *watch(void *self) {
    struct standby *s = self;
    int64_t began;
    const char *trouble;
    do {
        began = clock_monotonic();
        trouble = run_round(s, began);
        tell(s, trouble);
    } while (nap(s, clock_monotonic() + IDLE_PAUSE, trouble ? INT64_MAX : began) &&
             nap(s, began + PACE, INT64_MAX));
    return NULL;
}

/* ---- What others ask ---- */

struct wire_settings *standby_settings(struct standby *s) {
    return &s->to_standby;
}

bool standby_serves(struct standby *s, char run[LINE_RUN_SIZE]) {
    pthread_mutex_lock(&s->lock);
    bool serves = lease_holds(s->shown, clock_monotonic());
    memcpy(run, s->run, sizeof s->run);
    pthread_mutex_unlock(&s->lock);
    return serves;
}

int64_t standby_shown(struct standby *s) {
    pthread_mutex_lock(&s->lock);
    int64_t shown = s->shown;
    pthread_mutex_unlock(&s->lock);
    return shown;
}

void standby_hurry(struct standby *s, int64_t since) {
    pthread_mutex_lock(&s->lock);
    if (since > s->wanted)
        s->wanted = since;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
}

/* ---- Starting and stopping ---- */

static void clean_up(struct standby *s) {
    wire_close(&s->primary);
    wire_close(&s->wire);
    wire_settings_close(&s->to_primary);
    wire_settings_close(&s->to_standby);
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->lock);
    arena_free(&s->arena);
    free(s);
}

/* Its troubles are told by tell(). */
static void set_up_wire(struct wire *w, struct wire_settings *settings, const char *url) {
    wire_settings_open(settings, url, ANSWER_TIMEOUT);
    wire_settings_quiet(settings);
    wire_open(w, settings);
}

enum err standby_start(struct standby **out, const char *primary, const char *url,
                       void (*shown)(void *self), void *self) {
    db_register(statements, sizeof statements / sizeof statements[0]);
    struct standby *s = calloc(1, sizeof *s);
    if (!s)
        return ERR_UNAVAILABLE;
    s->name = database_label(&s->arena, url);
    s->notify = shown;
    s->self = self;
    s->good_at = clock_monotonic();
    set_up_wire(&s->primary, &s->to_primary, primary);
    set_up_wire(&s->wire, &s->to_standby, url);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wake, NULL);
    if (pthread_create(&s->thread, NULL, watch, s) != 0) {
        clean_up(s);
        return ERR_UNAVAILABLE;
    }
    *out = s;
    return OK;
}

void standby_stop(struct standby *s) {
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    clean_up(s);
}
