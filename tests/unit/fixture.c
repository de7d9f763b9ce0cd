#include "fixture.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "core/catalog.h"
#include "core/password.h"
#include "engine.h"

struct policy fixture_policy(void) {
    struct policy p = policy_default();
    p.hash_memory = 64;
    p.hash_passes = 1;
    return p;
}

static void start_once(void) {
    static bool started;
    if (started)
        return;
    started = true;
    random_start();
    catalog_start();
    core_register_statements();
    log_level_set(LOG_WARN); /* seen when a test fails */
}

/* However slow the machine is, the database has time. */
static void open_core(struct fixture *f, const struct policy *policy, struct text signing_key) {
    struct db_options options = {.durable = false, .busy_timeout = 60000, .answer_timeout = 60000};
    assert_ok(core_open(&f->core, f->url, &options, policy, signing_key));
    f->c.core = &f->core;
    f->c.arena = &f->arena;
    assert_ok(db_connect(&f->c.db, f->core.database));
    db_use(f->c.db, &f->arena);
}

int fixture_open(void **state) {
    start_once();
    struct fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    const char *tmp = getenv("TMPDIR");
    snprintf(f->folder, sizeof f->folder, "%s/rollcall-XXXXXX", tmp ? tmp : P_tmpdir);
    assert_non_null(mkdtemp(f->folder));
    assert_true(engine_new(f->folder, f->url, sizeof f->url));
    struct policy policy = fixture_policy();
    open_core(f, &policy, (struct text){0});
    f->c.now = clock_now(); /* what opening has made is not later */
    *state = f;
    return 0;
}

static void close_core(struct fixture *f) {
    db_disconnect(f->c.db);
    core_close(&f->core);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at) {
    (void)st, (void)type, (void)at;
    return remove(path);
}

int fixture_close(void **state) {
    struct fixture *f = *state;
    close_core(f);
    engine_remove(f->url);
    nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(&f->arena);
    free(f);
    return 0;
}

void fixture_reopen(struct fixture *f, const struct policy *policy, struct text signing_key) {
    struct policy same = f->core.policy;
    close_core(f);
    open_core(f, policy ? policy : &same, signing_key);
}

bool fixture_attach(struct fixture *own, struct fixture *to) {
    *own = (struct fixture){0};
    own->c = (struct ctx){.core = &to->core, .arena = &own->arena, .now = to->c.now};
    if (db_connect(&own->c.db, to->core.database) != OK)
        return false;
    db_use(own->c.db, &own->arena);
    return true;
}

void fixture_detach(struct fixture *own) {
    db_disconnect(own->c.db);
    arena_free(&own->arena);
}

void fixture_settle(struct fixture *f) {
    assert_ok(db_wait(f->c.db));
}

void fixture_commit(struct fixture *f) {
    assert_ok(db_end(f->c.db, OK));
    fixture_settle(f);
}

struct account fixture_account_with(struct fixture *f, const char *name, int64_t flags) {
    struct account account;
    struct text hash;
    struct new_account in = {
        .username = text_copy(&f->arena, text_of(name)),
        .email = text_format(&f->arena, "%s@example.com", name),
        .birth_date = NO_DATE,
        .flags = flags,
    };
    assert_ok(password_hash(&f->c, TEXT("password123"), &hash));
    assert_ok(db_begin(f->c.db));
    assert_ok(account_create(&f->c, &in, hash, &account));
    fixture_commit(f);
    return account;
}

struct account fixture_account(struct fixture *f, const char *name) {
    return fixture_account_with(f, name, ACCOUNT_FLAGS_NEW);
}

void fixture_set_flags(struct fixture *f, struct account *a, int64_t flags) {
    struct account after = *a;
    after.flags = flags;
    assert_ok(db_begin(f->c.db));
    assert_ok(account_set_flags(&f->c, a, &after));
    fixture_commit(f);
    *a = after;
}

struct caller fixture_caller(const struct account *a) {
    return (struct caller){
        .user_id = a->id,
        .username = a->username,
        .staff = a->flags & (ACCOUNT_STAFF | ACCOUNT_SUPERUSER),
        .superuser = a->flags & ACCOUNT_SUPERUSER,
        .is_staff = a->flags & ACCOUNT_STAFF,
    };
}

struct credentials fixture_session(struct fixture *f, const struct account *a) {
    struct credentials credentials;
    struct origin origin = {.user_agent = TEXT("tests")};
    assert_ok(db_begin(f->c.db));
    assert_ok(session_open(&f->c, a, &origin, &credentials));
    fixture_commit(f);
    return credentials;
}

int64_t fixture_count(struct fixture *f, const char *sql) {
    int64_t n = 0;
    fixture_settle(f);
    assert_true(engine_number(f->url, sql, &n));
    return n;
}

int64_t fixture_cpu_time(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

void assert_text_equal_(struct text got, const char *wanted, const char *file, int line) {
    if (text_equal(got, text_of(wanted)))
        return;
    print_error("\"%.*s\" is not \"%s\"\n", TEXT_ARGS(got), wanted);
    _fail(file, line);
}
