#include "db/partial.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "db/sqlite.h"

/* ---- Names ----------------------------------------------------------------------------------- */

static char *join(const char *a, const char *b) {
    char *joined;
    if (asprintf(&joined, "%s%s", a, b) < 0)
        log_out_of_memory(0);
    return joined;
}

static void name(struct partial *p, const char *path) {
    *p = (struct partial){.final = join(path, ""), .path = join(path, ".partial"), .file = -1};
    p->wal = join(p->path, "-wal");
    p->shm = join(p->path, "-shm");
    p->journal = join(p->path, "-journal");
}

void partial_close(struct partial *p) {
    if (p->file >= 0)
        close(p->file);
    free(p->final);
    free(p->path);
    free(p->wal);
    free(p->shm);
    free(p->journal);
}

/* ---- What is in the way ---------------------------------------------------------------------- */

static bool exists(const char *path) {
    struct stat st;
    return lstat(path, &st) == 0;
}

/* A log that has lost its database would be played into the new one. */
static enum err refuse_existing(const struct partial *p) {
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    bool found = false;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0] && !found; i++) {
        char *path = join(p->final, endings[i]);
        found = exists(path);
        if (found)
            log_line(LOG_ERROR, "the file %s is there already", path);
        free(path);
    }
    return found ? ERR_CONFLICT : OK;
}

static enum err failed(const char *what, const char *path) {
    log_line(LOG_ERROR, "%s %s: %s", path, what, strerror(errno));
    return ERR_UNAVAILABLE;
}

/* ---- The file -------------------------------------------------------------------------------- */

/* Whether `file` still bears its name: whoever had the lock before may have removed or renamed it.
 */
static bool bears_name(int file, const char *path) {
    struct stat by_file, by_name;
    return fstat(file, &by_file) == 0 && lstat(path, &by_name) == 0 &&
           by_file.st_dev == by_name.st_dev && by_file.st_ino == by_name.st_ino;
}

static enum err lock(struct partial *p) {
    for (;;) {
        p->file = open(p->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (p->file < 0)
            return failed("cannot be made", p->path);
        if (flock(p->file, LOCK_EX | LOCK_NB) != 0) {
            log_line(LOG_ERROR, "another process is making %s", p->path);
            return ERR_CONFLICT;
        }
        if (bears_name(p->file, p->path))
            return OK;
        close(p->file);
    }
}

/* Leftovers are a database of ours, or the beginning of one; anything else has come here by another
 * way and is kept. */
static bool is_leftover(int file) {
    static const char blank[sizeof(uint32_t)];
    char id[sizeof blank];
    ssize_t n = pread(file, id, sizeof id, SQLITE_APPLICATION_ID_AT);
    if (n < (ssize_t)sizeof id)
        return n == 0;
    uint32_t ours = htobe32(SQLITE_APPLICATION_ID);
    return memcmp(id, &ours, sizeof ours) == 0 || memcmp(id, blank, sizeof blank) == 0;
}

static void remove_logs(const struct partial *p) {
    unlink(p->wal);
    unlink(p->shm);
    unlink(p->journal);
}

static enum err clear(struct partial *p) {
    struct stat st;
    if (fstat(p->file, &st) != 0 || !S_ISREG(st.st_mode) || !is_leftover(p->file)) {
        log_line(LOG_ERROR, "%s is in the way", p->path);
        return ERR_CONFLICT;
    }
    remove_logs(p);
    return ftruncate(p->file, 0) == 0 ? OK : failed("cannot be emptied", p->path);
}

enum err partial_open(struct partial *p, const char *path) {
    name(p, path);
    enum err e = refuse_existing(p);
    if (e == OK)
        e = lock(p);
    if (e == OK)
        e = clear(p);
    if (e != OK)
        partial_close(p);
    return e;
}

/* ---- Publishing ------------------------------------------------------------------------------ */

/* Not every file system can do the first. */
static bool rename_to_free(const char *from, const char *to) {
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    return link(from, to) == 0 && unlink(from) == 0;
}

static enum err sync_folder(const char *path) {
    char *copy = join(path, "");
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0)
        close(folder);
    free(copy);
    return good ? OK : failed("may not last", path);
}

enum err partial_publish(struct partial *p) {
    if (exists(p->wal)) {
        log_line(LOG_ERROR, "%s has been opened by another process", p->path);
        return ERR_UNAVAILABLE;
    }
    TRY(refuse_existing(p));
    if (fsync(p->file) != 0)
        return failed("cannot be brought to disk", p->path);
    if (!rename_to_free(p->path, p->final)) {
        bool taken = errno == EEXIST;
        (void)!failed("cannot be renamed", p->path);
        return taken ? ERR_CONFLICT : ERR_UNAVAILABLE;
    }
    enum err e = sync_folder(p->final);
    if (e != OK)
        unlink(p->final);
    return e;
}

void partial_remove(const struct partial *p) {
    unlink(p->path);
    remove_logs(p);
}
