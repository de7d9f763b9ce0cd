#include "api/types.h"

#include "api/format.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/unicode.h"
#include "core/account.h"
#include "core/audit_list.h"
#include "core/catalog.h"
#include "core/daily.h"
#include "core/directory.h"
#include "core/follow.h"
#include "core/password_policy.h"
#include "core/roster.h"
#include "core/setup.h"
#include "core/token.h"

/* ---- Shared by the types --------------------------------------------------------------------- */

static enum err invalid(const struct taking *t, const char *message) {
    return call_invalid(t->call, t->field, message);
}

static struct arena *arena_of(const struct taking *t) {
    return t->call->ctx.arena;
}

/* A field of the same input that stands before this one; NULL when the input has none, or there is
 * none (types.h). */
static const void *sibling(const struct taking *t, const char *name) {
    for (size_t i = 0; t->input && i < t->input->field_count; i++)
        if (strcmp(t->input->fields[i].name, name) == 0)
            return (const char *)t->slots + t->input->fields[i].offset;
    return NULL;
}

/* The text that came, in NFC. */
static enum err take_string(const struct taking *t, struct text *out) {
    const struct value *v = t->values;
    if (v->kind != VALUE_TEXT && v->kind != VALUE_WORD)
        return invalid(t, "This field must be text");
    *out = unicode_nfc(arena_of(t), v->text);
    return OK;
}

static bool is_white(struct text t) {
    for (size_t i = 0; i < t.size; i++)
        if (!strchr(" \t\r\n", t.at[i]))
            return false;
    return true;
}

static enum err take_characters(const struct taking *t, struct in_text *out, size_t min, size_t max,
                                bool breaks) {
    TRY(take_string(t, &out->value));
    if (min && is_white(out->value))
        return invalid(t, "This field may not be blank");
    if (unicode_has_control(out->value, breaks))
        return invalid(t, breaks ? "This field may not contain control characters"
                                 : "This field may not contain control characters or line breaks");
    if (unicode_length(out->value) > max)
        return invalid(
            t, text_format(arena_of(t), "This field may have at most %zu characters", max).at);
    return OK;
}

static enum err take_line(const struct taking *t, struct in_text *out, size_t min, size_t max) {
    return take_characters(t, out, min, max, false);
}

static enum err take_block(const struct taking *t, struct in_text *out, size_t min, size_t max) {
    return take_characters(t, out, min, max, true);
}

static enum err take_bytes(const struct taking *t, struct in_text *out, size_t max) {
    TRY(take_string(t, &out->value));
    if (out->value.size > max)
        return invalid(t, "This field is too long");
    return OK;
}

static bool whole_number(const struct value *v, int64_t *out) {
    *out = v->integer;
    return v->kind == VALUE_INT || (v->kind == VALUE_WORD && text_to_int(v->text, out));
}

static enum err take_integer(const struct taking *t, struct in_int *out, int64_t min, int64_t max) {
    if (!whole_number(t->values, &out->value))
        return invalid(t, "This field must be a whole number");
    if (out->value >= min && out->value <= max)
        return OK;
    return invalid(t, text_format(arena_of(t), "This field must be from %lld to %lld",
                                  (long long)min, (long long)max)
                          .at);
}

/* A number that is at least 1, and no more than `max` when it is. */
static enum err take_size(const struct taking *t, struct in_int *out, int64_t max) {
    TRY(take_integer(t, out, 1, INT64_MAX));
    if (out->value > max)
        out->value = max;
    return OK;
}

/* One of `words`, as its position plus `first`. */
static enum err take_word(const struct taking *t, struct in_int *out, const char *const *words,
                          size_t count, int64_t first, const char *message) {
    struct text word;
    TRY(take_string(t, &word));
    for (size_t i = 0; i < count; i++) {
        if (!text_equal(word, text_of(words[i])))
            continue;
        out->value = first + (int64_t)i;
        return OK;
    }
    return invalid(t, message);
}

static enum err take_code(const struct taking *t, struct in_int *out, int (*find)(struct text),
                          const char *message) {
    struct text code;
    TRY(take_string(t, &code));
    out->value = find(code);
    return out->value < 0 ? invalid(t, message) : OK;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

/* The elements of the list; a form's single empty value is an empty list. */
static enum err take_list(const struct taking *t, const struct value **items, size_t *count) {
    const struct value *v = t->values;
    bool words = v->kind == VALUE_WORD;
    if (!words && v->kind != VALUE_LIST)
        return invalid(t, "This field must be a list");
    *items = words ? v : v->items;
    *count = words ? t->count : v->count;
    if (words && t->count == 1 && !v->text.size)
        *count = 0;
    return OK;
}

/* One element as if it were a field of its own. */
static struct taking element(const struct taking *t, const struct value *item) {
    struct taking one = *t;
    one.values = item;
    one.count = 1;
    return one;
}

static enum err take_codes(const struct taking *t, struct in_bits *out, int (*find)(struct text),
                           const char *message) {
    const struct value *items = NULL;
    size_t count = 0;
    TRY(take_list(t, &items, &count));
    for (size_t i = 0; i < count; i++) {
        struct taking one = element(t, &items[i]);
        struct in_int code;
        TRY(take_code(&one, &code, find, message));
        out->value |= UINT64_C(1) << code.value;
    }
    return OK;
}

#define IDS_MAX 1000

static enum err take_IDS(const struct taking *t, struct in_ids *out) {
    const struct value *items = NULL;
    TRY(take_list(t, &items, &out->count));
    if (out->count > IDS_MAX)
        return invalid(t, "This field may have at most 1000 ids");
    out->at = ARENA_ARRAY(arena_of(t), int64_t, out->count);
    for (size_t i = 0; i < out->count; i++) {
        struct taking one = element(t, &items[i]);
        struct in_int id;
        TRY(take_integer(&one, &id, 1, INT64_MAX));
        out->at[i] = id.value;
    }
    return OK;
}

static enum err take_CATEGORIES(const struct taking *t, struct in_bits *out) {
    return take_codes(t, out, catalog_category, "Unknown category");
}

static enum err take_NETWORKS(const struct taking *t, struct in_bits *out) {
    return take_codes(t, out, catalog_network, "Unknown network");
}

/* ---- Plain text ------------------------------------------------------------------------------ */

static enum err take_BIO(const struct taking *t, struct in_text *out) {
    return take_block(t, out, 0, 2000);
}

static enum err take_DESCRIPTION(const struct taking *t, struct in_text *out) {
    return take_block(t, out, 0, 2000);
}

static enum err take_MESSAGE(const struct taking *t, struct in_text *out) {
    return take_block(t, out, 1, 4000);
}

static enum err take_REASON(const struct taking *t, struct in_text *out) {
    return take_block(t, out, 0, 1000);
}

static enum err take_EVENT_ID(const struct taking *t, struct in_text *out) {
    return take_line(t, out, 1, 128);
}

static enum err take_LABEL(const struct taking *t, struct in_text *out) {
    return take_line(t, out, 1, 50);
}

static enum err take_NAME(const struct taking *t, struct in_text *out) {
    return take_line(t, out, 0, 150);
}

static enum err take_SEARCH(const struct taking *t, struct in_text *out) {
    return take_line(t, out, 0, 200);
}

static enum err take_SESSION_NAME(const struct taking *t, struct in_text *out) {
    return take_line(t, out, 0, 64);
}

static enum err take_TITLE(const struct taking *t, struct in_text *out) {
    return take_line(t, out, 1, 200);
}

/* An address is looked up as it is kept; what is neither a name nor an address is nobody's. */
static enum err take_LOGIN(const struct taking *t, struct in_text *out) {
    TRY(take_string(t, &out->value));
    struct text email;
    if (format_email(arena_of(t), out->value, &email))
        out->value = email;
    return OK;
}

static enum err take_LOOKUP(const struct taking *t, struct in_text *out) {
    return take_string(t, &out->value);
}

static enum err take_TOKEN(const struct taking *t, struct in_text *out) {
    return take_bytes(t, out, 4096);
}

static enum err take_SETUP_TOKEN(const struct taking *t, struct in_text *out) {
    TRY(take_bytes(t, out, 4096));
    return setup_check(&t->call->ctx, out->value);
}

/* ---- Numbers --------------------------------------------------------------------------------- */

static enum err take_BATCH_NUMBER(const struct taking *t, struct in_int *out) {
    return take_integer(t, out, 0, INT64_MAX);
}

static enum err take_BATCH_SIZE(const struct taking *t, struct in_int *out) {
    return take_size(t, out, 100);
}

static enum err take_FOLLOW_LIMIT(const struct taking *t, struct in_int *out) {
    return take_size(t, out, FOLLOW_PAGE_MAX);
}

static enum err take_ID(const struct taking *t, struct in_int *out) {
    return take_integer(t, out, 1, INT64_MAX);
}

static enum err take_INCREMENT(const struct taking *t, struct in_int *out) {
    return take_integer(t, out, INT64_C(-1000000000000), INT64_C(1000000000000));
}

static enum err take_LIMIT(const struct taking *t, struct in_int *out) {
    return take_integer(t, out, 1, 100);
}

static enum err take_PAGE(const struct taking *t, struct in_int *out) {
    return take_integer(t, out, 1, INT64_MAX);
}

/* The number as written. A JSON number has been a double in between, of which 15 digits are what
 * was sent. */
static struct text number_text(const struct taking *t) {
    const struct value *v = t->values;
    switch (v->kind) {
    case VALUE_WORD:
        return v->text;
    case VALUE_INT:
        return text_format(arena_of(t), "%lld", (long long)v->integer);
    case VALUE_REAL:
        return text_format(arena_of(t), "%.15g", v->real);
    default:
        return TEXT("");
    }
}

static enum err take_CENTS(const struct taking *t, struct in_int *out) {
    if (!format_cents(number_text(t), &out->value))
        return invalid(t, "This field must be an amount with at most two decimals");
    return OK;
}

static enum err take_BOOL(const struct taking *t, struct in_bool *out) {
    static const char *const words[] = {"false", "true", "0", "1", "off", "on"};
    const char *message = "This field must be true or false";
    struct in_int word = {.value = t->values->boolean};
    if (t->values->kind == VALUE_WORD)
        TRY(take_word(t, &word, words, 6, 0, message));
    else if (t->values->kind != VALUE_BOOL)
        return invalid(t, message);
    out->value = word.value & 1;
    return OK;
}

static enum err take_CURSOR(const struct taking *t, struct in_int *out) {
    struct text sealed, value;
    TRY(take_string(t, &sealed));
    if (unseal(&t->call->ctx, "follows", sealed, &value) != OK || !text_to_int(value, &out->value))
        return invalid(t, "This is not a cursor of this service");
    return OK;
}

static enum err take_DATE(const struct taking *t, struct in_int *out) {
    struct text date;
    TRY(take_string(t, &date));
    return clock_parse_date(date, &out->value)
               ? OK
               : invalid(t, "Date must be a day in the form YYYY-MM-DD");
}

static enum err take_FUTURE(const struct taking *t, struct in_int *out) {
    struct text moment;
    TRY(take_string(t, &moment));
    if (!clock_parse(moment, &out->value))
        return invalid(t, "Time must be in the form YYYY-MM-DDTHH:MM:SSZ");
    return out->value > t->call->ctx.now ? OK : invalid(t, "Time must be in the future");
}

static enum err take_BIRTH_DATE(const struct taking *t, struct in_int *out) {
    int64_t first = 0;
    TRY(take_DATE(t, out));
    clock_parse_date(TEXT("1900-01-01"), &first);
    if (out->value < first || out->value > clock_date_of(t->call->ctx.now))
        return invalid(t, "Date must be from 1900-01-01 to today");
    return OK;
}

/* ---- Words ----------------------------------------------------------------------------------- */

/* One of `words`, by its position; with '-' in front -1 - position. */
static enum err take_order(const struct taking *t, struct in_int *out, const char *const *words,
                           size_t count, const char *message) {
    struct text word;
    TRY(take_string(t, &word));
    bool descending = text_starts(word, TEXT("-"));
    struct value name = {.kind = VALUE_WORD,
                         .text = {word.at + descending, word.size - descending}};
    struct taking rest = element(t, &name);
    TRY(take_word(&rest, out, words, count, 0, message));
    if (descending)
        out->value = -1 - out->value;
    return OK;
}

static enum err take_ORDERING(const struct taking *t, struct in_int *out) {
    static const char *const words[] = {
        [ORDER_USERNAME] = "username",
        [ORDER_CREATED_AT] = "created_at",
        [ORDER_FIRST_NAME] = "first_name",
        [ORDER_LAST_NAME] = "last_name",
    };
    return take_order(t, out, words, 4,
                      "Ordering must be username, created_at, first_name or last_name");
}

static enum err take_ROSTER_SORT(const struct taking *t, struct in_int *out) {
    static const char *const words[] = {
        [ROSTER_JOINED] = "joined",
        [ROSTER_USERNAME] = "username",
        [ROSTER_FIRST_NAME] = "first_name",
        [ROSTER_LAST_NAME] = "last_name",
    };
    return take_order(t, out, words, 4, "Sort must be joined, username, first_name or last_name");
}

static enum err take_ROLE(const struct taking *t, struct in_int *out) {
    static const char *const words[] = {"user", "staff", "superuser"};
    return take_word(t, out, words, 3, ROLE_USER, "Role must be user, staff or superuser");
}

static enum err take_SEX(const struct taking *t, struct in_int *out) {
    static const char *const words[] = {"male", "female", "other"};
    return take_word(t, out, words, 3, SEX_MALE, "Sex must be male, female or other");
}

static enum err take_STATUS(const struct taking *t, struct in_int *out) {
    static const char *const words[] = {"active", "banned", "inactive"};
    return take_word(t, out, words, 3, STATUS_ACTIVE, "Status must be active, banned or inactive");
}

static enum err take_UNIT(const struct taking *t, struct in_int *out) {
    static const char *const words[] = {"count", "percent"};
    return take_word(t, out, words, 2, 0, "Unit must be count or percent");
}

static enum err take_CATEGORY(const struct taking *t, struct in_int *out) {
    return take_code(t, out, catalog_category, "Unknown category");
}

static enum err take_NETWORK(const struct taking *t, struct in_int *out) {
    return take_code(t, out, catalog_network, "Unknown network");
}

static enum err take_SWITCH(const struct taking *t, struct in_int *out) {
    return take_code(t, out, catalog_switch, "Unknown notification code");
}

/* ---- The audit trail, days --------------------------------------------------------------------
 */

static enum err take_AUDIT_CURSOR(const struct taking *t, struct in_text *out) {
    struct text sealed;
    TRY(take_string(t, &sealed));
    if (unseal(&t->call->ctx, "audit", sealed, &out->value) != OK)
        return invalid(t, "This is not a cursor of this service");
    return OK;
}

static enum err take_AUDIT_LIMIT(const struct taking *t, struct in_int *out) {
    return take_integer(t, out, 1, AUDIT_PAGE_MAX);
}

static enum err take_DAYS(const struct taking *t, struct in_int *out) {
    return take_integer(t, out, 1, DAILY_DAYS_MAX);
}

static enum err take_EVENT(const struct taking *t, struct in_int *out) {
    return take_code(t, out, audit_event_number, "Unknown event");
}

static enum err take_EVENTS(const struct taking *t, struct in_bits *out) {
    return take_codes(t, out, audit_event_number, "Unknown event");
}

static enum err take_OUTCOME(const struct taking *t, struct in_int *out) {
    return take_code(t, out, audit_outcome_number, "Unknown outcome");
}

/* ---- Places, languages, zones ---------------------------------------------------------------- */

static enum err take_COUNTRY(const struct taking *t, struct in_int *out) {
    TRY(take_integer(t, out, 1, INT64_MAX));
    return catalog_country(out->value) ? OK : invalid(t, "Unknown country");
}

/* A city alone is compared with the account's country by the rules. */
static enum err take_CITY(const struct taking *t, struct in_int *out) {
    TRY(take_integer(t, out, 1, INT64_MAX));
    const struct city *city = catalog_city(out->value);
    if (!city)
        return invalid(t, "Unknown city");
    const struct in_int *country = sibling(t, "country");
    return country && country->given && country->value != city->country ? ERR_CITY_OUTSIDE_COUNTRY
                                                                        : OK;
}

static enum err take_LANGUAGE(const struct taking *t, struct in_text *out) {
    struct text tag;
    TRY(take_string(t, &tag));
    return catalog_language(arena_of(t), tag, &out->value) ? OK : invalid(t, "Unknown language");
}

static enum err take_TIMEZONE(const struct taking *t, struct in_text *out) {
    TRY(take_string(t, &out->value));
    return catalog_timezone(out->value) ? OK : invalid(t, "Unknown time zone");
}

/* ---- Names, addresses, passwords ------------------------------------------------------------- */

static enum err take_USERNAME_NEW(const struct taking *t, struct in_text *out) {
    TRY(take_string(t, &out->value));
    if (!format_username(out->value))
        return invalid(t, "Username must be 1 to 150 letters, digits and _ . - +, and start with a "
                          "letter, a digit or _");
    if (routes_reserved(t->call->router, out->value))
        return invalid(t, "This username is reserved");
    bool taken;
    TRY(account_username_taken(&t->call->ctx, out->value, &taken));
    return taken ? ERR_USERNAME_TAKEN : OK;
}

static enum err take_EMAIL(const struct taking *t, struct in_text *out) {
    struct text given;
    TRY(take_string(t, &given));
    return format_email(arena_of(t), given, &out->value) ? OK : invalid(t, "Invalid email format");
}

static enum err take_EMAIL_NEW(const struct taking *t, struct in_text *out) {
    bool taken;
    const struct in_int *whose = sibling(t, "user_id");
    int64_t owner = whose ? whose->value : t->call->caller.user_id;
    TRY(take_EMAIL(t, out));
    TRY(account_email_taken(&t->call->ctx, out->value, owner, &taken));
    return taken ? ERR_EMAIL_TAKEN : OK;
}

static enum err take_PASSWORD(const struct taking *t, struct in_text *out) {
    return take_bytes(t, out, PASSWORD_MAX_BYTES);
}

/* Whose password it is going to be: who registers with this input, or else the caller. */
static enum err find_owner(const struct taking *t, struct text *username, struct text *email) {
    const struct in_text *name = sibling(t, "username"), *address = sibling(t, "email");
    *username = name ? name->value : (struct text){0};
    *email = address ? address->value : (struct text){0};
    if (name || !t->call->caller.user_id || !t->call->ctx.core->policy.strict_passwords)
        return OK;
    struct account account;
    TRY(account_load(&t->call->ctx, t->call->caller.user_id, &account));
    *username = account.username;
    *email = account.email;
    return OK;
}

static enum err take_PASSWORD_NEW(const struct taking *t, struct in_text *out) {
    TRY(take_string(t, &out->value));
    struct ctx *c = &t->call->ctx;
    struct text username, email;
    const char *objection = password_objection(&c->core->policy, c->arena, out->value);
    if (objection)
        return invalid(t, objection);
    TRY(find_owner(t, &username, &email));
    objection = password_resemblance(&c->core->policy, c->arena, out->value, username, email);
    return objection ? invalid(t, objection) : OK;
}

static enum err take_PASSWORD_CONFIRM(const struct taking *t, struct in_text *out) {
    TRY(take_string(t, &out->value));
    const struct in_text *password = sibling(t, "password");
    return text_equal(out->value, password->value) ? OK : invalid(t, "Passwords do not match");
}

/* A '+' that a form forgot to escape has become a space. */
static enum err take_PHONE(const struct taking *t, struct in_text *out) {
    struct text given;
    TRY(take_string(t, &given));
    if (t->values->kind == VALUE_WORD && text_starts(given, TEXT(" ")))
        given = text_format(arena_of(t), "+%.*s", TEXT_ARGS(given));
    return format_phone(arena_of(t), given, &out->value)
               ? OK
               : invalid(t, "Phone number must be + and 8 to 15 digits");
}

static enum err take_URL(const struct taking *t, struct in_text *out) {
    TRY(take_string(t, &out->value));
    return format_url(out->value) ? OK : invalid(t, "Invalid URL");
}

/* ---- JSON objects ---------------------------------------------------------------------------- */

#define OBJECT_MAX 4096

static enum err take_OBJECT(const struct taking *t, struct in_text *out) {
    const struct value *v = t->values;
    bool object = v->kind == VALUE_OBJECT;
    out->value = v->text;
    if (v->kind == VALUE_WORD)
        object = value_object(arena_of(t), v->text, &out->value) == OK;
    if (!object)
        return invalid(t, "This field must be a JSON object");
    if (out->value.size > OBJECT_MAX)
        return invalid(t, "This field may have at most 4096 bytes");
    return OK;
}

/* ---- By type --------------------------------------------------------------------------------- */

enum err types_take(const struct taking *t, enum field_type type, void *slot) {
    switch (type) {
#define TYPE(name, slot_type)                                                                      \
    case TYPE_##name: {                                                                            \
        struct slot_type *out = slot;                                                              \
        out->given = true;                                                                         \
        return take_##name(t, out);                                                                \
    }
#include "api/types.def"
#undef TYPE
    }
    return ERR_INTERNAL;
}

void types_clear(enum field_type type, void *slot) {
    switch (type) {
#define TYPE(name, slot_type)                                                                      \
    case TYPE_##name: {                                                                            \
        struct slot_type *out = slot;                                                              \
        out->given = out->null = true;                                                             \
        return;                                                                                    \
    }
#include "api/types.def"
#undef TYPE
    }
}

bool types_is_list(enum field_type type) {
    enum { in_text, in_int, in_bool, in_bits, in_ids };
    static const int slots[] = {
#define TYPE(name, slot_type) [TYPE_##name] = slot_type,
#include "api/types.def"
#undef TYPE
    };
    return slots[type] == in_bits || slots[type] == in_ids;
}
