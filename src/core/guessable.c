#include "core/guessable.h"

#include <string.h>

#include "base/digest.h"
#include "base/embed.h"
#include "base/unicode.h"

/* ---- Patterns -------------------------------------------------------------------------------- */

static bool is_repetition(struct text t) {
    for (size_t unit = 1; unit <= t.size / 2; unit++)
        if (!memcmp(t.at, t.at + unit, t.size - unit))
            return true;
    return false;
}

static bool counts_by(struct text t, int step) {
    for (size_t i = 1; i < t.size; i++)
        if (t.at[i] - t.at[i - 1] != step)
            return false;
    return t.size > 1;
}

bool guessable_pattern(struct text t) {
    return is_repetition(t) || counts_by(t, 1) || counts_by(t, -1);
}

/* ---- Passwords ------------------------------------------------------------------------------- */

#define PART_MIN 4  /* characters of a part of a password; shorter ones are found in anything */
#define PAIR_MAX 64 /* twice the longest there are */

/* Whether `t` is a line of the list, which is in order of its bytes. */
static bool is_listed(struct text t) {
    struct text list = embedded_rows(embedded_data, "common_passwords.txt"), line;
    while (list.size) {
        size_t middle = list.size / 2;
        const char *start = memrchr(list.at, '\n', middle);
        struct text rest = list;
        if (start)
            rest = (struct text){start + 1, list.size - (size_t)(start + 1 - list.at)};
        size_t before = list.size - rest.size;
        text_split(&rest, '\n', &line);
        int order = text_compare(t, line);
        if (order == 0)
            return true;
        if (order < 0)
            list.size = before;
        else
            list = rest;
    }
    return false;
}

static bool is_listed_pair(struct text t) {
    for (size_t i = PART_MIN; t.size <= PAIR_MAX && i + PART_MIN <= t.size; i++)
        if (is_listed((struct text){t.at, i}) && is_listed((struct text){t.at + i, t.size - i}))
            return true;
    return false;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || c & 0x80;
}

/* Without the digits and signs that are put around a word to make a password of it. */
static struct text undecorated(struct text t) {
    while (t.size && !is_letter(t.at[t.size - 1]))
        t.size--;
    while (t.size && !is_letter(t.at[0])) {
        t.at++;
        t.size--;
    }
    return t;
}

static bool is_common(struct text folded) {
    struct text core = undecorated(folded);
    if (guessable_pattern(folded) || is_listed(folded) || is_listed_pair(folded))
        return true;
    return core.size >= PART_MIN &&
           (guessable_pattern(core) || is_listed(core) || is_listed_pair(core));
}

static struct text replaced(struct arena *arena, struct text t, const char *from, const char *to) {
    struct text out = text_copy(arena, t);
    for (size_t i = 0; i < out.size; i++) {
        const char *found = out.at[i] ? strchr(from, out.at[i]) : NULL;
        if (found)
            ((char *)out.at)[i] = to[found - from];
    }
    return out;
}

bool guessable_password(struct arena *arena, struct text password) {
    struct text folded = unicode_fold(arena, password), core = undecorated(folded);
    if (core.size < PART_MIN || is_common(folded))
        return is_common(folded);
    return is_common(replaced(arena, core, "@4310$57!", "aaeiossti")) ||
           is_common(replaced(arena, core, "@4310$57!", "aaelossti"));
}

struct text guessable_plain(struct arena *arena, struct text t) {
    return replaced(arena, t, "@431058$7!|l", "aaeiosbstiii");
}

/* ---- Signing keys ---------------------------------------------------------------------------- */

#define DIFFERENT_MIN 6   /* bytes; of 32 random digits, that many are missed once in 10^7 times */
#define LINE_MAX      128 /* of data/weak_keys.txt */

static size_t different_bytes(struct text t) {
    bool seen[256] = {false};
    size_t count = 0;
    for (size_t i = 0; i < t.size; i++) {
        bool *one = &seen[(unsigned char)t.at[i]];
        count += !*one;
        *one = true;
    }
    return count;
}

static bool contains_nocase(struct text t, struct text part) {
    for (size_t i = 0; i + part.size <= t.size; i++)
        if (text_equal_nocase((struct text){t.at + i, part.size}, part))
            return true;
    return false;
}

/* The bytes that a line stands for, where it is base64url. */
static bool is_decoded(struct text key, struct text line) {
    char bytes[LINE_MAX];
    size_t size;
    return base64url_decode(line, bytes, sizeof bytes, &size) &&
           text_equal(key, (struct text){bytes, size});
}

bool guessable_key(struct text key) {
    if (different_bytes(key) < DIFFERENT_MIN || guessable_pattern(key))
        return true;
    struct text rest = embedded_rows(embedded_data, "weak_keys.txt"), line;
    while (text_split(&rest, '\n', &line))
        if (line.size && line.at[0] != '#' && (contains_nocase(key, line) || is_decoded(key, line)))
            return true;
    return false;
}
