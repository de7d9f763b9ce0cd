/* What the server says of itself: /, /openapi.json. */
#include "api/routes.h"
#include "api/site.h"

/* The page runs no script, loads nothing and stands in no frame. */
#define HOME_POLICY                                                                                \
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/* Links lead only to what is there. */
static bool serves_console(const struct call *c) {
    return c->x->request.surfaces & SURFACE_CONSOLE;
}

static void answer_page(struct call *c) {
    site_answer(c, serves_console(c) ? "home-console.html" : "home.html",
                "text/html; charset=utf-8");
    response_header(&c->x->response, "Content-Security-Policy", TEXT(HOME_POLICY));
    response_header(&c->x->response, "Referrer-Policy", TEXT("no-referrer"));
}

/* A page for who prefers one, as browsers do. */
enum err api_home(struct call *c, const struct nothing_input *in) {
    (void)in;
    struct text accept = http_header(&c->x->request, "accept");
    if (site_accepts(accept, "text/html") && !site_accepts(accept, "application/json")) {
        answer_page(c);
        return OK;
    }
    call_cacheable(c);
    response_header(&c->x->response, "Cache-Control", TEXT("no-cache"));
    response_header(&c->x->response, "Vary", TEXT("Accept"));
    json_open_object(&c->out);
    json_key_cstr(&c->out, "name", "rollcall");
    json_key_cstr(&c->out, "version", ROLLCALL_VERSION);
    json_key_cstr(&c->out, "description",
                  "Accounts, sessions, profiles, moderation and the follow graph of a platform");
    json_key(&c->out, "links");
    json_open_object(&c->out);
    json_key_cstr(&c->out, "docs", "/docs/");
    json_key_cstr(&c->out, "openapi", "/openapi.json");
    json_key_cstr(&c->out, "health", "/health/");
    if (serves_console(c))
        json_key_cstr(&c->out, "console", "/console/");
    json_close_object(&c->out);
    json_close_object(&c->out);
    return OK;
}

enum err api_openapi(struct call *c, const struct nothing_input *in) {
    (void)in;
    site_answer(c, "openapi.json", "application/json; charset=utf-8");
    return OK;
}
