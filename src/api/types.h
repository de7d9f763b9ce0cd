/* How one field gets from the wire into its slot: between input.c, which finds it, and types.c,
 * which knows the types. */
#ifndef API_TYPES_H
#define API_TYPES_H

#include "api/input.h"
#include "api/value.h"

struct taking {
    struct call *call;
    const struct input *input;  /* NULL: the field stands alone */
    const void *slots;          /* of the whole input: fields before this one are decoded */
    const char *field;          /* its name */
    const struct value *values; /* what was sent for it: one, or for a list the words of a form */
    size_t count;
};

/* Decodes and checks into `slot`, and marks it as given. */
enum err types_take(const struct taking *t, enum field_type type, void *slot);

/* Marks the slot as given and null. */
void types_clear(enum field_type type, void *slot);

/* Whether the type is a list, so that a form may repeat its key. */
bool types_is_list(enum field_type type);

#endif
