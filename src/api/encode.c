#include "api/encode.h"

#include "base/clock.h"
#include "core/catalog.h"

void encode_text_or_null(struct json *j, const char *key, struct text t) {
    if (t.size)
        json_key_text(j, key, t);
    else
        json_key_null(j, key);
}

void encode_date(struct json *j, const char *key, int64_t days) {
    if (days == NO_DATE) {
        json_key_null(j, key);
        return;
    }
    char date[11];
    clock_format_date(days, date);
    json_key_cstr(j, key, date);
}

static void encode_place(struct json *j, const char *key, int64_t id, const struct text *name) {
    if (!name) {
        json_key_null(j, key);
        return;
    }
    json_key(j, key);
    json_open_object(j);
    json_key_int(j, "id", id);
    json_key_text(j, "name", *name);
    json_close_object(j);
}

void encode_country(struct json *j, const char *key, int64_t id) {
    const struct country *country = id ? catalog_country(id) : NULL;
    encode_place(j, key, id, country ? &country->name : NULL);
}

void encode_city(struct json *j, const char *key, int64_t id) {
    const struct city *city = id ? catalog_city(id) : NULL;
    encode_place(j, key, id, city ? &city->name : NULL);
}

static void encode_sex(struct json *j, enum sex sex) {
    static const char *const names[] = {
        [SEX_MALE] = "male", [SEX_FEMALE] = "female", [SEX_OTHER] = "other"};
    if (sex == SEX_UNKNOWN)
        json_key_null(j, "sex");
    else
        json_key_cstr(j, "sex", names[sex]);
}

void encode_identity(struct json *j, const struct account *a) {
    json_key_int(j, "id", a->id);
    json_key_text(j, "username", a->username);
    json_key_text(j, "email", a->email);
    json_key_text(j, "first_name", a->first_name);
    json_key_text(j, "last_name", a->last_name);
}

void encode_counts(struct json *j, const struct account_counts *counts) {
    json_key_int(j, "posts_count", counts->posts);
    json_key_int(j, "followers_count", counts->followers);
    json_key_int(j, "following_count", counts->following);
}

void encode_tokens(struct json *j, const struct credentials *credentials) {
    json_key_text(j, "access", credentials->access);
    json_key_text(j, "refresh", credentials->refresh);
}

void encode_user_profile(struct json *j, const struct account *a, bool full) {
    json_key_int(j, "id", a->id);
    json_key_text(j, "username", a->username);
    if (full)
        json_key_text(j, "email", a->email);
    json_key_text(j, "first_name", a->first_name);
    json_key_text(j, "last_name", a->last_name);
    json_key_time(j, "date_joined", a->created_at);
    if (full) {
        json_key_time(j, "last_login", a->last_login);
        json_key_bool(j, "is_active", a->flags & ACCOUNT_ACTIVE);
        json_key_bool(j, "is_staff", a->flags & ACCOUNT_STAFF);
        json_key_bool(j, "is_superuser", a->flags & ACCOUNT_SUPERUSER);
    }
    encode_country(j, "country", a->country);
    encode_city(j, "city", a->city);
    json_key_text(j, "language", a->language);
    json_key_text(j, "timezone", a->timezone);
    json_key_text(j, "bio", a->bio);
    json_key_text(j, "avatar", a->avatar);
    encode_sex(j, a->sex);
    if (full) {
        json_key_text(j, "phone", a->phone);
        encode_date(j, "birth_date", a->birth_date);
    }
}

const char *encode_status(int64_t flags) {
    if (flags & ACCOUNT_BANNED)
        return "banned";
    return flags & ACCOUNT_ACTIVE ? "active" : "inactive";
}

void encode_switches(struct json *j, const char *key, int64_t switches) {
    json_key(j, key);
    json_open_object(j);
    for (int i = 0; i < SWITCH_COUNT; i++)
        json_key_bool(j, catalog_switch_code(i).at, switches >> i & 1);
    json_close_object(j);
}

/* The codes of the set bits, in catalogue order. */
static void encode_codes(struct json *j, const char *key, uint64_t bits, int count,
                         struct text (*code)(int)) {
    json_key(j, key);
    json_open_array(j);
    for (int i = 0; i < count; i++)
        if (bits >> i & 1)
            json_text(j, code(i));
    json_close_array(j);
}

void encode_privacy(struct json *j, int64_t flags) {
    json_key_bool(j, "profile_public", flags & ACCOUNT_PUBLIC);
    json_key_bool(j, "show_earnings", flags & ACCOUNT_SHOW_EARNINGS);
    json_key_bool(j, "show_campaigns", flags & ACCOUNT_SHOW_CAMPAIGNS);
}

void encode_interests(struct json *j, uint64_t categories, uint64_t networks) {
    encode_codes(j, "categories", categories, CATEGORY_COUNT, catalog_category_code);
    encode_codes(j, "networks", networks, NETWORK_COUNT, catalog_network_code);
}

void encode_preferences(struct json *j, const struct preferences *p) {
    json_key(j, "preferences");
    json_open_object(j);
    json_key_text(j, "language", p->account.language);
    encode_switches(j, "notifications", p->account.switches);
    encode_interests(j, p->categories, p->networks);
    json_key(j, "privacy_settings");
    json_open_object(j);
    encode_privacy(j, p->account.flags);
    json_close_object(j);
    json_close_object(j);
}

void encode_wall(struct json *j, const struct wall *w) {
    json_open_object(j);
    json_key_int(j, "id", w->id);
    json_key_text(j, "network", catalog_network_code(w->network));
    json_key_text(j, "wall_url", w->url);
    json_key_text(j, "description", w->description);
    json_key_time(j, "created_at", w->created_at);
    json_key_time(j, "updated_at", w->updated_at);
    json_close_object(j);
}

void encode_session(struct json *j, const struct session *s, bool current) {
    json_open_object(j);
    json_key_int(j, "id", s->id);
    json_key_time(j, "created_at", s->created_at);
    json_key_time(j, "last_used", s->used_at);
    json_key_time(j, "expires_at", s->expires_at);
    encode_text_or_null(j, "ip", s->address);
    json_key_text(j, "user_agent", s->user_agent);
    json_key_text(j, "name", s->name);
    json_key_bool(j, "current", current);
    json_close_object(j);
}

void encode_notification(struct json *j, const struct notification *n) {
    json_key_int(j, "id", n->id);
    json_key_text(j, "title", n->title);
    json_key_text(j, "message", n->message);
    json_key_text(j, "type", n->type);
    json_key_bool(j, "read", n->read_at != 0);
    json_key_time(j, "created_at", n->created_at);
    json_key(j, "data");
    json_raw(j, n->data);
}

void encode_switch_list(struct json *j, const char *key, int64_t switches) {
    json_key(j, key);
    json_open_array(j);
    for (int i = 0; i < SWITCH_COUNT; i++) {
        json_open_object(j);
        json_key_text(j, "name", catalog_switch_name(i));
        json_key_text(j, "code", catalog_switch_code(i));
        json_key_bool(j, "status", switches >> i & 1);
        json_close_object(j);
    }
    json_close_array(j);
}
