/* What the rules ask of Unicode text: well-formedness, normalisation, folding, counting. */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF. */
bool unicode_valid(struct text t);

/* Code points in `t`, which must be valid. */
size_t unicode_length(struct text t);

/* Normalisation form C of `t`, which must be valid: `t` itself when it is in that form for certain,
 * else a new text in `arena`. */
struct text unicode_nfc(struct arena *arena, struct text t);

/* The form in which text is searched: compatibility-decomposed, case-folded, accents stripped,
 * and barred letters and ligatures as they are typed without them. "Ÿ" and "y" fold alike; so do
 * "ß" and "ss", "Ł" and "l", "Æ" and "ae". `t` must be valid; so is the result, which is NUL-
 * terminated behind its size. */
struct text unicode_fold(struct arena *arena, struct text t);

/* Whether `t` holds a control character (category Cc, U+2028, U+2029). With `breaks`, CR, LF and
 * TAB are let through. */
bool unicode_has_control(struct text t, bool breaks);

/* Whether `length` letters or digits (categories L and N) stand in a row somewhere in `t`. */
bool unicode_has_word(struct text t, size_t length);

/* The code point at the front of `*rest`, taken off it; -1 when nothing is left. A byte that
 * is not part of well-formed UTF-8 reads as U+FFFD. */
int unicode_next(struct text *rest);

#endif
