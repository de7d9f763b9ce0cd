#include "base/locked.h"

#include <errno.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

/* sodium_malloc locks as well, and says nothing when it cannot. To lock twice is to lock once. By
 * its number, because a sanitizer puts an mlock in its place that does nothing. */
void *locked_alloc(size_t size) {
    static atomic_flag warned = ATOMIC_FLAG_INIT;
    void *p = sodium_malloc(size);
    if (!p)
        log_out_of_memory(0);
    if (syscall(SYS_mlock, p, size) != 0 && !atomic_flag_test_and_set(&warned))
        log_line(LOG_WARN, "keys cannot be kept from being swapped out: %s (ulimit -l)",
                 strerrordesc_np(errno));
    return memset(p, 0, size);
}

void locked_free(void *p) {
    sodium_free(p);
}
