/* A run of bytes with its length: the only string type that requests, rules and rows pass around.
 * It owns nothing; the bytes live in an arena, a buffer or the program itself. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

struct text {
    const char *at; /* may be NULL when size is 0; not NUL-terminated unless said so */
    size_t size;    /* in bytes */
};

/* A literal as text; `s` must be a string literal or a char array. */
#define TEXT(s) ((struct text){(s), sizeof(s) - 1})

/* For printf: "%.*s". */
#define TEXT_ARGS(t) (int)(t).size, (t).at ? (t).at : ""

/* A view of a C string; NULL gives the empty text. */
struct text text_of(const char *s);

bool text_equal(struct text a, struct text b);

/* Equal but for ASCII case: header names, tokens, host names. */
bool text_equal_nocase(struct text a, struct text b);

bool text_starts(struct text t, struct text prefix);

/* Order of the bytes, as memcmp; a prefix comes first. */
int text_compare(struct text a, struct text b);

/* Without leading and trailing spaces and tabs. */
struct text text_trim(struct text t);

/* Takes what stands before the first `separator` off the front of *rest, and the separator with
 * it. False when *rest is used up (at == NULL); an empty text has one empty part. */
bool text_split(struct text *rest, char separator, struct text *part);

/* Copies in `arena`; the copy is NUL-terminated behind its size. */
struct text text_copy(struct arena *arena, struct text t);
struct text text_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct text text_lower(struct arena *arena, struct text t); /* ASCII letters only */

/* A C string in `arena`. The caller has made sure that there is no NUL inside. */
const char *text_cstr(struct arena *arena, struct text t);

/* Decimal digits with an optional '-' and nothing else; false when malformed or out of range. */
bool text_to_int(struct text t, int64_t *out);

#endif
