/* How far a long command has come, on standard error: a bar that moves on a terminal, a line now
 * and then elsewhere. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool quiet, terminal;
    const char *act;     /* "Copying" */
    const char *what;    /* "follows" */
    int64_t done, total; /* rows of the act; a total of 0: nobody knows */
    int64_t started;     /* the act */
    int64_t shown;       /* the last line */
};

void progress_open(struct progress *p, bool quiet);

/* Begins an act. Both texts must last. */
void progress_act(struct progress *p, const char *act, int64_t total);
/* A part of it. */
void progress_part(struct progress *p, const char *what);
/* One more row. */
void progress_row(struct progress *p);

/* Takes the bar away. */
void progress_close(struct progress *p);

/* "1,234,567" in `out`, which is returned. */
#define PROGRESS_NUMBER_SIZE 28
const char *progress_number(int64_t n, char out[PROGRESS_NUMBER_SIZE]);

#endif
