/* /api/users/stats/…: counts of active accounts, or what percentage of them. */
#include "core/stats.h"
#include "api/routes.h"

static enum err answer(struct call *c, const struct stats_input *in, const char *const *keys,
                       int64_t *counts, size_t n) {
    bool percent = in->unit.value != 0;
    if (percent)
        stats_percent(counts, n);
    json_open_object(&c->out);
    for (size_t i = 0; i < n; i++)
        json_key_int(&c->out, keys[i], counts[i]);
    json_close_object(&c->out);
    return OK;
}

enum err api_stats_sex(struct call *c, const struct stats_input *in) {
    static const char *const keys[] = {"male", "female", "other"};
    int64_t counts[3];
    TRY(stats_sex(&c->ctx, counts));
    return answer(c, in, keys, counts, 3);
}

enum err api_stats_age(struct call *c, const struct stats_input *in) {
    static const char *const keys[] = {"18-24", "25-34", "35-44", "45+"};
    int64_t counts[4];
    TRY(stats_age(&c->ctx, counts));
    return answer(c, in, keys, counts, 4);
}

enum err api_stats_preferences(struct call *c, const struct stats_input *in) {
    static const char *const keys[] = {"fashion", "beauty", "technology",
                                       "food",    "travel", "other"};
    int64_t counts[6];
    TRY(stats_preferences(&c->ctx, counts));
    return answer(c, in, keys, counts, 6);
}
