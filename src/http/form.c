#include "http/form.h"

#include "base/unicode.h"
#include "http/target.h"

/* Decodes `raw` to *to and moves it past what was written. */
static enum err decode(struct text raw, char **to, struct text *out) {
    char *start = *to, *put = start;
    const char *end = raw.at + raw.size;
    for (const char *from = raw.at; from < end; from++) {
        int c = (unsigned char)*from;
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            c = target_unescape(from, end);
            from += 2;
        }
        if (c <= 0)
            return ERR_MALFORMED;
        *put++ = (char)c;
    }
    *to = put;
    *out = (struct text){start, (size_t)(put - start)};
    return unicode_valid(*out) ? OK : ERR_MALFORMED;
}

static enum err decode_pair(struct text part, char **to, struct form_pair *pair) {
    struct text rest = part, name;
    text_split(&rest, '=', &name);
    TRY(decode(name, to, &pair->name));
    return decode(rest.at ? rest : TEXT(""), to, &pair->value);
}

static size_t count_parts(struct text in) {
    size_t n = 1;
    for (size_t i = 0; i < in.size; i++)
        n += in.at[i] == '&';
    return n;
}

enum err form_decode(struct arena *arena, struct text in, struct form_pair **pairs, size_t *count) {
    *pairs = NULL;
    *count = 0;
    if (in.size == 0)
        return OK;
    size_t parts = count_parts(in);
    if (parts > FORM_PAIRS_MAX)
        return ERR_MALFORMED;
    *pairs = ARENA_ARRAY(arena, struct form_pair, parts);
    char *to = arena_alloc(arena, in.size);
    struct text rest = in, part;
    while (text_split(&rest, '&', &part))
        if (part.size > 0)
            TRY(decode_pair(part, &to, &(*pairs)[(*count)++]));
    return OK;
}
