#include "core/password_policy.h"

#include "base/unicode.h"
#include "core/guessable.h"

#define STRICT_MIN_CHARACTERS 15

const char *password_objection(const struct policy *policy, struct arena *arena,
                               struct text password) {
    if (password.size > PASSWORD_MAX_BYTES)
        return "Password must be at most 1024 bytes long";
    if (!unicode_valid(password))
        return "Password must be valid text";
    size_t characters = unicode_length(password);
    if (characters < PASSWORD_MIN_CHARACTERS)
        return "Password must be at least 8 characters long";
    if (!policy->strict_passwords)
        return NULL;
    if (characters < STRICT_MIN_CHARACTERS)
        return "Password must be at least 15 characters long";
    return guessable_password(arena, password) ? "Password is too common" : NULL;
}

/* ---- What it has of its owner's names -------------------------------------------------------- */

#define WORD_MIN 4 /* bytes; shorter ones stand in anything */

static bool is_sign(char c) {
    return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c & 0x80);
}

/* Without what separates words. */
static struct text squeezed(struct arena *arena, struct text t) {
    char *out = arena_alloc(arena, t.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < t.size; i++)
        if (!is_sign(t.at[i]))
            out[size++] = t.at[i];
    return (struct text){out, size};
}

static struct text plain(struct arena *arena, struct text t) {
    return squeezed(arena, guessable_plain(arena, unicode_fold(arena, t)));
}

/* By bytes: what is turned round twice is whole again. */
static struct text reversed(struct arena *arena, struct text t) {
    char *out = arena_alloc(arena, t.size + 1);
    for (size_t i = 0; i < t.size; i++)
        out[i] = t.at[t.size - 1 - i];
    return (struct text){out, t.size};
}

/* Takes every occurrence of `part` out of *t. */
static void take_out(struct text *t, struct text part) {
    char *out = (char *)t->at;
    size_t size = 0;
    for (size_t i = 0; i < t->size;) {
        if (t->size - i >= part.size && !memcmp(t->at + i, part.at, part.size))
            i += part.size;
        else
            out[size++] = t->at[i++];
    }
    t->size = size;
}

static void take_out_both_ways(struct arena *arena, struct text *t, struct text name) {
    struct text part = plain(arena, name);
    if (part.size < WORD_MIN)
        return;
    take_out(t, part);
    take_out(t, reversed(arena, part));
}

/* The whole first: what is left of it would no longer be found. */
static void take_out_name(struct arena *arena, struct text *t, struct text name) {
    take_out_both_ways(arena, t, name);
    for (size_t i = 0, start = 0; i <= name.size; i++) {
        if (i < name.size && !strchr("0123456789._-+@", name.at[i]))
            continue;
        take_out_both_ways(arena, t, (struct text){name.at + start, i - start});
        start = i + 1;
    }
}

/* Whether nothing that counts is left of `password` without these names. */
static bool is_made_of(struct arena *arena, struct text password, const struct text *names,
                       size_t count) {
    struct text whole = plain(arena, password), rest = text_copy(arena, whole);
    for (size_t i = 0; i < count; i++)
        take_out_name(arena, &rest, names[i]);
    if (rest.size == whole.size)
        return false;
    return !unicode_valid(rest) || unicode_length(rest) < PASSWORD_MIN_CHARACTERS ||
           guessable_password(arena, rest);
}

const char *password_resemblance(const struct policy *policy, struct arena *arena,
                                 struct text password, struct text username, struct text email) {
    if (!policy->strict_passwords)
        return NULL;
    struct text host = email, mailbox = {0};
    text_split(&host, '@', &mailbox);
    if (is_made_of(arena, password, &username, 1))
        return "Password is too similar to the username";
    if (is_made_of(arena, password, (const struct text[]){mailbox, host, username}, 3))
        return "Password is too similar to the email address";
    return NULL;
}
