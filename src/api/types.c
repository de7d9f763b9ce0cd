#include "api/types.h"

#include "api/format.h"
#include "api/routes.h"
#include "api/take.h"
#include "base/clock.h"
#include "core/account.h"
#include "core/audit_list.h"
#include "core/catalog.h"
#include "core/daily.h"
#include "core/directory.h"
#include "core/follow.h"
#include "core/password_policy.h"
#include "core/roster.h"
#include "core/setup.h"
#include "core/throttle.h"
#include "core/token.h"

/* ---- Lists ----------------------------------------------------------------------------------- */

#define IDS_MAX 1000

static enum err take_IDS(const struct taking *t, struct in_ids *out) {
    const struct value *items = NULL;
    TRY(take_list(t, &items, &out->count));
    if (out->count > IDS_MAX)
        return take_invalid(t, "This field may have at most 1000 ids");
    out->at = ARENA_ARRAY(take_arena(t), int64_t, out->count);
    for (size_t i = 0; i < out->count; i++) {
        struct taking one = take_element(t, &items[i]);
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
    if (format_email(take_arena(t), out->value, &email))
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
        return text_format(take_arena(t), "%lld", (long long)v->integer);
    case VALUE_REAL:
        return text_format(take_arena(t), "%.15g", v->real);
    default:
        return TEXT("");
    }
}

static enum err take_CENTS(const struct taking *t, struct in_int *out) {
    if (!format_cents(number_text(t), &out->value))
        return take_invalid(t, "This field must be an amount with at most two decimals");
    return OK;
}

static enum err take_BOOL(const struct taking *t, struct in_bool *out) {
    static const char *const words[] = {"false", "true", "0", "1", "off", "on"};
    const char *message = "This field must be true or false";
    struct in_int word = {.value = t->values->boolean};
    if (t->values->kind == VALUE_WORD)
        TRY(take_word(t, &word, words, 6, 0, message));
    else if (t->values->kind != VALUE_BOOL)
        return take_invalid(t, message);
    out->value = word.value & 1;
    return OK;
}

static enum err take_CURSOR(const struct taking *t, struct in_int *out) {
    struct text sealed, value;
    TRY(take_string(t, &sealed));
    if (unseal(&t->call->ctx, "follows", sealed, &value) != OK || !text_to_int(value, &out->value))
        return take_invalid(t, "This is not a cursor of this service");
    return OK;
}

static enum err take_DATE(const struct taking *t, struct in_int *out) {
    struct text date;
    TRY(take_string(t, &date));
    return clock_parse_date(date, &out->value)
               ? OK
               : take_invalid(t, "Date must be a day in the form YYYY-MM-DD");
}

static enum err take_FUTURE(const struct taking *t, struct in_int *out) {
    struct text moment;
    TRY(take_string(t, &moment));
    if (!clock_parse(moment, &out->value))
        return take_invalid(t, "Time must be in the form YYYY-MM-DDTHH:MM:SSZ");
    return out->value > t->call->ctx.now ? OK : take_invalid(t, "Time must be in the future");
}

static enum err take_BIRTH_DATE(const struct taking *t, struct in_int *out) {
    int64_t first = 0;
    TRY(take_DATE(t, out));
    clock_parse_date(TEXT("1900-01-01"), &first);
    if (out->value < first || out->value > clock_date_of(t->call->ctx.now))
        return take_invalid(t, "Date must be from 1900-01-01 to today");
    return OK;
}

/* ---- Words ----------------------------------------------------------------------------------- */

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
        return take_invalid(t, "This is not a cursor of this service");
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
    return catalog_country(out->value) ? OK : take_invalid(t, "Unknown country");
}

/* A city alone is compared with the account's country by the rules. */
static enum err take_CITY(const struct taking *t, struct in_int *out) {
    TRY(take_integer(t, out, 1, INT64_MAX));
    const struct city *city = catalog_city(out->value);
    if (!city)
        return take_invalid(t, "Unknown city");
    const struct in_int *country = take_sibling(t, "country");
    return country && country->given && country->value != city->country ? ERR_CITY_OUTSIDE_COUNTRY
                                                                        : OK;
}

static enum err take_LANGUAGE(const struct taking *t, struct in_text *out) {
    struct text tag;
    TRY(take_string(t, &tag));
    return catalog_language(take_arena(t), tag, &out->value) ? OK
                                                             : take_invalid(t, "Unknown language");
}

static enum err take_TIMEZONE(const struct taking *t, struct in_text *out) {
    TRY(take_string(t, &out->value));
    return catalog_timezone(out->value) ? OK : take_invalid(t, "Unknown time zone");
}

/* ---- Names, addresses, passwords ------------------------------------------------------------- */

static enum err take_USERNAME_NEW(const struct taking *t, struct in_text *out) {
    TRY(take_string(t, &out->value));
    if (!format_username(out->value))
        return take_invalid(
            t, "Username must be 1 to 150 letters, digits and _ . - +, and start with a "
               "letter, a digit or _");
    if (routes_reserved(t->call->router, out->value))
        return take_invalid(t, "This username is reserved");
    bool taken;
    TRY(account_username_taken(&t->call->ctx, out->value, &taken));
    return taken ? ERR_USERNAME_TAKEN : OK;
}

static enum err take_EMAIL(const struct taking *t, struct in_text *out) {
    struct text given;
    TRY(take_string(t, &given));
    return format_email(take_arena(t), given, &out->value)
               ? OK
               : take_invalid(t, "Invalid email format");
}

/* "Taken" says here what /api/check/email/ says, so where a route has no budget of its own it is at
 * the expense of that one, but for the address that the caller has. Staff see all addresses. */
static enum err take_share(const struct taking *t, struct text email) {
    struct call *c = t->call;
    struct account account;
    if (!c->caller.user_id || c->caller.staff || !c->ctx.core->policy.rate_limit ||
        c->route->rate != RATE_NONE)
        return OK;
    TRY(account_load(&c->ctx, c->caller.user_id, &account));
    if (text_equal(account_key(take_arena(t), account.email), account_key(take_arena(t), email)))
        return OK;
    return throttle_take(&c->ctx, "email", &c->x->request.client, &c->retry);
}

static enum err take_EMAIL_NEW(const struct taking *t, struct in_text *out) {
    bool taken;
    const struct in_int *whose = take_sibling(t, "user_id");
    int64_t owner = whose ? whose->value : t->call->caller.user_id;
    TRY(take_EMAIL(t, out));
    TRY(take_share(t, out->value));
    TRY(account_email_taken(&t->call->ctx, out->value, owner, &taken));
    return taken ? ERR_EMAIL_TAKEN : OK;
}

static enum err take_PASSWORD(const struct taking *t, struct in_text *out) {
    return take_bytes(t, out, PASSWORD_MAX_BYTES);
}

/* Whose password it is going to be: who registers with this input, or else the caller. */
static enum err find_owner(const struct taking *t, struct text *username, struct text *email) {
    const struct in_text *name = take_sibling(t, "username"), *address = take_sibling(t, "email");
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
        return take_invalid(t, objection);
    TRY(find_owner(t, &username, &email));
    objection = password_resemblance(&c->core->policy, c->arena, out->value, username, email);
    return objection ? take_invalid(t, objection) : OK;
}

static enum err take_PASSWORD_CONFIRM(const struct taking *t, struct in_text *out) {
    TRY(take_string(t, &out->value));
    const struct in_text *password = take_sibling(t, "password");
    return text_equal(out->value, password->value) ? OK : take_invalid(t, "Passwords do not match");
}

/* A '+' that a form forgot to escape has become a space. */
static enum err take_PHONE(const struct taking *t, struct in_text *out) {
    struct text given;
    TRY(take_string(t, &given));
    if (t->values->kind == VALUE_WORD && text_starts(given, TEXT(" ")))
        given = text_format(take_arena(t), "+%.*s", TEXT_ARGS(given));
    return format_phone(take_arena(t), given, &out->value)
               ? OK
               : take_invalid(t, "Phone number must be + and 8 to 15 digits");
}

static enum err take_URL(const struct taking *t, struct in_text *out) {
    TRY(take_string(t, &out->value));
    return format_url(out->value) ? OK : take_invalid(t, "Invalid URL");
}

/* ---- JSON objects ---------------------------------------------------------------------------- */

#define OBJECT_MAX 4096

static enum err take_OBJECT(const struct taking *t, struct in_text *out) {
    const struct value *v = t->values;
    bool object = v->kind == VALUE_OBJECT;
    out->value = v->text;
    if (v->kind == VALUE_WORD)
        object = value_object(take_arena(t), v->text, &out->value) == OK;
    if (!object)
        return take_invalid(t, "This field must be a JSON object");
    if (out->value.size > OBJECT_MAX)
        return take_invalid(t, "This field may have at most 4096 bytes");
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
