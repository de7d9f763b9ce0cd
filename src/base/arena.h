/* Memory that lives as long as one request (or one command): allocated piece by piece, given back
 * at once. Nothing taken from an arena is freed by hand. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* newest first */
    char *next;                 /* free space of the newest chunk … */
    char *end;                  /* … up to here */
};

/* An arena starts as all zero bytes: `struct arena a = {0}`. */

/* `size` bytes aligned for any type, not cleared. Never NULL: the process aborts when the system
 * has no memory left, after logging. Sanitizer builds give each allocation a block of its own, so
 * that an overrun is seen. */
void *arena_alloc(struct arena *arena, size_t size);

/* The same, cleared. */
void *arena_zero(struct arena *arena, size_t size);

/* `count` times `size` bytes, cleared; aborts when the product overflows. */
void *arena_zero_many(struct arena *arena, size_t count, size_t size);

/* Forgets everything but keeps one chunk, of 64 KiB at most, for reuse. */
void arena_reset(struct arena *arena);

/* Gives everything back to the system. */
void arena_free(struct arena *arena);

#define ARENA_NEW(arena, type)          ((type *)arena_zero((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_zero_many((arena), (count), sizeof(type)))

#endif
