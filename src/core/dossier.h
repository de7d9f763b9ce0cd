/* All that staff see of one account on one page. */
#ifndef CORE_DOSSIER_H
#define CORE_DOSSIER_H

#include "core/export.h"

struct dossier {
    struct export_account about;
    uint64_t categories, networks; /* bit n: item n of the catalogue */
    int64_t sessions;              /* live ones */
};

/* ERR_USER_NOT_FOUND. */
enum err dossier_load(struct ctx *c, int64_t user_id, struct dossier *out);

#endif
