#include "core/account.h"

#include "core/activity.h"
#include "core/audit.h"
#include "core/catalog.h"
#include "core/directory.h"
#include "core/erasure.h"
#include "core/follow.h"
#include "core/idempotency.h"
#include "core/notification.h"
#include "core/password.h"
#include "core/preference.h"
#include "core/session.h"
#include "core/statements.h"
#include "core/stats.h"
#include "core/wall.h"

enum {
    LOAD,
    LOCK,
    LOCK_SHARED,
    HOLD,
    LOAD_FULL,
    BY_USERNAME,
    BY_EMAIL,
    PROFILE,
    PROFILE_BY_USERNAME,
    COUNTS,
    USERNAME_OWNER,
    EMAIL_OWNER,
    ANY_SUPERUSER,
    ADD,
    ADD_COUNTS,
    CHANGE,
    SET_FLAGS,
    REMOVE,
    REMOVE_CREDENTIAL,
    REMOVE_COUNTS,
};

#define COUNT_COLUMNS                                                                              \
    "n.followers, n.following, n.posts, n.likes, n.comments, n.campaigns, n.earnings"

/* A profile is read more often than all else, and every column costs. */
#define SELECT_PROFILE                                                                             \
    "SELECT u.id, u.username, u.email, u.first_name, u.last_name, u.bio, u.avatar, u.flags, "      \
    "u.created_at, u.updated_at, n.followers, n.following, n.posts "                               \
    "FROM users u JOIN user_counts n ON n.user_id = u.id WHERE "

static struct statement sql[] = {
    [LOAD] = {"account_load", "SELECT " ACCOUNT_COLUMNS " FROM users u WHERE u.id = $1"},
    [LOCK] = {.name = "account_lock",
              .sqlite = "SELECT " ACCOUNT_COLUMNS " FROM users u WHERE u.id = $1",
              .postgres = "SELECT " ACCOUNT_COLUMNS " FROM users u WHERE u.id = $1 FOR UPDATE"},
    [LOCK_SHARED] = {.name = "account_lock_shared",
                     .sqlite = "SELECT " ACCOUNT_COLUMNS " FROM users u WHERE u.id = $1",
                     .postgres =
                         "SELECT " ACCOUNT_COLUMNS " FROM users u WHERE u.id = $1 FOR SHARE"},
    [HOLD] = {.name = "account_hold",
              .sqlite = "SELECT 1",
              .postgres = "SELECT id FROM users WHERE id = $1 FOR UPDATE"},
    [LOAD_FULL] = {"account_load_full", "SELECT " ACCOUNT_COLUMNS ", c.last_login FROM users u "
                                        "JOIN credentials c ON c.user_id = u.id WHERE u.id = $1"},
    [BY_USERNAME] = {"account_by_username",
                     "SELECT " ACCOUNT_COLUMNS " FROM users u WHERE u.username_key = $1"},
    [BY_EMAIL] = {"account_by_email",
                  "SELECT " ACCOUNT_COLUMNS " FROM users u WHERE u.email_key = $1"},
    [PROFILE] = {"account_profile", SELECT_PROFILE "u.id = $1"},
    [PROFILE_BY_USERNAME] = {"account_profile_by_username", SELECT_PROFILE "u.username_key = $1"},
    [COUNTS] = {"account_counts",
                "SELECT " COUNT_COLUMNS " FROM user_counts n WHERE n.user_id = $1"},
    [USERNAME_OWNER] = {"account_username_owner", "SELECT id FROM users WHERE username_key = $1"},
    [EMAIL_OWNER] = {"account_email_owner", "SELECT id FROM users WHERE email_key = $1"},
    [ANY_SUPERUSER] = {"account_any_superuser", /* the first condition is that of users_staff */
                       "SELECT id FROM users WHERE (flags & 6) <> 0 AND (flags & $1) <> 0 LIMIT 1"},
    [ADD] = {"account_add",
             "INSERT INTO users (id, username, username_key, email, email_key, first_name, "
             "last_name, bio, avatar, phone, sex, birth_date, country, city, language, timezone, "
             "flags, switches, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
             "$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) "
             "ON CONFLICT DO NOTHING RETURNING id"},
    [ADD_COUNTS] = {"account_add_counts", "INSERT INTO user_counts (user_id) VALUES ($1)"},
    [CHANGE] = {"account_change",
                "UPDATE users SET email = $2, email_key = $3, first_name = $4, last_name = $5, "
                "bio = $6, avatar = $7, phone = $8, sex = $9, birth_date = $10, country = $11, "
                "city = $12, language = $13, timezone = $14, updated_at = $15 WHERE id = $1"},
    [SET_FLAGS] = {"account_set_flags",
                   "UPDATE users SET flags = $2, ban_reason = $3, banned_at = CASE WHEN "
                   "CAST($4 AS BIGINT) IS NULL THEN NULL ELSE COALESCE(banned_at, $4) END, "
                   "banned_until = $6, updated_at = $5 WHERE id = $1"},
    [REMOVE] = {"account_remove", "DELETE FROM users WHERE id = $1"},
    [REMOVE_CREDENTIAL] = {"account_remove_credential",
                           "DELETE FROM credentials WHERE user_id = $1"},
    [REMOVE_COUNTS] = {"account_remove_counts", "DELETE FROM user_counts WHERE user_id = $1"},
};

void account_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- What an account is ---------------------------------------------------------------------- */

bool account_usable(const struct account *a) {
    return (a->flags & (ACCOUNT_ACTIVE | ACCOUNT_BANNED)) == ACCOUNT_ACTIVE;
}

bool account_listed(const struct account *a) {
    return account_usable(a) && (a->flags & ACCOUNT_PUBLIC);
}

bool account_visible_to(const struct account *a, const struct caller *caller) {
    return account_listed(a) || caller->staff || (caller->user_id && caller->user_id == a->id);
}

/* ---- Reading --------------------------------------------------------------------------------- */

void account_read(const struct db_rows *rows, int first, struct account *out) {
    *out = (struct account){
        .id = db_int(rows, first),
        .username = db_text(rows, first + 1),
        .email = db_text(rows, first + 2),
        .first_name = db_text(rows, first + 3),
        .last_name = db_text(rows, first + 4),
        .bio = db_text(rows, first + 5),
        .avatar = db_text(rows, first + 6),
        .phone = db_text(rows, first + 7),
        .sex = (enum sex)db_int(rows, first + 8),
        .birth_date = db_is_null(rows, first + 9) ? NO_DATE : db_int(rows, first + 9),
        .country = db_int(rows, first + 10),
        .city = db_int(rows, first + 11),
        .language = db_text(rows, first + 12),
        .timezone = db_text(rows, first + 13),
        .flags = db_int(rows, first + 14),
        .switches = db_int(rows, first + 15),
        .ban_reason = db_text(rows, first + 16),
        .created_at = db_int(rows, first + 17),
        .updated_at = db_int(rows, first + 18),
        .banned_at = db_int(rows, first + 19),
        .banned_until = db_int(rows, first + 20),
    };
}

static void read_counts(const struct db_rows *rows, int first, struct account_counts *out) {
    *out = (struct account_counts){
        .followers = db_int(rows, first),
        .following = db_int(rows, first + 1),
        .posts = db_int(rows, first + 2),
        .likes = db_int(rows, first + 3),
        .comments = db_int(rows, first + 4),
        .campaigns = db_int(rows, first + 5),
        .earnings = db_int(rows, first + 6),
    };
}

static void read_profile(const struct db_rows *rows, struct account *out,
                         struct account_counts *counts) {
    *out = (struct account){
        .id = db_int(rows, 0),
        .username = db_text(rows, 1),
        .email = db_text(rows, 2),
        .first_name = db_text(rows, 3),
        .last_name = db_text(rows, 4),
        .bio = db_text(rows, 5),
        .avatar = db_text(rows, 6),
        .birth_date = NO_DATE,
        .flags = db_int(rows, 7),
        .created_at = db_int(rows, 8),
        .updated_at = db_int(rows, 9),
    };
    *counts = (struct account_counts){
        .followers = db_int(rows, 10), .following = db_int(rows, 11), .posts = db_int(rows, 12)};
}

/* db_one for a row that is a user. */
static enum err find(struct ctx *c, struct db_rows *rows, int statement, struct db_arg key) {
    enum err e = db_one(c->db, rows, &sql[statement], ARGS(key));
    return e == ERR_NOT_FOUND ? ERR_USER_NOT_FOUND : e;
}

static enum err load(struct ctx *c, int statement, struct db_arg key, struct account *out) {
    struct db_rows rows;
    TRY(find(c, &rows, statement, key));
    account_read(&rows, 0, out);
    return db_close(&rows);
}

static enum err load_profile(struct ctx *c, int statement, struct db_arg key, struct account *out,
                             struct account_counts *counts) {
    struct db_rows rows;
    TRY(find(c, &rows, statement, key));
    read_profile(&rows, out, counts);
    return db_close(&rows);
}

struct text account_key(struct arena *arena, struct text name) {
    return text_lower(arena, name);
}

static struct db_arg key_of(struct ctx *c, struct text name) {
    return arg_text(account_key(c->arena, name));
}

/* What find() is going to ask. */
static void find_ahead(struct ctx *c, int statement, struct db_arg key) {
    db_ahead(c->db, &sql[statement], ARGS(key));
}

enum err account_load(struct ctx *c, int64_t id, struct account *out) {
    return load(c, LOAD, arg_int(id), out);
}

void account_load_ahead(struct ctx *c, int64_t id) {
    find_ahead(c, LOAD, arg_int(id));
}

enum err account_lock(struct ctx *c, int64_t id, struct account *out) {
    return load(c, LOCK, arg_int(id), out);
}

enum err account_lock_shared(struct ctx *c, int64_t id, struct account *out) {
    return load(c, LOCK_SHARED, arg_int(id), out);
}

enum err account_hold(struct ctx *c, int64_t id) {
    return db_exec(c->db, &sql[HOLD], ARGS(arg_int(id)), NULL);
}

enum err account_load_full(struct ctx *c, int64_t id, struct account *out) {
    struct db_rows rows;
    TRY(find(c, &rows, LOAD_FULL, arg_int(id)));
    account_read(&rows, 0, out);
    out->last_login = db_int(&rows, ACCOUNT_COLUMN_COUNT);
    return db_close(&rows);
}

void account_load_full_ahead(struct ctx *c, int64_t id) {
    find_ahead(c, LOAD_FULL, arg_int(id));
}

enum err account_by_username(struct ctx *c, struct text username, struct account *out) {
    return load(c, BY_USERNAME, key_of(c, username), out);
}

enum err account_by_email(struct ctx *c, struct text email, struct account *out) {
    return load(c, BY_EMAIL, key_of(c, email), out);
}

enum err account_by_login(struct ctx *c, struct text login, struct account *out) {
    bool email = login.size && memchr(login.at, '@', login.size);
    return load(c, email ? BY_EMAIL : BY_USERNAME, key_of(c, login), out);
}

enum err account_profile(struct ctx *c, int64_t id, struct account *out,
                         struct account_counts *counts) {
    return load_profile(c, PROFILE, arg_int(id), out, counts);
}

void account_profile_ahead(struct ctx *c, int64_t id) {
    find_ahead(c, PROFILE, arg_int(id));
}

enum err account_profile_by_username(struct ctx *c, struct text username, struct account *out,
                                     struct account_counts *counts) {
    return load_profile(c, PROFILE_BY_USERNAME, key_of(c, username), out, counts);
}

void account_profile_by_username_ahead(struct ctx *c, struct text username) {
    find_ahead(c, PROFILE_BY_USERNAME, key_of(c, username));
}

enum err account_counts(struct ctx *c, int64_t id, struct account_counts *out) {
    struct db_rows rows;
    TRY(find(c, &rows, COUNTS, arg_int(id)));
    read_counts(&rows, 0, out);
    return db_close(&rows);
}

void account_counts_ahead(struct ctx *c, int64_t id) {
    find_ahead(c, COUNTS, arg_int(id));
}

static enum err taken_by_other(struct ctx *c, int statement, struct text name, int64_t except,
                               bool *taken) {
    int64_t owner;
    enum err e = db_scalar(c->db, &sql[statement], ARGS(key_of(c, name)), &owner);
    *taken = e == OK && owner != except;
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err account_username_taken(struct ctx *c, struct text username, bool *taken) {
    return taken_by_other(c, USERNAME_OWNER, username, 0, taken);
}

enum err account_superuser_exists(struct ctx *c, bool *exists) {
    int64_t id;
    enum err e = db_scalar(c->db, &sql[ANY_SUPERUSER], ARGS(arg_int(ACCOUNT_SUPERUSER)), &id);
    *exists = e == OK;
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err account_email_taken(struct ctx *c, struct text email, int64_t except, bool *taken) {
    return taken_by_other(c, EMAIL_OWNER, email, except, taken);
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* Makes country and city agree: a city brings its country where none is set. */
static enum err settle_place(struct account *a) {
    if (!a->city)
        return OK;
    const struct city *city = catalog_city(a->city);
    if (!city)
        return ERR_CITY_OUTSIDE_COUNTRY;
    if (!a->country)
        a->country = city->country;
    return city->country == a->country ? OK : ERR_CITY_OUTSIDE_COUNTRY;
}

static struct db_arg date_arg(int64_t date) {
    return date == NO_DATE ? arg_null() : arg_int(date);
}

static struct account account_of(struct ctx *c, const struct new_account *in, int64_t id) {
    return (struct account){
        .id = id,
        .username = in->username,
        .email = in->email,
        .first_name = in->first_name,
        .last_name = in->last_name,
        .bio = in->bio,
        .avatar = in->avatar,
        .language = in->language.size ? in->language : TEXT("en"),
        .timezone = TEXT("UTC"),
        .sex = in->sex,
        .birth_date = in->birth_date,
        .country = in->country,
        .city = in->city,
        .flags = in->flags,
        .switches = (1 << SWITCH_COUNT) - 1,
        .created_at = c->now,
        .updated_at = c->now,
    };
}

/* Which of the two keys stood in the way of an insert that did nothing. */
static enum err whose_key(struct ctx *c, const struct account *a) {
    bool taken;
    TRY(account_username_taken(c, a->username, &taken));
    return taken ? ERR_USERNAME_TAKEN : ERR_EMAIL_TAKEN;
}

static enum err insert(struct ctx *c, const struct account *a) {
    int64_t id;
    enum err e = db_scalar(
        c->db, &sql[ADD],
        ARGS(arg_int(a->id), arg_text(a->username), key_of(c, a->username), arg_text(a->email),
             key_of(c, a->email), arg_text(a->first_name), arg_text(a->last_name), arg_text(a->bio),
             arg_text(a->avatar), arg_text(a->phone), arg_int_or_null(a->sex),
             date_arg(a->birth_date), arg_int_or_null(a->country), arg_int_or_null(a->city),
             arg_text(a->language), arg_text(a->timezone), arg_int(a->flags), arg_int(a->switches),
             arg_int(a->created_at), arg_int(a->updated_at)),
        &id);
    return e == ERR_NOT_FOUND ? whose_key(c, a) : e;
}

enum err account_create(struct ctx *c, const struct new_account *in, struct text password_hash,
                        struct account *out) {
    int64_t id;
    TRY(db_next_id(c->db, "users", &id));
    struct account a = account_of(c, in, id);
    TRY(settle_place(&a));
    TRY(insert(c, &a));
    TRY(password_store(c, id, password_hash));
    TRY(db_exec(c->db, &sql[ADD_COUNTS], ARGS(arg_int(id)), NULL));
    TRY(directory_add(c, &a));
    TRY(stats_account(c, NULL, &a, 0));
    *out = a;
    return OK;
}

static void change_texts(struct account *a, const struct account_changes *in) {
    if (in->set & FIELD_EMAIL)
        a->email = in->email;
    if (in->set & FIELD_FIRST_NAME)
        a->first_name = in->first_name;
    if (in->set & FIELD_LAST_NAME)
        a->last_name = in->last_name;
    if (in->set & FIELD_BIO)
        a->bio = in->bio;
    if (in->set & FIELD_AVATAR)
        a->avatar = in->avatar;
    if (in->set & FIELD_PHONE)
        a->phone = in->phone;
    if (in->set & FIELD_LANGUAGE)
        a->language = in->language;
    if (in->set & FIELD_TIMEZONE)
        a->timezone = in->timezone;
}

static enum err change_place(struct account *a, const struct account_changes *in) {
    if (!(in->set & (FIELD_COUNTRY | FIELD_CITY)))
        return OK;
    if (in->set & FIELD_COUNTRY)
        a->country = in->country;
    if (in->set & FIELD_CITY) {
        a->city = in->city;
        return settle_place(a);
    }
    const struct city *old = catalog_city(a->city);
    if (!old || old->country != a->country)
        a->city = 0;
    return OK;
}

static enum err change(struct ctx *c, const struct account *before,
                       const struct account_changes *in, struct account *after) {
    *after = *before;
    change_texts(after, in);
    TRY(change_place(after, in));
    if (in->set & FIELD_SEX)
        after->sex = in->sex;
    if (in->set & FIELD_BIRTH_DATE)
        after->birth_date = in->birth_date;
    after->updated_at = c->now;
    bool taken = false;
    if (in->set & FIELD_EMAIL)
        TRY(account_email_taken(c, after->email, after->id, &taken));
    return taken ? ERR_EMAIL_TAKEN : OK;
}

/* Of its columns only the address can be another's: taken since it was looked up. */
static enum err store(struct ctx *c, const struct account *a) {
    int64_t changed;
    enum err e =
        db_exec(c->db, &sql[CHANGE],
                ARGS(arg_int(a->id), arg_text(a->email), key_of(c, a->email),
                     arg_text(a->first_name), arg_text(a->last_name), arg_text(a->bio),
                     arg_text(a->avatar), arg_text(a->phone), arg_int_or_null(a->sex),
                     date_arg(a->birth_date), arg_int_or_null(a->country), arg_int_or_null(a->city),
                     arg_text(a->language), arg_text(a->timezone), arg_int(a->updated_at)),
                &changed);
    return e == ERR_CONFLICT ? ERR_EMAIL_TAKEN : e;
}

enum err account_change(struct ctx *c, const struct account *before,
                        const struct account_changes *in, struct account *after) {
    TRY(change(c, before, in, after));
    TRY(store(c, after));
    TRY(directory_change(c, before, after));
    if (!text_equal(before->email, after->email))
        TRY(audit_act(c, AUDIT_EMAIL_CHANGE, before->id, TEXT("")));
    return stats_account(c, before, after, 0); /* who is active stays so: no category moves */
}

static enum err update(struct ctx *c, int64_t id, const struct account_changes *in,
                       struct account *out) {
    struct account before;
    TRY(account_lock(c, id, &before));
    return account_change(c, &before, in, out);
}

struct text account_differences(struct arena *arena, const struct account *a,
                                const struct account *b) {
    const struct {
        const char *name;
        bool differs;
    } fields[] = {
        {"first_name", !text_equal(a->first_name, b->first_name)},
        {"last_name", !text_equal(a->last_name, b->last_name)},
        {"email", !text_equal(a->email, b->email)},
        {"phone", !text_equal(a->phone, b->phone)},
        {"country", a->country != b->country},
        {"city", a->city != b->city},
        {"sex", a->sex != b->sex},
        {"birth_date", a->birth_date != b->birth_date},
        {"language", !text_equal(a->language, b->language)},
        {"timezone", !text_equal(a->timezone, b->timezone)},
        {"bio", !text_equal(a->bio, b->bio)},
        {"avatar", !text_equal(a->avatar, b->avatar)},
    };
    struct text all = TEXT("");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].differs)
            all =
                text_format(arena, "%.*s%s%s", TEXT_ARGS(all), all.size ? "," : "", fields[i].name);
    return all;
}

enum err account_update(struct ctx *c, int64_t id, const struct account_changes *changes,
                        struct account *out) {
    if (!changes->set)
        return account_load(c, id, out);
    TRY(db_begin(c->db));
    return db_end(c->db, update(c, id, changes, out));
}

enum err account_set_flags(struct ctx *c, const struct account *before,
                           const struct account *after) {
    uint64_t categories = 0;
    if (account_usable(before) != account_usable(after))
        TRY(preference_categories(c, before->id, &categories));
    bool banned = after->flags & ACCOUNT_BANNED;
    TRY(db_exec(c->db, &sql[SET_FLAGS],
                ARGS(arg_int(before->id), arg_int(after->flags),
                     arg_text(banned ? after->ban_reason : TEXT("")),
                     banned ? arg_int(c->now) : arg_null(), arg_int(c->now),
                     arg_int_or_null(banned ? after->banned_until : 0)),
                NULL));
    TRY(directory_change(c, before, after));
    return stats_account(c, before, after, categories);
}

struct text account_roles(struct arena *arena, int64_t flags) {
    struct text all = text_format(arena, "%s%s%s", flags & ACCOUNT_STAFF ? " staff" : "",
                                  flags & ACCOUNT_SUPERUSER ? " superuser" : "",
                                  flags & ACCOUNT_ACTIVE ? " active" : "");
    return text_trim(all);
}

static enum err grant(struct ctx *c, int64_t id, int64_t add, int64_t remove) {
    struct account before;
    TRY(account_lock(c, id, &before));
    struct account after = before;
    after.flags = (before.flags | add) & ~remove;
    if (after.flags == before.flags)
        return OK;
    TRY(account_set_flags(c, &before, &after));
    TRY(audit_act(c, add ? AUDIT_GRANT : AUDIT_REVOKE, id,
                  account_roles(c->arena, before.flags ^ after.flags)));
    return account_usable(&after) ? OK : session_end_all(c, id, 0, NULL);
}

enum err account_grant(struct ctx *c, int64_t id, int64_t add, int64_t remove) {
    TRY(db_begin(c->db));
    return db_end(c->db, grant(c, id, add, remove));
}

/* So many edges are ended in one transaction: some ten milliseconds that others wait. */
#define EDGES_AT_ONCE 2000

static enum err erase_some_edges(struct ctx *c, int64_t id, bool *more) {
    struct account a;
    TRY(account_lock(c, id, &a));
    return follow_erase_some(c, id, EDGES_AT_ONCE, more);
}

/* Who has very many followers loses them beforehand, a bounded number at a time: all at once would
 * lock as many rows for as long. */
static enum err erase_most_edges(struct ctx *c, int64_t id) {
    bool more = true;
    while (more) {
        TRY(db_begin(c->db));
        TRY(db_end(c->db, erase_some_edges(c, id, &more)));
    }
    return OK;
}

/* The statistics last: everybody who joins or leaves waits for those rows. */
static enum err erase(struct ctx *c, int64_t id) {
    struct account a;
    uint64_t categories;
    TRY(account_lock(c, id, &a));
    TRY(preference_categories(c, id, &categories));
    TRY(follow_erase_all(c, id));
    TRY(preference_erase_all(c, id));
    TRY(notification_erase_all(c, id));
    TRY(wall_erase_all(c, id));
    TRY(activity_erase_all(c, id));
    TRY(idempotency_erase_all(c, id));
    TRY(session_end_all(c, id, 0, NULL));
    TRY(directory_remove(c, id));
    TRY(db_exec(c->db, &sql[REMOVE_COUNTS], ARGS(arg_int(id)), NULL));
    TRY(db_exec(c->db, &sql[REMOVE_CREDENTIAL], ARGS(arg_int(id)), NULL));
    TRY(db_exec(c->db, &sql[REMOVE], ARGS(arg_int(id)), NULL));
    TRY(audit_forget(c, id));
    TRY(audit_act(c, AUDIT_ERASE, id, TEXT("")));
    TRY(erasure_record(c, id));
    return stats_account(c, &a, NULL, categories);
}

enum err account_erase(struct ctx *c, int64_t id) {
    TRY(erase_most_edges(c, id));
    TRY(db_begin(c->db));
    TRY(db_end(c->db, erase(c, id)));
    return erasure_remember(c, id);
}
