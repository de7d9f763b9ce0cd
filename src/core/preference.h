/* What a user wants: categories, networks, notification switches, privacy. */
#ifndef CORE_PREFERENCE_H
#define CORE_PREFERENCE_H

#include "core/account.h"
#include "core/catalog.h"

struct preferences {
    struct account account;        /* language, switches, privacy flags */
    uint64_t categories, networks; /* bit n: item n of the catalogue */
};

enum err preference_load(struct ctx *c, int64_t user_id, struct preferences *out);
enum err preference_categories(struct ctx *c, int64_t user_id, uint64_t *out);
enum err preference_networks(struct ctx *c, int64_t user_id, uint64_t *out);

enum preference_field {
    PREFERENCE_CATEGORIES = 1 << 0,
    PREFERENCE_NETWORKS = 1 << 1,
    PREFERENCE_LANGUAGE = 1 << 2,
    PREFERENCE_PUBLIC = 1 << 3,
    PREFERENCE_SHOW_EARNINGS = 1 << 4,
    PREFERENCE_SHOW_CAMPAIGNS = 1 << 5,
};
struct preference_changes {
    unsigned set;
    uint64_t categories, networks; /* replace the old ones */
    struct text language;
    bool profile_public, show_earnings, show_campaigns;
};
enum err preference_update(struct ctx *c, int64_t user_id,
                           const struct preference_changes *changes);

/* Sets the switches in `mask` to the bits of `values`. Own transaction. */
enum err preference_set_switches(struct ctx *c, int64_t user_id, int64_t mask, int64_t values);

/* Inside a transaction. */
enum err preference_erase_all(struct ctx *c, int64_t user_id);

#endif
