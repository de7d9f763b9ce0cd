/* What has been refused since the last housekeeping: audit_refused. */
#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "core/audit.h"

#define SLOTS       1024
#define PROBE       8
#define EVENTS      64               /* more than the highest number of one */
#define SLOTS_TAKEN (SLOTS + EVENTS) /* the last are for what found no room, by event */
#define AT_ONCE     256              /* records in one transaction */

struct refusal {
    int64_t count; /* 0: free */
    struct audit_entry entry;
    struct address address;
};

struct audit_refusals {
    pthread_mutex_t lock;
    bool any;
    struct refusal slots[SLOTS_TAKEN];
};

struct audit_refusals *audit_refusals_new(void) {
    struct audit_refusals *r = calloc(1, sizeof *r);
    if (!r)
        log_out_of_memory(0);
    pthread_mutex_init(&r->lock, NULL);
    return r;
}

void audit_refusals_free(struct audit_refusals *r) {
    if (!r)
        return;
    pthread_mutex_destroy(&r->lock);
    free(r);
}

static uint64_t hash(const struct refusal *r) {
    uint64_t halves[2], h = (uint64_t)r->entry.user_id * 31 + r->entry.event;
    memcpy(halves, r->address.bytes, sizeof halves);
    for (int i = 0; i < 2; i++)
        h = (h ^ halves[i]) * 0x9E3779B97F4A7C15u;
    return h >> 32;
}

static bool same(const struct refusal *a, const struct refusal *b) {
    return a->entry.event == b->entry.event && a->entry.outcome == b->entry.outcome &&
           a->entry.user_id == b->entry.user_id && a->entry.actor_id == b->entry.actor_id &&
           !memcmp(&a->address, &b->address, sizeof a->address);
}

static struct refusal *find(struct audit_refusals *r, const struct refusal *wanted) {
    uint64_t start = hash(wanted);
    for (size_t i = 0; i < PROBE; i++) {
        struct refusal *slot = &r->slots[(start + i) % SLOTS];
        if (!slot->count || same(slot, wanted))
            return slot;
    }
    ASSERT(wanted->entry.event < EVENTS);
    return &r->slots[SLOTS + wanted->entry.event];
}

void audit_refused(struct ctx *c, const struct audit_entry *entry) {
    const struct refusal refusal = {.entry = *entry, .address = c->by.origin.address};
    struct audit_refusals *r = c->core->refusals;
    pthread_mutex_lock(&r->lock);
    struct refusal *slot = find(r, &refusal);
    int64_t count = slot->count;
    if (slot >= &r->slots[SLOTS])
        *slot = (struct refusal){.entry = {.event = entry->event, .outcome = entry->outcome}};
    else
        *slot = refusal;
    slot->count = count + 1;
    r->any = true;
    pthread_mutex_unlock(&r->lock);
}

static size_t take(struct audit_refusals *r, struct refusal *out) {
    size_t count = 0;
    pthread_mutex_lock(&r->lock);
    for (size_t i = 0; r->any && i < SLOTS_TAKEN; i++)
        if (r->slots[i].count)
            out[count++] = r->slots[i];
    if (count)
        memset(r->slots, 0, sizeof r->slots);
    r->any = false;
    pthread_mutex_unlock(&r->lock);
    return count;
}

static enum err write_some(struct ctx *c, const struct refusal *refusals, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct audit_entry entry = refusals[i].entry;
        entry.detail = audit_detail(c, "attempts", refusals[i].count);
        c->by = (struct behalf){.via = VIA_HTTP, .origin.address = refusals[i].address};
        TRY(audit_add(c, &entry));
    }
    return OK;
}

static enum err write_all(struct ctx *c, const struct refusal *refusals, size_t count) {
    for (size_t done = 0; done < count; done += AT_ONCE) {
        size_t some = count - done < AT_ONCE ? count - done : AT_ONCE;
        TRY(db_begin(c->db));
        TRY(db_end(c->db, write_some(c, refusals + done, some)));
    }
    return OK;
}

/* What cannot be written now is lost: it has changed nothing, and memory is not for keeping it. */
enum err audit_housekeeping(struct ctx *c) {
    struct refusal *refusals = ARENA_ARRAY(c->arena, struct refusal, SLOTS_TAKEN);
    struct behalf by = c->by;
    size_t count = take(c->core->refusals, refusals);
    enum err e = write_all(c, refusals, count);
    c->by = by;
    enum err settled = db_wait(c->db);
    return e != OK ? e : settled;
}
