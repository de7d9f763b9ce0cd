#include "core/stats.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/statements.h"

enum { ADD, TOTALS, TOTAL, AGES };

static struct statement sql[] = {
    [ADD] = {"stats_add", "INSERT INTO statistics (kind, item, total) VALUES ($1, $2, $3) "
                          "ON CONFLICT (kind, item) DO UPDATE "
                          "SET total = statistics.total + excluded.total"},
    [TOTALS] = {"stats_totals", "SELECT item, total FROM statistics WHERE kind = $1"},
    [TOTAL] = {"stats_total", "SELECT total FROM statistics WHERE kind = $1 AND item = $2"},
    [AGES] = {"stats_ages",
              "SELECT CAST(SUM(CASE WHEN item > $2 THEN total ELSE 0 END) AS BIGINT), "
              "CAST(SUM(CASE WHEN item <= $2 AND item > $3 THEN total ELSE 0 END) AS BIGINT), "
              "CAST(SUM(CASE WHEN item <= $3 AND item > $4 THEN total ELSE 0 END) AS BIGINT), "
              "CAST(SUM(CASE WHEN item <= $4 THEN total ELSE 0 END) AS BIGINT) "
              "FROM statistics WHERE kind = 'birth_date' AND item <= $1"},
};

void stats_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

struct text stats_kind_name(enum stats_kind kind) {
    static const struct text names[] = {[STATS_ACCOUNTS] = {"accounts", 8},
                                        [STATS_BIRTH_DATE] = {"birth_date", 10},
                                        [STATS_CATEGORY] = {"category", 8},
                                        [STATS_SEX] = {"sex", 3}};
    return names[kind];
}

/* ---- Keeping --------------------------------------------------------------------------------- */

static enum err add(struct ctx *c, enum stats_kind kind, int64_t item, int64_t delta) {
    if (delta == 0)
        return OK;
    return db_exec(c->db, &sql[ADD],
                   ARGS(arg_text(stats_kind_name(kind)), arg_int(item), arg_int(delta)), NULL);
}

/* By how much an account counts for an item of kind 'accounts'. NULL counts for nothing. */
static int counts_for(const struct account *a, int item) {
    if (!a)
        return 0;
    bool banned = a->flags & ACCOUNT_BANNED;
    switch (item) {
    case STATS_TOTAL:
        return 1;
    case STATS_ACTIVE:
        return account_usable(a);
    case STATS_BANNED:
        return banned;
    case STATS_INACTIVE:
        return !banned && !account_usable(a);
    default:
        return account_listed(a);
    }
}

/* The datum by which an active account is counted; 0 and NO_DATE: none. */
static int64_t sex_of(const struct account *a) {
    return a && account_usable(a) ? (int64_t)a->sex : SEX_UNKNOWN;
}

static int64_t birth_date_of(const struct account *a) {
    return a && account_usable(a) ? a->birth_date : NO_DATE;
}

/* Takes one off `before` and adds one to `after`, the smaller item first: one order for all
 * transactions, so that they never wait for each other in a circle. */
static enum err move(struct ctx *c, enum stats_kind kind, int64_t before, int64_t after,
                     int64_t none) {
    if (before == after)
        return OK;
    bool up = before < after;
    int64_t low = up ? before : after, high = up ? after : before;
    if (low != none)
        TRY(add(c, kind, low, up ? -1 : 1));
    return high == none ? OK : add(c, kind, high, up ? 1 : -1);
}

static enum err move_categories(struct ctx *c, uint64_t before, uint64_t after) {
    for (int i = 0; i < CATEGORY_COUNT; i++) {
        int64_t delta = (int64_t)(after >> i & 1) - (int64_t)(before >> i & 1);
        TRY(add(c, STATS_CATEGORY, i, delta));
    }
    return OK;
}

enum err stats_account(struct ctx *c, const struct account *before, const struct account *after,
                       uint64_t categories) {
    for (int item = STATS_TOTAL; item <= STATS_LISTED; item++)
        TRY(add(c, STATS_ACCOUNTS, item, counts_for(after, item) - counts_for(before, item)));
    TRY(move(c, STATS_BIRTH_DATE, birth_date_of(before), birth_date_of(after), NO_DATE));
    TRY(move_categories(c, counts_for(before, STATS_ACTIVE) ? categories : 0,
                        counts_for(after, STATS_ACTIVE) ? categories : 0));
    return move(c, STATS_SEX, sex_of(before), sex_of(after), SEX_UNKNOWN);
}

enum err stats_categories(struct ctx *c, const struct account *account, uint64_t before,
                          uint64_t after) {
    return account_usable(account) ? move_categories(c, before, after) : OK;
}

void stats_each(const struct account *a, uint64_t categories,
                void (*count)(void *self, enum stats_kind kind, int64_t item), void *self) {
    for (int item = STATS_TOTAL; item <= STATS_LISTED; item++)
        if (counts_for(a, item))
            count(self, STATS_ACCOUNTS, item);
    if (birth_date_of(a) != NO_DATE)
        count(self, STATS_BIRTH_DATE, birth_date_of(a));
    for (int i = 0; i < CATEGORY_COUNT && account_usable(a); i++)
        if (categories >> i & 1)
            count(self, STATS_CATEGORY, i);
    if (sex_of(a) != SEX_UNKNOWN)
        count(self, STATS_SEX, sex_of(a));
}

/* ---- Reading --------------------------------------------------------------------------------- */

enum err stats_accounts(struct ctx *c, int item, int64_t *out) {
    *out = 0;
    enum err e = db_scalar(c->db, &sql[TOTAL],
                           ARGS(arg_text(stats_kind_name(STATS_ACCOUNTS)), arg_int(item)), out);
    return e == ERR_NOT_FOUND ? OK : e;
}

enum err stats_sex(struct ctx *c, int64_t out[3]) {
    memset(out, 0, 3 * sizeof *out);
    struct db_rows rows;
    db_query(c->db, &rows, &sql[TOTALS], ARGS(arg_text(stats_kind_name(STATS_SEX))));
    while (db_next(&rows)) {
        int64_t sex = db_int(&rows, 0);
        if (sex >= SEX_MALE && sex <= SEX_OTHER)
            out[sex - SEX_MALE] = db_int(&rows, 1);
    }
    return db_close(&rows);
}

enum err stats_age(struct ctx *c, int64_t out[4]) {
    int64_t today = clock_date_of(c->now);
    struct db_rows rows;
    TRY(db_one(c->db, &rows, &sql[AGES],
               ARGS(arg_int(clock_years_before(today, 18)), arg_int(clock_years_before(today, 25)),
                    arg_int(clock_years_before(today, 35)),
                    arg_int(clock_years_before(today, 45)))));
    for (int i = 0; i < 4; i++)
        out[i] = db_int(&rows, i);
    return db_close(&rows);
}

enum err stats_preferences(struct ctx *c, int64_t out[6]) {
    memset(out, 0, 6 * sizeof *out);
    struct db_rows rows;
    db_query(c->db, &rows, &sql[TOTALS], ARGS(arg_text(stats_kind_name(STATS_CATEGORY))));
    while (db_next(&rows)) {
        int64_t category = db_int(&rows, 0);
        out[category >= 0 && category < 5 ? category : 5] += db_int(&rows, 1);
    }
    return db_close(&rows);
}

/* ---- Percentages ----------------------------------------------------------------------------- */

void stats_percent(int64_t *counts, size_t n) {
    int64_t remainders[16], total = 0, given = 0;
    ASSERT(n <= 16);
    for (size_t i = 0; i < n; i++)
        total += counts[i];
    if (total == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        remainders[i] = counts[i] * 100 % total;
        counts[i] = counts[i] * 100 / total;
        given += counts[i];
    }
    for (; given < 100; given++) {
        size_t largest = 0;
        for (size_t i = 1; i < n; i++) {
            if (remainders[i] > remainders[largest])
                largest = i;
        }
        counts[largest]++;
        remainders[largest] = -1;
    }
}
