#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"

struct text text_of(const char *s) {
    return (struct text){s, s != NULL ? strlen(s) : 0};
}

bool text_equal(struct text a, struct text b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

static inline unsigned char lower(char c) {
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? u | 0x20 : u;
}

bool text_equal_nocase(struct text a, struct text b) {
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++) {
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    }
    return true;
}

bool text_starts(struct text t, struct text prefix) {
    return t.size >= prefix.size && text_equal((struct text){t.at, prefix.size}, prefix);
}

int text_compare(struct text a, struct text b) {
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common != 0 ? memcmp(a.at, b.at, common) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static inline bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

struct text text_trim(struct text t) {
    while (t.size > 0 && is_blank(t.at[0])) {
        t.at++;
        t.size--;
    }
    while (t.size > 0 && is_blank(t.at[t.size - 1]))
        t.size--;
    return t;
}

bool text_split(struct text *rest, char separator, struct text *part) {
    if (rest->at == NULL)
        return false;
    const char *found = memchr(rest->at, separator, rest->size);
    if (found == NULL) {
        *part = *rest;
        *rest = (struct text){NULL, 0};
        return true;
    }
    *part = (struct text){rest->at, (size_t)(found - rest->at)};
    *rest = (struct text){found + 1, rest->size - part->size - 1};
    return true;
}

static char *copy(struct arena *arena, struct text t) {
    char *at = arena_alloc(arena, t.size + 1);
    if (t.size != 0)
        memcpy(at, t.at, t.size);
    at[t.size] = '\0';
    return at;
}

struct text text_copy(struct arena *arena, struct text t) {
    return (struct text){copy(arena, t), t.size};
}

const char *text_cstr(struct arena *arena, struct text t) {
    return copy(arena, t);
}

struct text text_format(struct arena *arena, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    ASSERT(size >= 0);
    char *at = arena_alloc(arena, (size_t)size + 1);
    vsnprintf(at, (size_t)size + 1, format, again);
    va_end(again);
    va_end(args);
    return (struct text){at, (size_t)size};
}

struct text text_lower(struct arena *arena, struct text t) {
    char *at = copy(arena, t);
    for (size_t i = 0; i < t.size; i++)
        at[i] = (char)lower(at[i]);
    return (struct text){at, t.size};
}

bool text_to_int(struct text t, int64_t *out) {
    bool negative = t.size > 0 && t.at[0] == '-';
    size_t i = negative;
    if (i == t.size)
        return false;
    int64_t n = 0;
    for (; i < t.size; i++) {
        int digit = t.at[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, negative ? -digit : digit, &n))
            return false;
    }
    *out = n;
    return true;
}
