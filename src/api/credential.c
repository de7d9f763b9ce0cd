#include "api/credential.h"

#include "core/audit.h"

/* The values of all header fields of that name. Walk it with header_next. */
struct header_walk {
    const struct http_request *request;
    unsigned at;
};

static bool header_next(struct header_walk *walk, struct text name, struct text *value) {
    while (walk->at < walk->request->header_count) {
        const struct http_header *header = &walk->request->headers[walk->at++];
        if (text_equal_nocase(header->name, name)) {
            *value = header->value;
            return true;
        }
    }
    return false;
}

/* ---- Authorization: Bearer (RFC 6750) -------------------------------------------------------- */

static bool bearer_token(struct text header, struct text *token) {
    struct text scheme = {0};
    struct text rest = header;
    text_split(&rest, ' ', &scheme);
    *token = text_trim(rest);
    return text_equal_nocase(scheme, TEXT("Bearer")) && token->size;
}

static enum err find_token(const struct call *c, bool *found, struct text *token) {
    struct header_walk walk = {&c->x->request, 0};
    struct text header, second;
    *found = header_next(&walk, TEXT("authorization"), &header);
    if (!*found)
        return OK;
    if (header_next(&walk, TEXT("authorization"), &second) || !bearer_token(header, token))
        return ERR_TOKEN_INVALID;
    return OK;
}

static enum err read_header(struct call *c, bool *found) {
    struct text token;
    TRY(find_token(c, found, &token));
    return *found ? session_by_access(&c->ctx, token, &c->caller) : OK;
}

/* ---- Cookie (RFC 6265) ----------------------------------------------------------------------- */

static bool find_cookie(const struct call *c, struct text name, struct text *value) {
    struct header_walk walk = {&c->x->request, 0};
    struct text header, pair;
    while (header_next(&walk, TEXT("cookie"), &header)) {
        while (text_split(&header, ';', &pair)) {
            struct text key;
            text_split(&pair, '=', &key);
            if (!text_equal(text_trim(key), name) || !pair.at)
                continue;
            *value = text_trim(pair);
            return true;
        }
    }
    return false;
}

/* A dead cookie is no credential. One whose session lives on has its own time renewed with it. */
static enum err read_cookie(struct call *c) {
    struct text cookie;
    if (!find_cookie(c, TEXT("sessionid"), &cookie))
        return OK;
    enum err e = session_by_cookie(&c->ctx, cookie, &c->caller);
    if (e == ERR_TOKEN_INVALID) {
        c->caller = (struct caller){0};
        return OK;
    }
    if (e == OK && c->caller.slid)
        call_set_cookie(c, cookie);
    return e;
}

/* ---- Requests that another site has made ----------------------------------------------------- */

static bool is_allowed(struct text origin, const struct origins *allowed) {
    for (unsigned i = 0; i < allowed->count; i++)
        if (text_equal(origin, allowed->at[i]))
            return true;
    return false;
}

static struct text without(struct text t, struct text suffix) {
    if (t.size >= suffix.size &&
        text_equal((struct text){t.at + t.size - suffix.size, suffix.size}, suffix))
        t.size -= suffix.size;
    return t;
}

/* An Origin leaves the scheme's own port out; a Host need not. */
static bool is_own_host(struct text origin, struct text host) {
    static const struct {
        struct text scheme, port;
    } schemes[] = {{{"http://", 7}, {":80", 3}}, {{"https://", 8}, {":443", 4}}};
    for (size_t i = 0; i < 2; i++) {
        struct text scheme = schemes[i].scheme;
        if (!text_starts(origin, scheme))
            continue;
        struct text theirs = {origin.at + scheme.size, origin.size - scheme.size};
        return theirs.size && text_equal_nocase(theirs, without(host, schemes[i].port));
    }
    return false; /* "null" and the like */
}

static bool is_cross_site(const struct http_request *request, const struct origins *allowed) {
    if (request->method & (HTTP_GET | HTTP_HEAD | HTTP_OPTIONS))
        return false;
    struct text site = http_header(request, "sec-fetch-site");
    if (text_equal(site, TEXT("cross-site")) || text_equal(site, TEXT("same-site")))
        return true;
    struct text origin = http_header(request, "origin");
    return origin.at && !is_own_host(origin, http_header(request, "host")) &&
           !is_allowed(origin, allowed);
}

/* ---- All of it ------------------------------------------------------------------------------- */

static enum err read_any(struct call *c) {
    bool found;
    TRY(read_header(c, &found));
    if (found)
        return OK;
    TRY(read_cookie(c));
    return c->caller.user_id && c->cross_site ? ERR_FORBIDDEN : OK;
}

/* Puts on record that who has signed in was not let in. */
static enum err deny(struct call *c, enum audit_event event) {
    int64_t id = c->caller.user_id;
    audit_refused(&c->ctx, &(struct audit_entry){.event = event,
                                                 .outcome = AUDIT_OUTCOME_DENIED,
                                                 .user_id = id,
                                                 .actor_id = id});
    return ERR_FORBIDDEN;
}

static enum err signed_out(struct call *c, enum err e) {
    bool check = c->route->auth == AUTH_CHECK;
    if (e == ERR_FORBIDDEN && !check)
        deny(c, AUDIT_CROSS_SITE);
    c->caller = (struct caller){0};
    c->set_cookie = NULL;
    return check && (e == ERR_TOKEN_INVALID || e == ERR_FORBIDDEN) ? OK : e;
}

enum err credential_read(struct call *c, const struct origins *allowed) {
    c->caller = (struct caller){0};
    c->set_cookie = NULL;
    c->cross_site = is_cross_site(&c->x->request, allowed);
    c->ctx.by = (struct behalf){.via = VIA_HTTP, .origin = call_origin(c)};
    enum err e = read_any(c);
    if (e != OK)
        e = signed_out(c, e);
    c->ctx.by.user_id = c->caller.user_id;
    c->ctx.by.session_id = c->caller.session_id;
    return e;
}

enum err credential_ahead(struct call *c, int64_t *user_id) {
    bool found;
    struct text token, cookie;
    *user_id = 0;
    TRY(find_token(c, &found, &token));
    if (found)
        return session_by_access_ahead(&c->ctx, token, user_id);
    if (find_cookie(c, TEXT("sessionid"), &cookie))
        session_by_cookie_ahead(&c->ctx, cookie, user_id);
    return OK;
}

enum err credential_staff(struct call *c) {
    if (!c->caller.user_id)
        return ERR_AUTH_REQUIRED;
    return c->caller.staff ? OK : deny(c, AUDIT_ACCESS);
}

enum err credential_authorise(struct call *c) {
    switch (c->route->auth) {
    case AUTH_OPTIONAL:
    case AUTH_CHECK:
        return OK;
    case AUTH_USER:
        return c->caller.user_id ? OK : ERR_AUTH_REQUIRED;
    case AUTH_STAFF:
        return credential_staff(c);
    }
    return ERR_INTERNAL;
}
