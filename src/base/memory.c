#include "base/memory.h"

#include <stdlib.h>

#include "base/log.h"

void *memory_alloc(size_t size) {
    void *at = malloc(size);
    if (at == NULL && size != 0)
        log_out_of_memory(size);
    return at;
}

void *memory_zero(size_t count, size_t size) {
    void *at = calloc(count, size);
    if (at == NULL && count != 0 && size != 0)
        log_out_of_memory(size);
    return at;
}

void *memory_grow(void *at, size_t size) {
    void *grown = realloc(at, size);
    if (grown == NULL && size != 0)
        log_out_of_memory(size);
    return grown;
}
