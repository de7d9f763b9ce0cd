/* What a route answers: its one success, and every refusal that its row, its input and its handler
 * can lead to. */
#include <ctype.h>
#include <stdio.h>

#include "api/openapi_parts.h"
#include "api/routes.h"
#include "base/log.h"

/* Refusals of the engine, which any request can meet: one response, "default", has them all. */
static bool is_engine(int status) {
    return status == 405 || status == 408 || status == 414 || status == 417 || status == 431 ||
           status == 505;
}

/* Names of errors as in error.def, for the examples. */
static const char *name_of(enum err e) {
    static const char *const names[] = {
#define ERR(name, status, code, field, message) [ERR_##name] = #name,
#include "base/error.def"
#undef ERR
    };
    static char lower[64];
    size_t i = 0;
    for (; names[e][i] && i + 1 < sizeof lower; i++)
        lower[i] = (char)tolower((unsigned char)names[e][i]);
    lower[i] = '\0';
    return lower;
}

/* ---- Which errors ---------------------------------------------------------------------------- */

struct errors {
    bool has[ERR_COUNT];
};

static bool has_type(const struct input *input, enum field_type type) {
    for (size_t i = 0; i < input->field_count; i++)
        if (input->fields[i].type == type)
            return true;
    return false;
}

static void add_input_errors(struct errors *set, const struct input *input) {
    set->has[ERR_VALIDATION] |= input->field_count > 0;
    set->has[ERR_USERNAME_TAKEN] |= has_type(input, TYPE_USERNAME_NEW);
    set->has[ERR_EMAIL_TAKEN] |= has_type(input, TYPE_EMAIL_NEW);
    set->has[ERR_CITY_OUTSIDE_COUNTRY] |= has_type(input, TYPE_CITY);
}

static void add_credential_errors(struct errors *set, enum auth auth, bool changes) {
    if (auth == AUTH_CHECK)
        return;
    set->has[ERR_TOKEN_INVALID] = true;
    set->has[ERR_AUTH_REQUIRED] |= auth != AUTH_OPTIONAL;
    set->has[ERR_FORBIDDEN] |= changes || auth == AUTH_STAFF;
}

static struct errors errors_of(unsigned route) {
    const struct route *row = routes_at(route);
    const struct operation *operation = reference_operation(route);
    bool changes = routes_rows()[route].method != HTTP_GET;
    struct errors set = {0};
    set.has[ERR_MALFORMED] = set.has[ERR_BODY_TOO_LARGE] = true;
    set.has[ERR_INTERNAL] = set.has[ERR_UNAVAILABLE] = true;
    set.has[ERR_MEDIA_TYPE] = changes;
    set.has[ERR_RATE_LIMITED] = row->rate != RATE_NONE;
    set.has[ERR_KEY_MALFORMED] = set.has[ERR_KEY_REUSED] = row->once;
    add_credential_errors(&set, row->auth, changes);
    add_input_errors(&set, row->input());
    for (const enum err *e = operation->fails; *e != OK; e++)
        set.has[*e] = true;
    return set;
}

/* ---- One refusal ----------------------------------------------------------------------------- */

static void put_field(struct json *j, const char *name, const char *message) {
    json_key_cstr(j, "message", message);
    json_key_cstr(j, "field", name);
}

/* The first thing that goes wrong with most inputs; A's own example where there is an address. */
static void put_field_at_fault(struct json *j, const struct input *input) {
    if (has_type(input, TYPE_EMAIL) || has_type(input, TYPE_EMAIL_NEW)) {
        put_field(j, "email", "Invalid email format");
        return;
    }
    for (size_t i = 0; i < input->field_count; i++) {
        if (input->fields[i].rule == REQUIRED) {
            put_field(j, input->fields[i].name, "This field is required");
            return;
        }
    }
    put_field(j, input->field_count ? input->fields[0].name : "id", "Invalid value");
}

static void put_example(struct json *j, enum err e, const struct input *input) {
    const struct error_info *info = error_info(e);
    bool field = strcmp(info->code, error_info(ERR_VALIDATION)->code) == 0;
    json_key(j, name_of(e));
    json_open_object(j);
    json_key(j, "value");
    json_open_object(j);
    json_key_cstr(j, "error", info->code);
    if (field && !info->field)
        put_field_at_fault(j, input);
    else
        json_key_cstr(j, "message", info->message);
    if (field && info->field)
        json_key_cstr(j, "field", info->field);
    json_close_object(j);
    json_close_object(j);
}

static const char *description_of(int status) {
    switch (status) {
    case 400:
        return "What was sent is no good.";
    case 401:
        return "No credential, or one that is no good.";
    case 403:
        return "The caller may not do this.";
    case 404:
        return "There is no such thing, or none that the caller may see.";
    case 413:
        return "The body is larger than 64 KiB.";
    case 415:
        return "The body is neither JSON nor a form.";
    case 422:
        return "The key stands for another request.";
    case 429:
        return "Too many attempts; `Retry-After` says when to come back.";
    case 500:
        return "Something went wrong here.";
    case 503:
        return "Too busy, or the database is away; `Retry-After` says when to come back.";
    default:
        break;
    }
    log_fatal("openapi: no description of status %d", status);
}

static void put_headers(struct json *j, int status) {
    const char *name = NULL;
    if (status == 401)
        name = "WWW-Authenticate";
    if (status == 429 || status == 503)
        name = "Retry-After";
    if (!name)
        return;
    json_key(j, "headers");
    json_open_object(j);
    json_key(j, name);
    openapi_ref(j, "headers", name);
    json_close_object(j);
}

/* A schema for the errors of `set` that pass: anyOf when their codes differ. */
static void put_error_schema(struct json *j, const struct errors *set) {
    enum err codes[ERR_COUNT];
    unsigned count = 0;
    for (enum err e = OK + 1; e < ERR_COUNT; e++) {
        bool known = !set->has[e];
        for (unsigned i = 0; i < count && !known; i++)
            known = strcmp(error_info(codes[i])->code, error_info(e)->code) == 0;
        if (!known)
            codes[count++] = e;
    }
    json_key(j, "schema");
    json_open_object(j);
    if (count == 1) {
        openapi_ref_key(j, "schemas", openapi_camel(error_info(codes[0])->code, ""));
    } else {
        json_key(j, "anyOf");
        json_open_array(j);
        for (unsigned i = 0; i < count; i++)
            openapi_ref(j, "schemas", openapi_camel(error_info(codes[i])->code, ""));
        json_close_array(j);
    }
    json_close_object(j);
}

static void put_errors(struct json *j, const struct errors *set, const struct input *input) {
    json_key(j, "content");
    json_open_object(j);
    json_key(j, "application/json");
    json_open_object(j);
    put_error_schema(j, set);
    json_key(j, "examples");
    json_open_object(j);
    for (enum err e = OK + 1; e < ERR_COUNT; e++)
        if (set->has[e])
            put_example(j, e, input);
    json_close_object(j);
    json_close_object(j);
    json_close_object(j);
}

/* ---- By status ------------------------------------------------------------------------------- */

static struct errors of_status(const struct errors *all, int status, unsigned *count,
                               enum err *one) {
    struct errors set = {0};
    *count = 0;
    for (enum err e = OK + 1; e < ERR_COUNT; e++) {
        if (!all->has[e] || error_info(e)->status != status)
            continue;
        set.has[e] = true;
        *one = e;
        ++*count;
    }
    return set;
}

/* Errors that are alone with their status, whoever meets them, and have no field, are written
 * once. */
static bool is_shared(enum err e) {
    return e == ERR_BODY_TOO_LARGE || e == ERR_MEDIA_TYPE || e == ERR_RATE_LIMITED ||
           e == ERR_INTERNAL || e == ERR_UNAVAILABLE;
}

static void put_refusal(struct json *j, int status, const struct errors *set,
                        const struct input *input) {
    json_open_object(j);
    json_key_cstr(j, "description", description_of(status));
    put_headers(j, status);
    put_errors(j, set, input);
    json_close_object(j);
}

void openapi_shared_responses(struct json *j) {
    for (enum err e = OK + 1; e < ERR_COUNT; e++) {
        if (!is_shared(e))
            continue;
        struct errors set = {0};
        set.has[e] = true;
        json_key(j, openapi_camel(error_info(e)->code, ""));
        put_refusal(j, error_info(e)->status, &set, input_nothing());
    }
    struct errors engine = {0};
    for (enum err e = OK + 1; e < ERR_COUNT; e++)
        engine.has[e] = is_engine(error_info(e)->status);
    json_key(j, "Refused");
    json_open_object(j);
    json_key_cstr(j, "description",
                  "Refused before any endpoint saw it: 405 wrong method, 408 too slow, 414 or 431 "
                  "too large, 417 or 505 not spoken here.");
    put_errors(j, &engine, input_nothing());
    json_close_object(j);
}

static void put_status(struct json *j, int status, const struct errors *all,
                       const struct input *input) {
    unsigned count;
    enum err one = OK;
    struct errors set = of_status(all, status, &count, &one);
    if (!count)
        return;
    char key[16];
    snprintf(key, sizeof key, "%d", status);
    json_key(j, key);
    if (count == 1 && is_shared(one))
        openapi_ref(j, "responses", openapi_camel(error_info(one)->code, ""));
    else
        put_refusal(j, status, &set, input);
}

/* ---- Success --------------------------------------------------------------------------------- */

static void put_answer_example(struct json *j, enum kind shape, const char *answer) {
    json_key(j, reference_kind(shape)->name);
    json_open_object(j);
    json_key(j, "value");
    json_raw(j, text_of(answer));
    json_close_object(j);
}

/* One of two shapes, as the text of the operation says. */
static void put_either(struct json *j, const struct operation *o) {
    json_open_object(j);
    json_key(j, "anyOf");
    json_open_array(j);
    openapi_ref(j, "schemas", reference_kind(o->shape)->name);
    openapi_ref(j, "schemas", reference_kind(o->or_shape)->name);
    json_close_array(j);
    json_close_object(j);
    json_key(j, "examples");
    json_open_object(j);
    put_answer_example(j, o->shape, o->answer);
    put_answer_example(j, o->or_shape, o->or_answer);
    json_close_object(j);
}

static void put_json_answer(struct json *j, const struct operation *o) {
    json_key(j, "application/json");
    json_open_object(j);
    json_key(j, "schema");
    if (o->or_answer) {
        put_either(j, o);
    } else {
        openapi_ref(j, "schemas", reference_kind(o->shape)->name);
        json_key(j, "example");
        json_raw(j, text_of(o->answer));
    }
    json_close_object(j);
}

static void put_header_refs(struct json *j, const struct operation *o, bool once) {
    json_key(j, "headers");
    json_open_object(j);
    json_key(j, "X-Request-Id");
    openapi_ref(j, "headers", "X-Request-Id");
    if (once) {
        json_key(j, "Idempotency-Replayed");
        openapi_ref(j, "headers", "Idempotency-Replayed");
    }
    if (o->cookie) {
        json_key(j, "Set-Cookie");
        openapi_ref(j, "headers", "Set-Cookie");
    }
    if (o->validator) {
        json_key(j, "ETag");
        openapi_ref(j, "headers", "ETag");
    }
    json_close_object(j);
}

static void put_text_media(struct json *j, const char *media) {
    json_key(j, media);
    json_raw(j, TEXT("{\"schema\":{\"type\":\"string\"}}"));
}

static void put_content(struct json *j, const struct operation *o) {
    json_key(j, "content");
    json_open_object(j);
    if (!o->serves_text)
        put_json_answer(j, o);
    if (o->html)
        put_text_media(j, "text/html");
    for (const char *const *media = o->serves; *media; media++)
        put_text_media(j, *media);
    json_close_object(j);
}

static void put_success(struct json *j, const struct operation *o, bool once) {
    char key[16];
    snprintf(key, sizeof key, "%d", o->status);
    json_key(j, key);
    json_open_object(j);
    json_key_cstr(j, "description",
                  o->serves_text ? o->serves_text : reference_kind(o->shape)->text);
    put_header_refs(j, o, once);
    put_content(j, o);
    json_close_object(j);
    if (!o->validator)
        return;
    json_key(j, "304");
    json_raw(j, TEXT("{\"description\":\"As it was: the ETag that was sent is its own.\"}"));
}

void openapi_responses(struct json *j, unsigned route) {
    struct errors all = errors_of(route);
    json_key(j, "responses");
    json_open_object(j);
    put_success(j, reference_operation(route), routes_at(route)->once);
    for (int status = 400; status < 600; status++)
        if (!is_engine(status))
            put_status(j, status, &all, routes_at(route)->input());
    json_key(j, "default");
    openapi_ref(j, "responses", "Refused");
    json_close_object(j);
}
