/* /api/check/…: who is signed in, whose password it is, whether an address is known. */
#include "api/credential.h"
#include "api/encode.h"
#include "api/routes.h"
#include "core/login.h"

static bool serves(const struct call *c, enum surface s) {
    return c->x->request.surfaces & s;
}

static void user_id_or_null(struct json *j, int64_t id) {
    json_key(j, "user_id");
    if (id)
        json_int(j, id);
    else
        json_put_null(j);
}

enum err api_check_auth(struct call *c, const struct nothing_input *in) {
    (void)in;
    struct json *j = &c->out;
    json_open_object(j);
    json_key_bool(j, "is_authenticated", c->caller.user_id != 0);
    user_id_or_null(j, c->caller.user_id);
    if (c->caller.user_id)
        json_key_text(j, "username", c->caller.username);
    else
        json_key_null(j, "username");
    json_close_object(j);
    return OK;
}

enum err api_check_login(struct call *c, const struct nothing_input *in) {
    (void)in;
    struct json *j = &c->out;
    json_open_object(j);
    json_key_bool(j, "is_logged", c->caller.user_id != 0);
    user_id_or_null(j, c->caller.user_id);
    json_key_bool(j, "is_staff", c->caller.is_staff);
    json_key_bool(j, "is_superuser", c->caller.superuser);
    json_close_object(j);
    return OK;
}

static enum err answer_flag(struct call *c, const char *key, int64_t user_id) {
    json_open_object(&c->out);
    json_key_bool(&c->out, key, user_id != 0);
    user_id_or_null(&c->out, user_id);
    json_close_object(&c->out);
    return OK;
}

/* A, "Check Validate (Backend)": is this the password? Wrong, banned and inactive are one answer.
 * Asked first on LANE_READ, as the route's other answer is a point read. */
static enum err validate_password(struct call *c, const struct validate_input *in) {
    if (!in->username.given)
        return call_invalid(c, "username", "This field is required");
    if (!in->password.given)
        return call_invalid(c, "password", "This field is required");
    if (c->lane == LANE_READ)
        return ERR_WANTS_HASH_LANE;

    struct account account;
    enum err e = login_verify(&c->ctx, in->username.value, in->password.value,
                              &c->x->request.client, &account, &c->retry);
    if (e == ERR_INVALID_CREDENTIALS || e == ERR_BANNED)
        return answer_flag(c, "is_valid", 0);
    TRY(e);
    return answer_flag(c, "is_valid", account.id);
}

/* Which of the path's two answers: contract §1. */
enum err api_check_validate(struct call *c, const struct validate_input *in) {
    bool password = in->username.given || in->password.given;
    if (serves(c, SURFACE_BACKEND) && (password || !serves(c, SURFACE_APP)))
        return validate_password(c, in);
    return answer_flag(c, "is_logged", c->caller.user_id);
}

static enum err email_owner(struct call *c, struct text email, int64_t *id) {
    struct account account;
    enum err e = account_by_email(&c->ctx, email, &account);
    *id = e == OK ? account.id : 0;
    return e == ERR_USER_NOT_FOUND ? OK : e;
}

/* The backend's answer names the account, so it is for staff alone; everybody else gets the app's,
 * where the listener has one. */
enum err api_check_email(struct call *c, const struct email_input *in) {
    if (!serves(c, SURFACE_APP))
        TRY(credential_staff(c));
    bool backend = serves(c, SURFACE_BACKEND) && c->caller.staff;

    int64_t owner;
    TRY(email_owner(c, in->email.value, &owner));
    if (backend)
        return answer_flag(c, "exists", owner);
    json_open_object(&c->out);
    json_key_bool(&c->out, "exists", owner != 0);
    json_key_bool(&c->out, "available", owner == 0);
    json_close_object(&c->out);
    return OK;
}
