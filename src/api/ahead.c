#include "api/ahead.h"

#include "api/credential.h"
#include "core/account.h"

/* ---- What handlers ask first; `user_id` is whom the credential is for, 0 nobody -------------- */

static void public_profile(struct call *c, int64_t user_id) {
    (void)user_id;
    account_profile_by_username_ahead(&c->ctx, call_param(c, 0));
}

static void own_profile(struct call *c, int64_t user_id) {
    account_profile_ahead(&c->ctx, user_id);
}

static void own_counts(struct call *c, int64_t user_id) {
    account_counts_ahead(&c->ctx, user_id);
}

static void own_account(struct call *c, int64_t user_id) {
    account_load_ahead(&c->ctx, user_id);
}

/* Somebody else's would stand in the body. */
static void own_full_profile(struct call *c, int64_t user_id) {
    if (c->x->request.body.size > sizeof "{}" - 1)
        return;
    account_load_full_ahead(&c->ctx, user_id);
    account_counts_ahead(&c->ctx, user_id);
}

/* A handler that is not here only has its session looked up ahead. */
static const struct row {
    const char *handler;
    void (*ask)(struct call *c, int64_t user_id);
} rows[] = {
    {"public_profile", public_profile}, {"me", own_profile},
    {"me_stats", own_counts},           {"get_notifications", own_account},
    {"get_profile", own_full_profile},
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

const char *call_ahead_handler(size_t row) {
    return row < ROW_COUNT ? rows[row].handler : NULL;
}

static const struct row *find_row(const struct route *route) {
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (strcmp(rows[i].handler, route->name) == 0)
            return &rows[i];
    return NULL;
}

/* ---- A request ------------------------------------------------------------------------------- */

static bool is_for_users(const struct route *route) {
    return route->auth == AUTH_USER || route->auth == AUTH_STAFF;
}

/* What a standby may answer is for the standby. */
static bool is_for_here(const struct call *c, int64_t user_id) {
    if (c->route->standby && db_has_replicas(c->ctx.db))
        return false;
    return user_id || !is_for_users(c->route);
}

/* One that may be turned away for its rate costs nothing before. */
void call_ahead(struct call *c) {
    int64_t user_id;
    if (c->route->rate != RATE_NONE || credential_ahead(c, &user_id) != OK)
        return;
    const struct row *row = find_row(c->route);
    if (row && is_for_here(c, user_id))
        row->ask(c, user_id);
}
