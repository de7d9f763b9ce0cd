#include "api/take.h"

#include "base/unicode.h"

enum err take_invalid(const struct taking *t, const char *message) {
    return call_invalid(t->call, t->field, message);
}

struct arena *take_arena(const struct taking *t) {
    return t->call->ctx.arena;
}

const void *take_sibling(const struct taking *t, const char *name) {
    for (size_t i = 0; t->input && i < t->input->field_count; i++)
        if (strcmp(t->input->fields[i].name, name) == 0)
            return (const char *)t->slots + t->input->fields[i].offset;
    return NULL;
}

enum err take_string(const struct taking *t, struct text *out) {
    const struct value *v = t->values;
    if (v->kind != VALUE_TEXT && v->kind != VALUE_WORD)
        return take_invalid(t, "This field must be text");
    *out = unicode_nfc(take_arena(t), v->text);
    return OK;
}

static bool is_white(struct text t) {
    for (size_t i = 0; i < t.size; i++)
        if (!strchr(" \t\r\n", t.at[i]))
            return false;
    return true;
}

static enum err take_characters(const struct taking *t, struct in_text *out, size_t min, size_t max,
                                bool breaks) {
    TRY(take_string(t, &out->value));
    if (min && is_white(out->value))
        return take_invalid(t, "This field may not be blank");
    if (unicode_has_control(out->value, breaks))
        return take_invalid(
            t, breaks ? "This field may not contain control characters"
                      : "This field may not contain control characters or line breaks");
    if (unicode_length(out->value) > max)
        return take_invalid(
            t, text_format(take_arena(t), "This field may have at most %zu characters", max).at);
    return OK;
}

enum err take_line(const struct taking *t, struct in_text *out, size_t min, size_t max) {
    return take_characters(t, out, min, max, false);
}

enum err take_block(const struct taking *t, struct in_text *out, size_t min, size_t max) {
    return take_characters(t, out, min, max, true);
}

enum err take_bytes(const struct taking *t, struct in_text *out, size_t max) {
    TRY(take_string(t, &out->value));
    if (out->value.size > max)
        return take_invalid(t, "This field is too long");
    return OK;
}

static bool whole_number(const struct value *v, int64_t *out) {
    *out = v->integer;
    return v->kind == VALUE_INT || (v->kind == VALUE_WORD && text_to_int(v->text, out));
}

enum err take_integer(const struct taking *t, struct in_int *out, int64_t min, int64_t max) {
    if (!whole_number(t->values, &out->value))
        return take_invalid(t, "This field must be a whole number");
    if (out->value >= min && out->value <= max)
        return OK;
    return take_invalid(t, text_format(take_arena(t), "This field must be from %lld to %lld",
                                       (long long)min, (long long)max)
                               .at);
}

enum err take_size(const struct taking *t, struct in_int *out, int64_t max) {
    TRY(take_integer(t, out, 1, INT64_MAX));
    if (out->value > max)
        out->value = max;
    return OK;
}

enum err take_word(const struct taking *t, struct in_int *out, const char *const *words,
                   size_t count, int64_t first, const char *message) {
    struct text word;
    TRY(take_string(t, &word));
    for (size_t i = 0; i < count; i++) {
        if (!text_equal(word, text_of(words[i])))
            continue;
        out->value = first + (int64_t)i;
        return OK;
    }
    return take_invalid(t, message);
}

enum err take_code(const struct taking *t, struct in_int *out, int (*find)(struct text),
                   const char *message) {
    struct text code;
    TRY(take_string(t, &code));
    out->value = find(code);
    return out->value < 0 ? take_invalid(t, message) : OK;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

enum err take_list(const struct taking *t, const struct value **items, size_t *count) {
    const struct value *v = t->values;
    bool words = v->kind == VALUE_WORD;
    if (!words && v->kind != VALUE_LIST)
        return take_invalid(t, "This field must be a list");
    *items = words ? v : v->items;
    *count = words ? t->count : v->count;
    if (words && t->count == 1 && !v->text.size)
        *count = 0;
    return OK;
}

struct taking take_element(const struct taking *t, const struct value *item) {
    struct taking one = *t;
    one.values = item;
    one.count = 1;
    return one;
}

enum err take_order(const struct taking *t, struct in_int *out, const char *const *words,
                    size_t count, const char *message) {
    struct text word;
    TRY(take_string(t, &word));
    bool descending = text_starts(word, TEXT("-"));
    struct value name = {.kind = VALUE_WORD,
                         .text = {word.at + descending, word.size - descending}};
    struct taking rest = take_element(t, &name);
    TRY(take_word(&rest, out, words, count, 0, message));
    if (descending)
        out->value = -1 - out->value;
    return OK;
}

enum err take_codes(const struct taking *t, struct in_bits *out, int (*find)(struct text),
                    const char *message) {
    const struct value *items = NULL;
    size_t count = 0;
    TRY(take_list(t, &items, &count));
    for (size_t i = 0; i < count; i++) {
        struct taking one = take_element(t, &items[i]);
        struct in_int code;
        TRY(take_code(&one, &code, find, message));
        out->value |= UINT64_C(1) << code.value;
    }
    return OK;
}
