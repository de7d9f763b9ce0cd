#include "core/dossier.h"

#include "core/preference.h"
#include "core/session.h"

static enum err load(struct ctx *c, int64_t user_id, struct dossier *out) {
    TRY(export_account(c, user_id, &out->about));
    TRY(preference_categories(c, user_id, &out->categories));
    TRY(preference_networks(c, user_id, &out->networks));
    return session_count(c, user_id, &out->sessions);
}

enum err dossier_load(struct ctx *c, int64_t user_id, struct dossier *out) {
    *out = (struct dossier){0};
    TRY(db_snapshot(c->db));
    enum err e = load(c, user_id, out);
    db_snapshot_end(c->db);
    return e;
}
