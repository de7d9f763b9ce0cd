#include "api/value.h"

#include <jansson.h>

#include "base/log.h"

/* Counted before parsing, as the parser itself would recurse much further. */
static bool is_too_deep(struct text t) {
    unsigned depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < t.size; i++) {
        char c = t.at[i];
        if (c == '"')
            quoted = !quoted;
        else if (quoted)
            i += c == '\\';
        else if ((c == '[' || c == '{') && ++depth > VALUE_DEPTH_MAX)
            return true;
        else if ((c == ']' || c == '}') && depth)
            depth--;
    }
    return false;
}

/* The parsed object, for the caller to json_decref; NULL when it is none. Where an integer does not
 * fit into 64 bits, all of them come as reals (*wide), so that it is its field that is refused. */
static json_t *parse(struct text t, bool *wide) {
    *wide = false;
    if (is_too_deep(t))
        return NULL;
    json_error_t error;
    json_t *root = json_loadb(t.at, t.size, JSON_REJECT_DUPLICATES, &error);
    if (!root && json_error_code(&error) == json_error_numeric_overflow) {
        *wide = true;
        root = json_loadb(t.at, t.size, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
    }
    if (json_is_object(root))
        return root;
    json_decref(root);
    return NULL;
}

/* Compact, with the fewest digits that still give every number back: 9.99 stays 9.99. */
static struct text dump(struct arena *arena, const json_t *object) {
    struct text out;
    json_t *back = NULL;
    size_t digits = 15;
    do {
        size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(digits);
        json_decref(back);
        out.size = json_dumpb(object, NULL, 0, flags);
        char *at = arena_alloc(arena, out.size + 1);
        ASSERT(json_dumpb(object, at, out.size, flags) == out.size);
        out.at = at;
        back = json_loadb(at, out.size, 0, NULL);
    } while (!json_equal(back, object) && ++digits <= 17);
    json_decref(back);
    return out;
}

static struct text copy_string(struct arena *arena, const json_t *string) {
    return text_copy(arena, (struct text){json_string_value(string), json_string_length(string)});
}

/* Where all integers have become reals, the small ones are integers again. */
static struct value convert_real(double real, bool wide) {
    if (wide && real > -0x1p53 && real < 0x1p53 && real == (double)(int64_t)real)
        return (struct value){.kind = VALUE_INT, .integer = (int64_t)real};
    return (struct value){.kind = VALUE_REAL, .real = real};
}

static struct value convert(struct arena *arena, const json_t *json, bool wide);

static struct value convert_list(struct arena *arena, const json_t *json, bool wide) {
    struct value list = {.kind = VALUE_LIST, .count = json_array_size(json)};
    list.items = ARENA_ARRAY(arena, struct value, list.count);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = convert(arena, json_array_get(json, i), wide);
    return list;
}

/* Recurses through lists alone, which value_members has counted. */
static struct value convert(struct arena *arena, const json_t *json, bool wide) {
    switch (json_typeof(json)) {
    case JSON_NULL:
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        return (struct value){.kind = VALUE_BOOL, .boolean = json_is_true(json)};
    case JSON_INTEGER:
        return (struct value){.kind = VALUE_INT, .integer = json_integer_value(json)};
    case JSON_REAL:
        return convert_real(json_real_value(json), wide);
    case JSON_STRING:
        return (struct value){.kind = VALUE_TEXT, .text = copy_string(arena, json)};
    case JSON_ARRAY:
        return convert_list(arena, json, wide);
    case JSON_OBJECT:
        return (struct value){.kind = VALUE_OBJECT, .text = dump(arena, json)};
    }
    return (struct value){.kind = VALUE_NULL};
}

enum err value_members(struct arena *arena, struct text json, struct member **out, size_t *count) {
    bool wide;
    json_t *root = parse(json, &wide);
    if (!root)
        return ERR_MALFORMED;
    struct member *member = *out = ARENA_ARRAY(arena, struct member, json_object_size(root));
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value) {
        member->name = text_copy(arena, text_of(key));
        member->value = convert(arena, value, wide);
        member++;
    }
    *count = (size_t)(member - *out);
    json_decref(root);
    return OK;
}

enum err value_object(struct arena *arena, struct text json, struct text *out) {
    bool wide;
    json_t *root = parse(json, &wide);
    if (!root)
        return ERR_MALFORMED;
    *out = dump(arena, root);
    json_decref(root);
    return OK;
}
