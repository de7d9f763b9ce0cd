/* Staff change an account: its profile, its roles. */
#include "api/changes.h"
#include "api/routes.h"
#include "core/moderation.h"

enum err api_account_update(struct call *c, const struct account_update_input *in) {
    struct profile_fields fields = PROFILE_FIELDS(in);
    struct account_changes to = changes_of(&fields);
    TRY(moderation_update(&c->ctx, &c->caller, in->user_id.value, &to));
    call_success(c, "Profile updated successfully");
    return OK;
}

static void set_role(struct in_bool given, int64_t role, int64_t *add, int64_t *remove) {
    if (given.given)
        *(given.value ? add : remove) |= role;
}

enum err api_account_role(struct call *c, const struct account_role_input *in) {
    int64_t add = 0, remove = 0;
    set_role(in->is_staff, ACCOUNT_STAFF, &add, &remove);
    set_role(in->is_superuser, ACCOUNT_SUPERUSER, &add, &remove);
    TRY(moderation_set_roles(&c->ctx, &c->caller, in->user_id.value, add, remove));
    call_success(c, "User roles updated");
    return OK;
}
