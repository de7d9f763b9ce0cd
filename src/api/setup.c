/* The first superuser: /api/action/setup/. */
#include "core/setup.h"
#include "api/encode.h"
#include "api/routes.h"

enum err api_setup(struct call *c, const struct setup_input *in) {
    const struct new_account new_account = {
        .username = in->username.value,
        .email = in->email.value,
        .password = in->password.value,
        .birth_date = NO_DATE,
        .flags = ACCOUNT_FLAGS_NEW | ACCOUNT_SUPERUSER,
    };
    struct origin origin = call_origin(c);
    struct account account;
    struct credentials credentials;
    TRY(setup_finish(&c->ctx, in->token.value, &new_account, &origin, &account, &credentials));
    call_created(c);
    call_set_cookie(c, credentials.cookie);

    struct json *j = &c->out;
    json_open_object(j);
    json_key_cstr(j, "status", "success");
    json_key_cstr(j, "message", "Account created successfully");
    json_key_int(j, "user_id", account.id);
    encode_tokens(j, &credentials);
    json_close_object(j);
    return OK;
}
