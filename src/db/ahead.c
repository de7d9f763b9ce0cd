#include "db/ahead.h"

#include <string.h>

/* ---- What was asked -------------------------------------------------------------------------- */

static bool same_argument(const struct db_arg *a, const struct db_arg *b) {
    if (a->type != b->type)
        return false;
    return a->type == DB_INT ? a->number == b->number
                             : a->type == DB_NULL || text_equal(a->text, b->text);
}

static bool same(const struct asked *q, const struct statement *s, struct db_args args) {
    if (q->statement != s || q->args.count != args.count)
        return false;
    for (size_t i = 0; i < args.count; i++)
        if (!same_argument(&q->args.at[i], &args.at[i]))
            return false;
    return true;
}

static struct asked *find(struct ahead *a, const struct statement *s, struct db_args args) {
    for (size_t i = 0; i < a->count; i++)
        if (same(&a->at[i], s, args))
            return &a->at[i];
    return NULL;
}

static struct db_args copy(struct arena *arena, struct db_args args) {
    struct db_arg *at = ARENA_ARRAY(arena, struct db_arg, args.count);
    for (size_t i = 0; i < args.count; i++) {
        at[i] = args.at[i];
        if (at[i].type == DB_TEXT || at[i].type == DB_BLOB)
            at[i].text = text_copy(arena, at[i].text);
    }
    return (struct db_args){at, args.count};
}

/* ---- Asking ---------------------------------------------------------------------------------- */

static bool may_send(const struct ahead *a, struct wire *w) {
    bool more_of_it = w->sent_count && !w->closed;
    return a->count < AHEAD_MAX && !a->silent && (more_of_it || wire_ready(w) == OK);
}

void ahead_ask(struct ahead *a, struct wire *w, const struct statement *s, struct db_args args) {
    if (find(a, s, args) || !may_send(a, w))
        return;
    struct asked *q = &a->at[a->count++];
    *q = (struct asked){.statement = s, .args = copy(&a->arena, args)};
    (void)!wire_ask(w, s, q->args, &q->answer);
}

enum err ahead_collect(struct ahead *a, struct wire *w) {
    if (!w->conn || w->sent_count == 0)
        return OK;
    w->renew = false;
    enum err e = wire_collect(w, NULL);
    a->silent = e == ERR_UNAVAILABLE && !w->conn && !w->renew;
    return a->silent ? e : OK;
}

enum err ahead_find(struct ahead *a, struct wire *w, const struct statement *s, struct db_args args,
                    PGresult **out) {
    struct asked *q = find(a, s, args);
    *out = NULL;
    if (!q)
        return OK;
    TRY(ahead_collect(a, w));
    *out = q->answer.result;
    return *out || !a->silent ? OK : ERR_UNAVAILABLE;
}

/* ---- Forgetting ------------------------------------------------------------------------------ */

void ahead_forget(struct ahead *a, struct wire *w) {
    if (a->count == 0)
        return;
    (void)!ahead_collect(a, w);
    for (size_t i = 0; i < a->count; i++)
        PQclear(a->at[i].answer.result);
    a->count = 0;
    a->silent = false;
    arena_reset(&a->arena);
}

void ahead_close(struct ahead *a) {
    arena_free(&a->arena);
}
