#include "core/erasure.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "core/account.h"
#include "core/journal.h"
#include "core/secret.h"
#include "core/statements.h"

/* A transaction is seen by all long before that. */
#define OVERLAP (10 * CLOCK_MINUTE)

/* Beyond the ids of the journal: other processes may be taking some at this moment. */
#define IDS_APART 1000

enum { RECORD, SINCE, LAST_ID, SKIP_IDS };

static struct statement sql[] = {
    [RECORD] = {"erasure_record", "INSERT INTO erasures (user_id, erased_at) VALUES ($1, $2) "
                                  "ON CONFLICT DO NOTHING"},
    [SINCE] = {"erasure_since", "SELECT user_id, erased_at FROM erasures WHERE erased_at >= $1 "
                                "ORDER BY user_id"},
    [LAST_ID] = {.name = "erasure_last_id",
                 .sqlite = "SELECT coalesce(max(value), 0) FROM sequences WHERE name = 'users'",
                 .postgres = "SELECT last_value FROM users_id"},
    [SKIP_IDS] = {.name = "erasure_skip_ids",
                  .sqlite = "INSERT INTO sequences (name, value) VALUES ('users', $1) "
                            "ON CONFLICT (name) DO UPDATE SET value = excluded.value "
                            "RETURNING value",
                  .postgres = "SELECT setval('users_id', $1)"},
};

void erasure_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

struct erasures {
    const char *path;
    char owner[JOURNAL_OWNER_SIZE];
    pthread_mutex_t mutex; /* for what follows */
    int64_t *known;        /* ids that are in the journal, in order */
    size_t count, room;
    int64_t caught_up; /* µs: all that was erased before, less the overlap, is in the journal */
};

static struct text owner_of(const struct erasures *e) {
    return (struct text){e->owner, sizeof e->owner};
}

/* ---- What the journal has -------------------------------------------------------------------- */

/* Where the id is, or belongs. */
static size_t place_of(const struct erasures *e, int64_t id) {
    size_t low = 0, high = e->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e->known[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool knows(const struct erasures *e, int64_t id) {
    size_t at = place_of(e, id);
    return at < e->count && e->known[at] == id;
}

static void learn(struct erasures *e, int64_t id) {
    size_t at = place_of(e, id);
    if (at < e->count && e->known[at] == id)
        return;
    if (e->count == e->room) {
        e->room = e->room ? 2 * e->room : 64;
        e->known = realloc(e->known, e->room * sizeof *e->known);
        if (!e->known)
            log_out_of_memory(0);
    }
    memmove(e->known + at + 1, e->known + at, (e->count - at) * sizeof *e->known);
    e->known[at] = id;
    e->count++;
}

/* Under the mutex. */
static enum err append(struct ctx *c, const struct journal_entry *entries, size_t count) {
    struct erasures *e = c->core->erasures;
    if (count == 0)
        return OK;
    TRY(journal_append(c->arena, e->path, owner_of(e), entries, count));
    for (size_t i = 0; i < count; i++)
        learn(e, entries[i].user_id);
    return OK;
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* What every backup of this database has as well, and no other: made from the key that seals, which
 * does not follow from it. */
static enum err find_owner(struct ctx *c, char out[JOURNAL_OWNER_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    uint8_t seal[32], digest[DIGEST_SIZE];
    TRY(secret_named(c, "seal", seal, sizeof seal));
    digest_hmac((struct text){(const char *)seal, sizeof seal}, TEXT("erasure journal"), digest);
    for (size_t i = 0; i < JOURNAL_OWNER_SIZE; i++)
        out[i] = digits[digest[i / 2] >> (i % 2 ? 0 : 4) & 15];
    sodium_memzero(seal, sizeof seal);
    return OK;
}

enum err erasure_open(struct ctx *c, const char *path) {
    struct journal_entry *entries;
    size_t count;
    struct erasures *e = calloc(1, sizeof *e);
    if (!e)
        log_out_of_memory(0);
    e->path = path;
    pthread_mutex_init(&e->mutex, NULL);
    c->core->erasures = e;
    enum err result = find_owner(c, e->owner);
    if (result == OK)
        result = journal_read(c->arena, path, owner_of(e), &entries, &count);
    if (result != OK) {
        erasure_close(c->core);
        return result;
    }
    for (size_t i = 0; i < count; i++)
        learn(e, entries[i].user_id);
    return OK;
}

void erasure_close(struct core *core) {
    struct erasures *e = core->erasures;
    if (!e)
        return;
    core->erasures = NULL;
    pthread_mutex_destroy(&e->mutex);
    free(e->known);
    free(e);
}

/* ---- Erasing --------------------------------------------------------------------------------- */

enum err erasure_record(struct ctx *c, int64_t user_id) {
    return db_exec(c->db, &sql[RECORD], ARGS(arg_int(user_id), arg_int(c->now)), NULL);
}

enum err erasure_remember(struct ctx *c, int64_t user_id) {
    struct erasures *e = c->core->erasures;
    if (!e)
        return OK;
    TRY(db_wait(c->db));
    const struct journal_entry entry = {user_id, c->now};
    pthread_mutex_lock(&e->mutex);
    if (append(c, &entry, 1) != OK)
        log_line(LOG_WARN, "an erasure is not in the journal yet; will try again");
    pthread_mutex_unlock(&e->mutex);
    return OK;
}

/* ---- Catching up ----------------------------------------------------------------------------- */

struct entries {
    struct journal_entry *at;
    size_t count, room;
};

static void add_entry(struct arena *arena, struct entries *list, struct journal_entry entry) {
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        struct journal_entry *larger = ARENA_ARRAY(arena, struct journal_entry, list->room);
        if (list->count)
            memcpy(larger, list->at, list->count * sizeof *larger);
        list->at = larger;
    }
    list->at[list->count++] = entry;
}

static enum err read_table(struct ctx *c, int64_t since, struct entries *out) {
    struct db_rows rows;
    *out = (struct entries){0};
    db_query(c->db, &rows, &sql[SINCE], ARGS(arg_int(since)));
    while (db_next(&rows))
        add_entry(c->arena, out, (struct journal_entry){db_int(&rows, 0), db_int(&rows, 1)});
    return db_close(&rows);
}

/* Adds those of the table to the journal that are not in it. Under the mutex. */
static enum err catch_up(struct ctx *c, const struct entries *table) {
    struct entries missing = {0};
    for (size_t i = 0; i < table->count; i++)
        if (!knows(c->core->erasures, table->at[i].user_id))
            add_entry(c->arena, &missing, table->at[i]);
    return append(c, missing.at, missing.count);
}

enum err erasure_housekeeping(struct ctx *c) {
    struct erasures *e = c->core->erasures;
    struct entries table;
    if (!e)
        return OK;
    TRY(read_table(c, e->caught_up - OVERLAP, &table));
    pthread_mutex_lock(&e->mutex);
    enum err result = catch_up(c, &table);
    if (result == OK)
        e->caught_up = c->now;
    pthread_mutex_unlock(&e->mutex);
    return result;
}

/* ---- After a restore ------------------------------------------------------------------------- */

static enum err record_alone(struct ctx *c, int64_t user_id) {
    TRY(db_begin(c->db));
    return db_end(c->db, erasure_record(c, user_id));
}

/* Whoever has the id now may be somebody who came later. */
static enum err erase_again(struct ctx *c, const struct journal_entry *entry, int64_t *again) {
    struct ctx then = *c;
    struct account a;
    then.now = entry->erased_at;
    enum err e = account_load(&then, entry->user_id, &a);
    if (e == OK && a.created_at <= entry->erased_at) {
        e = account_erase(&then, entry->user_id);
        *again += e == OK;
    } else if (e == OK || e == ERR_USER_NOT_FOUND) {
        e = record_alone(&then, entry->user_id);
    }
    return e == ERR_USER_NOT_FOUND ? OK : e; /* another node has just done it */
}

static enum err erase_all_again(struct ctx *c, const struct journal_entry *journal, size_t count,
                                const struct entries *table, int64_t *again) {
    size_t t = 0;
    for (size_t i = 0; i < count; i++) {
        while (t < table->count && table->at[t].user_id < journal[i].user_id)
            t++;
        if (t == table->count || table->at[t].user_id != journal[i].user_id)
            TRY(erase_again(c, &journal[i], again));
    }
    return db_wait(c->db);
}

/* Who registers after the restore must not be taken for somebody who was erased. */
static enum err skip_ids(struct ctx *c, int64_t largest) {
    int64_t last;
    TRY(db_scalar(c->db, &sql[LAST_ID], NO_ARGS, &last));
    if (last >= largest)
        return OK;
    TRY(db_begin(c->db));
    TRY(db_end(c->db, db_scalar(c->db, &sql[SKIP_IDS], ARGS(arg_int(largest + IDS_APART)), &last)));
    return db_wait(c->db);
}

enum err erasure_reconcile(struct ctx *c, int64_t *again) {
    struct erasures *e = c->core->erasures;
    struct journal_entry *journal;
    size_t count;
    struct entries table;
    *again = 0;
    TRY(journal_read(c->arena, e->path, owner_of(e), &journal, &count));
    TRY(read_table(c, INT64_MIN, &table));
    if (count)
        TRY(skip_ids(c, journal[count - 1].user_id));
    TRY(erase_all_again(c, journal, count, &table, again));
    return erasure_housekeeping(c);
}
