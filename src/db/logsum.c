#include "db/logsum.h"

#include <endian.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/log.h"
#include "base/memory.h"

#define HEADER       32 /* of the log */
#define PAGE_SIZE_AT 8  /* in it */
#define FRAME_HEADER 24 /* in front of every page */
#define PAGE_MIN     512
#define PAGE_MAX     65536

struct frame {
    uint64_t page; /* 0: not known */
    uint64_t header;
};

struct logsum {
    struct logsum *next; /* in `logs` */
    char *name;
    unsigned owners;
    pthread_mutex_t lock; /* of all that follows */
    int page_size;        /* 0: not known yet */
    struct frame *frames;
    size_t room;
};

static struct logsum *logs;
static pthread_mutex_t logs_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- Of all logs ---- */

static struct logsum *logsum_new(const char *name) {
    struct logsum *l = memory_zero(1, sizeof *l);
    size_t size = strlen(name) + 1;
    l->name = memcpy(memory_alloc(size), name, size);
    pthread_mutex_init(&l->lock, NULL);
    return l;
}

struct logsum *logsum_get(const char *name) {
    pthread_mutex_lock(&logs_lock);
    struct logsum *l = logs;
    while (l && strcmp(l->name, name) != 0)
        l = l->next;
    if (!l) {
        l = logsum_new(name);
        l->next = logs;
        logs = l;
    }
    l->owners++;
    pthread_mutex_unlock(&logs_lock);
    return l;
}

static void take_out(const struct logsum *l) {
    struct logsum **at = &logs;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
}

void logsum_put(struct logsum *l) {
    pthread_mutex_lock(&logs_lock);
    bool last = --l->owners == 0;
    if (last)
        take_out(l);
    pthread_mutex_unlock(&logs_lock);
    if (!last)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l->frames);
    free(l->name);
    free(l);
}

/* ---- Where in a log something stands ---- */

enum part { NOTHING, FRONT, PAGE, FRAME }; /* of a frame: its header, its page, both */

/* What these bytes are, and of which frame, counted from 0. */
static enum part part_of(const struct logsum *l, int size, int64_t offset, size_t *number) {
    int frame = FRAME_HEADER + l->page_size;
    if (l->page_size == 0 || offset < HEADER)
        return NOTHING;
    int64_t in_frame = (offset - HEADER) % frame;
    *number = (size_t)((offset - HEADER) / frame);
    if (in_frame == 0)
        return size == FRAME_HEADER ? FRONT : size == frame ? FRAME : NOTHING;
    return in_frame == FRAME_HEADER && size == l->page_size ? PAGE : NOTHING;
}

static struct frame *frame_at(struct logsum *l, size_t number) {
    if (number >= l->room) {
        size_t room = 2 * number + 64;
        l->frames = memory_grow(l->frames, room * sizeof *l->frames);
        memset(l->frames + l->room, 0, (room - l->room) * sizeof *l->frames);
        l->room = room;
    }
    return &l->frames[number];
}

static void forget(struct logsum *l) {
    if (l->room)
        memset(l->frames, 0, l->room * sizeof *l->frames);
}

/* From the header of the log, which SQLite has not looked at yet when it is read: 0 when that can
 * be no size. */
static void learn_page_size(struct logsum *l, const uint8_t *header) {
    uint32_t size;
    memcpy(&size, header + PAGE_SIZE_AT, sizeof size);
    size = be32toh(size);
    if (size < PAGE_MIN || size > PAGE_MAX || (size & (size - 1)) != 0)
        size = 0;
    if ((int)size != l->page_size)
        forget(l);
    l->page_size = (int)size;
}

/* ---- Sums ---- */

static uint64_t sum_of_page(const void *page, int size) {
    uint64_t sum = XXH3_64bits(page, (size_t)size);
    return sum ? sum : 1;
}

static uint64_t sum_of_header(const void *header) {
    return XXH3_64bits(header, FRAME_HEADER);
}

static void note(struct logsum *l, enum part part, size_t number, const uint8_t *bytes) {
    struct frame *f = frame_at(l, number);
    if (part == FRONT || part == FRAME)
        f->header = sum_of_header(bytes);
    if (part == PAGE || part == FRAME)
        f->page = sum_of_page(part == PAGE ? bytes : bytes + FRAME_HEADER, l->page_size);
}

void logsum_wrote(struct logsum *l, const void *bytes, int size, int64_t offset) {
    size_t number;
    pthread_mutex_lock(&l->lock);
    if (offset == 0 && size == HEADER) {
        learn_page_size(l, bytes);
    } else {
        enum part part = part_of(l, size, offset, &number);
        if (part == NOTHING)
            forget(l);
        else
            note(l, part, number, bytes);
    }
    pthread_mutex_unlock(&l->lock);
}

void logsum_forget(struct logsum *l) {
    pthread_mutex_lock(&l->lock);
    forget(l);
    pthread_mutex_unlock(&l->lock);
}

/* Whether the header in front of that page is the one that was remembered with it. */
static bool is_known(sqlite3_file *log, int64_t offset_of_page, uint64_t header) {
    uint8_t now[FRAME_HEADER];
    int rc = log->pMethods->xRead(log, now, FRAME_HEADER, offset_of_page - FRAME_HEADER);
    return rc == SQLITE_OK && sum_of_header(now) == header;
}

/* What is remembered of the page that these bytes are; nothing when they are something else. */
static struct frame recall(struct logsum *l, const void *bytes, int size, int64_t offset,
                           size_t *number) {
    struct frame known = {0};
    enum part part = NOTHING;
    pthread_mutex_lock(&l->lock);
    if (offset == 0 && size == HEADER)
        learn_page_size(l, bytes);
    else
        part = part_of(l, size, offset, number);
    if (part == FRAME) /* SQLite compares its own checksums now */
        note(l, part, *number, bytes);
    else if (part == PAGE && *number < l->room)
        known = l->frames[*number];
    pthread_mutex_unlock(&l->lock);
    return known;
}

bool logsum_adds_up(struct logsum *l, sqlite3_file *log, const void *bytes, int size,
                    int64_t offset) {
    size_t number;
    struct frame known = recall(l, bytes, size, offset, &number);
    if (!known.page || sum_of_page(bytes, size) == known.page ||
        !is_known(log, offset, known.header))
        return true;
    log_line(LOG_ERROR, "%s is damaged at frame %zu: its page is not what was written", l->name,
             number + 1);
    return false;
}
