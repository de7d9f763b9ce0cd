/* rollcall user export, rollcall user erase, rollcall user erase-again */
#include <stdio.h>

#include "api/export.h"
#include "cli/user.h"
#include "core/audit.h"
#include "core/erasure.h"

/* ---- export ---------------------------------------------------------------------------------- */

/* One JSON document, however long: what has been written so far goes out after every run. */
struct document {
    struct ctx c; /* with an arena of its own, emptied after every run */
    struct arena arena;
    struct buffer out;
    struct json json;
    int64_t user_id;
};

static enum err put_out(struct document *d) {
    bool written = fwrite(d->out.at, 1, d->out.size, stdout) == d->out.size;
    buffer_clear(&d->out, SIZE_MAX);
    arena_reset(&d->arena);
    return written ? OK : ERR_UNAVAILABLE;
}

static enum err write_section(struct document *d, unsigned section) {
    struct buffer after_copy = {0};
    struct text after = {0};
    enum err e = OK;
    size_t rows;
    json_key(&d->json, export_section_key(section));
    json_open_array(&d->json);
    do {
        e = export_encode_run(&d->c, d->user_id, section, &d->json, &after, &rows);
        buffer_clear(&after_copy, SIZE_MAX);
        buffer_add_text(&after_copy, after);
        after = buffer_text(&after_copy); /* the arena is about to be emptied */
        if (e == OK)
            e = put_out(d);
    } while (e == OK && after.size > 0);
    json_close_array(&d->json);
    buffer_free(&after_copy);
    return e;
}

static enum err write_document(struct document *d) {
    struct json *j = &d->json;
    json_open_object(j);
    json_key_time(j, "exported_at", d->c.now);
    json_key(j, "account");
    TRY(export_encode_account(&d->c, d->user_id, j));
    for (unsigned i = 0; i < export_section_count(); i++)
        TRY(write_section(d, i));
    json_close_object(j);
    buffer_add_char(&d->out, '\n');
    return put_out(d);
}

/* Before a word of it is out. */
static enum err note(struct ctx *c, int64_t user_id) {
    return audit_alone(c, &(struct audit_entry){.event = AUDIT_EXPORT, .user_id = user_id});
}

enum cli_status user_export(struct user_command *u) {
    struct document d = {.c = u->base.ctx, .user_id = u->account.id};
    if (!command_done(&u->base, note(&u->base.ctx, u->account.id)))
        return CLI_FAILED;
    d.c.arena = &d.arena;
    d.json = json_writer(&d.out);
    db_use(d.c.db, &d.arena);
    enum err e = db_snapshot(d.c.db);
    if (e == OK) {
        e = write_document(&d);
        db_snapshot_end(d.c.db);
    }
    db_use(d.c.db, u->base.ctx.arena);
    buffer_free(&d.out);
    arena_free(&d.arena);
    return command_done(&u->base, e) && fflush(stdout) == 0 ? CLI_OK : CLI_FAILED;
}

/* ---- erase ----------------------------------------------------------------------------------- */

enum cli_status user_erase(struct user_command *u) {
    if (!command_done(&u->base, account_erase(&u->base.ctx, u->account.id)))
        return CLI_FAILED;
    printf("%s is erased\n", u->account.username.at);
    return CLI_OK;
}

enum cli_status user_erase_again(struct user_command *u) {
    int64_t again = 0;
    if (u->base.core.erasures == NULL) {
        command_say(&u->base, "there is no journal: --erasure-journal is missing");
        return CLI_FAILED;
    }
    if (!command_done(&u->base, erasure_reconcile(&u->base.ctx, &again)))
        return CLI_FAILED;
    printf("%jd account%s erased again\n", (intmax_t)again, again == 1 ? "" : "s");
    return CLI_OK;
}
