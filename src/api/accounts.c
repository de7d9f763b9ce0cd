/* One's own account: registration, profile, password, erasure. */
#include "api/encode.h"
#include "api/routes.h"
#include "core/login.h"

/* ---- Registration ---------------------------------------------------------------------------- */

/* From either surface's input: the fields have the same names in both. */
#define NEW_ACCOUNT(in)                                                                            \
    ((struct new_account){                                                                         \
        .username = (in)->username.value,                                                          \
        .email = (in)->email.value,                                                                \
        .password = (in)->password.value,                                                          \
        .first_name = (in)->first_name.value,                                                      \
        .last_name = (in)->last_name.value,                                                        \
        .bio = (in)->bio.value,                                                                    \
        .avatar = (in)->avatar.value,                                                              \
        .language = (in)->language.value,                                                          \
        .sex = (enum sex)(in)->sex.value,                                                          \
        .birth_date =                                                                              \
            (in)->birth_date.given && !(in)->birth_date.null ? (in)->birth_date.value : NO_DATE,   \
        .country = (in)->country.value,                                                            \
        .city = (in)->city.value,                                                                  \
        .flags = ACCOUNT_FLAGS_NEW,                                                                \
    })

static enum err open_account(struct call *c, const struct new_account *in, struct account *account,
                             struct credentials *credentials) {
    struct origin origin = call_origin(c);
    TRY(login_register(&c->ctx, in, &origin, account, credentials));
    call_created(c);
    return OK;
}

enum err api_register(struct call *c, const struct register_input *in) {
    struct new_account new_account = NEW_ACCOUNT(in);
    struct account account;
    struct credentials credentials;
    TRY(open_account(c, &new_account, &account, &credentials));

    struct json *j = &c->out;
    json_open_object(j);
    json_key(j, "user");
    json_open_object(j);
    encode_identity(j, &account);
    json_key_text(j, "bio", account.bio);
    json_key_time(j, "created_at", account.created_at);
    json_close_object(j);
    encode_tokens(j, &credentials);
    json_close_object(j);
    return OK;
}

enum err api_app_register(struct call *c, const struct app_register_input *in) {
    struct new_account new_account = NEW_ACCOUNT(in);
    struct account account;
    struct credentials credentials;
    TRY(open_account(c, &new_account, &account, &credentials));
    call_set_cookie(c, credentials.cookie);

    json_open_object(&c->out);
    json_key_cstr(&c->out, "status", "success");
    json_key_cstr(&c->out, "message", "Account created successfully");
    json_key_int(&c->out, "user_id", account.id);
    json_close_object(&c->out);
    return OK;
}

/* ---- Profile --------------------------------------------------------------------------------- */

enum err api_me(struct call *c, const struct nothing_input *in) {
    (void)in;
    struct account account;
    struct account_counts counts;
    TRY(account_profile(&c->ctx, c->caller.user_id, &account, &counts));

    struct json *j = &c->out;
    json_open_object(j);
    encode_identity(j, &account);
    json_key_text(j, "bio", account.bio);
    json_key_text(j, "avatar", account.avatar);
    json_key_time(j, "created_at", account.created_at);
    json_key_time(j, "updated_at", account.updated_at);
    encode_counts(j, &counts);
    json_close_object(j);
    return OK;
}

static void change(struct account_changes *to, enum account_field field, struct text *slot,
                   struct in_text from) {
    if (!from.given)
        return;
    to->set |= field;
    *slot = from.value;
}

enum err api_me_update(struct call *c, const struct me_update_input *in) {
    struct account_changes to = {0};
    change(&to, FIELD_FIRST_NAME, &to.first_name, in->first_name);
    change(&to, FIELD_LAST_NAME, &to.last_name, in->last_name);
    change(&to, FIELD_BIO, &to.bio, in->bio);
    change(&to, FIELD_AVATAR, &to.avatar, in->avatar);
    change(&to, FIELD_EMAIL, &to.email, in->email);
    struct account account;
    TRY(account_update(&c->ctx, c->caller.user_id, &to, &account));

    struct json *j = &c->out;
    json_open_object(j);
    encode_identity(j, &account);
    json_key_text(j, "bio", account.bio);
    json_key_text(j, "avatar", account.avatar);
    json_key_time(j, "updated_at", account.updated_at);
    json_close_object(j);
    return OK;
}

enum err api_me_stats(struct call *c, const struct nothing_input *in) {
    (void)in;
    struct account_counts counts;
    TRY(account_counts(&c->ctx, c->caller.user_id, &counts));
    struct json *j = &c->out;
    json_open_object(j);
    encode_counts(j, &counts);
    json_key_int(j, "likes_received", counts.likes);
    json_key_int(j, "comments_received", counts.comments);
    json_close_object(j);
    return OK;
}

/* ---- Password and erasure -------------------------------------------------------------------- */

enum err api_password_change(struct call *c, const struct password_change_input *in) {
    TRY(login_change_password(&c->ctx, &c->caller, in->current_password.value,
                              in->new_password.value, &c->x->request.client, &c->retry));
    call_message(c, "Password changed successfully");
    return OK;
}

enum err api_me_erase(struct call *c, const struct me_erase_input *in) {
    TRY(login_confirm(&c->ctx, c->caller.user_id, in->password.value, &c->x->request.client,
                      ERR_PASSWORD_INCORRECT, &c->retry));
    TRY(account_erase(&c->ctx, c->caller.user_id));
    call_clear_cookie(c);
    call_message(c, "Account deleted");
    return OK;
}
