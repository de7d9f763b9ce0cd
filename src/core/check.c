#include "core/check.h"

#include "base/unicode.h"
#include "core/account.h"
#include "core/statements.h"

/* ---- Statements ------------------------------------------------------------------------------ */

/* Differences between a column of user_counts and what it counts: user, stored, true. */
#define COUNTED(column, truth)                                                                     \
    {                                                                                              \
        "check_" column, "SELECT user_id, stored, counted FROM (SELECT n.user_id, n." column       \
                         " AS stored, (" truth ") AS counted FROM user_counts n) t "               \
                         "WHERE stored <> counted ORDER BY user_id"                                \
    }

/* The sum of increments that may be as large as a total: high and low halves apart, so that no
 * running sum can overflow. */
#define SUMMED(column)                                                                             \
    COUNTED(column, "SELECT CAST(COALESCE(SUM(" column " >> 32), 0) AS BIGINT) * 4294967296 + "    \
                    "CAST(COALESCE(SUM(" column " & 4294967295), 0) AS BIGINT) "                   \
                    "FROM activity_events e WHERE e.user_id = n.user_id")

/* Rows that belong to nobody: user, how many. */
#define ORPHANED(table, owner)                                                                     \
    {                                                                                              \
        "check_orphans_" table "_" owner,                                                          \
            "SELECT t." owner ", COUNT(*) FROM " table " t LEFT JOIN users u ON u.id = t." owner   \
            " WHERE u.id IS NULL GROUP BY t." owner " ORDER BY t." owner                           \
    }

/* Users without the row that everybody has. */
#define MISSING(table)                                                                             \
    {                                                                                              \
        "check_missing_" table,                                                                    \
            "SELECT u.id FROM users u LEFT JOIN " table " t ON t.user_id = u.id "                  \
            "WHERE t.user_id IS NULL ORDER BY u.id"                                                \
    }

#define ACTIVE "(flags & 9) = 1"
#define CLASS(item, condition)                                                                     \
    "UNION ALL SELECT 'accounts', " item ", 0, COUNT(*) FROM users WHERE " condition " "

enum {
    FOLLOWERS,
    FOLLOWING,
    NOTIFICATIONS,
    UNREAD,
    CAMPAIGNS,
    EARNINGS,
    POSTS,
    LIKES,
    COMMENTS,
    COUNTED_END,
    ORPHANS = COUNTED_END,
    ORPHANS_END = ORPHANS + 11,
    MISSING_ROWS = ORPHANS_END,
    MISSING_END = MISSING_ROWS + 3,
    BANS = MISSING_END,
    STATISTICS,
    DIRECTORY,
    INTEGRITY,
    TRIGRAMS,
    GRAMS,
};

static struct statement sql[] = {
    [FOLLOWERS] =
        COUNTED("followers", "SELECT COUNT(*) FROM follows f WHERE f.following_id = n.user_id"),
    [FOLLOWING] =
        COUNTED("following", "SELECT COUNT(*) FROM follows f WHERE f.follower_id = n.user_id"),
    [NOTIFICATIONS] = COUNTED("notifications",
                              "SELECT COUNT(*) FROM notifications i WHERE i.user_id = n.user_id"),
    [UNREAD] = COUNTED("unread", "SELECT COUNT(*) FROM notifications i "
                                 "WHERE i.user_id = n.user_id AND i.read_at IS NULL"),
    [CAMPAIGNS] = SUMMED("campaigns"),
    [EARNINGS] = SUMMED("earnings"),
    [POSTS] = SUMMED("posts"),
    [LIKES] = SUMMED("likes"),
    [COMMENTS] = SUMMED("comments"),
    [ORPHANS] = ORPHANED("credentials", "user_id"),
    ORPHANED("user_counts", "user_id"),
    ORPHANED("sessions", "user_id"),
    ORPHANED("follows", "follower_id"),
    ORPHANED("follows", "following_id"),
    ORPHANED("directory", "user_id"),
    ORPHANED("user_categories", "user_id"),
    ORPHANED("user_networks", "user_id"),
    ORPHANED("notifications", "user_id"),
    ORPHANED("social_walls", "user_id"),
    ORPHANED("activity_events", "user_id"),
    [MISSING_ROWS] = MISSING("credentials"),
    MISSING("user_counts"),
    MISSING("directory"),
    [BANS] = {"check_bans",
              "SELECT id FROM users WHERE banned_until IS NOT NULL AND (flags & 8) = 0 "
              "ORDER BY id"},
    [STATISTICS] =
        {"check_statistics",
         "SELECT kind, item, CAST(SUM(stored) AS BIGINT), CAST(SUM(counted) AS BIGINT) FROM ("
         "SELECT kind, item, total AS stored, 0 AS counted FROM statistics "
         /* the items of stats.h */
         CLASS("1", "1 = 1") CLASS("2", ACTIVE) CLASS("3", "(flags & 8) <> 0")
             CLASS("4", "(flags & 9) = 0") CLASS(
                 "5", "(flags & 25) = 17") "UNION ALL SELECT 'sex', sex, 0, COUNT(*) FROM users "
                                           "WHERE sex IS NOT NULL AND " ACTIVE " GROUP BY sex "
                                           "UNION ALL SELECT 'birth_date', birth_date, 0, "
                                           "COUNT(*) FROM users "
                                           "WHERE birth_date IS NOT NULL AND " ACTIVE
                                           " GROUP BY birth_date "
                                           "UNION ALL SELECT 'category', k.category, 0, COUNT(*) "
                                           "FROM user_categories k "
                                           "CROSS JOIN users u WHERE u.id = k.user_id AND " ACTIVE
                                           " GROUP BY k.category"
                                           ") t GROUP BY kind, item HAVING SUM(stored) <> "
                                           "SUM(counted) ORDER BY kind, item"},
    [DIRECTORY] = {"check_directory",
                   "SELECT u.id, u.flags, u.created_at, u.username, u.first_name, u.last_name, "
                   "u.bio, d.listed, d.created_at, d.username, d.first_name, d.last_name, d.bio, "
                   "u.username_key, u.email, u.email_key "
                   "FROM users u CROSS JOIN directory d WHERE d.user_id = u.id AND u.id > $1 "
                   "ORDER BY u.id LIMIT $2"},
    [INTEGRITY] = {"check_integrity", "SELECT 'ok'", "PRAGMA integrity_check"},
    [TRIGRAMS] = {"check_trigrams", "SELECT 1 WHERE 1 = 0",
                  "INSERT INTO directory_trigrams (directory_trigrams, rank) "
                  "VALUES ('integrity-check', 1)"},
    [GRAMS] = {"check_grams", "SELECT 1 WHERE 1 = 0",
               "INSERT INTO directory_grams (directory_grams, rank) "
               "VALUES ('integrity-check', 1)"},
};

void check_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- Reporting ------------------------------------------------------------------------------- */

struct report {
    struct ctx *c;
    void (*found)(void *self, struct text sentence);
    void *self;
    int64_t differences;
    struct arena scratch; /* rows and sentences of one step */
};

static void say(struct report *r, struct text sentence) {
    r->differences++;
    r->found(r->self, sentence);
}

#define SAY(r, ...) say((r), text_format(&(r)->scratch, __VA_ARGS__))

/* The noun in the name of a statement: what comes behind `prefix`. */
static const char *subject(int statement, const char *prefix) {
    return sql[statement].name + strlen(prefix);
}

/* ---- Counters, rows, bans, statistics -------------------------------------------------------- */

static enum err check_counted(struct report *r, int statement) {
    struct db_rows rows;
    db_query(r->c->db, &rows, &sql[statement], NO_ARGS);
    while (db_next(&rows))
        SAY(r, "user %lld: %s is %lld, should be %lld", (long long)db_int(&rows, 0),
            subject(statement, "check_"), (long long)db_int(&rows, 1), (long long)db_int(&rows, 2));
    return db_close(&rows);
}

static enum err check_orphans(struct report *r, int statement) {
    struct db_rows rows;
    db_query(r->c->db, &rows, &sql[statement], NO_ARGS);
    while (db_next(&rows))
        SAY(r, "user %lld: does not exist and has %lld rows by %s", (long long)db_int(&rows, 0),
            (long long)db_int(&rows, 1), subject(statement, "check_orphans_"));
    return db_close(&rows);
}

static enum err check_missing(struct report *r, int statement) {
    struct db_rows rows;
    db_query(r->c->db, &rows, &sql[statement], NO_ARGS);
    while (db_next(&rows))
        SAY(r, "user %lld: has no row in %s", (long long)db_int(&rows, 0),
            subject(statement, "check_missing_"));
    return db_close(&rows);
}

static enum err check_bans(struct report *r) {
    struct db_rows rows;
    db_query(r->c->db, &rows, &sql[BANS], NO_ARGS);
    while (db_next(&rows))
        SAY(r, "user %lld: is not banned, and has a time when that ends",
            (long long)db_int(&rows, 0));
    return db_close(&rows);
}

static enum err check_statistics_rows(struct report *r) {
    struct db_rows rows;
    db_query(r->c->db, &rows, &sql[STATISTICS], NO_ARGS);
    while (db_next(&rows)) {
        struct text kind = db_text(&rows, 0);
        SAY(r, "statistics: %.*s %lld is %lld, should be %lld", TEXT_ARGS(kind),
            (long long)db_int(&rows, 1), (long long)db_int(&rows, 2), (long long)db_int(&rows, 3));
    }
    return db_close(&rows);
}

/* ---- The directory --------------------------------------------------------------------------- */

static void compare(struct report *r, int64_t user_id, const char *what, bool same) {
    if (!same)
        SAY(r, "user %lld: %s is not what it should be", (long long)user_id, what);
}

static void check_entry(struct report *r, const struct db_rows *rows) {
    static const char *const folded[] = {"username in the directory", "first_name in the directory",
                                         "last_name in the directory", "bio in the directory"};
    struct account a = {.id = db_int(rows, 0), .flags = db_int(rows, 1)};
    compare(r, a.id, "listed in the directory", db_int(rows, 7) == account_listed(&a));
    compare(r, a.id, "created_at in the directory", db_int(rows, 8) == db_int(rows, 2));
    for (int i = 0; i < 4; i++)
        compare(r, a.id, folded[i],
                text_equal(db_text(rows, 9 + i), unicode_fold(&r->scratch, db_text(rows, 3 + i))));
}

/* What an account is found by. */
static void check_keys(struct report *r, const struct db_rows *rows) {
    int64_t id = db_int(rows, 0);
    compare(r, id, "username_key",
            text_equal(db_text(rows, 13), account_key(&r->scratch, db_text(rows, 3))));
    compare(r, id, "email_key",
            text_equal(db_text(rows, 15), account_key(&r->scratch, db_text(rows, 14))));
}

/* Folding is done here, not by the engine, so these rows have to be read: a thousand at a time. */
static enum err check_directory_rows(struct report *r) {
    int64_t last = 0, before;
    do {
        before = last;
        struct db_rows rows;
        db_query(r->c->db, &rows, &sql[DIRECTORY], ARGS(arg_int(last), arg_int(1000)));
        while (db_next(&rows)) {
            last = db_int(&rows, 0);
            check_entry(r, &rows);
            check_keys(r, &rows);
        }
        TRY(db_close(&rows));
        arena_reset(&r->scratch);
    } while (last != before);
    return OK;
}

/* ---- The engine ------------------------------------------------------------------------------ */

static enum err check_integrity(struct report *r) {
    struct db_rows rows;
    db_query(r->c->db, &rows, &sql[INTEGRITY], NO_ARGS);
    while (db_next(&rows)) {
        struct text message = db_text(&rows, 0);
        if (!text_equal(message, TEXT("ok")))
            SAY(r, "database: %.*s", TEXT_ARGS(message));
    }
    return db_close(&rows);
}

/* SQLite wants the writer for this, though it changes nothing. An index that is out of step fails
 * the statement, and the group that it was in with it. */
static enum err check_search(struct report *r, int statement) {
    struct db_rows rows;
    TRY(db_begin(r->c->db));
    db_query(r->c->db, &rows, &sql[statement], NO_ARGS);
    while (db_next(&rows))
        ;
    bool sound = db_close(&rows) == OK;
    enum err ended = db_end(r->c->db, sound ? OK : ERR_INTERNAL);
    enum err settled = db_wait(r->c->db);
    if (sound)
        return ended == OK ? settled : ended;
    SAY(r, "search index: %s is not in step with the directory", subject(statement, "check_"));
    return OK;
}

/* ---- All of it ------------------------------------------------------------------------------- */

static enum err check_snapshot(struct report *r) {
    TRY(check_integrity(r));
    for (int i = FOLLOWERS; i < COUNTED_END; i++)
        TRY(check_counted(r, i));
    for (int i = ORPHANS; i < ORPHANS_END; i++)
        TRY(check_orphans(r, i));
    for (int i = MISSING_ROWS; i < MISSING_END; i++)
        TRY(check_missing(r, i));
    TRY(check_bans(r));
    TRY(check_statistics_rows(r));
    return check_directory_rows(r);
}

static enum err check(struct report *r, bool search) {
    TRY(db_snapshot(r->c->db));
    enum err e = check_snapshot(r);
    db_snapshot_end(r->c->db);
    if (e != OK || !search)
        return e;
    TRY(check_search(r, TRIGRAMS));
    return check_search(r, GRAMS);
}

enum err check_run(struct ctx *c, bool search, void (*found)(void *self, struct text sentence),
                   void *self, int64_t *differences) {
    struct report r = {.c = c, .found = found, .self = self};
    db_use(c->db, &r.scratch);
    enum err e = check(&r, search);
    db_use(c->db, c->arena);
    arena_free(&r.scratch);
    *differences = r.differences;
    return e;
}
