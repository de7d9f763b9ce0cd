/* The audit trail, for staff. */
#include "api/encode.h"
#include "api/routes.h"
#include "base/clock.h"
#include "core/audit_list.h"
#include "core/audit_watch.h"
#include "core/token.h"

#define DEFAULT_LIMIT 50

/* ---- What is asked for ----------------------------------------------------------------------- */

/* From either input: the fields have the same names in both. */
#define FILTER(in, events_)                                                                        \
    ((struct audit_filter){.user_id = (in)->user_id.value,                                         \
                           .actor_id = (in)->actor_id.value,                                       \
                           .events = (events_),                                                    \
                           .outcome = (in)->outcome.value,                                         \
                           .from = (in)->from.given ? (in)->from.value * CLOCK_DAY : 0,            \
                           .to = (in)->to.given ? ((in)->to.value + 1) * CLOCK_DAY : INT64_MAX})

static struct audit_place place_of(struct text cursor) {
    struct audit_place place = AUDIT_NEWEST;
    struct text at;
    if (text_split(&cursor, ' ', &at)) {
        text_to_int(at, &place.at);
        text_to_int(cursor, &place.id);
    }
    return place;
}

static struct text cursor_of(struct call *c, struct audit_place place) {
    return seal(&c->ctx, "audit",
                text_format(c->ctx.arena, "%lld %lld", (long long)place.at, (long long)place.id));
}

/* ---- What is answered ------------------------------------------------------------------------ */

static void key_id(struct json *j, const char *key, int64_t id) {
    if (id)
        json_key_int(j, key, id);
    else
        json_key_null(j, key);
}

/* What a newer program has written has no name here. */
static void key_name(struct json *j, const char *key, const char *name) {
    json_key_cstr(j, key, name ? name : "unknown");
}

static void encode_row(struct json *j, const struct audit_row *row) {
    const struct audit_record *r = &row->record;
    json_open_object(j);
    key_id(j, "seq", r->seq);
    json_key_int(j, "id", r->id);
    json_key_time(j, "at", r->created_at);
    key_name(j, "event", audit_event_name(r->event));
    key_name(j, "outcome", audit_outcome_name(r->outcome));
    key_name(j, "via", audit_via_name(r->via));
    key_id(j, "actor_id", r->actor_id);
    encode_text_or_null(j, "actor", row->actor);
    key_id(j, "user_id", r->user_id);
    encode_text_or_null(j, "user", row->user);
    json_key_text(j, "detail", r->detail);
    json_key_text(j, "address", r->personal.address);
    json_key_text(j, "user_agent", r->personal.user_agent);
    json_key_text(j, "note", r->personal.note);
    json_key_bool(j, "forgotten", row->forgotten);
    json_close_object(j);
}

static enum err answer(struct call *c, const struct audit_filter *filter, struct text cursor,
                       struct in_int limit) {
    struct audit_page page;
    TRY(audit_list(&c->ctx, filter, place_of(cursor),
                   limit.given ? (size_t)limit.value : DEFAULT_LIMIT, &page));
    struct json *j = &c->out;
    json_open_object(j);
    json_key(j, "records");
    json_open_array(j);
    for (size_t i = 0; i < page.count; i++)
        encode_row(j, &page.rows[i]);
    json_close_array(j);
    struct text next = page.more ? cursor_of(c, page.next) : (struct text){0};
    encode_text_or_null(j, "next_cursor", next);
    json_close_object(j);
    return OK;
}

enum err api_audit(struct call *c, const struct audit_input *in) {
    uint64_t events = in->event.given ? UINT64_C(1) << in->event.value : 0;
    struct audit_filter filter = FILTER(in, events);
    return answer(c, &filter, in->cursor.value, in->limit);
}

enum err api_user_audit(struct call *c, const struct user_audit_input *in) {
    struct audit_filter filter = FILTER(in, in->event.value);
    return answer(c, &filter, in->cursor.value, in->limit);
}

/* ---- Whether it holds ------------------------------------------------------------------------ */

enum err api_audit_verify(struct call *c, const struct nothing_input *in) {
    static const char *const states[] = {
        [AUDIT_CHECKING] = "checking", [AUDIT_HOLDS] = "ok", [AUDIT_BROKEN] = "broken"};
    (void)in;
    struct audit_standing known;
    audit_watch_read(&c->ctx, &known);
    struct text digest = known.checked_at ? audit_end_text(c->ctx.arena, &known.head) : TEXT(":");
    struct text seq;
    text_split(&digest, ':', &seq);

    struct json *j = &c->out;
    json_open_object(j);
    json_key_cstr(j, "state", states[known.state]);
    json_key_int(j, "records", known.records);
    json_key_int(j, "head_seq", known.head.seq);
    json_key_text(j, "head_digest", digest);
    json_key_time(j, "checked_at", known.checked_at);
    json_key(j, "problems");
    json_open_array(j);
    for (size_t i = 0; i < known.problem_count; i++)
        json_text(j, known.problems[i]);
    json_close_array(j);
    json_close_object(j);
    return OK;
}
