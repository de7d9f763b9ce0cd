/* One account, as staff see it. */
#include "core/dossier.h"

#include "api/encode.h"
#include "api/routes.h"
#include "base/clock.h"

/* By either; with both, the account that has both. */
static enum err find_account(struct call *c, const struct account_input *in, int64_t *id) {
    struct account account;
    if (!in->user_id.given && !in->username.given)
        return call_invalid(c, "user_id", "This field is required unless username is given");
    *id = in->user_id.value;
    if (!in->username.given)
        return OK;
    TRY(account_by_username(&c->ctx, in->username.value, &account));
    if (in->user_id.given && account.id != *id)
        return ERR_USER_NOT_FOUND;
    *id = account.id;
    return OK;
}

static void encode_standing(struct json *j, const struct account *a) {
    json_key_cstr(j, "status", encode_status(a->flags));
    encode_date(j, "joined_date", clock_date_of(a->created_at));
    json_key_time(j, "created_at", a->created_at);
    encode_text_or_null(j, "ban_reason", a->ban_reason);
    json_key_time(j, "banned_at", a->banned_at);
    json_key_time(j, "banned_until", a->banned_until);
}

static void encode_numbers(struct json *j, const struct dossier *d) {
    const struct account_counts *n = &d->about.counts;
    encode_counts(j, n);
    json_key_int(j, "likes_received", n->likes);
    json_key_int(j, "comments_received", n->comments);
    json_key_int(j, "total_campaigns", n->campaigns);
    json_key(j, "total_earnings");
    json_cents(j, n->earnings);
    json_key_int(j, "notifications_count", d->about.notifications);
    json_key_int(j, "unread_count", d->about.unread);
    json_key_int(j, "sessions_count", d->sessions);
}

static void encode_wishes(struct json *j, const struct dossier *d) {
    json_key(j, "preferences");
    json_open_object(j);
    encode_interests(j, d->categories, d->networks);
    encode_privacy(j, d->about.account.flags);
    json_close_object(j);
    encode_switch_list(j, "notifications", d->about.account.switches);
}

enum err api_account(struct call *c, const struct account_input *in) {
    int64_t id = 0;
    struct dossier dossier;
    TRY(find_account(c, in, &id));
    TRY(dossier_load(&c->ctx, id, &dossier));
    struct json *j = &c->out;
    json_open_object(j);
    encode_user_profile(j, &dossier.about.account, true);
    encode_standing(j, &dossier.about.account);
    encode_numbers(j, &dossier);
    encode_wishes(j, &dossier);
    json_close_object(j);
    return OK;
}
