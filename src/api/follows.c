/* The follow graph. */
#include "core/follow.h"

#include "api/routes.h"

static void encode_edge(struct json *j, const struct follow *edge) {
    json_open_object(j);
    json_key_int(j, "id", edge->id);
    json_key_int(j, "follower", edge->follower_id);
    json_key_int(j, "following", edge->following_id);
    json_key_text(j, "follower_username", edge->follower_username);
    json_key_text(j, "following_username", edge->following_username);
    json_key_time(j, "created_at", edge->created_at);
    json_close_object(j);
}

static void encode_user(struct json *j, const struct follow_user *user) {
    json_open_object(j);
    json_key_int(j, "id", user->id);
    json_key_text(j, "username", user->username);
    json_key_text(j, "first_name", user->first_name);
    json_key_text(j, "last_name", user->last_name);
    json_key_text(j, "avatar", user->avatar);
    json_key_bool(j, "is_following", user->is_following);
    json_close_object(j);
}

enum err api_follow(struct call *c, const struct follow_input *in) {
    struct follow edge;
    TRY(follow_add(&c->ctx, &c->caller, in->following.value, &edge));
    call_created(c);
    encode_edge(&c->out, &edge);
    return OK;
}

enum err api_unfollow(struct call *c, const struct nothing_input *in) {
    (void)in;
    struct text username;
    TRY(follow_remove(&c->ctx, c->caller.user_id, call_param(c, 0), &username));
    struct text message = text_format(c->ctx.arena, "Stopped following %.*s", TEXT_ARGS(username));
    json_open_object(&c->out);
    json_key_text(&c->out, "message", message);
    json_close_object(&c->out);
    return OK;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

static int64_t limit_of(const struct follow_page_input *in) {
    return in->limit.given ? in->limit.value : FOLLOW_PAGE_DEFAULT;
}

/* "next": the path that was asked for, from the sealed edge on. The path needs no escaping: it has
 * led to an account. */
static void encode_next(struct call *c, int64_t limit, int64_t next) {
    if (!next) {
        json_key_null(&c->out, "next");
        return;
    }
    struct arena *arena = c->ctx.arena;
    struct text cursor = seal(&c->ctx, "follows", text_format(arena, "%lld", (long long)next));
    json_key_text(&c->out, "next",
                  text_format(arena, "%.*s/?limit=%lld&cursor=%.*s", TEXT_ARGS(c->x->request.path),
                              (long long)limit, TEXT_ARGS(cursor)));
}

static void encode_page(struct call *c, const struct follow_page *page, int64_t limit) {
    struct json *j = &c->out;
    json_open_object(j);
    json_key_int(j, "count", page->count);
    json_key(j, "results");
    json_open_array(j);
    for (size_t i = 0; i < page->size; i++) {
        if (page->edges)
            encode_edge(j, &page->edges[i]);
        else
            encode_user(j, &page->users[i]);
    }
    json_close_array(j);
    encode_next(c, limit, page->next);
    json_close_object(j);
}

enum err api_my_following(struct call *c, const struct follow_page_input *in) {
    struct follow_page page = {0};
    TRY(follow_edges(&c->ctx, &c->caller, in->cursor.value, limit_of(in), &page));
    encode_page(c, &page, limit_of(in));
    return OK;
}

typedef enum err list_function(struct ctx *c, const struct caller *caller, int64_t user_id,
                               int64_t before, int64_t limit, struct follow_page *out);

static enum err answer_users(struct call *c, const struct follow_page_input *in,
                             list_function *list) {
    struct account account;
    struct follow_page page = {0};
    TRY(account_by_username(&c->ctx, call_param(c, 0), &account));
    if (!account_visible_to(&account, &c->caller))
        return ERR_USER_NOT_FOUND;
    TRY(list(&c->ctx, &c->caller, account.id, in->cursor.value, limit_of(in), &page));
    if (!c->caller.user_id)
        call_cacheable(c);
    encode_page(c, &page, limit_of(in));
    return OK;
}

enum err api_user_followers(struct call *c, const struct follow_page_input *in) {
    return answer_users(c, in, follow_followers);
}

enum err api_user_following(struct call *c, const struct follow_page_input *in) {
    return answer_users(c, in, follow_following);
}
