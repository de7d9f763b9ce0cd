/* How far a long command has come, on standard error: a bar that moves on a terminal, a line now
 * and then elsewhere. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool quiet;      /* show nothing */
    const char *act; /* in front of everything: "Copying "; NULL: nothing */

    bool terminal;
    uint64_t done, total;
    int64_t started; /* when `done` was 0 */
    int64_t shown;   /* the last time */
};

struct progress progress_start(void);

/* `done` of `total` of what is called `what`. Cheap enough for every row. When `done` is less than
 * before, something else has begun. */
void progress_at(struct progress *p, const char *what, uint64_t done, uint64_t total);

/* The same without numbers, as bulk_build wants it. `self` is the progress. */
void progress_step(void *self, const char *what);

/* Takes the bar away. */
void progress_end(struct progress *p);

/* "1,234,567" in `out`, which is returned. */
#define PROGRESS_NUMBER_SIZE 28
const char *progress_number(uint64_t n, char out[PROGRESS_NUMBER_SIZE]);

#endif
