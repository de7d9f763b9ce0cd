/* /api/users/stats/…: figures day by day. */
#include "core/daily.h"
#include "api/encode.h"
#include "api/routes.h"
#include "base/clock.h"

#define DEFAULT_DAYS 30
#define SERIES_MAX   2

struct series {
    const char *key;
    enum daily kind;
};

/* A row for every day, with a key for each of the series. */
static enum err answer(struct call *c, const struct days_input *in, const struct series *series,
                       int count) {
    int64_t figures[SERIES_MAX][DAILY_DAYS_MAX];
    int days = in->days.given ? (int)in->days.value : DEFAULT_DAYS;
    int64_t first = clock_date_of(c->ctx.now) - days + 1;
    for (int i = 0; i < count; i++)
        TRY(daily_read(&c->ctx, series[i].kind, days, figures[i]));
    struct json *j = &c->out;
    json_open_object(j);
    json_key(j, "days");
    json_open_array(j);
    for (int day = 0; day < days; day++) {
        json_open_object(j);
        encode_date(j, "date", first + day);
        for (int i = 0; i < count; i++)
            json_key_int(j, series[i].key, figures[i][day]);
        json_close_object(j);
    }
    json_close_array(j);
    json_close_object(j);
    return OK;
}

enum err api_daily_signups(struct call *c, const struct days_input *in) {
    static const struct series series[] = {{"count", DAILY_SIGNUPS}};
    return answer(c, in, series, 1);
}

enum err api_daily_active(struct call *c, const struct days_input *in) {
    static const struct series series[] = {{"count", DAILY_ACTIVE}};
    return answer(c, in, series, 1);
}

enum err api_daily_logins(struct call *c, const struct days_input *in) {
    static const struct series series[] = {{"ok", DAILY_LOGINS_OK},
                                           {"failed", DAILY_LOGINS_FAILED}};
    return answer(c, in, series, 2);
}

enum err api_daily_follows(struct call *c, const struct days_input *in) {
    static const struct series series[] = {{"followed", DAILY_FOLLOWED},
                                           {"unfollowed", DAILY_UNFOLLOWED}};
    return answer(c, in, series, 2);
}
