/* What staff see of accounts and do to them. */
#include "core/moderation.h"
#include "api/encode.h"
#include "api/page.h"
#include "api/routes.h"
#include "base/clock.h"
#include "core/directory.h"

enum err api_user_status(struct call *c, const struct user_input *in) {
    struct account account;
    struct account_counts counts;
    TRY(account_load_full(&c->ctx, in->user_id.value, &account));
    TRY(account_counts(&c->ctx, account.id, &counts));
    struct json *j = &c->out;
    json_open_object(j);
    json_key_cstr(j, "status", encode_status(&account));
    encode_date(j, "joined_date", clock_date_of(account.created_at));
    json_key_time(j, "last_login", account.last_login);
    json_key_int(j, "total_campaigns", counts.campaigns);
    json_key(j, "total_earnings");
    json_cents(j, counts.earnings);
    if (account.flags & ACCOUNT_BANNED)
        json_key_text(j, "ban_reason", account.ban_reason);
    json_close_object(j);
    return OK;
}

enum err api_user_ban(struct call *c, const struct ban_input *in) {
    if (in->banned.value && text_trim(in->reason.value).size == 0)
        return call_invalid(c, "reason", "This field is required");
    TRY(moderation_ban(&c->ctx, &c->caller, in->user_id.value, in->banned.value, in->reason.value));
    call_success(c, "User ban status updated");
    return OK;
}

enum err api_force_logout(struct call *c, const struct user_input *in) {
    int64_t ended;
    TRY(moderation_force_logout(&c->ctx, &c->caller, in->user_id.value, &ended));
    call_success(c, "User logged out from all sessions");
    return OK;
}

enum err api_account_list(struct call *c, const struct account_list_input *in) {
    struct page page = page_of(in->page, in->limit);
    enum directory_status status =
        in->status.given ? (enum directory_status)in->status.value : STATUS_ANY;
    struct account *accounts;
    size_t count;
    int64_t total;
    TRY(directory_accounts(&c->ctx, in->q.value, status, page.limit, page.offset, &accounts, &count,
                           &total));
    struct json *j = &c->out;
    json_open_object(j);
    json_key(j, "users");
    json_open_array(j);
    for (size_t i = 0; i < count; i++) {
        json_open_object(j);
        encode_user_profile(j, &accounts[i], true);
        json_key_cstr(j, "status", encode_status(&accounts[i]));
        json_close_object(j);
    }
    json_close_array(j);
    page_encode(j, &page, total);
    json_close_object(j);
    return OK;
}
