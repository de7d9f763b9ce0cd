#include "api/export.h"

#include "api/routes.h"
#include "core/audit.h"
#include "core/export.h"
#include "core/throttle.h"

#define RUN 100 /* rows that one query reads */

/* ---- The account ----------------------------------------------------------------------------- */

static void encode_numbers(struct json *j, const struct export_account *e) {
    encode_counts(j, &e->counts);
    json_key_int(j, "likes_received", e->counts.likes);
    json_key_int(j, "comments_received", e->counts.comments);
    json_key_int(j, "total_campaigns", e->counts.campaigns);
    json_key(j, "total_earnings");
    json_cents(j, e->counts.earnings);
    json_key_int(j, "notifications_count", e->notifications);
    json_key_int(j, "unread_count", e->unread);
}

enum err export_encode_account(struct ctx *c, int64_t user_id, struct json *j) {
    struct export_account e;
    struct preferences p;
    TRY(export_account(c, user_id, &e));
    TRY(preference_load(c, user_id, &p));
    json_open_object(j);
    encode_user_profile(j, &e.account, true);
    json_key_time(j, "updated_at", e.account.updated_at);
    json_key_time(j, "password_changed_at", e.password_changed_at);
    json_key_cstr(j, "status", encode_status(e.account.flags));
    json_key_time(j, "banned_at", e.account.banned_at);
    json_key_time(j, "banned_until", e.account.banned_until);
    encode_text_or_null(j, "ban_reason", e.account.ban_reason);
    encode_preferences(j, &p);
    encode_numbers(j, &e);
    json_close_object(j);
    return OK;
}

/* ---- Sections -------------------------------------------------------------------------------- */

static int64_t number_of(struct text after) {
    int64_t n;
    return text_to_int(after, &n) ? n : 0;
}

/* Where to go on: behind the row with that id, if the run was a full one. */
static struct text behind(struct ctx *c, int64_t id, size_t rows) {
    return rows == RUN ? text_format(c->arena, "%lld", (long long)id) : (struct text){0};
}

static enum err write_sessions(struct ctx *c, int64_t user_id, struct json *j, struct text *after,
                               size_t *rows) {
    struct session *sessions;
    TRY(session_list(c, user_id, &sessions, rows));
    for (size_t i = 0; i < *rows; i++) {
        const struct session *s = &sessions[i];
        json_open_object(j);
        json_key_int(j, "id", s->id);
        json_key_time(j, "created_at", s->created_at);
        json_key_time(j, "last_used_at", s->used_at);
        json_key_time(j, "expires_at", s->expires_at);
        json_key_text(j, "ip_address", s->address);
        json_key_text(j, "user_agent", s->user_agent);
        json_key_text(j, "name", s->name);
        json_close_object(j);
    }
    *after = (struct text){0};
    return OK;
}

static enum err write_edges(struct ctx *c, int64_t user_id, struct json *j, struct text *after,
                            size_t *rows, enum export_direction direction) {
    struct export_edge *edges;
    TRY(export_edges(c, user_id, direction, number_of(*after), RUN, &edges, rows));
    for (size_t i = 0; i < *rows; i++) {
        json_open_object(j);
        json_key_int(j, "user_id", edges[i].user_id);
        encode_text_or_null(j, "username", edges[i].username);
        json_key_time(j, "created_at", edges[i].created_at);
        json_close_object(j);
    }
    *after = behind(c, *rows ? edges[*rows - 1].id : 0, *rows);
    return OK;
}

static enum err write_following(struct ctx *c, int64_t user_id, struct json *j, struct text *after,
                                size_t *rows) {
    return write_edges(c, user_id, j, after, rows, EXPORT_FOLLOWING);
}

static enum err write_followers(struct ctx *c, int64_t user_id, struct json *j, struct text *after,
                                size_t *rows) {
    return write_edges(c, user_id, j, after, rows, EXPORT_FOLLOWERS);
}

static enum err write_notifications(struct ctx *c, int64_t user_id, struct json *j,
                                    struct text *after, size_t *rows) {
    struct export_notification *list;
    TRY(export_notifications(c, user_id, number_of(*after), RUN, &list, rows));
    for (size_t i = 0; i < *rows; i++) {
        const struct export_notification *n = &list[i];
        json_open_object(j);
        json_key_int(j, "id", n->id);
        json_key_text(j, "title", n->title);
        json_key_text(j, "message", n->message);
        json_key_text(j, "type", n->type);
        encode_text_or_null(j, "code", n->code);
        json_key(j, "data");
        json_raw(j, n->data);
        json_key_time(j, "read_at", n->read_at);
        json_key_time(j, "created_at", n->created_at);
        json_close_object(j);
    }
    *after = behind(c, *rows ? list[*rows - 1].id : 0, *rows);
    return OK;
}

static enum err write_walls(struct ctx *c, int64_t user_id, struct json *j, struct text *after,
                            size_t *rows) {
    struct wall *walls;
    TRY(wall_list(c, user_id, &walls, rows));
    for (size_t i = 0; i < *rows; i++)
        encode_wall(j, &walls[i]);
    *after = (struct text){0};
    return OK;
}

static enum err write_events(struct ctx *c, int64_t user_id, struct json *j, struct text *after,
                             size_t *rows) {
    struct export_event *events;
    TRY(export_events(c, user_id, *after, RUN, &events, rows));
    for (size_t i = 0; i < *rows; i++) {
        const struct export_event *e = &events[i];
        json_open_object(j);
        json_key_text(j, "event_id", e->event_id);
        json_key_int(j, "campaigns", e->campaigns);
        json_key(j, "earnings");
        json_cents(j, e->earnings);
        json_key_int(j, "posts", e->posts);
        json_key_int(j, "likes_received", e->likes);
        json_key_int(j, "comments_received", e->comments);
        json_key_time(j, "created_at", e->created_at);
        json_close_object(j);
    }
    *after = *rows == RUN ? events[*rows - 1].event_id : (struct text){0};
    return OK;
}

static enum err write_records(struct ctx *c, int64_t user_id, struct json *j, struct text *after,
                              size_t *rows) {
    struct export_record *records;
    TRY(export_records(c, user_id, number_of(*after), RUN, &records, rows));
    for (size_t i = 0; i < *rows; i++) {
        const struct export_record *r = &records[i];
        const char *event = audit_event_name(r->event), *outcome = audit_outcome_name(r->outcome);
        json_open_object(j);
        json_key_time(j, "created_at", r->created_at);
        json_key_cstr(j, "event", event ? event : "");
        json_key_cstr(j, "outcome", outcome ? outcome : "");
        json_key_bool(j, "own", r->own);
        encode_text_or_null(j, "ip_address", r->address);
        encode_text_or_null(j, "user_agent", r->user_agent);
        encode_text_or_null(j, "note", r->note);
        json_close_object(j);
    }
    *after = behind(c, *rows ? records[*rows - 1].id : 0, *rows);
    return OK;
}

static const struct section {
    const char *key;
    enum err (*run)(struct ctx *c, int64_t user_id, struct json *j, struct text *after,
                    size_t *rows);
} sections[] = {
    {"sessions", write_sessions},     {"following", write_following},
    {"followers", write_followers},   {"notifications", write_notifications},
    {"social_walls", write_walls},    {"activity_events", write_events},
    {"audit_records", write_records},
};
#define SECTIONS (sizeof sections / sizeof *sections)

unsigned export_section_count(void) {
    return SECTIONS;
}

const char *export_section_key(unsigned section) {
    return sections[section].key;
}

enum err export_encode_run(struct ctx *c, int64_t user_id, unsigned section, struct json *j,
                           struct text *after, size_t *rows) {
    return sections[section].run(c, user_id, j, after, rows);
}

/* ---- The endpoint ---------------------------------------------------------------------------- */

/* An answer is made whole in memory: it ends behind the run with which it has so many rows or
 * bytes, and says where the next one begins. */
#define ROWS_ENOUGH  1000
#define BYTES_ENOUGH (256 * 1024)

struct place {
    unsigned section;
    struct text after;
};

/* The cursor is only good for whom it was made. */
static enum err read_cursor(struct call *c, struct text cursor, struct place *out) {
    struct text value, user, section;
    int64_t user_id, number;
    if (unseal(&c->ctx, "export", cursor, &value) != OK || !text_split(&value, ' ', &user) ||
        !text_to_int(user, &user_id) || user_id != c->caller.user_id ||
        !text_split(&value, ' ', &section) || !text_to_int(section, &number) || number < 0 ||
        number >= (int64_t)SECTIONS)
        return call_invalid(c, "cursor", "This is not a cursor of this service");
    *out = (struct place){(unsigned)number, value};
    return OK;
}

static void encode_next(struct call *c, const struct place *at) {
    if (at->section == SECTIONS) {
        json_key_null(&c->out, "next");
        return;
    }
    struct arena *arena = c->ctx.arena;
    struct text value = text_format(arena, "%lld %u %.*s", (long long)c->caller.user_id,
                                    at->section, TEXT_ARGS(at->after));
    struct text cursor = seal(&c->ctx, "export", value);
    json_key_text(
        &c->out, "next",
        text_format(arena, "%.*s/?cursor=%.*s", TEXT_ARGS(c->x->request.path), TEXT_ARGS(cursor)));
}

/* Writes what is left of the section at *at, as far as there is room in the answer. */
static enum err encode_section(struct call *c, struct place *at, size_t *rows) {
    while (*rows < ROWS_ENOUGH && c->out.out->size < BYTES_ENOUGH) {
        size_t more;
        TRY(export_encode_run(&c->ctx, c->caller.user_id, at->section, &c->out, &at->after, &more));
        *rows += more;
        if (at->after.size == 0) {
            at->section++;
            break;
        }
    }
    return OK;
}

static enum err encode_sections(struct call *c, struct place *at) {
    size_t rows = 0;
    for (unsigned i = 0; i < SECTIONS; i++) {
        json_key(&c->out, sections[i].key);
        json_open_array(&c->out);
        if (at->section == i)
            TRY(encode_section(c, at, &rows));
        json_close_array(&c->out);
    }
    return OK;
}

static enum err encode_export(struct call *c, struct place *at, bool first) {
    struct json *j = &c->out;
    json_open_object(j);
    json_key_time(j, "exported_at", c->ctx.now);
    json_key(j, "account");
    if (first)
        TRY(export_encode_account(&c->ctx, c->caller.user_id, j));
    else
        json_put_null(j);
    TRY(encode_sections(c, at));
    encode_next(c, at);
    json_close_object(j);
    return OK;
}

/* Who begins an export takes from a budget; to go on costs no more than any list. */
enum err api_export(struct call *c, const struct export_input *in) {
    struct place at = {0};
    if (in->cursor.given)
        TRY(read_cursor(c, in->cursor.value, &at));
    else if (c->ctx.core->policy.rate_limit)
        TRY(throttle_take(&c->ctx, "export", &c->x->request.client, &c->retry));
    TRY(db_snapshot(c->ctx.db));
    enum err e = encode_export(c, &at, !in->cursor.given);
    db_snapshot_end(c->ctx.db);
    return e;
}
