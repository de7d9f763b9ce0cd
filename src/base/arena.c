#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define CHUNK_FIRST ((size_t)4 * 1024)
#define CHUNK_MAX   ((size_t)64 * 1024)
#define OWN_CHUNK   (CHUNK_MAX / 4) /* from here on an allocation that does not fit stands alone */

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_SEPARATE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_SEPARATE 1
#endif
#endif
#ifndef ARENA_SEPARATE
#define ARENA_SEPARATE 0
#endif

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* the header included */
    max_align_t data[];
};

static struct arena_chunk *chunk_new(size_t size) {
    struct arena_chunk *chunk = malloc(size);
    if (chunk == NULL)
        log_out_of_memory(size);
    chunk->size = size;
    return chunk;
}

/* A block for one allocation. It goes behind the newest chunk, whose free space stays in use. */
static void *alloc_own(struct arena *arena, size_t size) {
    struct arena_chunk *chunk = chunk_new(sizeof *chunk + size);
    struct arena_chunk **place = arena->chunks != NULL ? &arena->chunks->next : &arena->chunks;
    chunk->next = *place;
    *place = chunk;
    return chunk->data;
}

static void *alloc_new_chunk(struct arena *arena, size_t size) {
    size_t total = CHUNK_FIRST;
    if (arena->chunks != NULL && arena->chunks->size >= CHUNK_FIRST)
        total = arena->chunks->size < CHUNK_MAX / 2 ? arena->chunks->size * 2 : CHUNK_MAX;
    while (total - sizeof(struct arena_chunk) < size)
        total *= 2;
    struct arena_chunk *chunk = chunk_new(total);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->next = (char *)chunk->data + size;
    arena->end = (char *)chunk + total;
    return chunk->data;
}

void *arena_alloc(struct arena *arena, size_t size) {
    if (size > PTRDIFF_MAX / 2)
        log_fatal("out of memory: %zu bytes asked of an arena", size);
    if (ARENA_SEPARATE)
        return alloc_own(arena, size);
    size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (arena->next != NULL && (size_t)(arena->end - arena->next) >= size) {
        void *result = arena->next;
        arena->next += size;
        return result;
    }
    return size >= OWN_CHUNK ? alloc_own(arena, size) : alloc_new_chunk(arena, size);
}

void *arena_zero(struct arena *arena, size_t size) {
    return memset(arena_alloc(arena, size), 0, size);
}

void *arena_zero_many(struct arena *arena, size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        log_fatal("out of memory: array of %zu times %zu bytes", count, size);
    return arena_zero(arena, total);
}

static void free_chunks(struct arena_chunk *chunk) {
    while (chunk != NULL) {
        struct arena_chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void arena_reset(struct arena *arena) {
    /* Without free space the newest chunk is one that alloc_own made. */
    if (arena->next == NULL) {
        arena_free(arena);
        return;
    }
    struct arena_chunk *kept = arena->chunks;
    free_chunks(kept->next);
    kept->next = NULL;
    arena->next = (char *)kept->data;
}

void arena_free(struct arena *arena) {
    free_chunks(arena->chunks);
    *arena = (struct arena){0};
}
