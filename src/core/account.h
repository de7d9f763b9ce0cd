/* Accounts: who exists, and what they say of themselves. */
#ifndef CORE_ACCOUNT_H
#define CORE_ACCOUNT_H

#include "core/core.h"

enum account_flag { /* users.flags; never renumber */
                    ACCOUNT_ACTIVE = 1,
                    ACCOUNT_STAFF = 2,
                    ACCOUNT_SUPERUSER = 4,
                    ACCOUNT_BANNED = 8,
                    ACCOUNT_PUBLIC = 16, /* profile_public */
                    ACCOUNT_SHOW_EARNINGS = 32,
                    ACCOUNT_SHOW_CAMPAIGNS = 64,
};
#define ACCOUNT_FLAGS_NEW (ACCOUNT_ACTIVE | ACCOUNT_PUBLIC | ACCOUNT_SHOW_CAMPAIGNS)
#define ACCOUNT_ON_STAFF  (ACCOUNT_STAFF | ACCOUNT_SUPERUSER) /* either makes one */

enum sex { SEX_UNKNOWN, SEX_MALE, SEX_FEMALE, SEX_OTHER };

struct account {
    int64_t id;
    struct text username, email, first_name, last_name, bio, avatar, phone, language, timezone;
    struct text ban_reason;
    enum sex sex;
    int64_t birth_date;    /* days; NO_DATE when unknown */
    int64_t country, city; /* 0: unknown */
    int64_t flags, switches;
    int64_t created_at, updated_at;
    int64_t banned_at, banned_until; /* 0: not banned; not banned, or for ever */
    int64_t last_login; /* 0: never; account_load does not read it, account_load_full does */
};
#define NO_DATE INT64_MIN

struct account_counts {
    int64_t followers, following, posts, likes, comments, campaigns, earnings /* cents */;
};

/* For statements that give whole accounts: the columns of `users u` in the order account_read takes
 * them from column `first` on. last_login is left alone. */
#define ACCOUNT_COLUMNS                                                                            \
    "u.id, u.username, u.email, u.first_name, u.last_name, u.bio, u.avatar, u.phone, u.sex, "      \
    "u.birth_date, u.country, u.city, u.language, u.timezone, u.flags, u.switches, "               \
    "u.ban_reason, u.created_at, u.updated_at, u.banned_at, u.banned_until"
#define ACCOUNT_COLUMN_COUNT 21
void account_read(const struct db_rows *rows, int first, struct account *out);

/* Active and not banned. */
bool account_usable(const struct account *a);
/* To be seen in lists, search and by strangers: usable and public. */
bool account_listed(const struct account *a);
/* Whether `caller` may see the account: listed, its own, or the caller is staff. */
bool account_visible_to(const struct account *a, const struct caller *caller);

/* What a user name or an e-mail address is looked up by, and unique in: username_key, email_key. */
struct text account_key(struct arena *arena, struct text name);

/* ERR_USER_NOT_FOUND when there is none. */
enum err account_load(struct ctx *c, int64_t id, struct account *out);
/* account_load in a transaction that is going to change the account, or what hangs on it: nobody
 * else does until the end. The first thing such a transaction does. */
enum err account_lock(struct ctx *c, int64_t id, struct account *out);
/* The same for a transaction that only goes by what the account is: others may do so beside it. */
enum err account_lock_shared(struct ctx *c, int64_t id, struct account *out);
/* account_lock for who need not know the account, nor whether there is one. It costs no wait of its
 * own but for others. */
enum err account_hold(struct ctx *c, int64_t id);

enum err account_load_full(struct ctx *c, int64_t id, struct account *out);
enum err account_by_username(struct ctx *c, struct text username, struct account *out);
enum err account_by_email(struct ctx *c, struct text email, struct account *out);
/* By user name, or by e-mail address when there is an '@' in it. */
enum err account_by_login(struct ctx *c, struct text login, struct account *out);
/* What a profile shows, in one query: names, e-mail address, bio, avatar, flags and times of the
 * account; followers, following and posts of the counts. The rest is empty. */
enum err account_profile(struct ctx *c, int64_t id, struct account *out,
                         struct account_counts *counts);
enum err account_profile_by_username(struct ctx *c, struct text username, struct account *out,
                                     struct account_counts *counts);
enum err account_counts(struct ctx *c, int64_t id, struct account_counts *out);

/* Say that the function without the `_ahead` is going to be called: db_ahead. */
void account_load_ahead(struct ctx *c, int64_t id);
void account_load_full_ahead(struct ctx *c, int64_t id);
void account_profile_ahead(struct ctx *c, int64_t id);
void account_profile_by_username_ahead(struct ctx *c, struct text username);
void account_counts_ahead(struct ctx *c, int64_t id);

/* Whether the name or address is in use by somebody other than `except` (0: anybody). */
enum err account_username_taken(struct ctx *c, struct text username, bool *taken);
enum err account_email_taken(struct ctx *c, struct text email, int64_t except, bool *taken);

/* Whether there is a superuser at all. Reads accounts until it meets one: for the start of a
 * server, not for a request. */
enum err account_superuser_exists(struct ctx *c, bool *exists);

struct new_account {
    struct text username, email, password, first_name, last_name, bio, avatar, language;
    enum sex sex;
    int64_t birth_date; /* NO_DATE: not given */
    int64_t country, city;
    int64_t flags; /* ACCOUNT_FLAGS_NEW, and what an administrator adds */
};

/* Creates the account with its credential, counters, directory entry and statistics. Inside a
 * transaction. `password_hash` comes from password_hash(), made before the transaction. A city
 * without a country brings its country. ERR_USERNAME_TAKEN, ERR_EMAIL_TAKEN,
 * ERR_CITY_OUTSIDE_COUNTRY. */
enum err account_create(struct ctx *c, const struct new_account *in, struct text password_hash,
                        struct account *out);

/* Fields to change; those whose bit is not in `set` stay. */
enum account_field {
    FIELD_EMAIL = 1 << 0,
    FIELD_FIRST_NAME = 1 << 1,
    FIELD_LAST_NAME = 1 << 2,
    FIELD_BIO = 1 << 3,
    FIELD_AVATAR = 1 << 4,
    FIELD_PHONE = 1 << 5,
    FIELD_SEX = 1 << 6,
    FIELD_BIRTH_DATE = 1 << 7,
    FIELD_COUNTRY = 1 << 8,
    FIELD_CITY = 1 << 9,
    FIELD_LANGUAGE = 1 << 10,
    FIELD_TIMEZONE = 1 << 11,
};
struct account_changes {
    unsigned set; /* enum account_field */
    struct text email, first_name, last_name, bio, avatar, phone, language, timezone;
    enum sex sex;
    int64_t birth_date, country, city;
};

/* Applies the changes in a transaction of its own, with directory and statistics; no change, no
 * transaction. A country without a city drops a city that lies elsewhere; a city without a country
 * brings its country when none is set. An unknown city lies in no country. ERR_EMAIL_TAKEN,
 * ERR_CITY_OUTSIDE_COUNTRY, ERR_USER_NOT_FOUND. */
enum err account_update(struct ctx *c, int64_t id, const struct account_changes *changes,
                        struct account *out);

/* account_update for `before`, which account_lock has given: inside its transaction. */
enum err account_change(struct ctx *c, const struct account *before,
                        const struct account_changes *changes, struct account *after);

/* In which fields two states of an account differ, by name: "email,city"; empty: in none. */
struct text account_differences(struct arena *arena, const struct account *a,
                                const struct account *b);

/* Replaces flags, ban_reason and banned_until of the account `before` by those of `after`: the one
 * place where flags change. Who is not banned has no reason and no end; banned_at follows from the
 * flags. Keeps directory and statistics right. Inside a transaction. */
enum err account_set_flags(struct ctx *c, const struct account *before,
                           const struct account *after);

/* "staff superuser active": which of these roles are in `flags`. */
struct text account_roles(struct arena *arena, int64_t flags);

/* Grants or revokes ACCOUNT_STAFF / ACCOUNT_SUPERUSER / ACCOUNT_ACTIVE; who loses ACCOUNT_ACTIVE
 * loses every session. Own transaction. ERR_USER_NOT_FOUND. */
enum err account_grant(struct ctx *c, int64_t id, int64_t add, int64_t remove);

/* Erases the account and every row about it, and corrects the counts of those it followed or who
 * followed it; the id alone is kept, so that it can be done again after the restore of a backup
 * (erasure.h). One transaction of its own; but edges beyond 2,000 in a direction go before it, in
 * transactions of so many, and when that is interrupted the account is still there with those it
 * has left. ERR_USER_NOT_FOUND. */
enum err account_erase(struct ctx *c, int64_t id);

#endif
