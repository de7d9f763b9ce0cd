/* Sessions: opening, refreshing, listing, ending. */
#include "api/encode.h"
#include "api/routes.h"
#include "core/login.h"

/* ---- Opening --------------------------------------------------------------------------------- */

static enum err open_session(struct call *c, const struct login_input *in, struct account *account,
                             struct credentials *credentials) {
    struct origin origin = call_origin(c);
    origin.name = in->session_name.value;
    return login_open(&c->ctx, in->username.value, in->password.value, &origin, account,
                      credentials, &c->retry);
}

enum err api_login(struct call *c, const struct login_input *in) {
    struct account account;
    struct credentials credentials;
    TRY(open_session(c, in, &account, &credentials));

    struct json *j = &c->out;
    json_open_object(j);
    json_key(j, "user");
    json_open_object(j);
    encode_identity(j, &account);
    json_close_object(j);
    encode_tokens(j, &credentials);
    json_close_object(j);
    return OK;
}

enum err api_app_login(struct call *c, const struct login_input *in) {
    struct account account;
    struct credentials credentials;
    TRY(open_session(c, in, &account, &credentials));
    call_set_cookie(c, credentials.cookie);

    struct json *j = &c->out;
    json_open_object(j);
    json_key_cstr(j, "status", "success");
    json_key_cstr(j, "message", "Logged in successfully");
    json_key_int(j, "user_id", account.id);
    encode_tokens(j, &credentials);
    json_close_object(j);
    return OK;
}

/* `refresh` is answered only where refresh tokens rotate (contract §3). */
enum err api_token_refresh(struct call *c, const struct refresh_input *in) {
    struct text access, refresh;
    TRY(session_refresh(&c->ctx, in->refresh.value, &access, &refresh));
    json_open_object(&c->out);
    json_key_text(&c->out, "access", access);
    if (refresh.size)
        json_key_text(&c->out, "refresh", refresh);
    json_close_object(&c->out);
    return OK;
}

/* ---- Ending ---------------------------------------------------------------------------------- */

enum err api_logout(struct call *c, const struct refresh_input *in) {
    TRY(session_logout(&c->ctx, c->caller.user_id, in->refresh.value));
    call_message(c, "Successfully logged out");
    return OK;
}

/* Two logouts at once are both right. */
enum err api_app_logout(struct call *c, const struct logout_input *in) {
    enum err e = in->everywhere.value
                     ? session_logout_everywhere(&c->ctx, c->caller.user_id)
                     : session_end(&c->ctx, c->caller.user_id, c->caller.session_id);
    if (e != OK && e != ERR_NOT_FOUND)
        return e;
    call_clear_cookie(c);
    call_success(c, "Logged out successfully");
    return OK;
}

enum err api_session_end(struct call *c, const struct nothing_input *in) {
    (void)in;
    int64_t id;
    TRY(call_param_id(c, 0, "id", &id));
    TRY(session_end(&c->ctx, c->caller.user_id, id));
    if (c->caller.by_cookie && id == c->caller.session_id)
        call_clear_cookie(c);
    call_message(c, "Session ended");
    return OK;
}

/* ---- Listing and naming ---------------------------------------------------------------------- */

enum err api_session_list(struct call *c, const struct nothing_input *in) {
    (void)in;
    struct session *sessions;
    size_t count;
    TRY(session_list(&c->ctx, c->caller.user_id, &sessions, &count));
    struct json *j = &c->out;
    json_open_object(j);
    json_key_int(j, "count", (int64_t)count);
    json_key(j, "results");
    json_open_array(j);
    for (size_t i = 0; i < count; i++)
        encode_session(j, &sessions[i], sessions[i].id == c->caller.session_id);
    json_close_array(j);
    json_close_object(j);
    return OK;
}

enum err api_session_update(struct call *c, const struct session_update_input *in) {
    int64_t id;
    struct session session;
    TRY(call_param_id(c, 0, "id", &id));
    TRY(session_rename(&c->ctx, c->caller.user_id, id, in->name.given ? &in->name.value : NULL,
                       &session));
    encode_session(&c->out, &session, id == c->caller.session_id);
    return OK;
}
