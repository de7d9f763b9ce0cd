#include "api/site.h"

#include "base/embed.h"
#include "base/log.h"

/* NULL when there is none. */
static const struct embedded *file_of(struct call *c, struct text name, const char *suffix) {
    struct text full = text_format(c->ctx.arena, "%.*s%s", TEXT_ARGS(name), suffix);
    for (const struct embedded *e = embedded_site; e->name; e++)
        if (text_equal(full, text_of(e->name)))
            return e;
    return NULL;
}

/* "q=0", "q=0.0" … among the parameters (RFC 9110 §12.4.2). */
static bool is_refused(struct text parameters) {
    struct text parameter, name;
    while (text_split(&parameters, ';', &parameter)) {
        struct text value = text_trim(parameter);
        if (!text_split(&value, '=', &name) || !text_equal_nocase(text_trim(name), TEXT("q")))
            continue;
        while (value.size && (value.at[0] == '0' || value.at[0] == '.'))
            value = (struct text){value.at + 1, value.size - 1};
        return value.size == 0;
    }
    return false;
}

bool site_accepts(struct text header, const char *name) {
    struct text item, type;
    while (text_split(&header, ',', &item)) {
        text_split(&item, ';', &type);
        if (text_equal_nocase(text_trim(type), text_of(name)))
            return !is_refused(item);
    }
    return false;
}

/* Whether If-None-Match names a form of the file: any of them, as all are the same file. */
static bool has_already(const struct call *c, struct text tag) {
    struct text header = http_header(&c->x->request, "if-none-match"), item;
    while (text_split(&header, ',', &item)) {
        item = text_trim(item);
        if (text_equal(item, TEXT("*")))
            return true;
        if (text_starts(item, TEXT("W/")))
            item = (struct text){item.at + 2, item.size - 2};
        if (item.size > 1 && text_starts((struct text){item.at + 1, item.size - 1}, tag))
            return true;
    }
    return false;
}

static const struct embedded *choose_form(struct call *c, struct text name, const char **coding) {
    static const struct { const char *coding, *suffix; } forms[] = {{"br", ".br"}, {"gzip", ".gz"}};
    struct text accepted = http_header(&c->x->request, "accept-encoding");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct embedded *form = file_of(c, name, forms[i].suffix);
        if (!form || !site_accepts(accepted, forms[i].coding))
            continue;
        *coding = forms[i].coding;
        return form;
    }
    return file_of(c, name, "");
}

static void answer(struct call *c, struct text name, const char *content_type,
                   struct text caching) {
    struct http_response *response = &c->x->response;
    const char *coding = NULL;
    const struct embedded *tag = file_of(c, name, ".tag"), *form = choose_form(c, name, &coding);
    ASSERT(tag && form);
    response->content_type = content_type;
    call_cacheable(c);
    response_header(response, "Cache-Control", caching);
    response_header(response, "Vary", TEXT("Accept, Accept-Encoding"));
    response_header(response, "ETag",
                    text_format(c->ctx.arena, "\"%.*s%s%s\"", TEXT_ARGS(embedded_text(tag)),
                                coding ? "-" : "", coding ? coding : ""));
    if (coding)
        response_header(response, "Content-Encoding", text_of(coding));
    buffer_add_text(&response->body, embedded_text(form)); /* for its length, on a 304 */
    if (has_already(c, embedded_text(tag)))
        response->status = 304;
}

void site_answer(struct call *c, const char *name, const char *content_type) {
    answer(c, text_of(name), content_type, TEXT("no-cache"));
}

static bool ends(struct text t, struct text suffix) {
    return t.size > suffix.size &&
           text_equal((struct text){t.at + t.size - suffix.size, suffix.size}, suffix);
}

bool site_answer_part(struct call *c, struct text name) {
    static const struct {
        const char *suffix, *content_type;
    } kinds[] = {
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!ends(name, text_of(kinds[i].suffix)) || !file_of(c, name, ""))
            continue;
        answer(c, name, kinds[i].content_type, TEXT("public, max-age=31536000, immutable"));
        return true;
    }
    return false;
}
