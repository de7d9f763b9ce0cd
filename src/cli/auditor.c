#include "cli/auditor.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "core/audit_watch.h"

#define NICE 10 /* it gives way to whoever waits for an answer */

struct auditor {
    struct ctx ctx;
    struct arena arena, *before; /* its own, and the one that the handle had */
    pthread_t thread;
};

static void *work(void *self) {
    struct auditor *a = self;
    pthread_setname_np(pthread_self(), "auditor");
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    while (audit_watch_wait(a->ctx.core->watch)) {
        db_use(a->ctx.db, &a->arena);
        audit_watch_check(&a->ctx); /* what cannot be read is said by whoever reads */
        arena_reset(&a->arena);
    }
    return NULL;
}

struct auditor *auditor_start(const struct ctx *ctx) {
    struct auditor *a = memory_zero(1, sizeof *a);
    a->ctx = *ctx;
    a->before = ctx->arena;
    a->ctx.arena = &a->arena;
    if (pthread_create(&a->thread, NULL, work, a) != 0)
        log_fatal("no thread to verify the audit trail");
    return a;
}

void auditor_stop(struct auditor *a) {
    audit_watch_stop(a->ctx.core->watch);
    pthread_join(a->thread, NULL);
    db_use(a->ctx.db, a->before);
    arena_free(&a->arena);
    free(a);
}
