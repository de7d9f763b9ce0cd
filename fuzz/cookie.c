/* Credentials of a request: api/credential.h over Cookie, Authorization, Origin, Host and
 * Sec-Fetch-Site. An input is lines "Name: value" in which %c stands for a good cookie, %t for a
 * good token, %r for a refresh token. Nobody signs in without one of the first two, and with a
 * cookie alone nobody acts from another site. */
#include "served.h"

#include "api/credential.h"

#define FIELDS_MAX 12

static const struct text allowed[] = {{"https://app.example.com", 23}};
static const struct origins origins = {allowed, 1};

struct counts {
    bool cookie, token; /* a good one stands somewhere in the request */
};

static struct text expand(struct arena *arena, struct text t, struct counts *counts) {
    const struct credentials *good = &served.credentials;
    struct buffer out = {0};
    for (size_t i = 0; i < t.size; i++) {
        char what = t.at[i] == '%' && i + 1 < t.size ? t.at[i + 1] : '\0';
        struct text put = what == 'c'   ? good->cookie
                          : what == 't' ? good->access
                          : what == 'r' ? good->refresh
                                        : (struct text){&t.at[i], 1};
        counts->cookie |= what == 'c';
        counts->token |= what == 't';
        buffer_add_text(&out, put);
        i += put.size > 1;
    }
    struct text copy = fuzz_exact(arena, buffer_text(&out));
    buffer_free(&out);
    return copy;
}

static struct counts read_fields(struct arena *arena, struct text in, struct http_request *r) {
    struct counts counts = {0};
    struct text line;
    while (r->header_count < FIELDS_MAX && text_split(&in, '\n', &line)) {
        struct text name;
        text_split(&line, ':', &name);
        if (line.at != NULL)
            r->headers[r->header_count++] = (struct http_header){
                fuzz_exact(arena, name), expand(arena, text_trim(line), &counts)};
    }
    return counts;
}

static bool acts(const struct http_request *r) {
    return !(r->method & (HTTP_GET | HTTP_HEAD | HTTP_OPTIONS));
}

/* The origin is none of ours for certain when it names neither our host nor a configured one. */
static bool is_foreign(const struct http_request *r) {
    struct text origin = http_header(r, "origin"), host = http_header(r, "host");
    struct text site = http_header(r, "sec-fetch-site");
    if (text_equal(site, TEXT("cross-site")) || text_equal(site, TEXT("same-site")))
        return true;
    if (origin.at == NULL || text_equal(origin, allowed[0]))
        return false;
    if (!text_starts(origin, TEXT("http")))
        return true;
    struct text part = {origin.at, 0};
    for (; part.size <= origin.size; part.size++) /* a host of ours, in any case, is its end */
        if (part.size > 0 && host.size > 0 && part.size <= host.size &&
            text_equal_nocase((struct text){origin.at + origin.size - part.size, part.size},
                              (struct text){host.at, part.size}))
            return false;
    return true;
}

static void check(const struct call *c, enum err e, const struct counts *counts) {
    const struct http_request *r = &c->x->request;
    ASSERT(e == OK || e == ERR_TOKEN_INVALID || e == ERR_FORBIDDEN);
    if (e != OK)
        ASSERT(c->caller.user_id == 0 && c->set_cookie == NULL);
    if (c->caller.user_id == 0)
        return;
    ASSERT(c->caller.user_id == served.account.id && (counts->cookie || counts->token));
    ASSERT(!c->caller.staff && !c->caller.superuser);
    if (!c->caller.by_cookie) {
        ASSERT(counts->token);
        return;
    }
    ASSERT(counts->cookie && http_header(r, "authorization").at == NULL);
    ASSERT(!(acts(r) && is_foreign(r)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const enum http_method methods[] = {HTTP_POST, HTTP_GET, HTTP_DELETE, HTTP_OPTIONS};
    struct text in = {(const char *)data, size};
    struct arena arena = {0};
    struct http_header fields[FIELDS_MAX];
    struct exchange x = {.request.headers = fields};
    struct route route = {.auth = AUTH_OPTIONAL};
    served_start();
    struct call call = {.ctx = served_context(&arena), .x = &x, .route = &route};
    unsigned how = fuzz_choose(&in, 8);
    x.request.method = methods[how % 4];
    route.auth = how / 4 ? AUTH_CHECK : AUTH_OPTIONAL;
    struct counts counts = read_fields(&arena, in, &x.request);
    int64_t ahead;
    enum err said = credential_ahead(&call, &ahead);
    db_round_end(call.ctx.db);
    enum err e = credential_read(&call, &origins);
    check(&call, e, &counts);
    ASSERT(e != OK || route.auth == AUTH_CHECK || said == OK);
    arena_free(&arena);
    return 0;
}
