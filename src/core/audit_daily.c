#include "core/audit_daily.h"

#include "core/audit.h"
#include "core/daily.h"

struct sum {
    enum daily kind;
    int64_t day, count;
};

/* Attempts that were refused without a look come together in one record. */
static int64_t attempts_in(const struct audit_record *r) {
    struct text detail = r->detail, name;
    int64_t count;
    if (text_split(&detail, '=', &name) && text_equal(name, TEXT("attempts")) &&
        text_to_int(detail, &count))
        return count;
    return 1;
}

/* False: it is in no figure. */
static bool weigh(const struct audit_record *r, struct sum *out) {
    bool ok = r->outcome == AUDIT_OUTCOME_OK;
    *out = (struct sum){.day = clock_date_of(r->created_at), .count = 1};
    switch (r->event) {
    case AUDIT_REGISTER:
    case AUDIT_ADD:
    case AUDIT_SETUP:
        out->kind = DAILY_SIGNUPS;
        return ok;
    case AUDIT_LOGIN:
        out->kind = ok ? DAILY_LOGINS_OK : DAILY_LOGINS_FAILED;
        out->count = attempts_in(r);
        return true;
    default:
        return false;
    }
}

static void add(struct sum *sums, size_t *count, const struct sum *one) {
    for (size_t i = 0; i < *count; i++) {
        if (sums[i].kind != one->kind || sums[i].day != one->day)
            continue;
        sums[i].count += one->count;
        return;
    }
    sums[(*count)++] = *one;
}

enum err audit_count_days(struct ctx *c, const struct audit_record *records, size_t count) {
    struct sum *sums = ARENA_ARRAY(c->arena, struct sum, count + 1), one;
    size_t different = 0;
    for (size_t i = 0; i < count; i++)
        if (weigh(&records[i], &one))
            add(sums, &different, &one);
    for (size_t i = 0; i < different; i++)
        TRY(daily_add(c, sums[i].kind, sums[i].day, sums[i].count));
    return OK;
}
