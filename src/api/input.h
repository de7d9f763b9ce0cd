/* Inputs are declared in inputs.def, decoded and checked before the handler runs, and arrive typed.
 * Unknown fields are passed over. */
#ifndef API_INPUT_H
#define API_INPUT_H

#include "api/call.h"

/* What a field becomes. `given` is false when it was left out. */
struct in_text {
    bool given, null;
    struct text value; /* NFC; empty when null */
};
struct in_int {
    bool given, null;
    int64_t value; /* 0 when left out or null */
};
struct in_bool {
    bool given, null;
    bool value;
};
struct in_bits {
    bool given, null;
    uint64_t value; /* bit n: item n of the catalogue */
};
struct in_ids {
    bool given, null;
    size_t count;
    int64_t *at;
};

enum field_type {
#define TYPE(name, slot) TYPE_##name,
#include "api/types.def"
#undef TYPE
};

/* The slot of each type, for the structs below. */
#define TYPE(name, slot) typedef struct slot type_##name;
#include "api/types.def"
#undef TYPE

#define INPUT(name)             struct name##_input {
#define FIELD(name, type, rule) type_##type name;
#define INPUT_END(name)                                                                            \
    char end_of_input_;                                                                            \
    }                                                                                              \
    ;
#include "api/inputs.def"
#undef INPUT
#undef FIELD
#undef INPUT_END

enum field_rule { REQUIRED, OPTIONAL, NULLABLE };

struct field {
    const char *name;
    enum field_type type;
    enum field_rule rule;
    size_t offset;
};
struct input {
    const char *name;
    size_t size;
    const struct field *fields;
    size_t field_count;
};

/* input_register() and so on: the table of one input. */
#define INPUT(name) const struct input *input_##name(void);
#define FIELD(name, type, rule)
#define INPUT_END(name)
#include "api/inputs.def"
#undef INPUT
#undef FIELD
#undef INPUT_END

/* Reads the query (GET, HEAD) or the body (all others) of `c` into `out`, `input->size` cleared
 * bytes in the arena. ERR_MALFORMED, ERR_MEDIA_TYPE, ERR_VALIDATION (the first failing field), and
 * what looking a name up can give. */
enum err input_decode(struct call *c, const struct input *input, void *out);

/* The same for what the route of `c` takes, into the arena. */
enum err input_read(struct call *c, void **out);

#endif
