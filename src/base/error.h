/* One error type for the whole program; see error.def for the list. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

enum err {
    OK = 0,
#define ERR(name, status, code, field, message) ERR_##name,
#include "base/error.def"
#undef ERR
    ERR_COUNT
};

struct error_info {
    int status;          /* HTTP status */
    const char *code;    /* the "error" key of the answer */
    const char *field;   /* the "field" key, or NULL */
    const char *message; /* the "message" key, without a closing full stop */
};

/* What a client is told of `e`, which must not be OK. The result is static. */
const struct error_info *error_info(enum err e);

/* Returns from the calling function when `call` does not give OK. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum err try_result_ = (call);                                                             \
        if (try_result_ != OK)                                                                     \
            return try_result_;                                                                    \
    } while (0)

#endif
