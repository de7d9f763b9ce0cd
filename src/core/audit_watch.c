#include "core/audit_watch.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "core/audit_verify.h"

#define STALE_AFTER CLOCK_MINUTE
#define WHOLE_SHARE 20 /* the whole chain is checked for so many parts of the time at most */

struct audit_watch {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool asked;
    atomic_bool stopped;
    struct audit_standing known; /* its texts are malloced */
    int64_t checked;             /* on the monotonic clock, as the next two; 0: never */
    int64_t whole_checked, whole_took;
};

struct audit_watch *audit_watch_new(void) {
    struct audit_watch *w = memory_zero(1, sizeof *w);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    return w;
}

static void drop_problems(struct audit_standing *s) {
    for (size_t i = 0; i < s->problem_count; i++)
        free((char *)s->problems[i].at);
    s->problem_count = 0;
}

void audit_watch_free(struct audit_watch *w) {
    if (!w)
        return;
    drop_problems(&w->known);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

/* ---- Asking ---------------------------------------------------------------------------------- */

void audit_watch_read(struct ctx *c, struct audit_standing *out) {
    struct audit_watch *w = c->core->watch;
    int64_t now = clock_monotonic();
    pthread_mutex_lock(&w->lock);
    *out = w->known;
    for (size_t i = 0; i < out->problem_count; i++)
        out->problems[i] = text_copy(c->arena, out->problems[i]);
    if (!w->checked || now - w->checked >= STALE_AFTER) {
        w->asked = true;
        pthread_cond_signal(&w->wake);
    }
    pthread_mutex_unlock(&w->lock);
}

enum audit_state audit_watch_state(const struct core *core) {
    struct audit_watch *w = core->watch;
    pthread_mutex_lock(&w->lock);
    enum audit_state state = w->known.state;
    pthread_mutex_unlock(&w->lock);
    return state;
}

bool audit_watch_wait(struct audit_watch *w) {
    pthread_mutex_lock(&w->lock);
    while (!w->asked && !atomic_load(&w->stopped))
        pthread_cond_wait(&w->wake, &w->lock);
    w->asked = false;
    pthread_mutex_unlock(&w->lock);
    return !atomic_load(&w->stopped);
}

void audit_watch_stop(struct audit_watch *w) {
    pthread_mutex_lock(&w->lock);
    atomic_store(&w->stopped, true);
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

/* ---- Checking -------------------------------------------------------------------------------- */

struct check {
    struct audit_watch *watch;
    struct audit_standing found;
};

static void keep_problem(void *self, struct text sentence) {
    struct check *k = self;
    if (k->found.problem_count == AUDIT_PROBLEMS_MAX)
        return;
    char *copy = memory_alloc(sentence.size + 1);
    memcpy(copy, sentence.at, sentence.size);
    copy[sentence.size] = '\0';
    k->found.problems[k->found.problem_count++] = (struct text){copy, sentence.size};
}

static bool is_stopped(void *self) {
    const struct check *k = self;
    return atomic_load_explicit(&k->watch->stopped, memory_order_relaxed);
}

static void publish(struct check *k, const struct audit_report *report) {
    struct audit_watch *w = k->watch;
    struct audit_standing *found = &k->found;
    found->state = report->faults ? AUDIT_BROKEN : AUDIT_HOLDS;
    found->faults = report->faults;
    found->records = report->head.seq - report->anchor.seq;
    found->head = report->head;
    found->checked_at = clock_now();
    if (report->faults)
        log_line(LOG_ERROR, "the audit trail is not what was sealed faults=%" PRId64,
                 report->faults);
    pthread_mutex_lock(&w->lock);
    drop_problems(&w->known);
    w->known = *found;
    w->checked = clock_monotonic();
    pthread_mutex_unlock(&w->lock);
}

static enum err check_from(struct ctx *c, const struct audit_end *from) {
    struct check k = {.watch = c->core->watch};
    const struct audit_check how = {
        .from = from, .fault = keep_problem, .stopped = is_stopped, .self = &k};
    struct audit_report report;
    enum err e = audit_verify(c, &how, &report);
    if (e == OK)
        publish(&k, &report);
    else
        drop_problems(&k.found);
    return e;
}

static bool whole_is_due(const struct audit_watch *w, int64_t now) {
    int64_t rest = WHOLE_SHARE * w->whole_took;
    return !w->whole_checked || now - w->whole_checked >= (rest > STALE_AFTER ? rest : STALE_AFTER);
}

/* What is broken stays so until the whole chain has been looked at again. */
enum err audit_watch_check(struct ctx *c) {
    struct audit_watch *w = c->core->watch;
    int64_t began = clock_monotonic();
    struct audit_end last = w->known.head; /* nobody but this thread changes it */
    if (!whole_is_due(w, began))
        return w->known.state == AUDIT_HOLDS ? check_from(c, &last) : OK;
    TRY(check_from(c, NULL));
    w->whole_checked = clock_monotonic();
    w->whole_took = w->whole_checked - began;
    return OK;
}
