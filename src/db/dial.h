/* How one connection to a PostgreSQL server comes about. */
#ifndef DB_DIAL_H
#define DB_DIAL_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

#define LINE_RUN_SIZE 80
/* What names it: the statistics begin anew when a server recovers from a crash, even one that its
 * main process has outlived. To be selected from pg_stat_wal. */
#define LINE_RUN                                                                                   \
    "EXTRACT(EPOCH FROM pg_postmaster_start_time()) || ' ' || EXTRACT(EPOCH FROM stats_reset)"

/* One host of a URL, as the URL has it. */
struct place {
    char host[256]; /* "": none in particular */
    char port[8];
};

struct line {
    PGconn *conn;       /* in pipeline mode, not blocking */
    struct place place; /* where it leads, when any other that writes would do as well */
    bool writes;        /* the URL asks for a server that does (target_session_attrs=read-write) */
    bool pooled;        /* something between us and the server lends its sessions to others */
    char run[LINE_RUN_SIZE]; /* LINE_RUN: names the server from a start or crash to the next; "":
                                unknown */
};

/* Tries `first`, if that is one, then the hosts of `url` in their order, and looks at what answers.
 * `timeout` is the server's statement_timeout in µs, if above 0. False and a line in the log, at
 * `level`, when there is no connection.
 *
 * Each host is given its seconds, but names are looked up as long as the resolver likes: this is
 * for a thread that nobody waits for (dialler.h). */
bool dial(struct line *out, const char *url, const struct place *first, int64_t timeout,
          bool pooled, enum log_level level);

/* Logs `what` and the reason that libpq gives for it, of several lines, as one. */
void line_log(enum log_level level, const char *what, const PGconn *conn);

#endif
