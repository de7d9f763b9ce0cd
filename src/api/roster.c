/* The staff's list of accounts. */
#include "core/roster.h"

#include "api/encode.h"
#include "api/page.h"
#include "api/routes.h"
#include "base/clock.h"

/* The orders are enum roster_order, descending ones -1 - order. Newest first when nothing is said.
 */
static void set_order(struct roster_query *to, struct in_int sort) {
    to->descending = !sort.given || sort.value < 0;
    to->order = ROSTER_JOINED;
    if (sort.given)
        to->order = (enum roster_order)(sort.value < 0 ? -1 - sort.value : sort.value);
}

/* Days are whole ones, in UTC, the last one included. */
static void set_joined(struct roster_query *to, struct in_int first, struct in_int last) {
    to->dated = first.given || last.given;
    to->joined_from = first.given ? first.value * CLOCK_DAY : INT64_MIN;
    to->joined_till = last.given ? (last.value + 1) * CLOCK_DAY : INT64_MAX;
}

static struct roster_query query_of(const struct account_list_input *in, const struct page *page) {
    struct roster_query query = {
        .q = in->q.value,
        .status = (enum roster_status)in->status.value,
        .role = (enum roster_role)in->role.value,
        .country = in->country.value,
        .language = in->language.value,
        .category = in->category.given ? in->category.value : NO_CATEGORY,
        .limit = page->limit,
        .offset = page->offset,
    };
    set_joined(&query, in->joined_from, in->joined_to);
    set_order(&query, in->sort);
    return query;
}

static void encode_entry(struct json *j, const struct roster_entry *e) {
    const struct account *a = &e->account;
    json_open_object(j);
    encode_user_profile(j, a, true);
    json_key_cstr(j, "status", encode_status(a->flags));
    encode_date(j, "joined_date", clock_date_of(a->created_at));
    json_key_time(j, "banned_until", a->banned_until);
    json_key_int(j, "followers_count", e->followers);
    json_key_int(j, "following_count", e->following);
    json_close_object(j);
}

enum err api_account_list(struct call *c, const struct account_list_input *in) {
    struct page page = page_of(in->page, in->limit);
    struct roster_query query = query_of(in, &page);
    struct roster_entry *entries;
    size_t count;
    int64_t total;
    TRY(roster_list(&c->ctx, &query, &entries, &count, &total));
    struct json *j = &c->out;
    json_open_object(j);
    json_key(j, "users");
    json_open_array(j);
    for (size_t i = 0; i < count; i++)
        encode_entry(j, &entries[i]);
    json_close_array(j);
    page_encode(j, &page, total);
    json_close_object(j);
    return OK;
}
