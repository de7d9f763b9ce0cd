/* Who follows one account and whom it follows, for staff: hidden accounts too. */
#include "api/encode.h"
#include "api/routes.h"
#include "core/follow.h"
#include "core/token.h"

static void encode_user(struct json *j, const struct follow_user *user) {
    json_open_object(j);
    json_key_int(j, "user_id", user->id);
    json_key_text(j, "username", user->username);
    json_key_text(j, "first_name", user->first_name);
    json_key_text(j, "last_name", user->last_name);
    json_key_text(j, "avatar", user->avatar);
    json_key_cstr(j, "status", encode_status(user->flags));
    json_key_time(j, "followed_at", user->followed_at);
    json_close_object(j);
}

static void encode_cursor(struct call *c, int64_t next) {
    if (!next) {
        json_key_null(&c->out, "next_cursor");
        return;
    }
    struct text edge = text_format(c->ctx.arena, "%lld", (long long)next);
    json_key_text(&c->out, "next_cursor", seal(&c->ctx, "follows", edge));
}

typedef enum err list_function(struct ctx *c, const struct caller *caller, int64_t user_id,
                               int64_t before, int64_t limit, struct follow_page *out);

static enum err answer(struct call *c, const struct account_follows_input *in,
                       list_function *list) {
    struct follow_page page = {0};
    int64_t limit = in->limit.given ? in->limit.value : FOLLOW_PAGE_DEFAULT;
    TRY(list(&c->ctx, &c->caller, in->user_id.value, in->cursor.value, limit, &page));
    struct json *j = &c->out;
    json_open_object(j);
    json_key_int(j, "count", page.count);
    json_key(j, "results");
    json_open_array(j);
    for (size_t i = 0; i < page.size; i++)
        encode_user(j, &page.users[i]);
    json_close_array(j);
    encode_cursor(c, page.next);
    json_close_object(j);
    return OK;
}

enum err api_account_followers(struct call *c, const struct account_follows_input *in) {
    return answer(c, in, follow_followers);
}

enum err api_account_following(struct call *c, const struct account_follows_input *in) {
    return answer(c, in, follow_following);
}
