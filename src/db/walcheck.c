#include "db/walcheck.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define HEADER_SIZE       32
#define FRAME_HEADER_SIZE 24
#define PAGE_MAX          65536
#define MAGIC             0x377f0682 /* the lowest bit: sums are of big-endian words */
#define VERSION           3007000
#define ENDS_OF_DAMAGE    2
#define TICK              20000 /* µs; the times of files are coarser than one would think */

struct sum {
    uint32_t a, b;
};

struct log {
    FILE *file;
    bool big_endian;
    uint32_t page_size;
    uint8_t salt[8];
    struct sum sum;  /* of the last frame that was right, or of the header */
    uint8_t *frame;  /* as it was read last */
    uint64_t frames; /* right ones */
    unsigned ends;   /* of transactions, from the first wrong frame on */
    bool torn;       /* ends in a transaction that is not whole */
    bool headless;   /* the header itself is wrong */
};

static uint32_t number(const uint8_t *at) {
    uint32_t n;
    memcpy(&n, at, sizeof n);
    return be32toh(n);
}

static struct sum sum_at(const uint8_t *at) {
    return (struct sum){number(at), number(at + 4)};
}

static bool equal(struct sum x, struct sum y) {
    return x.a == y.a && x.b == y.b;
}

static struct sum add(const struct log *l, struct sum s, const uint8_t *at, size_t size) {
    for (size_t i = 0; i < size; i += 8) {
        uint32_t x[2];
        memcpy(x, at + i, sizeof x);
        s.a += (l->big_endian ? be32toh(x[0]) : le32toh(x[0])) + s.b;
        s.b += (l->big_endian ? be32toh(x[1]) : le32toh(x[1])) + s.a;
    }
    return s;
}

/* False: there is no log, or not more of one than its header. */
static bool read_header(struct log *l) {
    uint8_t header[HEADER_SIZE];
    if (fread(header, 1, sizeof header, l->file) != sizeof header)
        return false;
    l->big_endian = number(header) & 1;
    l->page_size = number(header + 8);
    memcpy(l->salt, header + 16, sizeof l->salt);
    l->sum = add(l, (struct sum){0}, header, 24);
    bool sound = (number(header) & ~1u) == MAGIC && number(header + 4) == VERSION &&
                 l->page_size >= 512 && l->page_size <= PAGE_MAX &&
                 (l->page_size & (l->page_size - 1)) == 0 && equal(l->sum, sum_at(header + 24));
    l->headless = !sound && fgetc(l->file) != EOF;
    return sound;
}

static bool read_frame(struct log *l) {
    size_t size = FRAME_HEADER_SIZE + l->page_size;
    return fread(l->frame, 1, size, l->file) == size;
}

static bool is_of_this_log(const struct log *l) {
    return memcmp(l->frame + 8, l->salt, sizeof l->salt) == 0;
}

static bool is_end(const struct log *l) {
    return number(l->frame + 4) != 0;
}

/* What the frame that was read last should say, behind one with the sum `before`. */
static struct sum due(const struct log *l, struct sum before) {
    struct sum s = add(l, before, l->frame, 8);
    return add(l, s, l->frame + FRAME_HEADER_SIZE, l->page_size);
}

static struct sum said(const struct log *l) {
    return sum_at(l->frame + 16);
}

/* Behind a wrong frame: follows the chain that begins with what it says or with what it should say,
 * whichever of the two is damaged. */
static void follow(struct log *l) {
    struct sum one = said(l), other = due(l, l->sum);
    l->ends = is_end(l);
    unsigned before = l->ends;
    while (read_frame(l) && is_of_this_log(l) &&
           (equal(due(l, one), said(l)) || equal(due(l, other), said(l)))) {
        l->ends += is_end(l);
        one = other = said(l);
    }
    if (l->ends == before)
        l->ends = 0; /* nothing whole follows */
}

static void walk(struct log *l) {
    while (read_frame(l)) {
        struct sum s = due(l, l->sum);
        if (!is_of_this_log(l) || !equal(s, said(l))) {
            l->torn |= is_of_this_log(l);
            follow(l);
            return;
        }
        l->torn = !is_end(l);
        l->sum = s;
        l->frames++;
    }
}

/* Fills in all of it. */
static enum err inspect(struct log *l, const char *path) {
    *l = (struct log){.file = fopen(path, "re")};
    if (!l->file)
        return errno == ENOENT ? OK : ERR_UNAVAILABLE;
    l->frame = malloc(FRAME_HEADER_SIZE + PAGE_MAX);
    if (l->frame && read_header(l))
        walk(l);
    enum err e = !l->frame || ferror(l->file) ? ERR_UNAVAILABLE : OK;
    free(l->frame);
    fclose(l->file);
    return e;
}

static bool is_damaged(const struct log *l) {
    return l->headless || l->ends >= ENDS_OF_DAMAGE;
}

static bool stands_still(const char *path, struct stat *before) {
    struct stat now;
    return stat(path, &now) == 0 && now.st_size == before->st_size &&
           now.st_ino == before->st_ino && now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
           now.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

/* Looks again before it says so: what another process is writing meanwhile looks like anything. */
static enum err inspect_twice(struct log *l, const char *path, bool *damaged) {
    struct stat before;
    *damaged = false;
    enum err e = inspect(l, path);
    if (e != OK || !is_damaged(l) || stat(path, &before) != 0)
        return e;
    usleep(TICK);
    e = inspect(l, path);
    *damaged = e == OK && is_damaged(l) && stands_still(path, &before);
    return e;
}

/* SQLite keeps the log beside the file itself, not beside a link to it. NULL: there is no file yet,
 * or no memory. */
static char *name_of_log(const char *path) {
    char *whole = realpath(path, NULL), *name = NULL;
    if (whole && asprintf(&name, "%s-wal", whole) < 0)
        name = NULL;
    free(whole);
    return name;
}

enum err walcheck(const char *path) {
    char *name = name_of_log(path);
    if (!name)
        return OK; /* who opens the database will say why */
    struct log l;
    bool damaged;
    enum err e = inspect_twice(&l, name, &damaged);
    if (e != OK)
        log_line(LOG_ERROR, "%s cannot be read: %s", name, strerror(errno));
    else if (damaged)
        log_line(LOG_ERROR,
                 "%s is damaged at frame %ju: changes that were acknowledged stand behind it and "
                 "would be lost (docs/durability.md)",
                 name, (uintmax_t)(l.headless ? 0 : l.frames + 1));
    else if (l.torn)
        log_line(LOG_WARN, "%s ends in a transaction that is not whole, which is left out", name);
    free(name);
    return damaged ? ERR_UNAVAILABLE : e;
}
