/* /api/get/profile/ and /api/update/profile/: A's User Profile. */
#include "api/changes.h"
#include "api/encode.h"
#include "api/routes.h"

/* The account asked for: one's own when nothing is said. With both an id and a name, the account
 * that has both. */
static enum err find_account(struct call *c, const struct get_profile_input *in,
                             struct account *out) {
    int64_t id = c->caller.user_id;
    if (in->user_id.given) {
        id = in->user_id.value;
    } else if (in->username.given) {
        TRY(account_by_username(&c->ctx, in->username.value, out));
        id = out->id;
    }
    TRY(account_load_full(&c->ctx, id, out));
    if (in->username.given && !text_equal_nocase(in->username.value, out->username))
        return ERR_USER_NOT_FOUND;
    return account_visible_to(out, &c->caller) ? OK : ERR_USER_NOT_FOUND;
}

enum err api_get_profile(struct call *c, const struct get_profile_input *in) {
    struct account account;
    struct account_counts counts;
    TRY(find_account(c, in, &account));
    TRY(account_counts(&c->ctx, account.id, &counts));

    bool full = c->caller.staff || account.id == c->caller.user_id;
    json_open_object(&c->out);
    encode_user_profile(&c->out, &account, full);
    if (full || account.flags & ACCOUNT_SHOW_CAMPAIGNS)
        json_key_int(&c->out, "total_campaigns", counts.campaigns);
    if (full || account.flags & ACCOUNT_SHOW_EARNINGS) {
        json_key(&c->out, "total_earnings");
        json_cents(&c->out, counts.earnings);
    }
    json_close_object(&c->out);
    return OK;
}

enum err api_update_profile(struct call *c, const struct update_profile_input *in) {
    struct profile_fields fields = PROFILE_FIELDS(in);
    struct account_changes to = changes_of(&fields);
    struct account account;
    if (to.set)
        TRY(account_update(&c->ctx, c->caller.user_id, &to, &account));
    call_success(c, "Profile updated successfully");
    return OK;
}
