/* Users as others see them: the list, and one public profile. */
#include "core/directory.h"

#include "api/encode.h"
#include "api/routes.h"

#define BATCH_SIZE_DEFAULT 10

static struct directory_query query_of(const struct user_list_input *in) {
    struct directory_query query = {
        .search = in->search.value,
        .first_name = in->first_name.value,
        .last_name = in->last_name.value,
        .limit = in->batch_size.given ? in->batch_size.value : BATCH_SIZE_DEFAULT,
    };
    int64_t ordering = in->ordering.value;
    query.descending = ordering < 0;
    query.order = (enum directory_order)(query.descending ? -1 - ordering : ordering);
    if (__builtin_mul_overflow(in->batch_number.value, query.limit, &query.offset))
        query.offset = INT64_MAX / 2; /* past any list */
    return query;
}

static void encode_entry(struct json *j, const struct directory_entry *entry) {
    json_open_object(j);
    json_key_int(j, "id", entry->id);
    json_key_text(j, "username", entry->username);
    json_key_text(j, "first_name", entry->first_name);
    json_key_text(j, "last_name", entry->last_name);
    json_key_text(j, "avatar", entry->avatar);
    json_key_bool(j, "is_following", entry->is_following);
    json_close_object(j);
}

static void encode_batch_info(struct json *j, int64_t batch, int64_t size, int64_t total,
                              size_t count) {
    json_key(j, "batch_info");
    json_open_object(j);
    json_key_int(j, "current_batch", batch);
    json_key_int(j, "batch_size", size);
    json_key_int(j, "total_users", total);
    json_key_int(j, "total_batches", (total + size - 1) / size);
    json_key_int(j, "users_in_current_batch", (int64_t)count);
    json_close_object(j);
}

enum err api_user_list(struct call *c, const struct user_list_input *in) {
    struct directory_query query = query_of(in);
    struct directory_entry *entries;
    size_t count;
    int64_t total;
    TRY(directory_list(&c->ctx, &c->caller, &query, &entries, &count, &total));
    if (!c->caller.user_id)
        call_cacheable(c);

    struct json *j = &c->out;
    json_open_object(j);
    json_key_cstr(j, "message", "Users retrieved successfully");
    json_key(j, "users");
    json_open_array(j);
    for (size_t i = 0; i < count; i++)
        encode_entry(j, &entries[i]);
    json_close_array(j);
    encode_batch_info(j, in->batch_number.value, query.limit, total, count);
    json_close_object(j);
    return OK;
}

enum err api_public_profile(struct call *c, const struct nothing_input *in) {
    (void)in;
    struct account account;
    struct account_counts counts;
    TRY(account_profile_by_username(&c->ctx, call_param(c, 0), &account, &counts));
    if (!account_visible_to(&account, &c->caller))
        return ERR_USER_NOT_FOUND;
    if (!c->caller.user_id)
        call_cacheable(c);

    struct json *j = &c->out;
    json_open_object(j);
    json_key_int(j, "id", account.id);
    json_key_text(j, "username", account.username);
    json_key_text(j, "first_name", account.first_name);
    json_key_text(j, "last_name", account.last_name);
    json_key_text(j, "bio", account.bio);
    json_key_text(j, "avatar", account.avatar);
    json_key_time(j, "created_at", account.created_at);
    encode_counts(j, &counts);
    json_close_object(j);
    return OK;
}
