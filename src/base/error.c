#include "base/error.h"

#include <stddef.h>

#include "base/log.h"

static const struct error_info infos[] = {
    [OK] = {200, NULL, NULL, NULL},
#define ERR(name, status, code, field, message) [ERR_##name] = {status, code, field, message},
#include "base/error.def"
#undef ERR
};

const struct error_info *error_info(enum err e) {
    ASSERT(e > OK && e < ERR_COUNT);
    return &infos[e];
}
