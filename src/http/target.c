#include "http/target.h"

#include "base/unicode.h"

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int target_unescape(const char *at, const char *end) {
    if (end - at < 3)
        return -1;
    int high = hex_digit(at[1]), low = hex_digit(at[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static enum err decode(struct arena *arena, struct text raw, struct text *out) {
    char *copy = arena_alloc(arena, raw.size), *to = copy;
    const char *end = raw.at + raw.size;
    for (const char *from = raw.at; from < end; from++) {
        if (*from != '%') {
            *to++ = *from;
            continue;
        }
        int c = target_unescape(from, end);
        if (c < ' ' || c == 0x7f || c == '/')
            return ERR_MALFORMED;
        *to++ = (char)c;
        from += 2;
    }
    *out = (struct text){copy, (size_t)(to - copy)};
    return unicode_valid(*out) ? OK : ERR_MALFORMED;
}

static bool segment_valid(const char *at, size_t size) {
    if (size == 0 || (size == 1 && at[0] == '.'))
        return false;
    return !(size == 2 && at[0] == '.' && at[1] == '.');
}

/* `path` begins with a slash. */
static bool segments_valid(struct text path) {
    const char *segment = path.at + 1, *end = path.at + path.size;
    while (segment < end) {
        const char *slash = memchr(segment, '/', (size_t)(end - segment));
        const char *stop = slash ? slash : end;
        if (!segment_valid(segment, (size_t)(stop - segment)))
            return false;
        segment = stop + 1;
    }
    return true;
}

enum err target_split(struct arena *arena, struct text target, struct text *path,
                      struct text *query) {
    const char *mark = memchr(target.at, '?', target.size);
    *path = (struct text){target.at, mark ? (size_t)(mark - target.at) : target.size};
    *query = mark ? (struct text){mark + 1, target.size - path->size - 1} : (struct text){NULL, 0};
    if (memchr(path->at, '%', path->size) != NULL)
        TRY(decode(arena, *path, path));
    if (!segments_valid(*path))
        return ERR_MALFORMED;
    if (path->size > 1 && path->at[path->size - 1] == '/')
        path->size--;
    return OK;
}
