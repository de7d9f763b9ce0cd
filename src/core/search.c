#include "core/search.h"

#include "base/unicode.h"

#define PAIRS_BREAK '\x02'

/* `folded` with `escape` before each byte that is one of `special`, and `around` at both ends. */
static struct text escaped(struct arena *arena, struct text folded, const char *special,
                           char escape, char around) {
    char *at = arena_alloc(arena, 2 * folded.size + 2), *end = at;
    *end++ = around;
    for (size_t i = 0; i < folded.size; i++) {
        if (strchr(special, folded.at[i]))
            *end++ = escape;
        *end++ = folded.at[i];
    }
    *end++ = around;
    return (struct text){at, (size_t)(end - at)};
}

/* The pairs of neighbours in `folded`, or its only character. */
static void add_pairs(struct ctx *c, struct search *s, struct text folded) {
    size_t length = unicode_length(folded);
    char *at = arena_alloc(c->arena, s->pairs.size + 3 * folded.size + 2), *end = at;
    if (s->pairs.size)
        end = mempcpy(at, s->pairs.at, s->pairs.size);
    do {
        struct text rest = folded, pair = folded;
        unicode_next(&rest);
        folded = rest;
        unicode_next(&rest);
        pair.size = (size_t)(rest.at - pair.at);
        if (end > at)
            *end++ = PAIRS_BREAK;
        end = mempcpy(end, pair.at, pair.size);
    } while (--length > 1);
    s->pairs = (struct text){at, (size_t)(end - at)};
}

void search_add(struct ctx *c, struct search *s, int which, const char *scope, struct text wanted) {
    struct text folded = unicode_fold(c->arena, wanted);
    if (folded.size == 0)
        return;
    s->patterns[which] = escaped(c->arena, folded, "%_\\", '\\', '%');
    struct text phrase = escaped(c->arena, folded, "\"", '"', '"');
    struct text *expression = unicode_length(folded) < 3 ? &s->grams : &s->trigrams;
    *expression = text_format(c->arena, "%.*s%s%s%.*s", TEXT_ARGS(*expression),
                              expression->size ? " AND " : "", scope, TEXT_ARGS(phrase));
    add_pairs(c, s, folded);
}

void search_everywhere(struct ctx *c, struct search *s, struct text wanted) {
    search_add(c, s, 0, "", wanted);
    if (unicode_has_word(s->patterns[0], 3))
        s->word = s->patterns[0];
}

bool search_filters(const struct search *s) {
    return s->trigrams.size || s->grams.size;
}

struct db_arg search_expression(struct text expression) {
    return arg_text(expression.size ? expression : TEXT(SEARCH_NOTHING));
}
