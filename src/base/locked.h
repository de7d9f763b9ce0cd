/* Memory for keys: never swapped out, with unreadable pages around it, wiped when it is freed. */
#ifndef BASE_LOCKED_H
#define BASE_LOCKED_H

#include <stddef.h>

/* `size` zero bytes. `size` must be a multiple of the alignment that is wanted: they end where the
 * page does. Never NULL. Where the system does not let us lock as much (RLIMIT_MEMLOCK), the log
 * says so once, and it is memory like any other. */
void *locked_alloc(size_t size);
void locked_free(void *p);

#endif
