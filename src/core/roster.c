#include "core/roster.h"

#include "core/search.h"
#include "core/statements.h"
#include "core/stats.h"

/* ---- Statements ------------------------------------------------------------------------------ */

/* The filters are $1 to $7 of every statement but the plain counts. */
#define STATUS_OF "CASE WHEN (u.flags & 8) <> 0 THEN 2 WHEN (u.flags & 1) <> 0 THEN 1 ELSE 3 END"
#define ROLE_OF   "CASE WHEN (u.flags & 4) <> 0 THEN 3 WHEN (u.flags & 2) <> 0 THEN 2 ELSE 1 END"
#define WANTED                                                                                     \
    "u.created_at >= $1 AND u.created_at < $2 AND ($3 = 0 OR $3 = " STATUS_OF                      \
    ") AND ($4 = 0 OR $4 = " ROLE_OF ") AND ($5 = 0 OR u.country = $5) "                           \
    "AND ($6 = '' OR u.language = $6) AND ($7 < 0 OR EXISTS "                                      \
    "(SELECT 1 FROM user_categories k WHERE k.user_id = u.id AND k.category = $7))"

/* Where candidates come from: the index of one filter that few accounts pass, in the order of ids.
 * The search is $8 to $13. */
#define BY_COUNTRY  "users u WHERE u.country = $5 AND " WANTED
#define BY_LANGUAGE "users u WHERE u.language = $6 AND " WANTED
#define BY_ROLE     "users u WHERE (u.flags & 6) <> 0 AND " WANTED
#define BY_BAN      "users u WHERE (u.flags & 8) <> 0 AND " WANTED
#define BY_INACTIVE "users u WHERE (u.flags & 9) = 0 AND " WANTED
#define BY_CATEGORY                                                                                \
    "user_categories g CROSS JOIN users u WHERE g.category = $7 AND u.id = g.user_id AND " WANTED
#define BY_JOINED                                                                                  \
    "directory j CROSS JOIN users u WHERE j.created_at >= $1 AND j.created_at < $2 "               \
    "AND u.id = j.user_id AND " WANTED
#define ADDRESS(last)                                                                              \
    " UNION SELECT id FROM users WHERE email_key >= $13 AND email_key < CAST($13 AS TEXT) "        \
    "|| " last
#define BY_SEARCH_SQLITE                                                                           \
    "(SELECT id FROM " SEARCH_MATCHES("$8", "$9")                                                  \
        ADDRESS("char(1114111)") ") m "                                                            \
                                 "CROSS JOIN users u WHERE u.id = m.id AND " WANTED
#define BY_SEARCH_POSTGRES                                                                         \
    "(SELECT user_id AS id FROM " SEARCH_FOUND("$10", "$11", "$12")                                \
        ADDRESS("chr(1114111)") ") m "                                                             \
                                "CROSS JOIN users u WHERE u.id = m.id AND " WANTED                 \
                                " AND " SEARCH_TYPED("$8") " AND " SEARCH_TYPED("$9")

/* A page of the ids that `ids` gives, with the columns of `place` that it is sorted by. */
#define PAGE(ids, order)                                                                           \
    "SELECT " ACCOUNT_COLUMNS ", c.last_login, n.followers, n.following FROM (" ids ") p "         \
    "CROSS JOIN users u CROSS JOIN credentials c CROSS JOIN user_counts n "                        \
    "WHERE u.id = p.id AND c.user_id = p.id AND n.user_id = p.id ORDER BY " order

#define BY_ID(source, id, direction, limits)                                                       \
    PAGE("SELECT " id " AS id FROM " source " ORDER BY " id direction " " limits, "p."             \
                                                                                  "id" direction)

/* All that match, sorted by a name: which one and which way says `order` (enum sorting). */
#define NAME(order, username, first, last)                                                         \
    "CASE CAST(" order " AS BIGINT) WHEN " username " THEN d.username WHEN " first                 \
    " THEN d.first_name WHEN " last " THEN d.last_name END"
#define SORTED(source, order, limits)                                                              \
    PAGE("SELECT s.id, " NAME(order, "1", "3", "5") " AS up, " NAME(                               \
             order, "2", "4", "6") " AS down, CASE WHEN " order                                    \
                                   " IN (2, 4, 6) THEN -s.id ELSE s.id END AS tie "                \
                                   "FROM (SELECT u.id FROM " source                                \
                                   ") s CROSS JOIN directory d WHERE d.user_id = s.id "            \
                                   "ORDER BY up, down DESC, tie " limits,                          \
         "p.up, p.down DESC, p.tie")

/* Along the index of a name, trying each account until the page is full: where many match. */
#define ALONG(key, direction)                                                                      \
    PAGE("SELECT d.user_id AS id, d." key " AS place FROM directory d CROSS JOIN users u "         \
         "WHERE u.id = d.user_id AND " WANTED " ORDER BY d." key direction ", d.user_id" direction \
         " LIMIT $8 OFFSET $9",                                                                    \
         "p.place" direction ", p.id" direction)

/* What may be done with the candidates of a source; enum use. */
#define SOURCE(name, source, id)                                                                   \
    {"roster_count_" name, "SELECT COUNT(*) FROM " source},                                        \
        {"roster_" name, BY_ID(source, id, "", "LIMIT $8 OFFSET $9")},                             \
        {"roster_" name "_desc", BY_ID(source, id, " DESC", "LIMIT $8 OFFSET $9")}, {              \
        "roster_sorted_" name, SORTED(source, "$10", "LIMIT $8 OFFSET $9")                         \
    }
#define SEARCH(shape, ...)                                                                         \
    .sqlite = shape(BY_SEARCH_SQLITE __VA_ARGS__), .postgres = shape(BY_SEARCH_POSTGRES __VA_ARGS__)
#define COUNTED(source)      "SELECT COUNT(*) FROM " source
#define FOUND_UP(source)     BY_ID(source, "u.id", "", "LIMIT $14 OFFSET $15")
#define FOUND_DOWN(source)   BY_ID(source, "u.id", " DESC", "LIMIT $14 OFFSET $15")
#define FOUND_SORTED(source) SORTED(source, "$16", "LIMIT $14 OFFSET $15")

/* Everybody, between two ids: $10 and $11. */
#define EVERYBODY "users u WHERE u.id BETWEEN $10 AND $11 AND " WANTED

/* The filters of which one is to be the source, the rarest first. */
enum source {
    SOURCE_SEARCH,
    SOURCE_ROLE,
    SOURCE_BAN,
    SOURCE_INACTIVE,
    SOURCE_COUNTRY,
    SOURCE_CATEGORY,
    SOURCE_LANGUAGE,
    SOURCE_JOINED,
    SOURCES,
    SOURCE_NONE = SOURCES
};
enum use { USE_COUNT, USE_UP, USE_DOWN, USE_SORTED, USES };

enum {
    COUNT_COUNTRY = SOURCES * USES, /* by an index alone */
    COUNT_CATEGORY,
    COUNT_LANGUAGE,
    COUNT_JOINED,
    COUNT_STAFF,
    EVERYBODY_UP,
    EVERYBODY_DOWN,
    WALK_NAMES, /* each upwards and downwards, in the order of enum roster_order */
};

static struct statement sql[] = {
    {"roster_count_search", SEARCH(COUNTED)},
    {"roster_search", SEARCH(FOUND_UP)},
    {"roster_search_desc", SEARCH(FOUND_DOWN)},
    {"roster_sorted_search", SEARCH(FOUND_SORTED)},
    SOURCE("role", BY_ROLE, "u.id"),
    SOURCE("ban", BY_BAN, "u.id"),
    SOURCE("inactive", BY_INACTIVE, "u.id"),
    SOURCE("country", BY_COUNTRY, "u.id"),
    SOURCE("category", BY_CATEGORY, "g.user_id"),
    SOURCE("language", BY_LANGUAGE, "u.id"),
    SOURCE("joined", BY_JOINED, "u.id"),
    [COUNT_COUNTRY] = {"roster_all_country", "SELECT COUNT(*) FROM users WHERE country = $1"},
    [COUNT_CATEGORY] = {"roster_all_category",
                        "SELECT COUNT(*) FROM user_categories WHERE category = $1"},
    [COUNT_LANGUAGE] = {"roster_all_language", "SELECT COUNT(*) FROM users WHERE language = $1"},
    [COUNT_JOINED] = {"roster_all_joined",
                      "SELECT COUNT(*), MIN(user_id), MAX(user_id) FROM directory "
                      "WHERE created_at >= $1 AND created_at < $2"},
    [COUNT_STAFF] = {"roster_all_staff", "SELECT COUNT(*) FROM users u WHERE (u.flags & 6) <> 0 "
                                         "AND ($1 = 0 OR $1 = " STATUS_OF ")"},
    [EVERYBODY_UP] = {"roster_everybody", BY_ID(EVERYBODY, "u.id", "", "LIMIT $8 OFFSET $9")},
    [EVERYBODY_DOWN] = {"roster_everybody_desc",
                        BY_ID(EVERYBODY, "u.id", " DESC", "LIMIT $8 OFFSET $9")},
    [WALK_NAMES] = {"roster_walk_username", ALONG("username", "")},
    {"roster_walk_username_desc", ALONG("username", " DESC")},
    {"roster_walk_first_name", ALONG("first_name", "")},
    {"roster_walk_first_name_desc", ALONG("first_name", " DESC")},
    {"roster_walk_last_name", ALONG("last_name", "")},
    {"roster_walk_last_name_desc", ALONG("last_name", " DESC")},
};

void roster_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- What is asked for ----------------------------------------------------------------------- */

#define ARGS_MAX 16

struct listing {
    const struct roster_query *query;
    struct search search;
    enum source source;
    bool alone; /* there is no other filter than that of the source */
    struct db_arg args[ARGS_MAX];
    size_t filters;            /* so many of the arguments are filters */
    int64_t first_id, last_id; /* between which everybody is who joined when it is asked for */
};

/* Whether there is such a filter. A role or status that most accounts have is none to start from.
 */
static bool has_source(const struct listing *l, enum source source) {
    const struct roster_query *q = l->query;
    switch (source) {
    case SOURCE_SEARCH:
        return search_filters(&l->search);
    case SOURCE_ROLE:
        return q->role == ROLE_STAFF || q->role == ROLE_SUPERUSER;
    case SOURCE_BAN:
        return q->status == STATUS_BANNED;
    case SOURCE_INACTIVE:
        return q->status == STATUS_INACTIVE;
    case SOURCE_COUNTRY:
        return q->country != 0;
    case SOURCE_CATEGORY:
        return q->category != NO_CATEGORY;
    case SOURCE_LANGUAGE:
        return q->language.size > 0;
    case SOURCE_JOINED:
        return q->dated;
    default:
        return true;
    }
}

static void choose_source(struct listing *l) {
    int filters = (l->query->status == STATUS_ACTIVE) + (l->query->role == ROLE_USER);
    l->source = SOURCE_NONE;
    for (int source = 0; source < SOURCES; source++) {
        if (!has_source(l, (enum source)source))
            continue;
        l->source = l->source == SOURCE_NONE ? (enum source)source : l->source;
        filters++;
    }
    l->alone = filters == 1;
}

static void set_filters(struct ctx *c, struct listing *l) {
    const struct roster_query *q = l->query;
    const struct db_arg args[] = {
        arg_int(q->dated ? q->joined_from : INT64_MIN),
        arg_int(q->dated ? q->joined_till : INT64_MAX),
        arg_int(q->status),
        arg_int(q->role),
        arg_int(q->country),
        arg_text(q->language),
        arg_int(q->category),
        search_expression(l->search.trigrams),
        search_expression(l->search.grams),
        arg_text(l->search.word),
        arg_text(l->search.pairs),
        arg_text(l->search.patterns[0]),
        arg_text(text_lower(c->arena, q->q)),
    };
    memcpy(l->args, args, sizeof args);
    l->filters = l->source == SOURCE_SEARCH ? 13 : 7;
}

static struct db_args args_of(const struct listing *l, size_t behind_filters) {
    return (struct db_args){l->args, l->filters + behind_filters};
}

static int statement_of(enum source source, enum use use) {
    return (int)source * USES + (int)use;
}

/* ---- How many -------------------------------------------------------------------------------- */

/* The item of the statistics that counts a status. */
static int status_item(enum roster_status status) {
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

/* All of a status, less the few that have a role where those without are asked for. */
static enum err count_everybody(struct ctx *c, const struct roster_query *q, int64_t *total) {
    int64_t staff = 0;
    TRY(stats_accounts(c, status_item(q->status), total));
    if (q->role == ROLE_USER)
        TRY(db_scalar(c->db, &sql[COUNT_STAFF], ARGS(arg_int(q->status)), &staff));
    *total -= staff;
    return OK;
}

/* Who joined when it is asked for, and between which ids they are. */
static enum err count_joined(struct ctx *c, struct listing *l, int64_t *total) {
    struct db_rows rows;
    TRY(db_one(c->db, &rows, &sql[COUNT_JOINED], ARGS(l->args[0], l->args[1])));
    *total = db_int(&rows, 0);
    l->first_id = db_int(&rows, 1);
    l->last_id = db_int(&rows, 2);
    return db_close(&rows);
}

static enum err count_source(struct ctx *c, struct listing *l, int64_t *total) {
    const struct roster_query *q = l->query;
    switch (l->source) {
    case SOURCE_BAN:
    case SOURCE_INACTIVE:
        return stats_accounts(c, status_item(q->status), total);
    case SOURCE_COUNTRY:
        return db_scalar(c->db, &sql[COUNT_COUNTRY], ARGS(arg_int(q->country)), total);
    case SOURCE_CATEGORY:
        return db_scalar(c->db, &sql[COUNT_CATEGORY], ARGS(arg_int(q->category)), total);
    case SOURCE_LANGUAGE:
        return db_scalar(c->db, &sql[COUNT_LANGUAGE], ARGS(arg_text(q->language)), total);
    default:
        return db_scalar(c->db, &sql[statement_of(l->source, USE_COUNT)], args_of(l, 0), total);
    }
}

static enum err count(struct ctx *c, struct listing *l, int64_t *total) {
    if (l->source == SOURCE_NONE)
        return count_everybody(c, l->query, total);
    if (l->source == SOURCE_JOINED)
        TRY(count_joined(c, l, total));
    if (l->alone)
        return l->source == SOURCE_JOINED ? OK : count_source(c, l, total);
    return db_scalar(c->db, &sql[statement_of(l->source, USE_COUNT)], args_of(l, 0), total);
}

/* ---- Which ----------------------------------------------------------------------------------- */

/* Whether going along a name tries so few accounts that sorting `matching` of `all` would be more
 * work. Should those that match all stand at the far end it tries everybody, so it is only for what
 * a quarter of all match. */
static bool is_dense(const struct roster_query *q, int64_t matching, int64_t all) {
    double tries = ((double)q->offset + (double)q->limit) * (double)all;
    return (double)matching * 4 >= (double)all && tries < (double)matching * (double)matching;
}

static enum err choose_names(struct ctx *c, const struct listing *l, int64_t total,
                             int *statement) {
    const struct roster_query *q = l->query;
    int64_t all = 0;
    bool walk = l->source == SOURCE_NONE;
    if (!walk && l->source != SOURCE_SEARCH) {
        TRY(stats_accounts(c, STATS_TOTAL, &all));
        walk = is_dense(q, total, all);
    }
    *statement = walk ? WALK_NAMES + 2 * ((int)q->order - ROSTER_USERNAME) + q->descending
                      : statement_of(l->source, USE_SORTED);
    return OK;
}

static enum err choose_statement(struct ctx *c, const struct listing *l, int64_t total,
                                 int *statement) {
    const struct roster_query *q = l->query;
    if (q->order != ROSTER_JOINED)
        return choose_names(c, l, total, statement);
    if (l->source == SOURCE_NONE || l->source == SOURCE_JOINED)
        *statement = q->descending ? EVERYBODY_DOWN : EVERYBODY_UP;
    else
        *statement = statement_of(l->source, q->descending ? USE_DOWN : USE_UP);
    return OK;
}

/* What stands behind the filters: limit and offset, then two ids or the name to sort by. */
static void set_page(struct listing *l) {
    const struct roster_query *q = l->query;
    struct db_arg *behind = l->args + l->filters;
    behind[0] = arg_int(q->limit);
    behind[1] = arg_int(q->offset);
    behind[2] = arg_int(2 * ((int)q->order - ROSTER_USERNAME) + 1 + q->descending);
    if (q->order != ROSTER_JOINED || l->source == SOURCE_SEARCH)
        return;
    behind[2] = arg_int(l->first_id);
    behind[3] = arg_int(l->last_id);
}

static enum err read_page(struct ctx *c, struct listing *l, int64_t total, struct roster_entry *out,
                          size_t *count) {
    int statement = 0;
    struct db_rows rows;
    TRY(choose_statement(c, l, total, &statement));
    set_page(l);
    db_query(c->db, &rows, &sql[statement], args_of(l, 3 + (l->source != SOURCE_SEARCH)));
    while (db_next(&rows)) {
        struct roster_entry *e = &out[(*count)++];
        account_read(&rows, 0, &e->account);
        e->account.last_login = db_int(&rows, ACCOUNT_COLUMN_COUNT);
        e->followers = db_int(&rows, ACCOUNT_COLUMN_COUNT + 1);
        e->following = db_int(&rows, ACCOUNT_COLUMN_COUNT + 2);
    }
    return db_close(&rows);
}

static enum err list(struct ctx *c, const struct roster_query *query, struct roster_entry *out,
                     size_t *size, int64_t *total) {
    struct listing l = {.query = query, .first_id = 1, .last_id = INT64_MAX};
    search_everywhere(c, &l.search, query->q);
    choose_source(&l);
    set_filters(c, &l);
    TRY(count(c, &l, total));
    return query->offset >= *total ? OK : read_page(c, &l, *total, out, size);
}

enum err roster_list(struct ctx *c, const struct roster_query *query, struct roster_entry **out,
                     size_t *count, int64_t *total) {
    *count = 0;
    *out = ARENA_ARRAY(c->arena, struct roster_entry, (size_t)query->limit);
    TRY(db_snapshot(c->db));
    enum err e = list(c, query, *out, count, total);
    db_snapshot_end(c->db);
    return e;
}
