/* JSON in and out: api/value.h and base/json.h. What our writer writes, the strict reader reads
 * back as it was; an object that was taken in and written down is taken in again as the same text.
 */
#include "fuzz.h"

#include <jansson.h>

#include "api/value.h"
#include "base/json.h"
#include "base/unicode.h"

static void check_text(struct text t) {
    ASSERT(unicode_valid(t) && (t.size == 0 || memchr(t.at, '\0', t.size) == NULL));
}

static void check_value(struct arena *arena, const struct value *v) {
    struct text again;
    switch (v->kind) {
    case VALUE_TEXT:
        check_text(v->text);
        break;
    case VALUE_LIST:
        for (size_t i = 0; i < v->count; i++)
            check_value(arena, &v->items[i]);
        break;
    case VALUE_OBJECT:
        ASSERT(value_object(arena, v->text, &again) == OK && text_equal(again, v->text));
        break;
    case VALUE_WORD:
        ASSERT(!"a word in JSON");
        break;
    default:
        break;
    }
}

static void write_value(struct json *j, const struct value *v) {
    switch (v->kind) {
    case VALUE_BOOL:
        json_bool(j, v->boolean);
        break;
    case VALUE_INT:
        json_int(j, v->integer);
        break;
    case VALUE_TEXT:
        json_text(j, v->text);
        break;
    case VALUE_LIST:
        json_open_array(j);
        for (size_t i = 0; i < v->count; i++)
            write_value(j, &v->items[i]);
        json_close_array(j);
        break;
    case VALUE_OBJECT:
        json_raw(j, v->text);
        break;
    default:
        json_put_null(j);
    }
}

/* All members in one list behind "all": our own keys are not escaped, theirs are texts. */
static void write_members(struct buffer *out, const struct member *members, size_t count) {
    struct json j = json_writer(out);
    json_open_object(&j);
    json_key(&j, "all");
    json_open_array(&j);
    for (size_t i = 0; i < count; i++) {
        json_text(&j, members[i].name);
        write_value(&j, &members[i].value);
    }
    json_close_array(&j);
    json_close_object(&j);
}

static bool value_equal(const struct value *a, const struct value *b) {
    if (a->kind == VALUE_REAL)
        return b->kind == VALUE_NULL;
    if (a->kind != b->kind || a->boolean != b->boolean || a->integer != b->integer ||
        !text_equal(a->text, b->text) || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!value_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}

/* What is written here lies up to two levels deeper than it came. */
static void try_writer(struct arena *arena, const struct member *members, size_t count) {
    struct buffer out = {0};
    struct member *again;
    size_t again_count;
    write_members(&out, members, count);
    if (value_members(arena, buffer_text(&out), &again, &again_count) == OK) {
        ASSERT(again_count == 1 && again->value.kind == VALUE_LIST);
        ASSERT(again->value.count == 2 * count);
        for (size_t i = 0; i < count; i++) {
            ASSERT(text_equal(again->value.items[2 * i].text, members[i].name));
            ASSERT(value_equal(&members[i].value, &again->value.items[2 * i + 1]));
        }
    } else {
        json_t *loose = json_loadb(out.at, out.size, 0, NULL);
        ASSERT(loose != NULL);
        json_decref(loose);
    }
    buffer_free(&out);
}

/* Any text at all, alone and behind a key. */
static void try_text(struct arena *arena, struct text t) {
    struct buffer out = {0};
    struct member *members;
    size_t count;
    if (!unicode_valid(t) || (t.size > 0 && memchr(t.at, '\0', t.size)))
        return;
    struct json j = json_writer(&out);
    json_open_object(&j);
    json_key_text(&j, "t", t);
    json_close_object(&j);
    ASSERT(value_members(arena, buffer_text(&out), &members, &count) == OK && count == 1);
    ASSERT(members->value.kind == VALUE_TEXT && text_equal(members->value.text, t));
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text in = {(const char *)data, size}, object;
    struct arena arena = {0};
    struct member *members;
    size_t count;
    try_text(&arena, in);
    enum err e = value_members(&arena, in, &members, &count);
    ASSERT(e == OK || e == ERR_MALFORMED);
    ASSERT(value_object(&arena, in, &object) == e);
    for (size_t i = 0; e == OK && i < count; i++) {
        check_text(members[i].name);
        check_value(&arena, &members[i].value);
    }
    if (e == OK)
        try_writer(&arena, members, count);
    arena_free(&arena);
    return 0;
}
