/* Request targets and forms: http/target.h, http/form.h. What was decoded and is encoded again
 * decodes to the same; nothing that could lead elsewhere is left in a path. */
#include "fuzz.h"

#include "base/buffer.h"
#include "base/unicode.h"
#include "http/form.h"
#include "http/target.h"

static void escape(struct buffer *out, struct text t) {
    for (size_t i = 0; i < t.size; i++)
        buffer_format(out, "%%%02X", (uint8_t)t.at[i]);
}

static bool holds(struct text t, struct text part) {
    return memmem(t.at, t.size, part.at, part.size) != NULL;
}

static void check_path(struct text path) {
    ASSERT(path.size > 0 && path.at[0] == '/' && unicode_valid(path));
    ASSERT(path.size == 1 || path.at[path.size - 1] != '/');
    struct text rest = {path.at + 1, path.size - 1}, segment;
    while (path.size > 1 && text_split(&rest, '/', &segment))
        ASSERT(segment.size > 0 && !text_equal(segment, TEXT(".")) &&
               !text_equal(segment, TEXT("..")));
    for (size_t i = 0; i < path.size; i++)
        ASSERT((uint8_t)path.at[i] >= ' ' && path.at[i] != 0x7f);
}

/* The slashes stay: encoded they are refused. */
static struct text path_again(struct buffer *out, struct text path) {
    struct text rest = {path.at + 1, path.size - 1}, segment;
    buffer_add_char(out, '/');
    for (bool more = false; text_split(&rest, '/', &segment); more = true) {
        if (more)
            buffer_add_char(out, '/');
        escape(out, segment);
    }
    return buffer_text(out);
}

/* The engine has seen to it that a target begins with a slash and is of visible ASCII. */
static bool is_target(struct text t) {
    if (t.size == 0 || t.at[0] != '/')
        return false;
    for (size_t i = 0; i < t.size; i++)
        if (t.at[i] < '!' || t.at[i] > '~' || t.at[i] == '#')
            return false;
    return true;
}

static void try_target(struct arena *arena, struct text target) {
    struct text path, query, again, unused;
    struct buffer out = {0};
    if (!is_target(target) || target_split(arena, target, &path, &query) != OK)
        return;
    check_path(path);
    ASSERT(query.at == NULL || query.at + query.size == target.at + target.size);
    ASSERT(!holds(path, TEXT("?")) || holds(target, TEXT("%3")));
    ASSERT(target_split(arena, path_again(&out, path), &again, &unused) == OK);
    ASSERT(text_equal(again, path) && unused.at == NULL);
    buffer_free(&out);
}

static struct text form_again(struct buffer *out, const struct form_pair *pairs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_char(out, '&');
        escape(out, pairs[i].name);
        buffer_add_char(out, '=');
        escape(out, pairs[i].value);
    }
    return buffer_text(out);
}

static void try_form(struct arena *arena, struct text in) {
    struct form_pair *pairs, *again;
    size_t count, again_count;
    struct buffer out = {0};
    if (form_decode(arena, in, &pairs, &count) != OK)
        return;
    ASSERT(count <= FORM_PAIRS_MAX);
    for (size_t i = 0; i < count; i++) {
        ASSERT(unicode_valid(pairs[i].name) && unicode_valid(pairs[i].value));
        ASSERT(!holds(pairs[i].name, (struct text){"", 1}));
        ASSERT(!holds(pairs[i].value, (struct text){"", 1}));
    }
    ASSERT(form_decode(arena, form_again(&out, pairs, count), &again, &again_count) == OK);
    ASSERT(again_count == count);
    for (size_t i = 0; i < count; i++)
        ASSERT(text_equal(again[i].name, pairs[i].name) &&
               text_equal(again[i].value, pairs[i].value));
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text in = {(const char *)data, size};
    struct arena arena = {0};
    if (fuzz_choose(&in, 2) == 0)
        try_target(&arena, in);
    else
        try_form(&arena, in);
    arena_free(&arena);
    return 0;
}
