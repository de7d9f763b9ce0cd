/* The shapes that several endpoints answer with. */
#ifndef API_ENCODE_H
#define API_ENCODE_H

#include "api/call.h"
#include "core/account.h"
#include "core/notification.h"
#include "core/preference.h"
#include "core/session.h"
#include "core/wall.h"

/* Text, or null when empty. Not for avatar and bio, which are always strings. */
void encode_text_or_null(struct json *j, const char *key, struct text t);
/* "YYYY-MM-DD" or null. */
void encode_date(struct json *j, const char *key, int64_t days);

/* Runs of keys inside an open object. Who an account is to its owner: id, username, email,
 * first_name, last_name. */
void encode_identity(struct json *j, const struct account *a);
/* posts_count, followers_count, following_count */
void encode_counts(struct json *j, const struct account_counts *counts);
/* access, refresh */
void encode_tokens(struct json *j, const struct credentials *credentials);

/* A's "User Profile" and its additions, keys only, inside an open object: all of them with `full`,
 * for staff and oneself, where `a` comes with its last_login. Strangers do not see how to reach
 * somebody (email, phone), the birth date, or what is of use to somebody who picks an account to
 * attack: last_login and the flags. */
void encode_user_profile(struct json *j, const struct account *a, bool full);

/* {"id", "name"} of a country or city under `key`; null when 0. */
void encode_country(struct json *j, const char *key, int64_t id);
void encode_city(struct json *j, const char *key, int64_t id);

/* "active", "banned", "inactive" */
const char *encode_status(int64_t flags);

/* The seven switches as an object under `key` … */
void encode_switches(struct json *j, const char *key, int64_t switches);
/* … and as an array of "name", "code", "status". */
void encode_switch_list(struct json *j, const char *key, int64_t switches);

/* Keys: "categories", "networks". */
void encode_interests(struct json *j, uint64_t categories, uint64_t networks);
/* Keys: "profile_public", "show_earnings", "show_campaigns". */
void encode_privacy(struct json *j, int64_t flags);

/* A's "preferences" and its additions, as an object under that key. */
void encode_preferences(struct json *j, const struct preferences *p);

/* A session, as an object; `current`: the request has come by it. */
void encode_session(struct json *j, const struct session *s, bool current);

/* The keys of a notification, as its receiver sees it. */
void encode_notification(struct json *j, const struct notification *n);

/* A social wall, as an object. */
void encode_wall(struct json *j, const struct wall *w);

#endif
