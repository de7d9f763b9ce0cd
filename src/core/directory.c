#include "core/directory.h"

#include "base/unicode.h"
#include "core/search.h"
#include "core/statements.h"
#include "core/stats.h"

/* ---- Statements ------------------------------------------------------------------------------ */

/* What is searched for: $1 and $2 what SQLite's two search indexes are asked, $3 and $4 what
 * PostgreSQL's two are, $5, $6 and $7 the filters themselves as patterns for LIKE (struct search).
 * Behind them in the lists: $8 the caller, $9 the least `listed` that is shown; $10 and $11 limit
 * and offset.
 *
 * A list is read in one of two ways that give the same rows. MATCHED asks a search index for all
 * that match and sorts them. WALKED goes along the index of the order and tries each account until
 * the page is full: best without filters, and where nearly everybody matches. */
#define SHOWN "(d.listed >= $9 OR d.user_id = $8)"
#define NAMED                                                                                      \
    "($6 = '' OR d.first_name LIKE $6 ESCAPE '\\') AND ($7 = '' OR d.last_name LIKE $7 ESCAPE "    \
    "'\\')"
#define WALKED                                                                                     \
    "directory d WHERE " SHOWN                                                                     \
    " AND ($5 = '' OR " SEARCH_ANYWHERE("$5") ") AND " NAMED " AND " SEARCH_TYPED(                 \
        "$1") " AND " SEARCH_TYPED("$2") " AND " SEARCH_TYPED("$3") " AND " SEARCH_TYPED("$4")
#define MATCHED                                                                                    \
    SEARCH_MATCHES("$1", "$2") " m CROSS JOIN directory d WHERE d.user_id = m.id AND " SHOWN

#define FOUND_TYPED SEARCH_TYPED("$1") " AND " SEARCH_TYPED("$2")
#define INDEXED     SEARCH_FOUND("$3", "$4", "$5") " WHERE " SHOWN " AND " NAMED " AND " FOUND_TYPED

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

enum {
    ADD,
    CHANGE,
    CHANGE_LISTED,
    REMOVE,
    OWN_UNLISTED,
    COUNT,
    LIST, /* four for each of enum directory_order: two ways, two directions */
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

static struct search filter_of(struct ctx *c, const struct directory_query *query) {
    struct search f = {0};
    search_everywhere(c, &f, query->search);
    search_add(c, &f, 1, "{first_name} : ", query->first_name);
    search_add(c, &f, 2, "{last_name} : ", query->last_name);
    return f;
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

static struct list_args list_args(const struct caller *caller, const struct search *f,
                                  const struct directory_query *query) {
    return (struct list_args){{
        search_expression(f->trigrams),
        search_expression(f->grams),
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
    struct search f = filter_of(c, query);
    struct list_args args = list_args(caller, &f, query);
    int64_t visible;
    TRY(count_visible(c, caller, &visible));
    *total = visible;
    if (search_filters(&f))
        TRY(db_scalar(c->db, &sql[COUNT], (struct db_args){args.at, 9}, total));
    if (query->offset >= *total)
        return OK;
    bool match = search_filters(&f) && !is_dense(query, *total, visible);
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
