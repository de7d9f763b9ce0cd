/* The API as a page: /docs/, and the files that it is made of (web/). */
#include "api/routes.h"
#include "api/site.h"

/* All that it loads and calls is on this server; no script or style stands in the page itself, no
 * text becomes HTML, and no other page may frame it. */
#define DOCS_POLICY                                                                                \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "        \
    "'self'; "                                                                                     \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "                                \
    "require-trusted-types-for 'script'; trusted-types 'none'"

enum err api_docs(struct call *c, const struct nothing_input *in) {
    (void)in;
    site_answer(c, "docs.html", "text/html; charset=utf-8");
    response_header(&c->x->response, "Content-Security-Policy", TEXT(DOCS_POLICY));
    response_header(&c->x->response, "Referrer-Policy", TEXT("no-referrer"));
    response_header(&c->x->response, "Cross-Origin-Opener-Policy", TEXT("same-origin"));
    return OK;
}

enum err api_docs_file(struct call *c, const struct nothing_input *in) {
    (void)in;
    return site_answer_part(c, call_param(c, 0)) ? OK : ERR_NOT_FOUND;
}
