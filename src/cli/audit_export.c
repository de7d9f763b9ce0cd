/* rollcall audit export */
#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/unicode.h"
#include "cli/audit.h"
#include "core/audit.h"
#include "core/audit_read.h"

struct export {
    const struct audit_command *command;
    struct buffer line;
    bool failed; /* standard output does not take it */
};

/* ---- Values ---------------------------------------------------------------------------------- */

/* \u escapes for all that is not printable ASCII, as RFC 8259 allows: nothing in a record can move
 * a cursor, begin a line or turn the direction of writing, wherever the line is shown. */
static void put_text(struct json *j, struct text t) {
    struct buffer quoted = {0};
    buffer_add_char(&quoted, '"');
    for (int c = unicode_next(&t); c >= 0; c = unicode_next(&t)) {
        if (c >= 0x10000)
            buffer_format(&quoted, "\\u%04x\\u%04x", 0xD800 + ((unsigned)(c - 0x10000) >> 10),
                          0xDC00 + ((unsigned)(c - 0x10000) & 0x3FF));
        else if (c < ' ' || c > '~' || c == '"' || c == '\\')
            buffer_format(&quoted, "\\u%04x", (unsigned)c);
        else
            buffer_add_char(&quoted, (char)c);
    }
    buffer_add_char(&quoted, '"');
    json_raw(j, buffer_text(&quoted));
    buffer_free(&quoted);
}

static void key_text(struct json *j, const char *key, struct text t) {
    json_key(j, key);
    put_text(j, t);
}

static void key_hex(struct json *j, const char *key, struct text bytes) {
    struct buffer hex = {0};
    for (size_t i = 0; i < bytes.size; i++)
        buffer_format(&hex, "%02x", (unsigned char)bytes.at[i]);
    json_key_text(j, key, buffer_text(&hex));
    buffer_free(&hex);
}

/* To the microsecond: order within a second matters here. */
static void key_moment(struct json *j, const char *key, int64_t us) {
    char seconds[CLOCK_TEXT_SIZE], text[CLOCK_TEXT_SIZE + 7];
    clock_format(us, seconds);
    snprintf(text, sizeof text, "%.19s.%06dZ", seconds,
             (int)((us % CLOCK_SECOND + CLOCK_SECOND) % CLOCK_SECOND));
    json_key_cstr(j, key, text);
}

static void key_id(struct json *j, const char *key, int64_t id) {
    if (id)
        json_key_int(j, key, id);
    else
        json_key_null(j, key);
}

/* A number that this program does not know is shown as it is. */
static void key_name(struct json *j, const char *key, const char *name, int64_t number) {
    if (name)
        json_key_cstr(j, key, name);
    else
        json_key_int(j, key, number);
}

/* ---- A record -------------------------------------------------------------------------------- */

static void encode_personal(struct json *j, const struct audit_personal *p) {
    json_key_bool(j, "forgotten", p->salt.size == 0);
    key_text(j, "address", p->address);
    key_text(j, "user_agent", p->user_agent);
    key_text(j, "note", p->note);
    key_hex(j, "salt", p->salt);
}

static void encode(struct json *j, const struct audit_record *r) {
    json_open_object(j);
    key_id(j, "seq", r->seq);
    json_key_int(j, "id", r->id);
    key_moment(j, "at", r->created_at);
    key_name(j, "event", audit_event_name(r->event), r->event);
    key_name(j, "outcome", audit_outcome_name(r->outcome), r->outcome);
    key_name(j, "via", audit_via_name(r->via), r->via);
    key_id(j, "actor_id", r->actor_id);
    key_id(j, "user_id", r->user_id);
    key_text(j, "detail", r->detail);
    encode_personal(j, &r->personal);
    key_hex(j, "commitment", r->commitment);
    key_hex(j, "digest", r->digest);
    json_close_object(j);
}

static bool wanted(const struct audit_command *a, const struct audit_record *r) {
    return r->created_at >= a->since &&
           (!a->user_id || r->user_id == a->user_id || r->actor_id == a->user_id);
}

static enum err print(void *self, struct ctx *c, const struct audit_record *r) {
    struct export *e = self;
    (void)c;
    if (!wanted(e->command, r))
        return OK;
    struct json j = json_writer(&e->line);
    encode(&j, r);
    buffer_add_char(&e->line, '\n');
    e->failed = fwrite(e->line.at, 1, e->line.size, stdout) != e->line.size;
    buffer_clear(&e->line, SIZE_MAX);
    return e->failed ? ERR_UNAVAILABLE : OK;
}

enum cli_status audit_export(struct audit_command *a) {
    struct export e = {.command = a};
    enum err result = audit_walk(&a->base.ctx, &(struct audit_walk){.self = &e, .record = print});
    buffer_free(&e.line);
    if (fflush(stdout) != 0 || e.failed) {
        command_say(&a->base, "standard output cannot be written");
        return CLI_FAILED;
    }
    return command_done(&a->base, result) ? CLI_OK : CLI_FAILED;
}
