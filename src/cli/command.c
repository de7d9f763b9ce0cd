#include "cli/command.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "core/audit_chain.h"
#include "core/erasure.h"

struct text command_database(struct command *c) {
    return database_label(&c->arena, c->options.database);
}

static struct behalf behalf_of(struct command *c) {
    struct text who = text_format(&c->arena, "%s, uid %ju", c->name, (uintmax_t)getuid());
    return (struct behalf){.via = VIA_COMMAND_LINE, .origin.user_agent = who};
}

/* A database that is a file has its journal beside it. */
static const char *journal_path(struct command *c) {
    const char *given = c->options.erasure_journal, *file = database_file(c->options.database);
    if (given || !file)
        return given;
    return text_format(&c->options.arena, "%s-erased", file).at;
}

static bool open_journal(struct command *c) {
    const char *path = journal_path(c);
    if (path == NULL || erasure_open(&c->ctx, path) == OK)
        return true;
    command_say(c, "cannot use the erasure journal %s", path);
    command_close(c);
    return false;
}

bool command_open(struct command *c) {
    const struct db_options how = {.durable = true,
                                   .wal_limit = (int64_t)c->options.wal_limit << 20,
                                   .existing = !c->may_create,
                                   .answer_timeout = c->patient ? -1 : 0,
                                   .replicas = c->options.replicas,
                                   .replica_count = c->options.replica_count,
                                   .strangers = !c->serves};
    log_level_set(c->options.log_level);
    core_register_statements();
    enum err e =
        core_open(&c->core, c->options.database, &how, &c->options.policy, c->options.signing_key);
    sodium_memzero((char *)c->options.signing_key.at, c->options.signing_key.size);
    if (e != OK) {
        struct text shown = command_database(c);
        command_say(c, "cannot open the database %.*s", TEXT_ARGS(shown));
        arena_free(&c->arena);
        return false;
    }
    c->ctx =
        (struct ctx){.core = &c->core, .arena = &c->arena, .now = clock_now(), .by = behalf_of(c)};
    if (db_connect(&c->ctx.db, c->core.database) != OK) {
        struct text shown = command_database(c);
        command_say(c, "cannot read the database %.*s", TEXT_ARGS(shown));
        core_close(&c->core);
        arena_free(&c->arena);
        return false;
    }
    db_use(c->ctx.db, &c->arena);
    return open_journal(c);
}

void command_close(struct command *c) {
    if (c->core.audited && audit_seal(&c->ctx) != OK)
        log_line(LOG_WARN, "the audit trail is left for a server to seal");
    db_disconnect(c->ctx.db);
    core_close(&c->core);
    arena_free(&c->arena);
}

bool command_done(struct command *c, enum err e) {
    enum err written = db_wait(c->ctx.db);
    if (e == OK)
        e = written;
    if (e != OK)
        command_say(c, "%s", error_info(e)->message);
    return e == OK;
}

void command_say(const struct command *c, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s: ", c->name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}
