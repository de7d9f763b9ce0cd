#include "http/cors.h"

void cors_add_methods(struct buffer *out, unsigned methods) {
    static const struct {
        unsigned method;
        struct text name;
    } names[] = {
        {HTTP_GET, {"GET", 3}},         {HTTP_HEAD, {"HEAD", 4}},   {HTTP_POST, {"POST", 4}},
        {HTTP_PUT, {"PUT", 3}},         {HTTP_PATCH, {"PATCH", 5}}, {HTTP_DELETE, {"DELETE", 6}},
        {HTTP_OPTIONS, {"OPTIONS", 7}},
    };
    bool comma = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!(methods & names[i].method))
            continue;
        if (comma)
            buffer_add_text(out, TEXT(", "));
        buffer_add_text(out, names[i].name);
        comma = true;
    }
}

/* What scripts may read of a reply, besides its type and length. */
#define EXPOSED "Access-Control-Expose-Headers: X-Request-Id, Retry-After, Idempotency-Replayed\r\n"

/* The asked-for header names that scripts may set, as we spell them. */
static void add_headers(struct buffer *out, struct text asked) {
    static const struct text allowed[] = {
        {"Authorization", 13}, {"Content-Type", 12}, {"X-Request-Id", 12}, {"Idempotency-Key", 15}};
    bool comma = false;
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++) {
        struct text rest = asked, part;
        bool found = false;
        while (!found && text_split(&rest, ',', &part))
            found = text_equal_nocase(text_trim(part), allowed[i]);
        if (!found)
            continue;
        buffer_add_text(out, comma ? TEXT(", ") : TEXT("Access-Control-Allow-Headers: "));
        buffer_add_text(out, allowed[i]);
        comma = true;
    }
    if (comma)
        buffer_add_text(out, TEXT("\r\n"));
}

static void add_preflight(struct buffer *out, const struct exchange *x) {
    if (x->response.allow != 0) {
        buffer_add_text(out, TEXT("Access-Control-Allow-Methods: "));
        cors_add_methods(out, x->response.allow);
        buffer_add_text(out, TEXT("\r\n"));
    }
    add_headers(out, http_header(&x->request, "Access-Control-Request-Headers"));
    buffer_add_text(out, TEXT("Access-Control-Max-Age: 600\r\n"));
}

static bool is_configured(const struct http_config *config, struct text origin) {
    for (unsigned i = 0; i < config->origin_count; i++)
        if (text_equal(config->origins[i], origin))
            return true;
    return false;
}

void cors_apply(const struct http_config *config, struct exchange *x) {
    if (config->origin_count == 0)
        return;
    struct buffer *out = &x->response.headers;
    buffer_add_text(out, TEXT("Vary: Origin\r\n"));
    struct text origin = http_header(&x->request, "Origin");
    if (origin.at == NULL || !is_configured(config, origin))
        return;
    buffer_add_text(out, TEXT("Access-Control-Allow-Origin: "));
    buffer_add_text(out, origin);
    buffer_add_text(out, TEXT("\r\nAccess-Control-Allow-Credentials: true\r\n"));
    if (x->request.method == HTTP_OPTIONS &&
        http_header(&x->request, "Access-Control-Request-Method").at != NULL)
        add_preflight(out, x);
    else
        buffer_add_text(out, TEXT(EXPOSED));
}
