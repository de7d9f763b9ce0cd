/* A file under construction: FILE.partial, which becomes FILE once it is whole. Only one process at
 * a time makes it; what an earlier one has left is removed. */
#ifndef DB_PARTIAL_H
#define DB_PARTIAL_H

#include "base/error.h"

struct partial {
    char *final;               /* FILE */
    char *path;                /* FILE.partial */
    char *wal, *shm, *journal; /* what SQLite keeps beside it, at one moment or another */
    int file;                  /* open, and locked */
};

/* Makes it, empty. ERR_CONFLICT, logged, when FILE is there or another process is making it;
 * ERR_UNAVAILABLE, logged. On failure there is nothing to free. */
enum err partial_open(struct partial *p, const char *path);

/* Brings it to disk and gives it its name, unless a file of that name has come up meanwhile:
 * ERR_CONFLICT, logged. Nobody has it open any more. */
enum err partial_publish(struct partial *p);

/* Removes what has not been published. Safe in a signal handler. */
void partial_remove(const struct partial *p);

void partial_close(struct partial *p);

#endif
