/* A machine that runs out of memory at a test's command, for LD_PRELOAD: counts the allocations of
 * the program and its libraries, and lets those fail that the test has asked for. The test and the
 * program share the file that SHIM_MEMORY names (memory.py has the same layout). */
#include "shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct orders {
    _Atomic int32_t armed;   /* nothing is counted otherwise */
    _Atomic int32_t spared;  /* so many more allocations pass before */
    _Atomic int32_t failing; /* so many fail then */
    _Atomic int32_t seen;
    _Atomic int32_t failed;
};

static struct orders *orders;

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void *(*real_mmap)(void *, size_t, int, int, int, off_t);

/* dlsym may allocate before there is anything to allocate with. That is never freed. */
static _Alignas(16) char spare[64 * 1024];
static size_t spare_used;
static bool finding;

static void *from_spare(size_t size) {
    size = (size + 15) & ~(size_t)15;
    if (size > sizeof spare - spare_used)
        return NULL;
    void *at = spare + spare_used;
    spare_used += size;
    return at;
}

static bool is_spare(const void *at) {
    return (const char *)at >= spare && (const char *)at < spare + sizeof spare;
}

static void find(void) {
    finding = true;
    real_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
    real_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
    real_mmap = (void *(*)(void *, size_t, int, int, int, off_t))dlsym(RTLD_NEXT, "mmap");
    real_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
    finding = false;
}

__attribute__((constructor)) static void start(void) {
    orders = orders_from("SHIM_MEMORY", sizeof *orders);
}

static bool fails(void) {
    if (!orders || !atomic_load_explicit(&orders->armed, memory_order_relaxed))
        return false;
    atomic_fetch_add(&orders->seen, 1);
    if (atomic_fetch_sub(&orders->spared, 1) > 0)
        return false;
    if (atomic_fetch_sub(&orders->failing, 1) <= 0)
        return false;
    atomic_fetch_add(&orders->failed, 1);
    errno = ENOMEM;
    return true;
}

/* ---- What programs call ---- */

void *malloc(size_t size) {
    if (!real_malloc) {
        if (finding)
            return from_spare(size);
        find();
    }
    return fails() ? NULL : real_malloc(size);
}

void *calloc(size_t count, size_t size) {
    if (!real_malloc) {
        if (finding)
            return from_spare(count * size); /* cleared, being static */
        find();
    }
    return fails() ? NULL : real_calloc(count, size);
}

void *realloc(void *at, size_t size) {
    if (!real_malloc && !finding)
        find();
    if (is_spare(at)) {
        void *moved = malloc(size);
        if (moved)
            memcpy(moved, at,
                   size < (size_t)(spare + sizeof spare - (char *)at)
                       ? size
                       : (size_t)(spare + sizeof spare - (char *)at));
        return moved;
    }
    return fails() ? NULL : real_realloc(at, size);
}

int posix_memalign(void **out, size_t alignment, size_t size) {
    static int (*real)(void **, size_t, size_t);
    if (!real)
        real = (int (*)(void **, size_t, size_t))dlsym(RTLD_NEXT, "posix_memalign");
    return fails() ? ENOMEM : real(out, alignment, size);
}

/* libsodium has its large blocks from here. Files are not memory. */
void *mmap(void *at, size_t size, int protection, int flags, int file, off_t offset) {
    if (!real_mmap)
        find();
    if ((flags & MAP_ANONYMOUS) && fails())
        return MAP_FAILED;
    return real_mmap(at, size, protection, flags, file, offset);
}
