/* Secrets that all processes on one database share: made once, kept in the database. */
#ifndef CORE_SECRET_H
#define CORE_SECRET_H

#include "core/core.h"

#define SECRET_NAMED_MAX 64

/* The secret of that name: `size` random bytes, at most SECRET_NAMED_MAX. Whoever asks first makes
 * it. ERR_UNAVAILABLE, logged, when what is stored has another size. Own transaction. */
enum err secret_named(struct ctx *c, const char *name, void *out, size_t size);

#endif
