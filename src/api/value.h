/* What a client sent, before anything is known of its meaning: JSON, or the words of a form. All of
 * it lives in the arena. */
#ifndef API_VALUE_H
#define API_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_REAL,
    VALUE_TEXT,
    VALUE_LIST,
    VALUE_OBJECT, /* text: the object as compact JSON, its keys in the order they came */
    VALUE_WORD,   /* text of a form or query: whether it is a number is up to the field */
};

struct value {
    enum value_kind kind;
    bool boolean;
    int64_t integer;
    double real;
    struct text text; /* valid UTF-8 without NUL */
    size_t count;     /* of a list */
    struct value *items;
};

struct member {
    struct text name;
    struct value value;
};

#define VALUE_DEPTH_MAX 32

/* The members of a JSON object, no two of one name. ERR_MALFORMED for whatever is not strict JSON
 * (RFC 8259) with an object on top, for duplicate keys at any level, NUL, lone surrogates, reals
 * that do not fit, and past VALUE_DEPTH_MAX levels. An integer past 64 bits is a VALUE_REAL. */
enum err value_members(struct arena *arena, struct text json, struct member **out, size_t *count);

/* A JSON object as compact JSON; errors as above. */
enum err value_object(struct arena *arena, struct text json, struct text *out);

#endif
