/* Preferences and notification switches: what a user wants, and changing it. */
#include "api/encode.h"
#include "api/routes.h"
#include "core/preference.h"

enum err api_get_preferences(struct call *c, const struct nothing_input *in) {
    (void)in;
    struct preferences p;
    TRY(preference_load(&c->ctx, c->caller.user_id, &p));
    struct json *j = &c->out;
    json_open_object(j);
    json_key_int(j, "user_id", p.account.id);
    encode_preferences(j, &p);
    json_close_object(j);
    return OK;
}

/* A, "Get Notifications": the switches with their names. */
enum err api_get_notifications(struct call *c, const struct nothing_input *in) {
    (void)in;
    struct account account;
    TRY(account_load(&c->ctx, c->caller.user_id, &account));
    struct json *j = &c->out;
    json_open_object(j);
    json_key_int(j, "user_id", account.id);
    encode_switch_list(j, "user_notifications", account.switches);
    json_key_cstr(j, "not_found_message", "No notifications to display");
    json_close_object(j);
    return OK;
}

enum err api_update_language(struct call *c, const struct language_input *in) {
    struct account_changes to = {.set = FIELD_LANGUAGE, .language = in->language.value};
    struct account account;
    TRY(account_update(&c->ctx, c->caller.user_id, &to, &account));
    call_success(c, "Language updated successfully");
    return OK;
}

static unsigned bit_if(bool given, enum preference_field field) {
    return given ? field : 0;
}

enum err api_update_preferences(struct call *c, const struct update_preferences_input *in) {
    struct preference_changes to = {
        .set = bit_if(in->categories.given, PREFERENCE_CATEGORIES) |
               bit_if(in->networks.given, PREFERENCE_NETWORKS) |
               bit_if(in->language.given, PREFERENCE_LANGUAGE) |
               bit_if(in->profile_public.given, PREFERENCE_PUBLIC) |
               bit_if(in->show_earnings.given, PREFERENCE_SHOW_EARNINGS) |
               bit_if(in->show_campaigns.given, PREFERENCE_SHOW_CAMPAIGNS),
        .categories = in->categories.value,
        .networks = in->networks.value,
        .language = in->language.value,
        .profile_public = in->profile_public.value,
        .show_earnings = in->show_earnings.value,
        .show_campaigns = in->show_campaigns.value,
    };
    if (to.set)
        TRY(preference_update(&c->ctx, c->caller.user_id, &to));
    call_success(c, "Preferences updated successfully");
    return OK;
}

enum err api_update_notifications(struct call *c, const struct update_notifications_input *in) {
#define SWITCH(code)                                                                               \
    { TEXT(#code), &in->code }
    const struct {
        struct text code;
        const struct in_bool *field;
    } fields[] = {
        SWITCH(new_campaign),   SWITCH(end_campaign),   SWITCH(near_campaign),
        SWITCH(cause_campaign), SWITCH(profile_status), SWITCH(post_status),
        SWITCH(update_balance),
    };
#undef SWITCH
    int64_t mask = 0, values = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        int64_t bit = INT64_C(1) << catalog_switch(fields[i].code);
        mask |= fields[i].field->given ? bit : 0;
        values |= fields[i].field->value ? bit : 0;
    }
    if (mask)
        TRY(preference_set_switches(&c->ctx, c->caller.user_id, mask, values));
    call_success(c, "Notification settings updated");
    return OK;
}
