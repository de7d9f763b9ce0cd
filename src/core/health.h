/* Whether the service can do its work. */
#ifndef CORE_HEALTH_H
#define CORE_HEALTH_H

#include "core/core.h"

/* Reads a row. ERR_UNAVAILABLE when the database does not answer. */
enum err health_check(struct ctx *c);

#endif
