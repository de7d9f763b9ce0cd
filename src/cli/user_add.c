/* rollcall user add, rollcall user passwd */
#include <stdio.h>

#include "api/routes.h"
#include "api/types.h"
#include "base/unicode.h"
#include "cli/secret.h"
#include "cli/user.h"
#include "core/audit.h"
#include "core/login.h"
#include "core/password.h"
#include "core/password_policy.h"

bool user_take(struct user_command *u, enum field_type type, const char *field, struct text given,
               struct text *out) {
    struct command *c = &u->base;
    if (!unicode_valid(given)) {
        command_say(c, "%s: not valid UTF-8", field);
        return false;
    }
    struct router *router = router_new(routes_rows(), routes_count());
    struct call call = {.ctx = c->ctx, .router = router};
    const struct value value = {.kind = VALUE_TEXT, .text = given};
    const struct taking taking = {.call = &call, .field = field, .values = &value, .count = 1};
    struct in_text taken = {0};
    enum err e = types_take(&taking, type, &taken);
    router_free(router);
    if (e != OK)
        command_say(c, "%s: %s", field, call.message ? call.message : error_info(e)->message);
    *out = taken.value;
    return e == OK;
}

static bool take_password(struct user_command *u, struct text username, struct text email,
                          struct text *out) {
    struct text given;
    const char *why;
    bool read = u->password_stdin ? secret_from_stdin(&u->base.arena, &given, &why)
                                  : secret_from_terminal(&u->base.arena, &given, &why);
    if (!read)
        command_say(&u->base, "%s", why);
    if (!read || !user_take(u, TYPE_PASSWORD_NEW, "password", given, out))
        return false;
    const char *objection =
        password_resemblance(&u->base.core.policy, &u->base.arena, *out, username, email);
    if (objection)
        command_say(&u->base, "password: %s", objection);
    return !objection;
}

static enum err create_noted(struct ctx *c, const struct new_account *in, struct text hash,
                             struct account *out) {
    TRY(account_create(c, in, hash, out));
    return audit_act(c, AUDIT_ADD, out->id, account_roles(c->arena, out->flags));
}

static enum err create(struct ctx *c, const struct new_account *in, struct account *out) {
    struct text hash;
    TRY(password_hash(c, in->password, &hash));
    TRY(db_begin(c->db));
    return db_end(c->db, create_noted(c, in, hash, out));
}

enum cli_status user_add(struct user_command *u) {
    struct new_account in = {.birth_date = NO_DATE, .flags = ACCOUNT_FLAGS_NEW | u->roles};
    if (!user_take(u, TYPE_USERNAME_NEW, "username", text_of(u->name), &in.username) ||
        !user_take(u, TYPE_EMAIL_NEW, "email", text_of(u->email), &in.email) ||
        !take_password(u, in.username, in.email, &in.password) ||
        !command_done(&u->base, create(&u->base.ctx, &in, &u->account)))
        return CLI_FAILED;
    printf("Account %s has the id %jd%s\n", u->account.username.at, (intmax_t)u->account.id,
           u->roles & ACCOUNT_SUPERUSER ? " and is a superuser"
           : u->roles & ACCOUNT_STAFF   ? " and is staff"
                                        : "");
    return CLI_OK;
}

enum cli_status user_passwd(struct user_command *u) {
    struct text password;
    if (!take_password(u, u->account.username, u->account.email, &password) ||
        !command_done(&u->base, login_set_password(&u->base.ctx, u->account.id, password)))
        return CLI_FAILED;
    printf("%s has a new password and is signed out everywhere\n", u->account.username.at);
    return CLI_OK;
}
