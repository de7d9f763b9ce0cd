/* Memory for libraries that take an allocator: it is there, or the process ends
 * (log_out_of_memory). A library that copes with less may give a wrong answer. To be freed with
 * free(). */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* NULL for no bytes at all, where the system's allocator may give that. */
void *memory_alloc(size_t size);
void *memory_zero(size_t count, size_t size);
void *memory_grow(void *at, size_t size);

#endif
