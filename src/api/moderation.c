/* What staff see of accounts and do to them. */
#include "core/moderation.h"
#include "api/encode.h"
#include "api/routes.h"
#include "base/clock.h"

enum err api_user_status(struct call *c, const struct user_input *in) {
    struct account account;
    struct account_counts counts;
    TRY(account_load_full(&c->ctx, in->user_id.value, &account));
    TRY(account_counts(&c->ctx, account.id, &counts));
    struct json *j = &c->out;
    json_open_object(j);
    json_key_cstr(j, "status", encode_status(account.flags));
    encode_date(j, "joined_date", clock_date_of(account.created_at));
    json_key_time(j, "last_login", account.last_login);
    json_key_int(j, "total_campaigns", counts.campaigns);
    json_key(j, "total_earnings");
    json_cents(j, counts.earnings);
    if (account.flags & ACCOUNT_BANNED) {
        json_key_text(j, "ban_reason", account.ban_reason);
        json_key_time(j, "banned_until", account.banned_until);
    }
    json_close_object(j);
    return OK;
}

static enum err ban(struct call *c, const struct ban_input *in) {
    if (text_trim(in->reason.value).size == 0)
        return call_invalid(c, "reason", "This field is required");
    return moderation_ban(&c->ctx, &c->caller, in->user_id.value, in->reason.value,
                          in->until.value);
}

static enum err unban(struct call *c, const struct ban_input *in) {
    if (in->until.given)
        return call_invalid(c, "until", "Only a ban has an end");
    return moderation_unban(&c->ctx, &c->caller, in->user_id.value);
}

enum err api_user_ban(struct call *c, const struct ban_input *in) {
    TRY(in->banned.value ? ban(c, in) : unban(c, in));
    call_success(c, "User ban status updated");
    return OK;
}

enum err api_force_logout(struct call *c, const struct user_input *in) {
    int64_t ended;
    TRY(moderation_force_logout(&c->ctx, &c->caller, in->user_id.value, &ended));
    call_success(c, "User logged out from all sessions");
    return OK;
}
