#include "core/session_uses.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define SIZE  4096
#define PROBE 8

struct session_uses {
    pthread_mutex_t lock;
    size_t count;
    struct session_use slots[SIZE]; /* user_id 0: free */
};

struct session_uses *session_uses_new(void) {
    struct session_uses *u = calloc(1, sizeof *u);
    if (!u)
        log_out_of_memory(0);
    pthread_mutex_init(&u->lock, NULL);
    return u;
}

void session_uses_free(struct session_uses *u) {
    if (!u)
        return;
    pthread_mutex_destroy(&u->lock);
    free(u);
}

/* The slot of the session, a free one, or NULL when there is no room near. */
static struct session_use *find(struct session_uses *u, const struct session_use *use) {
    uint64_t start = (uint64_t)use->session_id * 0x9E3779B97F4A7C15u >> 32;
    for (size_t i = 0; i < PROBE; i++) {
        struct session_use *slot = &u->slots[(start + i) % SIZE];
        if (!slot->user_id ||
            (slot->session_id == use->session_id && slot->user_id == use->user_id))
            return slot;
    }
    return NULL;
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

void session_uses_put(struct session_uses *u, const struct session_use *use) {
    pthread_mutex_lock(&u->lock);
    struct session_use *slot = find(u, use);
    if (slot) {
        u->count += !slot->user_id;
        int64_t used_at = later(slot->used_at, use->used_at);
        int64_t expires_at = later(slot->expires_at, use->expires_at);
        *slot = (struct session_use){use->user_id, use->session_id, used_at, expires_at};
    }
    pthread_mutex_unlock(&u->lock);
}

size_t session_uses_take(struct session_uses *u, struct arena *arena, struct session_use **out) {
    pthread_mutex_lock(&u->lock);
    size_t count = 0;
    *out = ARENA_ARRAY(arena, struct session_use, u->count + 1);
    if (u->count) {
        for (size_t i = 0; i < SIZE; i++)
            if (u->slots[i].user_id)
                (*out)[count++] = u->slots[i];
        memset(u->slots, 0, sizeof u->slots);
        u->count = 0;
    }
    pthread_mutex_unlock(&u->lock);
    return count;
}
