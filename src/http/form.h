/* application/x-www-form-urlencoded, in bodies and in queries. */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

struct form_pair {
    struct text name, value; /* decoded: %XX and '+' */
};

/* Decodes `in` into pairs in the order they stand. ERR_MALFORMED for a broken escape, a NUL, or
 * text that is not UTF-8. At most FORM_PAIRS_MAX pairs; more is ERR_MALFORMED. */
#define FORM_PAIRS_MAX 1000
enum err form_decode(struct arena *arena, struct text in, struct form_pair **pairs, size_t *count);

#endif
