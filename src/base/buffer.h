/* Bytes that grow at the end, on the heap. Owner frees with buffer_free. Growth never fails: the
 * process aborts when the system has no memory left. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stddef.h>

#include "base/text.h"

struct buffer {
    char *at;
    size_t size;
    size_t capacity;
};

/* A buffer starts as all zero bytes. */

void buffer_grow(struct buffer *b, size_t more); /* for buffer_reserve alone */

/* Makes room for `more` bytes behind the end and returns where they go; size is unchanged. */
static inline char *buffer_reserve(struct buffer *b, size_t more) {
    if (b->at == NULL || b->capacity - b->size < more)
        buffer_grow(b, more);
    return b->at + b->size;
}

void buffer_add(struct buffer *b, const void *bytes, size_t size);
void buffer_add_text(struct buffer *b, struct text t);
void buffer_add_char(struct buffer *b, char c);
void buffer_format(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline struct text buffer_text(const struct buffer *b) {
    return (struct text){b->at, b->size};
}

/* Forgets the contents; keeps the memory when it is at most `keep` bytes. */
void buffer_clear(struct buffer *b, size_t keep);
void buffer_free(struct buffer *b);

#endif
