#include "core/daily.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/log.h"
#include "core/statements.h"

enum { ADD, READ, MARK };

/* Of several nodes that mark the same account one changes its row. They take them in one order. */
static struct statement sql[] = {
    [ADD] = {"daily_add", "INSERT INTO daily (kind, day, total) VALUES ($1, $2, $3) "
                          "ON CONFLICT (kind, day) DO UPDATE SET total = daily.total + "
                          "excluded.total"},
    [READ] = {"daily_read",
              "SELECT day, total FROM daily WHERE kind = $1 AND day >= $2 AND day <= $3"},
    [MARK] = {.name = "daily_mark",
              .sqlite = "UPDATE credentials SET active_on = $1 WHERE user_id IN "
                        "(SELECT value FROM json_each('[' || $2 || ']')) "
                        "AND (active_on IS NULL OR active_on < $1)",
              .postgres = "UPDATE credentials SET active_on = $1 WHERE user_id IN (SELECT user_id "
                          "FROM credentials WHERE user_id = ANY (CAST(string_to_array("
                          "CAST($2 AS TEXT), ',') AS BIGINT[])) AND (active_on IS NULL OR "
                          "active_on < $1) ORDER BY user_id FOR UPDATE)"},
};

void daily_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

struct text daily_name(enum daily kind) {
    static const char *const names[] = {
        [DAILY_SIGNUPS] = "signups",     [DAILY_ACTIVE] = "active",
        [DAILY_LOGINS_OK] = "logins_ok", [DAILY_LOGINS_FAILED] = "logins_failed",
        [DAILY_FOLLOWED] = "followed",   [DAILY_UNFOLLOWED] = "unfollowed",
    };
    return text_of(names[kind]);
}

/* ---- In memory ------------------------------------------------------------------------------- */

#define MARKS   4096 /* accounts that are new today, in a second */
#define PROBE   8
#define KNOWN   65536 /* accounts that are marked already; to forget one costs a write */
#define FIGURES 4     /* two kinds, on two days around midnight */

struct figure {
    enum daily kind;
    int64_t day, count; /* 0: free */
};

struct mark {
    int64_t user_id; /* 0: free */
    int64_t day;
};

struct daily_counts {
    pthread_mutex_t lock;
    struct figure figures[FIGURES];
    struct mark marks[MARKS];
    size_t mark_count;
    int64_t day; /* of those that are known */
    int64_t known[KNOWN];
};

struct daily_counts *daily_new(void) {
    struct daily_counts *d = calloc(1, sizeof *d);
    if (!d)
        log_out_of_memory(0);
    pthread_mutex_init(&d->lock, NULL);
    return d;
}

void daily_free(struct daily_counts *d) {
    if (!d)
        return;
    pthread_mutex_destroy(&d->lock);
    free(d);
}

static void add_figure(struct daily_counts *d, enum daily kind, int64_t day, int64_t count) {
    for (size_t i = 0; i < FIGURES; i++) {
        struct figure *f = &d->figures[i];
        if (f->count && (f->kind != kind || f->day != day))
            continue;
        *f = (struct figure){kind, day, f->count + count};
        return;
    }
}

void daily_count(struct ctx *c, enum daily kind) {
    struct daily_counts *d = c->core->daily;
    pthread_mutex_lock(&d->lock);
    add_figure(d, kind, clock_date_of(c->now), 1);
    pthread_mutex_unlock(&d->lock);
}

static uint64_t hash(int64_t user_id) {
    return (uint64_t)user_id * 0x9E3779B97F4A7C15u >> 32;
}

static void add_mark(struct daily_counts *d, const struct mark *mark) {
    uint64_t start = hash(mark->user_id);
    for (size_t i = 0; i < PROBE; i++) {
        struct mark *slot = &d->marks[(start + i) % MARKS];
        if (slot->user_id == mark->user_id && slot->day == mark->day)
            return;
        if (slot->user_id)
            continue;
        *slot = *mark;
        d->mark_count++;
        return;
    }
}

static int64_t *known_slot(struct daily_counts *d, int64_t user_id) {
    return &d->known[hash(user_id) % KNOWN];
}

void daily_active(struct ctx *c, int64_t user_id) {
    struct daily_counts *d = c->core->daily;
    const struct mark mark = {user_id, clock_date_of(c->now)};
    pthread_mutex_lock(&d->lock);
    if (mark.day > d->day) {
        d->day = mark.day;
        memset(d->known, 0, sizeof d->known);
    }
    if (mark.day != d->day || *known_slot(d, user_id) != user_id)
        add_mark(d, &mark);
    pthread_mutex_unlock(&d->lock);
}

/* ---- Written down ---------------------------------------------------------------------------- */

#define AT_ONCE 256 /* accounts in one transaction */

/* What was taken out of memory. */
struct batch {
    struct figure figures[FIGURES];
    struct mark *marks;
    size_t count, done;
};

static bool take(struct daily_counts *d, struct arena *arena, struct batch *out) {
    bool any = false;
    pthread_mutex_lock(&d->lock);
    *out = (struct batch){.marks = ARENA_ARRAY(arena, struct mark, d->mark_count + 1)};
    for (size_t i = 0; i < FIGURES; i++)
        any |= d->figures[i].count != 0;
    memcpy(out->figures, d->figures, sizeof out->figures);
    memset(d->figures, 0, sizeof d->figures);
    for (size_t i = 0; d->mark_count && i < MARKS; i++)
        if (d->marks[i].user_id)
            out->marks[out->count++] = d->marks[i];
    if (d->mark_count)
        memset(d->marks, 0, sizeof d->marks);
    d->mark_count = 0;
    pthread_mutex_unlock(&d->lock);
    return any || out->count;
}

static void put_back(struct daily_counts *d, const struct batch *b) {
    pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i < FIGURES; i++)
        if (b->figures[i].count)
            add_figure(d, b->figures[i].kind, b->figures[i].day, b->figures[i].count);
    for (size_t i = b->done; i < b->count; i++)
        add_mark(d, &b->marks[i]);
    pthread_mutex_unlock(&d->lock);
}

static void remember(struct daily_counts *d, const struct mark *marks, size_t count) {
    pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i < count; i++)
        if (marks[i].day == d->day)
            *known_slot(d, marks[i].user_id) = marks[i].user_id;
    pthread_mutex_unlock(&d->lock);
}

enum err daily_add(struct ctx *c, enum daily kind, int64_t day, int64_t count) {
    return db_exec(c->db, &sql[ADD], ARGS(arg_text(daily_name(kind)), arg_int(day), arg_int(count)),
                   NULL);
}

/* Marks of one day. Who has been marked on that day before, by this node or another, does not
 * count. */
static enum err write_marks(struct ctx *c, const struct mark *marks, size_t count) {
    struct buffer ids = {0};
    int64_t changed = 0;
    for (size_t i = 0; i < count; i++)
        buffer_format(&ids, "%s%" PRId64, i ? "," : "", marks[i].user_id);
    enum err e = db_exec(c->db, &sql[MARK], ARGS(arg_int(marks->day), arg_text(buffer_text(&ids))),
                         &changed);
    buffer_free(&ids);
    return e == OK && changed ? daily_add(c, DAILY_ACTIVE, marks->day, changed) : e;
}

static enum err write_figures(struct ctx *c, const struct figure *figures) {
    for (size_t i = 0; i < FIGURES; i++)
        if (figures[i].count)
            TRY(daily_add(c, figures[i].kind, figures[i].day, figures[i].count));
    return OK;
}

/* How many of the marks that are left go together: of one day, and not too many. */
static size_t next_marks(const struct batch *b) {
    size_t count = 0, left = b->count - b->done;
    const struct mark *marks = b->marks + b->done;
    while (count < left && count < AT_ONCE && marks[count].day == marks[0].day)
        count++;
    return count;
}

static enum err write_some(struct ctx *c, const struct batch *b, size_t count) {
    if (count)
        TRY(write_marks(c, b->marks + b->done, count));
    return write_figures(c, b->figures);
}

static enum err write_next(struct ctx *c, struct batch *b) {
    size_t count = next_marks(b);
    TRY(db_begin(c->db));
    TRY(db_end(c->db, write_some(c, b, count)));
    TRY(db_wait(c->db));
    remember(c->core->daily, b->marks + b->done, count);
    memset(b->figures, 0, sizeof b->figures);
    b->done += count;
    return OK;
}

enum err daily_housekeeping(struct ctx *c) {
    struct batch b;
    if (!take(c->core->daily, c->arena, &b))
        return OK;
    enum err e;
    do
        e = write_next(c, &b);
    while (e == OK && b.done < b.count);
    enum err settled = db_wait(c->db);
    if (e == OK)
        e = settled;
    if (e != OK)
        put_back(c->core->daily, &b);
    return e;
}

/* ---- Reading --------------------------------------------------------------------------------- */

enum err daily_read(struct ctx *c, enum daily kind, int days, int64_t *out) {
    int64_t today = clock_date_of(c->now), first = today - days + 1;
    ASSERT(days > 0 && days <= DAILY_DAYS_MAX);
    memset(out, 0, (size_t)days * sizeof *out);
    struct db_rows rows;
    db_query(c->db, &rows, &sql[READ],
             ARGS(arg_text(daily_name(kind)), arg_int(first), arg_int(today)));
    while (db_next(&rows))
        out[db_int(&rows, 0) - first] = db_int(&rows, 1);
    return db_close(&rows);
}
