#include "core/directory.h"

#include "base/unicode.h"
#include "core/statements.h"
#include "core/stats.h"

/* ---- Statements ------------------------------------------------------------------------------ */

/* What is searched for: $1 and $2 what SQLite's two search indexes are asked, $3 and $4 what
 * PostgreSQL's two are, $5, $6 and $7 the filters themselves as patterns for LIKE (struct filter).
 * Behind them in the lists: $8 the caller, $9 the least `listed` that is shown; $10 and $11 limit
 * and offset.
 *
 * A list is read in one of two ways that give the same rows. MATCHED asks a search index for all
 * that match and sorts them. WALKED goes along the index of the order and tries each account until
 * the page is full: best without filters, and where nearly everybody matches. */
#define SHOWN "(d.listed >= $9 OR d.user_id = $8)"
#define ANYWHERE                                                                                   \
    "(d.username LIKE $5 ESCAPE '\\' OR d.first_name LIKE $5 ESCAPE '\\' "                         \
    "OR d.last_name LIKE $5 ESCAPE '\\' OR d.bio LIKE $5 ESCAPE '\\')"
#define NAMED                                                                                      \
    "($6 = '' OR d.first_name LIKE $6 ESCAPE '\\') AND ($7 = '' OR d.last_name LIKE $7 ESCAPE "    \
    "'\\')"
#define TYPED(parameter) "CAST(" parameter " AS TEXT) IS NOT NULL"
#define WALKED                                                                                     \
    "directory d WHERE " SHOWN " AND ($5 = '' OR " ANYWHERE ") AND " NAMED                         \
    " AND " TYPED("$1") " AND " TYPED("$2") " AND " TYPED("$3") " AND " TYPED("$4")
#define NOTHING "\"\"" /* the expression that nothing matches; "" would be a syntax error */
#define MATCHES                                                                                    \
    "(SELECT rowid AS id FROM directory_trigrams WHERE directory_trigrams MATCH $1 "               \
    "AND ($2 = '" NOTHING "' OR rowid IN "                                                         \
    "(SELECT rowid FROM directory_grams WHERE directory_grams MATCH $2)) "                         \
    "UNION ALL SELECT rowid FROM directory_grams "                                                 \
    "WHERE $1 = '" NOTHING "' AND directory_grams MATCH $2)"
#define MATCHED MATCHES " m CROSS JOIN directory d WHERE d.user_id = m.id AND " SHOWN

/* PostgreSQL: words by trigrams (pg_trgm, asked by LIKE itself), all else by characters and pairs.
 * These need no second look where the pattern is of at most two characters. Which of the two it is
 * hangs on $3, so that one plan serves both; OFFSET 0 keeps the planner from going along the order
 * instead. */
#define FOUND                                                                                      \
    "(SELECT * FROM directory WHERE $3 <> '' AND (username LIKE $3 OR first_name LIKE $3 "         \
    "OR last_name LIKE $3 OR bio LIKE $3) UNION ALL SELECT * FROM directory d WHERE $3 = '' "      \
    "AND directory_grams(username, first_name, last_name, bio) @> string_to_array($4, chr(2)) "    \
    "AND (length($5) <= 4 OR " ANYWHERE ") OFFSET 0) d"
#define FOUND_TYPED TYPED("$1") " AND " TYPED("$2")
#define INDEXED     FOUND " WHERE " SHOWN " AND " NAMED " AND " FOUND_TYPED

#define PAGE(source, key, direction)                                                               \
    "SELECT u.id, u.username, u.first_name, u.last_name, u.avatar, "                               \
    "CASE WHEN EXISTS (SELECT 1 FROM follows f WHERE f.follower_id = $8 "                          \
    "AND f.following_id = u.id) THEN 1 ELSE 0 END "                                                \
    "FROM (SELECT d.user_id, d." key " AS place FROM " source " ORDER BY d." key direction         \
    ", d.user_id" direction " LIMIT $10 OFFSET $11) p CROSS JOIN users u WHERE u.id = p.user_id "  \
    "ORDER BY p.place" direction ", p.user_id" direction

/* Equal keys go by id, in the direction of the order: a descending list is the ascending one read
 * backwards, and one index serves both. */
#define LISTS(key)                                                                                 \
    {"directory_walk_" key, PAGE(WALKED, key, "")},                                                \
        {"directory_match_" key, .sqlite = PAGE(MATCHED, key, ""),                                 \
         .postgres = PAGE(INDEXED, key, "")},                                                      \
        {"directory_walk_" key "_desc", PAGE(WALKED, key, " DESC")}, {                             \
        "directory_match_" key "_desc", .sqlite = PAGE(MATCHED, key, " DESC"),                     \
                                        .postgres = PAGE(INDEXED, key, " DESC")                    \
    }

/* The same for staff: $1 to $5 as above, $6 how the e-mail address may start, $7 the status or 0,
 * $8 and $9 limit and offset. */
#define STATUS                                                                                     \
    "($7 = 0 OR $7 = CASE WHEN (u.flags & 8) <> 0 THEN 2 WHEN (u.flags & 1) <> 0 THEN 1 "          \
    "ELSE 3 END)"
#define ACCOUNTS_INDEXED                                                                           \
    "(SELECT user_id AS id FROM " FOUND " UNION SELECT id FROM users "                             \
    "WHERE email_key >= $6 AND email_key < CAST($6 AS TEXT) || chr(1114111)) m "                   \
    "CROSS JOIN users u WHERE u.id = m.id AND " STATUS " AND " FOUND_TYPED
#define ACCOUNTS_MATCHED                                                                           \
    "(SELECT id FROM " MATCHES " UNION SELECT id FROM users "                                      \
    "WHERE email_key >= $6 AND email_key < $6 || char(1114111)) m "                                \
    "CROSS JOIN users u WHERE u.id = m.id AND " STATUS

#define ACCOUNTS(source)                                                                           \
    "SELECT " ACCOUNT_COLUMNS ", c.last_login FROM (SELECT u.id FROM " source                      \
    ") p CROSS JOIN users u CROSS JOIN credentials c WHERE u.id = p.id AND c.user_id = p.id "      \
    "ORDER BY u.id DESC"
#define NEWEST(from, limit) from " ORDER BY u.id DESC LIMIT " limit

enum {
    ADD,
    CHANGE,
    CHANGE_LISTED,
    REMOVE,
    OWN_UNLISTED,
    COUNT,
    ACCOUNTS_COUNT,
    ACCOUNTS_SEARCH,
    ACCOUNTS_ANY, /* and the others in the order of enum directory_status */
    LIST = ACCOUNTS_ANY + 4,
};

static struct statement sql[] = {
    [ADD] = {"directory_add",
             "INSERT INTO directory (user_id, listed, created_at, username, first_name, last_name, "
             "bio) VALUES ($1, $2, $3, $4, $5, $6, $7)"},
    [CHANGE] = {"directory_change",
                "UPDATE directory SET listed = $2, username = $3, first_name = $4, last_name = $5, "
                "bio = $6 WHERE user_id = $1"},
    [CHANGE_LISTED] = {"directory_change_listed",
                       "UPDATE directory SET listed = $2 WHERE user_id = $1"},
    [REMOVE] = {"directory_remove", "DELETE FROM directory WHERE user_id = $1"},
    [OWN_UNLISTED] = {"directory_own_unlisted",
                      "SELECT 1 - listed FROM directory WHERE user_id = $1"},
    [COUNT] = {.name = "directory_count",
               .sqlite = "SELECT COUNT(*) FROM " MATCHED,
               .postgres = "SELECT COUNT(*) FROM " INDEXED},
    [ACCOUNTS_COUNT] = {.name = "directory_accounts_count",
                        .sqlite = "SELECT COUNT(*) FROM " ACCOUNTS_MATCHED,
                        .postgres = "SELECT COUNT(*) FROM " ACCOUNTS_INDEXED},
    [ACCOUNTS_SEARCH] = {.name = "directory_accounts_search",
                         .sqlite = ACCOUNTS(NEWEST(ACCOUNTS_MATCHED, "$8 OFFSET $9")),
                         .postgres = ACCOUNTS(NEWEST(ACCOUNTS_INDEXED, "$8 OFFSET $9"))},
    [ACCOUNTS_ANY] = {"directory_accounts_any", ACCOUNTS(NEWEST("users u", "$1 OFFSET $2"))},
    {"directory_accounts_active",
     ACCOUNTS(NEWEST("users u WHERE (u.flags & 9) = 1", "$1 OFFSET $2"))},
    {"directory_accounts_banned",
     ACCOUNTS(NEWEST("users u WHERE (u.flags & 8) <> 0", "$1 OFFSET $2"))},
    {"directory_accounts_inactive",
     ACCOUNTS(NEWEST("users u WHERE (u.flags & 9) = 0", "$1 OFFSET $2"))},
    [LIST] = LISTS("username"),
    LISTS("created_at"),
    LISTS("first_name"),
    LISTS("last_name"),
};

void directory_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- The folded copy ------------------------------------------------------------------------- */

void directory_row(struct arena *arena, const struct account *a, struct db_arg out[DIRECTORY_ROW]) {
    out[0] = arg_int(a->id);
    out[1] = arg_int(account_listed(a));
    out[2] = arg_int(a->created_at);
    out[3] = arg_text(unicode_fold(arena, a->username));
    out[4] = arg_text(unicode_fold(arena, a->first_name));
    out[5] = arg_text(unicode_fold(arena, a->last_name));
    out[6] = arg_text(unicode_fold(arena, a->bio));
}

enum err directory_add(struct ctx *c, const struct account *a) {
    struct db_arg row[DIRECTORY_ROW];
    directory_row(c->arena, a, row);
    return db_exec(c->db, &sql[ADD], (struct db_args){row, DIRECTORY_ROW}, NULL);
}

enum err directory_change(struct ctx *c, const struct account *before,
                          const struct account *after) {
    bool same = text_equal(before->username, after->username) &&
                text_equal(before->first_name, after->first_name) &&
                text_equal(before->last_name, after->last_name) &&
                text_equal(before->bio, after->bio);
    if (!same)
        return db_exec(c->db, &sql[CHANGE],
                       ARGS(arg_int(after->id), arg_int(account_listed(after)),
                            arg_text(unicode_fold(c->arena, after->username)),
                            arg_text(unicode_fold(c->arena, after->first_name)),
                            arg_text(unicode_fold(c->arena, after->last_name)),
                            arg_text(unicode_fold(c->arena, after->bio))),
                       NULL);
    if (account_listed(before) == account_listed(after))
        return OK;
    return db_exec(c->db, &sql[CHANGE_LISTED],
                   ARGS(arg_int(after->id), arg_int(account_listed(after))), NULL);
}

enum err directory_remove(struct ctx *c, int64_t user_id) {
    return db_exec(c->db, &sql[REMOVE], ARGS(arg_int(user_id)), NULL);
}

/* ---- Filters --------------------------------------------------------------------------------- */

/* What is searched for, in the forms that the statements take. */
struct filter {
    struct text trigrams; /* filters of three characters and more, as an FTS5 expression */
    struct text grams;    /* those of one and two */
    struct text word;     /* the search as a pattern, when it has a trigram for certain */
    struct text pairs;    /* characters and pairs that whoever matches has, PAIRS_BREAK between */
    struct text patterns[3]; /* for LIKE */
};

#define PAIRS_BREAK '\x02'

/* `folded` with `escape` before each byte that is one of `special`, and `around` at both ends. */
static struct text escaped(struct arena *arena, struct text folded, const char *special,
                           char escape, char around) {
    char *at = arena_alloc(arena, 2 * folded.size + 2), *end = at;
    *end++ = around;
    for (size_t i = 0; i < folded.size; i++) {
        if (strchr(special, folded.at[i]))
            *end++ = escape;
        *end++ = folded.at[i];
    }
    *end++ = around;
    return (struct text){at, (size_t)(end - at)};
}

/* The pairs of neighbours in `folded`, or its only character. */
static void add_pairs(struct ctx *c, struct filter *f, struct text folded) {
    size_t length = unicode_length(folded);
    char *at = arena_alloc(c->arena, f->pairs.size + 3 * folded.size + 2), *end = at;
    if (f->pairs.size)
        end = mempcpy(at, f->pairs.at, f->pairs.size);
    do {
        struct text rest = folded, pair = folded;
        unicode_next(&rest);
        folded = rest;
        unicode_next(&rest);
        pair.size = (size_t)(rest.at - pair.at);
        if (end > at)
            *end++ = PAIRS_BREAK;
        end = mempcpy(end, pair.at, pair.size);
    } while (--length > 1);
    f->pairs = (struct text){at, (size_t)(end - at)};
}

/* Adds a filter on the columns of `scope` ("{first_name} : ", or "" for all). A filter that folds
 * to nothing, a lone accent say, is in every text: it filters nothing. */
static void add_filter(struct ctx *c, struct filter *f, int which, const char *scope,
                       struct text wanted) {
    struct text folded = unicode_fold(c->arena, wanted);
    if (folded.size == 0)
        return;
    f->patterns[which] = escaped(c->arena, folded, "%_\\", '\\', '%');
    struct text phrase = escaped(c->arena, folded, "\"", '"', '"');
    struct text *expression = unicode_length(folded) < 3 ? &f->grams : &f->trigrams;
    *expression = text_format(c->arena, "%.*s%s%s%.*s", TEXT_ARGS(*expression),
                              expression->size ? " AND " : "", scope, TEXT_ARGS(phrase));
    add_pairs(c, f, folded);
}

static struct filter filter_of(struct ctx *c, const struct directory_query *query) {
    struct filter f = {0};
    add_filter(c, &f, 0, "", query->search);
    if (unicode_has_word(f.patterns[0], 3))
        f.word = f.patterns[0];
    add_filter(c, &f, 1, "{first_name} : ", query->first_name);
    add_filter(c, &f, 2, "{last_name} : ", query->last_name);
    return f;
}

static struct db_arg arg_expression(struct text expression) {
    return arg_text(expression.size ? expression : TEXT(NOTHING));
}

static bool is_filtering(const struct filter *f) {
    return f->trigrams.size || f->grams.size;
}

/* ---- The public list ------------------------------------------------------------------------- */

/* Everybody the caller may see. */
static enum err count_visible(struct ctx *c, const struct caller *caller, int64_t *out) {
    if (caller->staff)
        return stats_accounts(c, STATS_TOTAL, out);
    TRY(stats_accounts(c, STATS_LISTED, out));
    int64_t own = 0;
    enum err e = OK;
    if (caller->user_id)
        e = db_scalar(c->db, &sql[OWN_UNLISTED], ARGS(arg_int(caller->user_id)), &own);
    *out += own;
    return e == ERR_NOT_FOUND ? OK : e;
}

/* The parameters of LISTS; COUNT takes the first nine. */
struct list_args {
    struct db_arg at[11];
};

static struct list_args list_args(const struct caller *caller, const struct filter *f,
                                  const struct directory_query *query) {
    return (struct list_args){{
        arg_expression(f->trigrams),
        arg_expression(f->grams),
        arg_text(f->word),
        arg_text(f->pairs),
        arg_text(f->patterns[0]),
        arg_text(f->patterns[1]),
        arg_text(f->patterns[2]),
        arg_int(caller->user_id),
        arg_int(caller->staff ? 0 : 1),
        arg_int(query->limit),
        arg_int(query->offset),
    }};
}

/* Whether walking the order costs less than sorting `matching` of `visible` accounts. A walk tries
 * about one account in matching / visible to find the next row; should those that match all stand
 * at the far end of the order it tries everybody, so it is only for what a quarter of all match. */
static bool is_dense(const struct directory_query *query, int64_t matching, int64_t visible) {
    double tries = ((double)query->offset + (double)query->limit) * (double)visible;
    return (double)matching * 4 >= (double)visible && tries < (double)matching * (double)matching;
}

static enum err read_entries(struct ctx *c, const struct directory_query *query,
                             const struct list_args *args, bool match, struct directory_entry *out,
                             size_t *count) {
    int statement = LIST + 4 * (int)query->order + 2 * query->descending + match;
    struct db_rows rows;
    db_query(c->db, &rows, &sql[statement], (struct db_args){args->at, 11});
    while (db_next(&rows)) {
        out[(*count)++] = (struct directory_entry){.id = db_int(&rows, 0),
                                                   .username = db_text(&rows, 1),
                                                   .first_name = db_text(&rows, 2),
                                                   .last_name = db_text(&rows, 3),
                                                   .avatar = db_text(&rows, 4),
                                                   .is_following = db_int(&rows, 5)};
    }
    return db_close(&rows);
}

static enum err list(struct ctx *c, const struct caller *caller,
                     const struct directory_query *query, struct directory_entry *out,
                     size_t *count, int64_t *total) {
    struct filter f = filter_of(c, query);
    struct list_args args = list_args(caller, &f, query);
    int64_t visible;
    TRY(count_visible(c, caller, &visible));
    *total = visible;
    if (is_filtering(&f))
        TRY(db_scalar(c->db, &sql[COUNT], (struct db_args){args.at, 9}, total));
    if (query->offset >= *total)
        return OK;
    bool match = is_filtering(&f) && !is_dense(query, *total, visible);
    return read_entries(c, query, &args, match, out, count);
}

enum err directory_list(struct ctx *c, const struct caller *caller,
                        const struct directory_query *query, struct directory_entry **out,
                        size_t *count, int64_t *total) {
    *count = 0;
    *out = ARENA_ARRAY(c->arena, struct directory_entry, (size_t)query->limit);
    TRY(db_snapshot(c->db));
    enum err e = list(c, caller, query, *out, count, total);
    db_snapshot_end(c->db);
    return e;
}

/* ---- The list for staff ---------------------------------------------------------------------- */

static enum err read_accounts(struct ctx *c, int statement, struct db_args args,
                              struct account *out, size_t *count) {
    struct db_rows rows;
    db_query(c->db, &rows, &sql[statement], args);
    while (db_next(&rows)) {
        struct account *a = &out[(*count)++];
        account_read(&rows, 0, a);
        a->last_login = db_int(&rows, ACCOUNT_COLUMN_COUNT);
    }
    return db_close(&rows);
}

/* The item of the statistics that counts a status. */
static int status_item(enum directory_status status) {
    switch (status) {
    case STATUS_ACTIVE:
        return STATS_ACTIVE;
    case STATUS_BANNED:
        return STATS_BANNED;
    case STATUS_INACTIVE:
        return STATS_INACTIVE;
    default:
        return STATS_TOTAL;
    }
}

static enum err list_accounts(struct ctx *c, struct text q, enum directory_status status,
                              int64_t limit, int64_t offset, struct account *out, size_t *count,
                              int64_t *total) {
    struct filter f = filter_of(c, &(struct directory_query){.search = q});
    if (!is_filtering(&f)) {
        TRY(stats_accounts(c, status_item(status), total));
        return read_accounts(c, ACCOUNTS_ANY + (int)status, ARGS(arg_int(limit), arg_int(offset)),
                             out, count);
    }
    const struct db_arg args[] = {
        arg_expression(f.trigrams),
        arg_expression(f.grams),
        arg_text(f.word),
        arg_text(f.pairs),
        arg_text(f.patterns[0]),
        arg_text(text_lower(c->arena, q)),
        arg_int(status),
        arg_int(limit),
        arg_int(offset),
    };
    TRY(db_scalar(c->db, &sql[ACCOUNTS_COUNT], (struct db_args){args, 7}, total));
    return read_accounts(c, ACCOUNTS_SEARCH, (struct db_args){args, 9}, out, count);
}

enum err directory_accounts(struct ctx *c, struct text q, enum directory_status status,
                            int64_t limit, int64_t offset, struct account **out, size_t *count,
                            int64_t *total) {
    *count = 0;
    *out = ARENA_ARRAY(c->arena, struct account, (size_t)limit);
    TRY(db_snapshot(c->db));
    enum err e = list_accounts(c, q, status, limit, offset, *out, count, total);
    db_snapshot_end(c->db);
    return e;
}
