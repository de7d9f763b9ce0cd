#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define CAPACITY_FIRST ((size_t)256)

void buffer_grow(struct buffer *b, size_t more) {
    size_t needed;
    if (__builtin_add_overflow(b->size, more, &needed) || needed > PTRDIFF_MAX / 2)
        log_fatal("out of memory: buffer of %zu bytes grows by %zu", b->size, more);
    size_t capacity = b->capacity != 0 ? b->capacity : CAPACITY_FIRST;
    while (capacity < needed)
        capacity *= 2;
    char *at = realloc(b->at, capacity);
    if (at == NULL)
        log_out_of_memory(capacity);
    b->at = at;
    b->capacity = capacity;
}

void buffer_add(struct buffer *b, const void *bytes, size_t size) {
    if (size == 0)
        return;
    memcpy(buffer_reserve(b, size), bytes, size);
    b->size += size;
}

void buffer_add_text(struct buffer *b, struct text t) {
    buffer_add(b, t.at, t.size);
}

void buffer_add_char(struct buffer *b, char c) {
    *buffer_reserve(b, 1) = c;
    b->size++;
}

void buffer_format(struct buffer *b, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    char *at = buffer_reserve(b, 64);
    size_t room = b->capacity - b->size;
    int size = vsnprintf(at, room, format, args);
    ASSERT(size >= 0);
    if ((size_t)size >= room)
        vsnprintf(buffer_reserve(b, (size_t)size + 1), (size_t)size + 1, format, again);
    b->size += (size_t)size;
    va_end(again);
    va_end(args);
}

void buffer_clear(struct buffer *b, size_t keep) {
    if (b->capacity > keep)
        buffer_free(b);
    b->size = 0;
}

void buffer_free(struct buffer *b) {
    free(b->at);
    *b = (struct buffer){0};
}
