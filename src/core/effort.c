#include "core/effort.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"

#define LATEST 31 /* odd; few enough to follow a machine whose pace changes */

struct effort {
    pthread_mutex_t lock;
    size_t count; /* ever noted */
    int64_t latest[LATEST];
};

struct effort *effort_new(void) {
    struct effort *e = calloc(1, sizeof *e);
    if (!e)
        log_out_of_memory(0);
    pthread_mutex_init(&e->lock, NULL);
    return e;
}

void effort_free(struct effort *e) {
    if (!e)
        return;
    pthread_mutex_destroy(&e->lock);
    free(e);
}

int64_t effort_begin(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void effort_note(struct effort *e, int64_t begin) {
    int64_t spent = effort_begin() - begin;
    pthread_mutex_lock(&e->lock);
    e->latest[e->count++ % LATEST] = spent;
    pthread_mutex_unlock(&e->lock);
}

bool effort_known(struct effort *e) {
    pthread_mutex_lock(&e->lock);
    bool known = e->count > 0;
    pthread_mutex_unlock(&e->lock);
    return known;
}

static int compare_times(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* 0 when nothing has been noted. */
static int64_t median(struct effort *e) {
    int64_t times[LATEST] = {0};
    pthread_mutex_lock(&e->lock);
    size_t count = e->count < LATEST ? e->count : LATEST;
    memcpy(times, e->latest, count * sizeof *times);
    pthread_mutex_unlock(&e->lock);
    qsort(times, count, sizeof *times, compare_times);
    return times[count / 2];
}

/* A few microseconds of what Argon2 consists of. */
static void compute(void) {
    unsigned char block[4096] = {0};
    crypto_generichash(block, crypto_generichash_BYTES, block, sizeof block, NULL, 0);
}

void effort_make_up(struct effort *e, int64_t begin) {
    int64_t whole = median(e);
    while (effort_begin() - begin < whole)
        compute();
}
