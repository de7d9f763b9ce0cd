#include "core/core.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/audit.h"
#include "core/audit_watch.h"
#include "core/daily.h"
#include "core/effort.h"
#include "core/erasure.h"
#include "core/idempotency.h"
#include "core/session_uses.h"
#include "core/statements.h"
#include "core/throttle.h"
#include "core/token.h"

struct policy policy_default(void) {
    return (struct policy){
        .issuer = TEXT("rollcall"),
        .access_lifetime = 60 * CLOCK_MINUTE,
        .refresh_lifetime = 7 * CLOCK_DAY,
        .session_idle = 14 * CLOCK_DAY,
        .session_lifetime = 30 * CLOCK_DAY,
        .refresh_rotation = false,
        .hash_memory = 19 * 1024,
        .hash_passes = 2,
        .strict_passwords = false,
        .rate_limit = true,
        .login_burst = 10,
        .register_burst = 100,
        .register_per_minute = 20,
    };
}

void core_register_statements(void) {
    account_statements();
    activity_statements();
    audit_statements();
    audit_chain_statements();
    audit_list_statements();
    audit_read_statements();
    check_statements();
    daily_statements();
    directory_statements();
    erasure_statements();
    export_statements();
    follow_statements();
    health_statements();
    idempotency_statements();
    login_statements();
    moderation_statements();
    notification_statements();
    password_statements();
    preference_statements();
    roster_statements();
    secret_statements();
    session_statements();
    session_housekeeping_statements();
    session_list_statements();
    session_refresh_statements();
    setup_statements();
    stats_statements();
    throttle_statements();
    token_statements();
    wall_statements();
}

static bool limit_sane(unsigned n) {
    return n >= 1 && n <= 1000000;
}

static bool policy_sane(const struct policy *p) {
    if (p->access_lifetime < CLOCK_SECOND || p->refresh_lifetime < CLOCK_SECOND ||
        p->session_idle < CLOCK_MINUTE || p->session_lifetime < CLOCK_MINUTE)
        log_line(LOG_ERROR, "a token must live for a second, a session for a minute at least");
    else if (p->hash_passes < 1 || p->hash_memory < 8 || p->hash_memory > 4 * 1024 * 1024)
        log_line(LOG_ERROR, "password hashing needs 1 pass and 8 KiB to 4 GiB of memory");
    else if (!limit_sane(p->login_burst) || !limit_sane(p->register_burst) ||
             !limit_sane(p->register_per_minute))
        log_line(LOG_ERROR, "limits must be from 1 to 1000000");
    else
        return true;
    return false;
}

static enum err load_secrets(struct core *core, struct text signing_key) {
    struct db *db;
    TRY(db_connect(&db, core->database));
    struct arena arena = {0};
    db_use(db, &arena);
    struct ctx c = {.core = core, .db = db, .arena = &arena, .now = clock_now()};
    enum err e = keyring_open(&c, &core->keys, signing_key);
    if (e == OK && (e = throttle_open(&c, &core->throttle)) != OK)
        keyring_close(core->keys);
    if (e == OK && (e = idempotency_open(&c)) != OK) {
        throttle_close(core->throttle);
        keyring_close(core->keys);
    }
    db_disconnect(db);
    arena_free(&arena);
    return e;
}

enum err core_open(struct core *core, const char *database_url, const struct db_options *options,
                   const struct policy *policy, struct text signing_key) {
    *core = (struct core){.policy = *policy};
    if (!policy_sane(policy))
        return ERR_VALIDATION;
    TRY(database_open(&core->database, database_url, options));
    enum err e = load_secrets(core, signing_key);
    if (e != OK) {
        database_close(core->database);
        return e;
    }
    core->uses = session_uses_new();
    core->refusals = audit_refusals_new();
    core->effort = effort_new();
    core->watch = audit_watch_new();
    core->daily = daily_new();
    return OK;
}

void core_close(struct core *core) {
    audit_watch_free(core->watch);
    daily_free(core->daily);
    audit_refusals_free(core->refusals);
    erasure_close(core);
    effort_free(core->effort);
    session_uses_free(core->uses);
    idempotency_close(core);
    throttle_close(core->throttle);
    keyring_close(core->keys);
    database_close(core->database);
}
