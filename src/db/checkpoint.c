#include "db/checkpoint.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

#define FRAME_HEADER 24 /* of a page in the log */
#define STEPS        4  /* of its limit the log grows between two passes */
#define ROUNDS       2
#define PATIENCE     (20 * CLOCK_SECOND / 1000) /* for readers, while writers are paused */

struct checkpointer {
    struct link connection;
    struct groups *groups; /* NULL: not started */
    pthread_t thread;
    bool durable;
    bool distrusted; /* a sync of the database file has failed */
    int64_t frame;   /* bytes a page takes in the log */
    int64_t limit, step;

    pthread_mutex_t lock;
    pthread_cond_t work;
    int64_t size; /* of the log */
    int64_t due;  /* the size at which there is work */
    bool holding; /* the log has reached its limit: no new group may open */
    bool stop;
};

int checkpointer_hook(void *self, sqlite3 *handle, const char *name, int pages) {
    struct checkpointer *c = self;
    (void)handle;
    (void)name;
    pthread_mutex_lock(&c->lock);
    c->size = pages * c->frame;
    if (c->size >= c->due)
        pthread_cond_signal(&c->work);
    if (c->size >= c->limit && c->groups && !c->holding) {
        c->holding = true;
        groups_hold(c->groups);
    }
    pthread_mutex_unlock(&c->lock);
    return SQLITE_OK;
}

/* Pages that were written and not synced may be gone, and the kernel says so only once: a later
 * sync that succeeds proves nothing. The log still has them, so it must not be emptied. The next
 * process to open the database moves all of it again. */
static void distrust_file(struct checkpointer *c) {
    log_line(LOG_ERROR, "the database file could not be synced: the write-ahead log is kept, "
                        "restart soon");
    sqlite3_db_config(c->connection.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    c->distrusted = true;
}

/* *all, unless NULL: nothing of the log is left to move. */
static int checkpoint(struct checkpointer *c, int mode, bool *all) {
    int frames = 0, moved = 0;
    if (c->distrusted)
        return SQLITE_IOERR_FSYNC;
    int rc = sqlite3_wal_checkpoint_v2(c->connection.handle, NULL, mode, &frames, &moved);
    if (all)
        *all = frames == moved;
    if (rc != SQLITE_OK && (rc & 0xFF) != SQLITE_BUSY)
        link_failed(&c->connection, "checkpoint", rc);
    if (rc == SQLITE_IOERR_FSYNC)
        distrust_file(c);
    return rc;
}

static bool is_stopping(struct checkpointer *c) {
    pthread_mutex_lock(&c->lock);
    bool stop = c->stop;
    pthread_mutex_unlock(&c->lock);
    return stop;
}

static int64_t size_of_log(struct checkpointer *c) {
    pthread_mutex_lock(&c->lock);
    int64_t size = c->size;
    pthread_mutex_unlock(&c->lock);
    return size;
}

/* A passive checkpoint syncs the database file only when the log has not grown meanwhile; doing it
 * here leaves little to sync while writers are paused. */
static int sync_file(struct checkpointer *c) {
    sqlite3_file *file = NULL;
    sqlite3_file_control(c->connection.handle, NULL, SQLITE_FCNTL_FILE_POINTER, &file);
    if (!file || !c->durable)
        return SQLITE_OK;
    int rc = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
    if (rc != SQLITE_OK)
        distrust_file(c);
    return rc;
}

/* Moves the log while others write, in rounds: each leaves only what came during it. None follows
 * one that left nothing: a writer may be about to begin the log anew, and SQLite before 3.51.3 can
 * take a checkpoint that begins just then for one of the new log. */
static void move_most(struct checkpointer *c) {
    for (int round = 0; round < ROUNDS; round++) {
        int64_t before = size_of_log(c);
        bool all;
        if (checkpoint(c, SQLITE_CHECKPOINT_PASSIVE, &all) != SQLITE_OK ||
            sync_file(c) != SQLITE_OK)
            return;
        if (all || size_of_log(c) - before < c->step / 32)
            return;
    }
}

/* While writers are paused. Over the limit there is no giving up. */
static bool empty_log(struct checkpointer *c, bool over_limit) {
    int mode = over_limit ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_RESTART;
    int rc = checkpoint(c, mode, NULL);
    while (rc != SQLITE_OK && over_limit && !is_stopping(c)) {
        sqlite3_sleep((rc & 0xFF) == SQLITE_BUSY ? 1 : 500);
        rc = checkpoint(c, mode, NULL);
    }
    return rc == SQLITE_OK;
}

/* Makes the next transaction start at the front of the log. */
static void start_afresh(struct checkpointer *c, bool over_limit) {
    groups_pause(c->groups);
    bool empty = empty_log(c, over_limit);
    pthread_mutex_lock(&c->lock);
    if (empty)
        c->size = 0;
    c->due = c->size + c->step < c->limit ? c->size + c->step : c->limit;
    bool let_go = c->holding && c->size < c->limit;
    if (let_go)
        c->holding = false;
    pthread_mutex_unlock(&c->lock);
    groups_resume(c->groups);
    if (let_go)
        groups_resume(c->groups);
}

/* Waits until there is work; false: the end. */
static bool await_work(struct checkpointer *c, bool *over_limit) {
    pthread_mutex_lock(&c->lock);
    while (!c->stop && c->size < c->due)
        pthread_cond_wait(&c->work, &c->lock);
    *over_limit = c->size >= c->limit;
    bool go_on = !c->stop;
    pthread_mutex_unlock(&c->lock);
    return go_on;
}

static void *run(void *self) {
    struct checkpointer *c = self;
    bool over_limit;
    while (await_work(c, &over_limit)) {
        if (over_limit)
            log_line(LOG_WARN, "the write-ahead log has reached its limit; writers wait");
        move_most(c);
        start_afresh(c, over_limit);
    }
    return NULL;
}

enum err checkpointer_open(struct checkpointer **out, const struct sqlite_settings *settings) {
    struct checkpointer *c = calloc(1, sizeof *c);
    if (!c)
        return ERR_UNAVAILABLE;
    int64_t page;
    enum err e = link_open(&c->connection, settings, ROLE_CHECKPOINTER);
    if (e == OK)
        e = link_number(&c->connection, "PRAGMA page_size", &page);
    if (e != OK) {
        link_close(&c->connection);
        free(c);
        return e;
    }
    c->connection.busy_timeout = PATIENCE;
    c->frame = page + FRAME_HEADER;
    c->durable = settings->durable;
    c->limit = settings->wal_limit;
    c->step = c->due = settings->wal_limit / STEPS;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->work, NULL);
    *out = c;
    return OK;
}

enum err checkpointer_start(struct checkpointer *c, struct groups *groups) {
    c->groups = groups;
    if (pthread_create(&c->thread, NULL, run, c) == 0)
        return OK;
    log_line(LOG_ERROR, "no thread for checkpoints");
    c->groups = NULL;
    return ERR_UNAVAILABLE;
}

void checkpointer_stop(struct checkpointer *c) {
    if (!c->groups)
        return;
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_cond_signal(&c->work);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    if (c->holding)
        groups_resume(c->groups);
    c->holding = false;
    c->groups = NULL;
}

void checkpointer_close(struct checkpointer *c) {
    link_close(&c->connection);
    pthread_cond_destroy(&c->work);
    pthread_mutex_destroy(&c->lock);
    free(c);
}
