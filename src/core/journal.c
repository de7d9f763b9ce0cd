#include "core/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"

#define TITLE       "rollcall erasures "
#define HEADER_SIZE (sizeof TITLE - 1 + JOURNAL_OWNER_SIZE + 1)

static enum err complain(const char *path, const char *what) {
    log_line(LOG_ERROR, "the erasure journal %s %s: %s", path, what, strerror(errno));
    return ERR_UNAVAILABLE;
}

/* ---- Reading --------------------------------------------------------------------------------- */

static enum err read_whole(int file, const char *path, struct buffer *out) {
    for (;;) {
        ssize_t got = read(file, buffer_reserve(out, 65536), 65536);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return complain(path, "cannot be read");
        if (got == 0)
            return OK;
        out->size += (size_t)got;
    }
}

/* A file that was cut off in its first line has no entries yet. */
static enum err check_header(const char *path, struct text owner, struct text bytes) {
    struct text title = TEXT(TITLE);
    if (bytes.size < HEADER_SIZE && memchr(bytes.at, '\n', bytes.size) == NULL &&
        text_starts(title, (struct text){bytes.at, bytes.size < title.size ? bytes.size : 0}))
        return OK;
    if (bytes.size < HEADER_SIZE || !text_starts(bytes, title) ||
        bytes.at[HEADER_SIZE - 1] != '\n') {
        log_line(LOG_ERROR, "%s is not an erasure journal", path);
        return ERR_UNAVAILABLE;
    }
    if (memcmp(bytes.at + title.size, owner.at, JOURNAL_OWNER_SIZE) != 0) {
        log_line(LOG_ERROR,
                 "the erasure journal %s belongs to another database: give the right one, or move "
                 "it away if this database is a new one",
                 path);
        return ERR_UNAVAILABLE;
    }
    return OK;
}

static bool read_line(struct text line, struct journal_entry *out) {
    struct text id;
    return text_split(&line, ' ', &id) && text_to_int(id, &out->user_id) && out->user_id > 0 &&
           text_to_int(line, &out->erased_at);
}

static int by_id(const void *a, const void *b) {
    const struct journal_entry *x = a, *y = b;
    if (x->user_id != y->user_id)
        return x->user_id < y->user_id ? -1 : 1;
    return x->erased_at < y->erased_at ? -1 : x->erased_at > y->erased_at;
}

/* The last of each id. */
static size_t drop_repeated(struct journal_entry *entries, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (i + 1 == count || entries[i].user_id != entries[i + 1].user_id)
            entries[kept++] = entries[i];
    return kept;
}

static size_t count_lines(struct text bytes) {
    size_t lines = 0;
    for (const char *at = bytes.at; (at = memchr(at, '\n', (size_t)(bytes.at + bytes.size - at)));
         at++)
        lines++;
    return lines;
}

static enum err parse(struct arena *arena, const char *path, struct text bytes,
                      struct journal_entry **out, size_t *count) {
    *out = ARENA_ARRAY(arena, struct journal_entry, count_lines(bytes) + 1);
    struct text rest = {bytes.at + HEADER_SIZE, bytes.size - HEADER_SIZE};
    const char *end;
    size_t found = 0;
    while ((end = memchr(rest.at, '\n', rest.size)) != NULL) {
        struct text line = {rest.at, (size_t)(end - rest.at)};
        rest = (struct text){end + 1, rest.size - line.size - 1};
        if (!read_line(line, &(*out)[found++])) {
            log_line(LOG_ERROR, "the erasure journal %s is damaged in line %zu", path, found + 1);
            return ERR_UNAVAILABLE;
        }
    }
    qsort(*out, found, sizeof **out, by_id);
    *count = drop_repeated(*out, found);
    return OK;
}

enum err journal_read(struct arena *arena, const char *path, struct text owner,
                      struct journal_entry **out, size_t *count) {
    *out = NULL;
    *count = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? OK : complain(path, "cannot be opened");
    struct buffer bytes = {0};
    enum err e = read_whole(file, path, &bytes);
    close(file);
    if (e == OK && bytes.size > 0)
        e = check_header(path, owner, buffer_text(&bytes));
    if (e == OK && bytes.size >= HEADER_SIZE)
        e = parse(arena, path, buffer_text(&bytes), out, count);
    buffer_free(&bytes);
    return e;
}

/* ---- Adding ---------------------------------------------------------------------------------- */

static enum err write_whole(int file, const char *path, struct text bytes) {
    while (bytes.size > 0) {
        ssize_t put = write(file, bytes.at, bytes.size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return complain(path, "cannot be written");
        bytes = (struct text){bytes.at + put, bytes.size - (size_t)put};
    }
    return OK;
}

/* What a crash has left behind the last whole line, or before there was one. */
static enum err cut_torn_end(int file, const char *path, off_t *size) {
    char last = '\n';
    while (*size > 0 && pread(file, &last, 1, *size - 1) == 1 && last != '\n')
        --*size;
    return ftruncate(file, *size) == 0 ? OK : complain(path, "cannot be mended");
}

static enum err check_owner(int file, const char *path, struct text owner) {
    char header[HEADER_SIZE];
    ssize_t got = pread(file, header, sizeof header, 0);
    if (got < 0)
        return complain(path, "cannot be read");
    return check_header(path, owner, (struct text){header, (size_t)got});
}

static enum err add_lines(int file, const char *path, struct text owner, struct text lines) {
    off_t size = lseek(file, 0, SEEK_END);
    if (size < 0)
        return complain(path, "cannot be read");
    if (size > 0)
        TRY(check_owner(file, path, owner));
    TRY(cut_torn_end(file, path, &size));
    if (size == 0) {
        char header[HEADER_SIZE] = TITLE;
        memcpy(header + sizeof TITLE - 1, owner.at, JOURNAL_OWNER_SIZE);
        header[HEADER_SIZE - 1] = '\n';
        TRY(write_whole(file, path, (struct text){header, sizeof header}));
    }
    TRY(write_whole(file, path, lines));
    return fsync(file) == 0 ? OK : complain(path, "cannot be written to disk");
}

/* So that the name of a new file is on disk as well. */
static enum err sync_folder(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *folder = slash == NULL ? "."
                         : slash == path
                             ? "/"
                             : text_copy(arena, (struct text){path, (size_t)(slash - path)}).at;
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = file >= 0 && fsync(file) == 0;
    if (file >= 0)
        close(file);
    return synced ? OK : complain(path, "cannot be written to disk");
}

enum err journal_append(struct arena *arena, const char *path, struct text owner,
                        const struct journal_entry *entries, size_t count) {
    struct buffer lines = {0};
    for (size_t i = 0; i < count; i++)
        buffer_format(&lines, "%" PRId64 " %" PRId64 "\n", entries[i].user_id,
                      entries[i].erased_at);
    int file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    enum err e = file < 0 ? complain(path, "cannot be opened") : OK;
    if (e == OK && flock(file, LOCK_EX) != 0)
        e = complain(path, "cannot be locked");
    if (e == OK)
        e = add_lines(file, path, owner, buffer_text(&lines));
    if (e == OK)
        e = sync_folder(arena, path);
    if (file >= 0)
        close(file);
    buffer_free(&lines);
    return e;
}
