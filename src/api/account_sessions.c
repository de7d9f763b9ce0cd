/* The sessions of one account, for staff. */
#include "api/encode.h"
#include "api/routes.h"
#include "core/moderation.h"

enum err api_account_sessions(struct call *c, const struct user_input *in) {
    struct account account;
    struct session *sessions;
    size_t count;
    TRY(account_load(&c->ctx, in->user_id.value, &account));
    TRY(session_list(&c->ctx, account.id, &sessions, &count));
    struct json *j = &c->out;
    json_open_object(j);
    json_key(j, "sessions");
    json_open_array(j);
    for (size_t i = 0; i < count; i++)
        encode_session(j, &sessions[i],
                       account.id == c->caller.user_id && sessions[i].id == c->caller.session_id);
    json_close_array(j);
    json_close_object(j);
    return OK;
}

enum err api_account_session_end(struct call *c, const struct account_session_input *in) {
    TRY(moderation_end_session(&c->ctx, &c->caller, in->user_id.value, in->session_id.value));
    if (c->caller.by_cookie && in->user_id.value == c->caller.user_id &&
        in->session_id.value == c->caller.session_id)
        call_clear_cookie(c);
    call_success(c, "Session ended");
    return OK;
}
