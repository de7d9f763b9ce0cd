#include "db/group.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/pace.h"

#define GROUP_AGE_MAX (5 * CLOCK_SECOND / 1000)
#define REPAIR_PAUSE  (CLOCK_SECOND / 10) /* between two tries to get a broken writer back */

/* One for all that was written between a BEGIN and its COMMIT. Lives until the last handle that
 * wrote in it has heard of its end. */
struct group {
    unsigned references; /* a handle each, and one while it is open */
    unsigned transactions;
    int64_t opened;
    bool settled;
    enum err result; /* once settled */
    struct db_ticket *first, **last;
    pthread_cond_t end; /* settled */
};

/* A thread that waits for the connection. */
struct waiter {
    struct waiter *next;
    pthread_cond_t turn;
    bool granted;
};

struct groups {
    struct sqlite_settings settings;
    int (*wal_hook)(void *self, sqlite3 *, const char *, int);
    void *wal_self;
    pthread_t committer;
    _Atomic unsigned announced;

    pthread_mutex_t lock;
    pthread_cond_t work;  /* for the committer */
    pthread_cond_t quiet; /* no group is open and nobody has the connection */
    bool taken;           /* somebody has the connection … */
    bool closing;         /* … and the committer has it next */
    bool failed;          /* the open group cannot be committed */
    bool stop;
    unsigned pauses;
    struct group *open;     /* NULL: none */
    struct waiter *waiters; /* in the order they came */

    /* Of whoever has taken it. */
    struct link connection;
    bool poisoned; /* a group was lost: not to be trusted before repair() */
    int64_t repair_at;
};

enum { GROUP_OPEN, GROUP_COMMIT, GROUP_ROLLBACK, MEMBER_BEGIN, MEMBER_KEEP, MEMBER_UNDO };

static struct statement statements[] = {
    [GROUP_OPEN] = {.name = "group_open", .sqlite = "BEGIN IMMEDIATE"},
    [GROUP_COMMIT] = {.name = "group_commit", .sqlite = "COMMIT"},
    [GROUP_ROLLBACK] = {.name = "group_rollback", .sqlite = "ROLLBACK"},
    [MEMBER_BEGIN] = {.name = "member_begin", .sqlite = "SAVEPOINT member"},
    [MEMBER_KEEP] = {.name = "member_keep", .sqlite = "RELEASE member"},
    [MEMBER_UNDO] = {.name = "member_undo", .sqlite = "ROLLBACK TO member"},
};

static enum err run(struct groups *g, int which) {
    return link_step(&g->connection, &statements[which]);
}

/* Waits for `condition` until `deadline`; false once that has passed. */
static bool wait_until(struct groups *g, pthread_cond_t *condition, int64_t deadline) {
    int64_t left = deadline - clock_monotonic();
    if (left <= 0)
        return false;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t ns = t.tv_nsec + left % CLOCK_SECOND * 1000;
    t.tv_sec += left / CLOCK_SECOND + ns / 1000000000;
    t.tv_nsec = ns % 1000000000;
    pthread_cond_clockwait(condition, &g->lock, CLOCK_MONOTONIC, &t);
    return true;
}

/* ---- Whose turn it is. All with the lock held. ---- */

static bool may_enter(const struct groups *g) {
    return !g->taken && !g->closing && (g->open || g->pauses == 0);
}

static void forget_waiter(struct groups *g, const struct waiter *w) {
    struct waiter **at = &g->waiters;
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
}

static bool take(struct groups *g, int64_t deadline) {
    if (!g->waiters && may_enter(g)) {
        g->taken = true;
        return true;
    }
    struct waiter me = {.turn = PTHREAD_COND_INITIALIZER};
    struct waiter **last = &g->waiters;
    while (*last)
        last = &(*last)->next;
    *last = &me;
    bool in_time = true;
    while (!me.granted && in_time)
        in_time = wait_until(g, &me.turn, deadline);
    if (!me.granted)
        forget_waiter(g, &me);
    pthread_cond_destroy(&me.turn);
    return me.granted;
}

static void pass_on(struct groups *g) {
    struct waiter *next = g->waiters;
    if (next && may_enter(g)) {
        forget_waiter(g, next);
        g->taken = true;
        next->granted = true;
        pthread_cond_signal(&next->turn);
    }
    if (!g->open && !g->taken)
        pthread_cond_broadcast(&g->quiet);
}

/* Whether nobody is about to add to the open group. */
static bool is_complete(const struct groups *g) {
    return !g->taken && !g->waiters && atomic_load(&g->announced) == 0;
}

static bool must_close(const struct groups *g) {
    return g->failed || g->stop || g->pauses || g->open->transactions >= g->settings.group_limit ||
           clock_monotonic() - g->open->opened >= GROUP_AGE_MAX;
}

/* Wakes the committer when the open group is ready for it. */
static void look_after_group(struct groups *g) {
    if (!g->open)
        return;
    if (must_close(g))
        g->closing = true;
    if (g->closing || is_complete(g))
        pthread_cond_signal(&g->work);
}

static void give_back(struct groups *g) {
    g->failed = g->connection.broken;
    g->taken = false;
    look_after_group(g);
    pass_on(g);
}

/* ---- The connection, by whoever has taken it ---- */

static enum err open_writer(struct groups *g) {
    TRY(link_open(&g->connection, &g->settings, ROLE_WRITER));
    sqlite3_wal_hook(g->connection.handle, g->wal_hook, g->wal_self);
    return OK;
}

/* A write of no consequence that goes all the way to the disk. */
static enum err try_out(struct groups *g) {
    return link_script(&g->connection, "try_out", "PRAGMA user_version = 0");
}

static enum err repair(struct groups *g) {
    int64_t now = clock_monotonic();
    if (now < g->repair_at)
        return ERR_UNAVAILABLE;
    g->repair_at = now + REPAIR_PAUSE;
    link_close(&g->connection);
    TRY(open_writer(g));
    enum err e = try_out(g);
    g->connection.broken = false;
    if (e != OK)
        return e;
    g->poisoned = false;
    log_line(LOG_WARN, "the database can be written to again");
    return OK;
}

/* Starts a group. `deadline` bounds the wait for another process. */
static enum err open_group(struct groups *g, int64_t deadline) {
    if (g->poisoned)
        TRY(repair(g));
    struct group *group = malloc(sizeof *group);
    if (!group)
        return ERR_UNAVAILABLE;
    int64_t left = deadline - clock_monotonic();
    g->connection.busy_timeout = left > 0 ? left : 0;
    enum err e = run(g, GROUP_OPEN);
    if (e != OK) {
        g->poisoned = g->connection.broken;
        g->connection.broken = false;
        free(group);
        return e;
    }
    *group = (struct group){.references = 1,
                            .opened = clock_monotonic(),
                            .last = &group->first,
                            .end = PTHREAD_COND_INITIALIZER};
    pthread_mutex_lock(&g->lock);
    g->open = group;
    pthread_cond_signal(&g->work); /* it must not get too old */
    pthread_mutex_unlock(&g->lock);
    return OK;
}

static void undo_group(struct groups *g) {
    if (!sqlite3_get_autocommit(g->connection.handle))
        run(g, GROUP_ROLLBACK);
    g->poisoned = true;
    g->connection.broken = false;
}

static enum err finish_group(struct groups *g, bool failed, unsigned transactions) {
    int64_t began = clock_monotonic();
    if (!failed && run(g, GROUP_COMMIT) == OK) {
        pace_commit(g->settings.pace, transactions, began);
        return OK;
    }
    undo_group(g);
    log_line(LOG_ERROR, "a group of transactions could not be written and is lost");
    return ERR_UNAVAILABLE;
}

/* ---- The committer ---- */

static void release(struct group *group) {
    if (--group->references > 0)
        return;
    pthread_cond_destroy(&group->end);
    free(group);
}

/* Returns with the connection taken when the open group is to be closed; false: no more work. */
static bool await_work(struct groups *g) {
    for (;;) {
        if (!g->open && g->stop)
            return false;
        if (g->open && (is_complete(g) || must_close(g)))
            g->closing = true;
        if (g->closing && !g->taken) {
            g->taken = true;
            return true;
        }
        if (g->open && !g->closing)
            wait_until(g, &g->work, g->open->opened + GROUP_AGE_MAX);
        else
            pthread_cond_wait(&g->work, &g->lock);
    }
}

static void tell(struct db_ticket *ticket, enum err result) {
    while (ticket) {
        struct db_ticket *next = ticket->next;
        ticket->settled(ticket, result);
        ticket = next;
    }
}

static void close_group(struct groups *g) {
    struct group *group = g->open;
    bool failed = g->failed;
    pthread_mutex_unlock(&g->lock);
    enum err result = finish_group(g, failed, group->transactions);
    pthread_mutex_lock(&g->lock);

    group->result = result;
    group->settled = true;
    pthread_cond_broadcast(&group->end);
    struct db_ticket *tickets = group->first;
    g->open = NULL;
    g->closing = g->failed = g->taken = false;
    release(group);
    pass_on(g);
    pthread_mutex_unlock(&g->lock);
    tell(tickets, result);
    pthread_mutex_lock(&g->lock);
}

static void *commit_groups(void *self) {
    struct groups *g = self;
    pthread_mutex_lock(&g->lock);
    while (await_work(g))
        close_group(g);
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* ---- Life ---- */

enum err groups_open(struct groups **out, const struct sqlite_settings *settings,
                     int (*wal_hook)(void *self, sqlite3 *, const char *, int), void *self) {
    db_register(statements, sizeof statements / sizeof statements[0]);
    struct groups *g = calloc(1, sizeof *g);
    if (!g)
        return ERR_UNAVAILABLE;
    g->settings = *settings;
    g->wal_hook = wal_hook;
    g->wal_self = self;
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->work, NULL);
    pthread_cond_init(&g->quiet, NULL);
    enum err e = open_writer(g);
    if (e == OK && pthread_create(&g->committer, NULL, commit_groups, g) != 0) {
        log_line(LOG_ERROR, "no thread for group commit");
        e = ERR_UNAVAILABLE;
        link_close(&g->connection);
    }
    if (e != OK) {
        free(g);
        return e;
    }
    *out = g;
    return OK;
}

void groups_close(struct groups *g) {
    pthread_mutex_lock(&g->lock);
    g->stop = true;
    pthread_cond_signal(&g->work);
    pthread_mutex_unlock(&g->lock);
    pthread_join(g->committer, NULL);
    link_close(&g->connection);
    pthread_cond_destroy(&g->quiet);
    pthread_cond_destroy(&g->work);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

struct link *groups_connection(struct groups *g) {
    return &g->connection;
}

/* ---- Members ---- */

/* Takes note of how a group that `m` was in has ended. With the lock held. */
static void hear(struct membership *m) {
    if (!m->group || !m->group->settled)
        return;
    if (m->group->result != OK)
        m->lost = m->group->result;
    release(m->group);
    m->group = NULL;
}

static void join(struct groups *g, struct membership *m) {
    hear(m);
    if (!m->group) {
        m->group = g->open;
        g->open->references++;
    }
    g->open->transactions++;
}

static enum err enter(struct groups *g, int64_t deadline, bool must_open) {
    if (must_open)
        TRY(open_group(g, deadline));
    return run(g, MEMBER_BEGIN);
}

enum err group_begin(struct groups *g, struct membership *m) {
    int64_t deadline = clock_monotonic() + g->settings.busy_timeout;
    pthread_mutex_lock(&g->lock);
    hear(m);
    bool mine = m->lost == OK && take(g, deadline);
    bool must_open = !g->open;
    pthread_mutex_unlock(&g->lock);
    if (!mine)
        return ERR_UNAVAILABLE;

    enum err e = enter(g, deadline, must_open);
    pthread_mutex_lock(&g->lock);
    if (e == OK)
        join(g, m);
    else
        give_back(g);
    pthread_mutex_unlock(&g->lock);
    return e;
}

static void end_savepoint(struct groups *g, enum err result) {
    struct link *c = &g->connection;
    if (c->broken)
        return;
    if (result != OK && run(g, MEMBER_UNDO) != OK)
        c->broken = true;
    else if (run(g, MEMBER_KEEP) != OK)
        c->broken = true;
}

enum err group_end(struct groups *g, enum err result) {
    end_savepoint(g, result);
    bool broken = g->connection.broken;
    pthread_mutex_lock(&g->lock);
    give_back(g);
    pthread_mutex_unlock(&g->lock);
    return broken ? ERR_UNAVAILABLE : result;
}

bool group_is_pending(const struct membership *m) {
    return m->group || m->lost != OK;
}

/* Takes the handle out of its group: true with what is known, false when that is still open. */
static bool is_known(struct membership *m, enum err *result) {
    hear(m);
    if (m->group && m->lost == OK)
        return false;
    *result = m->lost;
    if (m->group)
        release(m->group);
    *m = (struct membership){0};
    return true;
}

void group_settle(struct groups *g, struct membership *m, struct db_ticket *ticket) {
    enum err result;
    ticket->next = NULL;
    pthread_mutex_lock(&g->lock);
    bool known = is_known(m, &result);
    if (!known) {
        *m->group->last = ticket;
        m->group->last = &ticket->next;
        release(m->group);
        *m = (struct membership){0};
    }
    pthread_mutex_unlock(&g->lock);
    if (known)
        ticket->settled(ticket, result);
}

enum err group_wait(struct groups *g, struct membership *m) {
    enum err result;
    pthread_mutex_lock(&g->lock);
    while (!is_known(m, &result))
        pthread_cond_wait(&m->group->end, &g->lock);
    pthread_mutex_unlock(&g->lock);
    return result;
}

void group_leave(struct groups *g, struct membership *m) {
    pthread_mutex_lock(&g->lock);
    if (m->group)
        release(m->group);
    *m = (struct membership){0};
    pthread_mutex_unlock(&g->lock);
}

/* ---- Who is about to write ---- */

void groups_announce(struct groups *g) {
    atomic_fetch_add(&g->announced, 1);
}

void groups_retire(struct groups *g) {
    unsigned before = atomic_fetch_sub(&g->announced, 1);
    ASSERT(before > 0);
    if (before > 1)
        return;
    pthread_mutex_lock(&g->lock);
    look_after_group(g);
    pthread_mutex_unlock(&g->lock);
}

void groups_pause(struct groups *g) {
    pthread_mutex_lock(&g->lock);
    g->pauses++;
    look_after_group(g);
    while (g->open || g->taken)
        pthread_cond_wait(&g->quiet, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

void groups_hold(struct groups *g) {
    pthread_mutex_lock(&g->lock);
    g->pauses++;
    pthread_mutex_unlock(&g->lock);
}

void groups_resume(struct groups *g) {
    pthread_mutex_lock(&g->lock);
    g->pauses--;
    pass_on(g);
    pthread_mutex_unlock(&g->lock);
}
