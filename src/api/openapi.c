#include "api/openapi.h"

#include <stdlib.h>

#include "api/openapi_parts.h"
#include "api/routes.h"
#include "api/service.h"
#include "base/log.h"

static const char *method_name(enum http_method method) {
    switch (method) {
    case HTTP_GET:
        return "get";
    case HTTP_POST:
        return "post";
    case HTTP_PUT:
        return "put";
    case HTTP_PATCH:
        return "patch";
    case HTTP_DELETE:
        return "delete";
    default:
        log_fatal("openapi: a route has a method of its own");
    }
}

/* ---- One endpoint ---------------------------------------------------------------------------- */

/* The first row with the same handler: more rows are other names of that one. */
static unsigned original_of(unsigned route) {
    unsigned first = 0;
    while (reference_operation(first) != reference_operation(route))
        first++;
    return first;
}

static void put_names(struct json *j, unsigned route) {
    const struct operation *o = reference_operation(route);
    const struct route *row = routes_at(route);
    struct buffer name = {0}, text = {0};
    unsigned original = original_of(route);
    buffer_format(&name, "%s%s", row->name, original == route ? "" : "_alias");
    json_key_text(j, "operationId", buffer_text(&name));
    if (original != route)
        buffer_format(&text, "Another name of `%s`. ", routes_rows()[original].path);
    buffer_add_text(&text, text_of(o->text));
    if (row->auth == AUTH_STAFF)
        buffer_add_text(&text, TEXT(" For staff and superusers."));
    if (row->rate != RATE_NONE)
        buffer_add_text(&text, TEXT(" Limited per client address."));
    json_key_cstr(j, "summary", o->title);
    json_key_text(j, "description", buffer_text(&text));
    buffer_free(&name);
    buffer_free(&text);
}

static void put_tag(struct json *j, const char *name) {
    size_t count;
    const struct section *sections = reference_sections(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(sections[i].name, name) != 0)
            continue;
        json_key(j, "tags");
        json_open_array(j);
        json_cstr(j, name);
        json_close_array(j);
        return;
    }
    log_fatal("openapi: sections.def has no \"%s\"", name);
}

static void put_security(struct json *j, enum auth auth) {
    json_key(j, "security");
    json_raw(j, auth == AUTH_USER || auth == AUTH_STAFF
                    ? TEXT("[{\"bearer\":[]},{\"cookie\":[]}]")
                    : TEXT("[{},{\"bearer\":[]},{\"cookie\":[]}]"));
}

/* The {…} parts of the path. */
static void put_captures(struct json *j, const char *path) {
    for (const char *open = strchr(path, '{'); open; open = strchr(open + 1, '{')) {
        struct text name = {open + 1, strcspn(open + 1, "}")};
        enum kind kind;
        const char *text = reference_capture(name, &kind);
        if (!text)
            log_fatal("openapi: fields.def has no CAPTURE for %s", path);
        json_open_object(j);
        json_key_text(j, "name", name);
        json_key_cstr(j, "in", "path");
        json_key_bool(j, "required", true);
        json_key_cstr(j, "description", text);
        json_key(j, "schema");
        openapi_schema(j, kind, 0, NULL);
        json_close_object(j);
    }
}

static void put_query(struct json *j, const struct input *input) {
    for (size_t i = 0; i < input->field_count; i++) {
        const struct field *field = &input->fields[i];
        json_open_object(j);
        json_key_cstr(j, "name", field->name);
        json_key_cstr(j, "in", "query");
        json_key_bool(j, "required", field->rule == REQUIRED);
        json_key_cstr(j, "description", reference_about(field));
        json_key(j, "schema");
        openapi_field(j, field, false);
        json_close_object(j);
    }
}

static void put_parameters(struct json *j, unsigned route) {
    const struct route_row *row = &routes_rows()[route];
    const struct input *input = routes_at(route)->input();
    bool query = row->method == HTTP_GET && input->field_count > 0, once = routes_at(route)->once;
    if (!query && !once && !strchr(row->path, '{'))
        return;
    json_key(j, "parameters");
    json_open_array(j);
    put_captures(j, row->path);
    if (query)
        put_query(j, input);
    if (once)
        openapi_ref(j, "parameters", "IdempotencyKey");
    json_close_array(j);
}

static bool is_required(const struct input *input) {
    for (size_t i = 0; i < input->field_count; i++)
        if (input->fields[i].rule == REQUIRED)
            return true;
    return false;
}

static void put_body(struct json *j, unsigned route) {
    static const char *const media[] = {"application/json", "application/x-www-form-urlencoded"};
    const struct input *input = routes_at(route)->input();
    const struct operation *o = reference_operation(route);
    if (routes_rows()[route].method == HTTP_GET || !input->field_count)
        return;
    if (!o->request)
        log_fatal("openapi: %s has an input and no REQUEST", routes_at(route)->name);
    json_key(j, "requestBody");
    json_open_object(j);
    json_key_bool(j, "required", is_required(input));
    json_key(j, "content");
    json_open_object(j);
    for (size_t i = 0; i < 2; i++) {
        json_key(j, media[i]);
        json_open_object(j);
        json_key(j, "schema");
        openapi_ref(j, "schemas", openapi_camel(input->name, "Input"));
        json_key(j, "example");
        json_raw(j, text_of(o->request));
        json_close_object(j);
    }
    json_close_object(j);
    json_close_object(j);
}

static void put_surfaces(struct json *j, unsigned surfaces) {
    const char *name;
    json_key(j, "x-surfaces");
    json_open_array(j);
    for (unsigned i = 0; (name = service_surface_name(i)); i++)
        if (surfaces & service_surface(text_of(name)))
            json_cstr(j, name);
    json_close_array(j);
}

static void put_operation(struct json *j, unsigned route) {
    const struct route_row *row = &routes_rows()[route];
    json_key(j, method_name(row->method));
    json_open_object(j);
    put_tag(j, reference_operation(route)->section);
    put_names(j, route);
    put_security(j, routes_at(route)->auth);
    put_parameters(j, route);
    put_body(j, route);
    openapi_responses(j, route);
    put_surfaces(j, row->surfaces);
    json_close_object(j);
}

/* ---- All of them ----------------------------------------------------------------------------- */

static bool is_first_of_path(unsigned route) {
    for (unsigned i = 0; i < route; i++)
        if (strcmp(routes_rows()[i].path, routes_rows()[route].path) == 0)
            return false;
    return true;
}

static void put_paths(struct json *j) {
    json_key(j, "paths");
    json_open_object(j);
    for (unsigned i = 0; i < routes_count(); i++) {
        if (!is_first_of_path(i))
            continue;
        json_key(j, routes_rows()[i].path);
        json_open_object(j);
        for (unsigned k = i; k < routes_count(); k++)
            if (strcmp(routes_rows()[k].path, routes_rows()[i].path) == 0)
                put_operation(j, k);
        json_close_object(j);
    }
    json_close_object(j);
}

static void put_info(struct json *j, struct text overview) {
    json_key(j, "info");
    json_open_object(j);
    json_key_cstr(j, "title", "rollcall");
    json_key_cstr(j, "version", ROLLCALL_VERSION);
    json_key_cstr(j, "summary", "The users of a platform, in one service.");
    json_key_text(j, "description", overview);
    json_close_object(j);
    json_key(j, "servers");
    json_raw(j, TEXT("[{\"url\":\"/\",\"description\":\"The server that this comes from.\"}]"));
}

static void put_tags(struct json *j) {
    size_t count;
    const struct section *sections = reference_sections(&count);
    json_key(j, "tags");
    json_open_array(j);
    for (size_t i = 0; i < count; i++) {
        json_open_object(j);
        json_key_cstr(j, "name", sections[i].name);
        json_key_cstr(j, "description", sections[i].text);
        json_close_object(j);
    }
    json_close_array(j);
}

static void put_header(struct json *j, const char *name, const char *type, const char *text) {
    json_key(j, name);
    json_open_object(j);
    json_key_cstr(j, "description", text);
    json_key(j, "schema");
    json_open_object(j);
    json_key_cstr(j, "type", type);
    json_close_object(j);
    json_close_object(j);
}

static void put_header_list(struct json *j) {
    json_key(j, "headers");
    json_open_object(j);
    put_header(j, "X-Request-Id", "string",
               "The request's own name in the server's log: yours, if you sent a sane one.");
    put_header(
        j, "Set-Cookie", "string",
        "`sessionid`: HttpOnly, SameSite=Lax, Secure over TLS, for 14 days; empty when it is "
        "cleared.");
    put_header(j, "ETag", "string", "Changes when the document does.");
    put_header(j, "Idempotency-Replayed", "boolean",
               "`true`: this was done before, and is answered as it was then.");
    put_header(j, "Retry-After", "integer", "Seconds to wait before the next attempt.");
    put_header(j, "WWW-Authenticate", "string",
               "`Bearer`, with `error=\"invalid_token\"` where a token was sent that is no good.");
    json_close_object(j);
}

static void put_shared_parameters(struct json *j) {
    json_key(j, "parameters");
    json_raw(j, TEXT("{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\","
                     "\"required\":false,\"description\":\"A random name for this request. Sent "
                     "again with it within 24 hours, the same request is answered as the first "
                     "time, and nothing is done twice.\",\"schema\":{\"type\":\"string\","
                     "\"minLength\":1,\"maxLength\":255}}}"));
}

static void put_security_schemes(struct json *j) {
    json_key(j, "securitySchemes");
    json_raw(j,
             TEXT("{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\","
                  "\"description\":\"An access token; good for 60 minutes, and as long as its "
                  "session is open.\"},"
                  "\"cookie\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"sessionid\","
                  "\"description\":\"The session cookie of the app's sign-in; 14 days, renewed "
                  "by use. A bearer token beside it wins.\"}}"));
}

void openapi_write(struct buffer *out, struct text overview) {
    struct json j = json_writer(out);
    json_open_object(&j);
    json_key_cstr(&j, "openapi", "3.1.0");
    put_info(&j, overview);
    put_tags(&j);
    put_paths(&j);
    json_key(&j, "components");
    json_open_object(&j);
    put_security_schemes(&j);
    put_header_list(&j);
    put_shared_parameters(&j);
    json_key(&j, "responses");
    json_open_object(&j);
    openapi_shared_responses(&j);
    json_close_object(&j);
    json_key(&j, "schemas");
    json_open_object(&j);
    openapi_schemas(&j);
    json_close_object(&j);
    json_close_object(&j);
    json_close_object(&j);
}
