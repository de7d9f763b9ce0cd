#include "db/pagesum.h"

#include <endian.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/log.h"
#include "base/memory.h"
#include "db/layer.h"
#include "db/logsum.h"

#define SEAL        8
#define HEADER      100 /* of the file, in front of page 1 */
#define SIZE_AT     16
#define RESERVED_AT 20
#define PAGE_MIN    512
#define PAGE_MAX    65536

/* SQLite keeps one per open file; the file of the layer below lies behind it. */
struct file {
    struct layer layer;
    const char *name;
    struct logsum *log; /* of a log; NULL: it is a database */
    int page_size;      /* 0: not known yet, the file is empty */
    bool sealed;        /* its pages have room for a seal */
    uint8_t *scratch;   /* a page on its way to the disk; NULL: none has been written */
    sqlite3_file below[];
};

static sqlite3_vfs layer;
static sqlite3_vfs *below; /* the one that has to do with the disk */

static struct file *of(sqlite3_file *file) {
    return (struct file *)file;
}

/* ---- Seals ---- */

/* Page 1 without what a backup changes: the change counter, the schema cookie, and which change
 * and which SQLite wrote the header last. */
static uint64_t sum_of_first(const uint8_t *page, int size) {
    uint8_t header[HEADER];
    memcpy(header, page, HEADER);
    memset(header + 24, 0, 4);
    memset(header + 40, 0, 4);
    memset(header + 92, 0, 8);
    uint64_t seed = XXH3_64bits_withSeed(header, HEADER, 1);
    return XXH3_64bits_withSeed(page + HEADER, (size_t)(size - HEADER - SEAL), seed);
}

/* Never 0. */
static uint64_t sum_of(const uint8_t *page, int size, int64_t number) {
    uint64_t sum = number == 1
                       ? sum_of_first(page, size)
                       : XXH3_64bits_withSeed(page, (size_t)(size - SEAL), (uint64_t)number);
    return sum ? sum : 1;
}

static uint64_t seal_on(const uint8_t *page, int size) {
    uint64_t seal;
    memcpy(&seal, page + size - SEAL, SEAL);
    return be64toh(seal);
}

static void seal(uint8_t *page, int size, int64_t number) {
    uint64_t sum = htobe64(sum_of(page, size, number));
    memcpy(page + size - SEAL, &sum, SEAL);
}

static bool is_bare(const uint8_t *page, int size) {
    return seal_on(page, size) == 0;
}

static bool adds_up(const uint8_t *page, int size, int64_t number) {
    return is_bare(page, size) || seal_on(page, size) == sum_of(page, size, number);
}

static int damaged(const struct file *f, int64_t number) {
    log_line(LOG_ERROR,
             "page %jd of %s is damaged: its checksum does not add up "
             "(docs/durability.md)",
             (intmax_t)number, f->name);
    return SQLITE_IOERR_DATA;
}

/* ---- What kind of file it is ---- */

/* The size that the header names; 0 when that can be none. */
static int size_named(const uint8_t *header) {
    int size = header[SIZE_AT] << 8 | header[SIZE_AT + 1];
    if (size == 1)
        size = PAGE_MAX;
    return size >= PAGE_MIN && (size & (size - 1)) == 0 ? size : 0;
}

/* Whether the byte that says that there is room for seals is itself what is damaged. */
static bool has_lost_its_mark(const uint8_t *page, int size) {
    uint8_t *whole = memory_alloc((size_t)size);
    memcpy(whole, page, (size_t)size);
    whole[RESERVED_AT] = SEAL;
    bool lost = !is_bare(page, size) && adds_up(whole, size, 1);
    free(whole);
    return lost;
}

static int learn_from(struct file *f, const uint8_t *page, int size) {
    bool lost = page[RESERVED_AT] != SEAL && has_lost_its_mark(page, size);
    f->sealed = page[RESERVED_AT] == SEAL || lost;
    f->page_size = size;
    return lost ? damaged(f, 1) : SQLITE_OK;
}

/* Before the first page is read. Nothing is learnt from an empty file, nor from one that SQLite
 * will say is none of its own. */
static int learn(struct file *f) {
    uint8_t header[HEADER];
    int rc = f->below->pMethods->xRead(f->below, header, HEADER, 0);
    int size = rc == SQLITE_OK ? size_named(header) : 0;
    if (size == 0)
        return rc == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : rc;
    uint8_t *page = memory_alloc((size_t)size);
    rc = f->below->pMethods->xRead(f->below, page, size, 0);
    if (rc == SQLITE_OK)
        rc = learn_from(f, page, size);
    free(page);
    return rc == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : rc;
}

static bool is_page(const struct file *f, int size, int64_t offset) {
    return f->sealed && size == f->page_size && offset % size == 0;
}

/* ---- Reading and writing ---- */

static int read_file(sqlite3_file *file, void *at, int size, sqlite3_int64 offset) {
    struct file *f = of(file);
    int rc = f->page_size ? SQLITE_OK : learn(f);
    if (rc == SQLITE_OK)
        rc = f->below->pMethods->xRead(f->below, at, size, offset);
    if (rc != SQLITE_OK || !is_page(f, size, offset))
        return rc;
    int64_t number = offset / size + 1;
    if (!adds_up(at, size, number))
        return damaged(f, number);
    memset((uint8_t *)at + size - SEAL, 0, SEAL);
    return SQLITE_OK;
}

/* Page 1 is the first to be written, and says what the others are like. */
static void note_first_page(struct file *f, const uint8_t *page, int size) {
    if (size != f->page_size) {
        free(f->scratch);
        f->scratch = NULL;
    }
    f->page_size = size;
    f->sealed = page[RESERVED_AT] == SEAL;
}

/* What SQLite hands over is a page of its cache, which is not ours to change. */
static int write_file(sqlite3_file *file, const void *at, int size, sqlite3_int64 offset) {
    struct file *f = of(file);
    if (offset == 0 && size >= PAGE_MIN)
        note_first_page(f, at, size);
    if (!is_page(f, size, offset))
        return f->below->pMethods->xWrite(f->below, at, size, offset);
    if (!f->scratch)
        f->scratch = memory_alloc((size_t)size);
    memcpy(f->scratch, at, (size_t)size);
    seal(f->scratch, size, offset / size + 1);
    return f->below->pMethods->xWrite(f->below, f->scratch, size, offset);
}

static int close_file(sqlite3_file *file) {
    free(of(file)->scratch);
    of(file)->scratch = NULL;
    return layer_methods.xClose(file);
}

/* ---- Logs ---- */

static int read_log(sqlite3_file *file, void *at, int size, sqlite3_int64 offset) {
    struct file *f = of(file);
    int rc = layer_methods.xRead(file, at, size, offset);
    if (rc == SQLITE_OK && !logsum_adds_up(f->log, f->layer.below, at, size, offset))
        rc = SQLITE_IOERR_DATA;
    return rc;
}

static int write_log(sqlite3_file *file, const void *at, int size, sqlite3_int64 offset) {
    int rc = layer_methods.xWrite(file, at, size, offset);
    if (rc == SQLITE_OK)
        logsum_wrote(of(file)->log, at, size, offset);
    else
        logsum_forget(of(file)->log);
    return rc;
}

static int close_log(sqlite3_file *file) {
    logsum_put(of(file)->log);
    return layer_methods.xClose(file);
}

/* ---- Opening ---- */

static sqlite3_io_methods database_methods, log_methods;

static void make_methods(void) {
    database_methods = log_methods = layer_methods;
    database_methods.xRead = read_file;
    database_methods.xWrite = write_file;
    database_methods.xClose = close_file;
    log_methods.xRead = read_log;
    log_methods.xWrite = write_log;
    log_methods.xClose = close_log;
}

/* A file wants to be closed even if opening it has failed. Journals and temporary files are none of
 * ours. */
static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    if (!(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) || !name)
        return below->xOpen(below, name, file, flags, out);
    struct file *f = of(file);
    *f = (struct file){.layer.below = f->below, .name = name};
    int rc = below->xOpen(below, name, f->below, flags, out);
    if (!f->below->pMethods)
        return rc;
    if (flags & SQLITE_OPEN_WAL)
        f->log = logsum_get(name);
    f->layer.base.pMethods = f->log ? &log_methods : &database_methods;
    return rc;
}

/* All but opening is what the layer below does, which looks at what is copied here alone. */
int pagesum_register(void) {
    below = sqlite3_vfs_find(NULL);
    if (!below)
        return SQLITE_ERROR;
    make_methods();
    layer = *below;
    layer.zName = PAGESUM_VFS;
    layer.pNext = NULL;
    layer.szOsFile = (int)sizeof(struct file) + below->szOsFile;
    layer.xOpen = open_file;
    return sqlite3_vfs_register(&layer, 0);
}

/* ---- Every page ---- */

/* https://www.sqlite.org/walformat.html */
#define LOG_HEADER        32
#define LOG_SALT          16
#define LOG_FRAME         24
#define LOG_SALT_OF_FRAME 8
#define LOG_SALT_SIZE     8

#define TRIES 5
#define PAUSE 20000 /* µs between them */

struct scan {
    sqlite3_file *file;
    struct file *as; /* the same */
    uint8_t *page;
    struct pagesum_tally *tally;
};

/* Whether the log has the page: whoever asks for it is given that one, and a crash while it was
 * being moved may have torn the one in the file. */
static bool is_in_log(const struct file *f, int64_t number) {
    uint8_t header[LOG_HEADER], frame[LOG_FRAME];
    char name[PATH_MAX + 8];
    snprintf(name, sizeof name, "%s-wal", f->name);
    FILE *log = fopen(name, "re");
    bool found = false;
    if (log && fread(header, 1, sizeof header, log) == sizeof header)
        while (!found && fread(frame, 1, sizeof frame, log) == sizeof frame &&
               memcmp(frame + LOG_SALT_OF_FRAME, header + LOG_SALT, LOG_SALT_SIZE) == 0) {
            uint32_t in_frame;
            memcpy(&in_frame, frame, sizeof in_frame);
            found = be32toh(in_frame) == number;
            fseeko(log, f->page_size, SEEK_CUR);
        }
    if (log)
        fclose(log);
    return found;
}

/* Another process may be writing the very page: what is damaged stays so. */
static int scan_page(struct scan *s, int64_t number) {
    int size = s->as->page_size;
    int rc = SQLITE_OK;
    for (int i = 0; i < TRIES; i++) {
        rc = layer_methods.xRead(s->file, s->page, size, (number - 1) * size);
        if (rc != SQLITE_OK)
            return rc;
        if (adds_up(s->page, size, number)) {
            s->tally->bare += is_bare(s->page, size);
            return SQLITE_OK;
        }
        sqlite3_sleep(PAUSE / 1000);
    }
    if (is_in_log(s->as, number))
        return SQLITE_OK;
    s->tally->damaged++;
    damaged(s->as, number);
    return SQLITE_OK;
}

/* SQLite never writes the page that it sets its locks on. */
static int64_t page_of_locks(int page_size) {
    return 0x40000000 / page_size + 1;
}

static int scan_pages(struct scan *s) {
    sqlite3_int64 bytes;
    int size = s->as->page_size;
    int rc = layer_methods.xFileSize(s->file, &bytes);
    if (rc != SQLITE_OK || !s->as->sealed)
        return rc;
    s->tally->pages = bytes / size;
    s->page = memory_alloc((size_t)size);
    for (int64_t i = 1; i <= s->tally->pages && rc == SQLITE_OK; i++)
        if (i != page_of_locks(size))
            rc = scan_page(s, i);
    free(s->page);
    return rc;
}

static int scan(const char *name, struct pagesum_tally *out) {
    struct file *f = memory_zero(1, (size_t)layer.szOsFile);
    struct scan s = {.file = &f->layer.base, .as = f, .tally = out};
    int rc =
        open_file(&layer, name, &f->layer.base, SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READONLY, NULL);
    if (rc == SQLITE_OK)
        rc = learn(f);
    if (rc == SQLITE_OK || rc == SQLITE_IOERR_DATA)
        rc = scan_pages(&s);
    if (f->layer.base.pMethods)
        close_file(&f->layer.base);
    free(f);
    return rc;
}

enum err pagesum_scan(const char *path, struct pagesum_tally *out) {
    *out = (struct pagesum_tally){0};
    char *whole = realpath(path, NULL);
    sqlite3_filename name = whole ? sqlite3_create_filename(whole, "", "", 0, NULL) : NULL;
    int rc = name ? scan(name, out) : SQLITE_CANTOPEN;
    if (rc != SQLITE_OK)
        log_line(LOG_ERROR, "%s cannot be read: %s", path, sqlite3_errstr(rc));
    sqlite3_free_filename(name);
    free(whole);
    return rc == SQLITE_OK ? OK : ERR_UNAVAILABLE;
}

int pagesum_reserve(sqlite3 *handle) {
    int bytes = SEAL;
    return sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
}
