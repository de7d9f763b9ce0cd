/* The staff's page: /console/, the addresses below it that the page itself tells apart, and the
 * files that it is made of (web/). */
#include "api/routes.h"
#include "api/site.h"

/* All that it loads and calls is on this server, pictures included: an avatar from elsewhere would
 * tell its owner who looks at it. No script or style stands in the page itself, no text becomes
 * HTML, and no other page may frame it. */
#define CONSOLE_POLICY                                                                             \
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "        \
    "'self'; object-src 'none'; "                                                                  \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "                                \
    "require-trusted-types-for 'script'; trusted-types 'none'"

enum err api_console(struct call *c, const struct nothing_input *in) {
    (void)in;
    site_answer(c, "console.html", "text/html; charset=utf-8");
    response_header(&c->x->response, "Content-Security-Policy", TEXT(CONSOLE_POLICY));
    response_header(&c->x->response, "Referrer-Policy", TEXT("no-referrer"));
    response_header(&c->x->response, "Cross-Origin-Opener-Policy", TEXT("same-origin"));
    return OK;
}

/* Files have a dot in their names, pages have none. */
enum err api_console_file(struct call *c, const struct nothing_input *in) {
    struct text name = call_param(c, 0);
    if (site_answer_part(c, name))
        return OK;
    return memchr(name.at, '.', name.size) ? ERR_NOT_FOUND : api_console(c, in);
}
