#include "core/preference.h"

#include "core/statements.h"
#include "core/stats.h"

enum {
    CATEGORIES,
    NETWORKS,
    ADD_CATEGORY,
    ADD_NETWORK,
    REMOVE_CATEGORY,
    REMOVE_NETWORK,
    REMOVE_CATEGORIES,
    REMOVE_NETWORKS,
    SET_LANGUAGE,
    SET_SWITCHES,
};

static struct statement sql[] = {
    [CATEGORIES] = {"preference_categories",
                    "SELECT category FROM user_categories WHERE user_id = $1"},
    [NETWORKS] = {"preference_networks", "SELECT network FROM user_networks WHERE user_id = $1"},
    [ADD_CATEGORY] = {"preference_add_category",
                      "INSERT INTO user_categories (user_id, category) VALUES ($1, $2) "
                      "ON CONFLICT DO NOTHING"},
    [ADD_NETWORK] = {"preference_add_network",
                     "INSERT INTO user_networks (user_id, network) VALUES ($1, $2) "
                     "ON CONFLICT DO NOTHING"},
    [REMOVE_CATEGORY] = {"preference_remove_category",
                         "DELETE FROM user_categories WHERE user_id = $1 AND category = $2"},
    [REMOVE_NETWORK] = {"preference_remove_network",
                        "DELETE FROM user_networks WHERE user_id = $1 AND network = $2"},
    [REMOVE_CATEGORIES] = {"preference_remove_categories",
                           "DELETE FROM user_categories WHERE user_id = $1"},
    [REMOVE_NETWORKS] = {"preference_remove_networks",
                         "DELETE FROM user_networks WHERE user_id = $1"},
    [SET_LANGUAGE] = {"preference_set_language",
                      "UPDATE users SET language = $2, updated_at = $3 WHERE id = $1"},
    [SET_SWITCHES] = {"preference_set_switches",
                      "UPDATE users SET switches = (switches & $2) | $3 WHERE id = $1"},
};

void preference_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static enum err load_bits(struct ctx *c, int statement, int64_t user_id, uint64_t *out) {
    struct db_rows rows;
    *out = 0;
    db_query(c->db, &rows, &sql[statement], ARGS(arg_int(user_id)));
    while (db_next(&rows))
        *out |= UINT64_C(1) << (db_int(&rows, 0) & 63);
    return db_close(&rows);
}

enum err preference_categories(struct ctx *c, int64_t user_id, uint64_t *out) {
    return load_bits(c, CATEGORIES, user_id, out);
}

enum err preference_networks(struct ctx *c, int64_t user_id, uint64_t *out) {
    return load_bits(c, NETWORKS, user_id, out);
}

static enum err load_lists(struct ctx *c, int64_t user_id, struct preferences *out) {
    TRY(load_bits(c, CATEGORIES, user_id, &out->categories));
    return load_bits(c, NETWORKS, user_id, &out->networks);
}

enum err preference_load(struct ctx *c, int64_t user_id, struct preferences *out) {
    TRY(db_snapshot(c->db));
    enum err e = account_load(c, user_id, &out->account);
    if (e == OK)
        e = load_lists(c, user_id, out);
    db_snapshot_end(c->db);
    return e;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* Writes the items that come and go between two sets. */
static enum err store_bits(struct ctx *c, int64_t user_id, uint64_t before, uint64_t after, int add,
                           int remove) {
    for (uint64_t bits = before ^ after; bits; bits &= bits - 1) {
        int item = __builtin_ctzll(bits);
        int statement = after >> item & 1 ? add : remove;
        TRY(db_exec(c->db, &sql[statement], ARGS(arg_int(user_id), arg_int(item)), NULL));
    }
    return OK;
}

static int64_t with_flag(int64_t flags, int64_t flag, bool on) {
    return on ? flags | flag : flags & ~flag;
}

/* Flags move the account's statistics with the categories it has had so far; the change of
 * categories is counted after that. */
static enum err update_flags(struct ctx *c, const struct account *before,
                             const struct preference_changes *in) {
    struct account after = *before;
    if (in->set & PREFERENCE_PUBLIC)
        after.flags = with_flag(after.flags, ACCOUNT_PUBLIC, in->profile_public);
    if (in->set & PREFERENCE_SHOW_EARNINGS)
        after.flags = with_flag(after.flags, ACCOUNT_SHOW_EARNINGS, in->show_earnings);
    if (in->set & PREFERENCE_SHOW_CAMPAIGNS)
        after.flags = with_flag(after.flags, ACCOUNT_SHOW_CAMPAIGNS, in->show_campaigns);
    return after.flags == before->flags ? OK : account_set_flags(c, before, &after);
}

static enum err update(struct ctx *c, int64_t user_id, const struct preference_changes *in) {
    struct preferences before;
    TRY(account_lock(c, user_id, &before.account));
    TRY(load_lists(c, user_id, &before));
    TRY(update_flags(c, &before.account, in));
    if (in->set & PREFERENCE_CATEGORIES) {
        TRY(store_bits(c, user_id, before.categories, in->categories, ADD_CATEGORY,
                       REMOVE_CATEGORY));
        TRY(stats_categories(c, &before.account, before.categories, in->categories));
    }
    if (in->set & PREFERENCE_NETWORKS)
        TRY(store_bits(c, user_id, before.networks, in->networks, ADD_NETWORK, REMOVE_NETWORK));
    if (in->set & PREFERENCE_LANGUAGE)
        TRY(db_exec(c->db, &sql[SET_LANGUAGE],
                    ARGS(arg_int(user_id), arg_text(in->language), arg_int(c->now)), NULL));
    return OK;
}

enum err preference_update(struct ctx *c, int64_t user_id,
                           const struct preference_changes *changes) {
    TRY(db_begin(c->db));
    return db_end(c->db, update(c, user_id, changes));
}

static enum err set_switches(struct ctx *c, int64_t user_id, int64_t mask, int64_t values) {
    int64_t changed;
    TRY(db_exec(c->db, &sql[SET_SWITCHES],
                ARGS(arg_int(user_id), arg_int(~mask), arg_int(values & mask)), &changed));
    return changed ? OK : ERR_USER_NOT_FOUND;
}

enum err preference_set_switches(struct ctx *c, int64_t user_id, int64_t mask, int64_t values) {
    TRY(db_begin(c->db));
    return db_end(c->db, set_switches(c, user_id, mask, values));
}

enum err preference_erase_all(struct ctx *c, int64_t user_id) {
    TRY(db_exec(c->db, &sql[REMOVE_CATEGORIES], ARGS(arg_int(user_id)), NULL));
    return db_exec(c->db, &sql[REMOVE_NETWORKS], ARGS(arg_int(user_id)), NULL);
}
