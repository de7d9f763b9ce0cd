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
 * The search is $8 to $14. */
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
/* The e-mail address begins with it, and nothing else has it: so nobody is found twice. */
#define ADDRESSED                                                                                  \
    " UNION ALL SELECT e.id FROM users e WHERE e.email_key >= $13 AND e.email_key < $14 "          \
    "AND NOT " HAS("e")
#define HAS(user)                                                                                  \
    "EXISTS (SELECT 1 FROM directory d WHERE d.user_id = " user                                    \
    ".id AND " SEARCH_ANYWHERE("$12") ")"
#define FOUND_SQLITE "(SELECT id FROM " SEARCH_MATCHES("$8", "$9") ADDRESSED ") m"
#define FOUND_POSTGRES                                                                             \
    "(SELECT user_id AS id FROM " SEARCH_FOUND("$10", "$11", "$12") ADDRESSED ") m"
#define UNASKED(first, second) SEARCH_TYPED(first) " AND " SEARCH_TYPED(second)
#define BY_SEARCH_SQLITE       FOUND_SQLITE " CROSS JOIN users u WHERE u.id = m.id AND " WANTED
#define BY_SEARCH_POSTGRES                                                                         \
    FOUND_POSTGRES " CROSS JOIN users u WHERE u.id = m.id AND " WANTED " AND " UNASKED("$8", "$9")

/* A page of the ids that `ids` gives, with the columns of `place` that it is sorted by. */
#define PAGE(ids, order)                                                                           \
    "SELECT " ACCOUNT_COLUMNS ", c.last_login, n.followers, n.following FROM (" ids ") p "         \
    "CROSS JOIN users u CROSS JOIN credentials c CROSS JOIN user_counts n "                        \
    "WHERE u.id = p.id AND c.user_id = p.id AND n.user_id = p.id ORDER BY " order

#define BY_ID(source, id, direction, limits)                                                       \
    PAGE("SELECT " id " AS id FROM " source " ORDER BY " id direction " " limits, "p."             \
                                                                                  "id" direction)

/* All that match, sorted by a name: which one and which way says `order`. The name is asked for row
 * by row: a join would have PostgreSQL, which takes most accounts to have any flag, read them all.
 */
#define NAME_OF(key) "(SELECT d." key " FROM directory d WHERE d.user_id = s.id)"
/* clang-format off */
#define NAME(order, username, first, last)                                                         \
    "CASE CAST(" order " AS BIGINT) WHEN " username " THEN " NAME_OF("username")                   \
    " WHEN " first " THEN " NAME_OF("first_name") " WHEN " last " THEN " NAME_OF("last_name") " END"
#define SORTED(source, order, limits)                                                              \
    PAGE("SELECT s.id, " NAME(order, "1", "3", "5") " AS up, " NAME(order, "2", "4", "6")          \
         " AS down, CASE WHEN " order " IN (2, 4, 6) THEN -s.id ELSE s.id END AS tie "             \
         "FROM (SELECT u.id FROM " source ") s ORDER BY up, down DESC, tie " limits,               \
         "p.up, p.down DESC, p.tie")
/* clang-format on */

/* Along the index of a name, trying each account until the page is full: where most match. */
#define ALONG(key, direction)                                                                      \
    PAGE("SELECT d.user_id AS id, d." key " AS place FROM directory d CROSS JOIN users u "         \
         "WHERE u.id = d.user_id AND " WANTED " ORDER BY d." key direction ", d.user_id" direction \
         " LIMIT $8 OFFSET $9",                                                                    \
         "p.place" direction ", p.id" direction)
/* … without trying anybody: where all match. */
#define PLAIN(key, direction)                                                                      \
    PAGE("SELECT d.user_id AS id, d." key " AS place FROM directory d ORDER BY d." key direction   \
         ", d.user_id" direction " LIMIT $1 OFFSET $2",                                            \
         "p.place" direction ", p.id" direction)
/* … trying the first $17 alone: should those that match stand further on, the page is not full and
 * they are sorted instead. Again no join, so that only these are read. */
/* clang-format off */
#define NEAR(table, id, key, direction)                                                            \
    PAGE("SELECT w.id, w.place FROM (SELECT " id " AS id, " key " AS place FROM " table            \
         " ORDER BY " key direction ", " id direction " LIMIT $17) w WHERE (SELECT 1 FROM users u "\
         "WHERE u.id = w.id AND " WANTED " AND ($12 = '' OR " HAS("u")                             \
         " OR (u.email_key >= $13 AND u.email_key < $14))) = 1 AND " UNASKED("$8", "$9")           \
         " AND " UNASKED("$10", "$11") " ORDER BY w.place" direction ", w.id" direction            \
         " LIMIT $15 OFFSET $16",                                                                  \
         "p.place" direction ", p.id" direction)
/* clang-format on */

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
#define FOUND_UP(source)     BY_ID(source, "u.id", "", "LIMIT $15 OFFSET $16")
#define FOUND_DOWN(source)   BY_ID(source, "u.id", " DESC", "LIMIT $15 OFFSET $16")
#define FOUND_SORTED(source) SORTED(source, "$17", "LIMIT $15 OFFSET $16")

/* The plain count of the search has the parameters of the others, for it is given the same. */
#define NUMBER(parameter) "CAST(" parameter " AS BIGINT) IS NOT NULL AND "
#define ALL_TYPED                                                                                  \
    NUMBER("$1")                                                                                   \
    NUMBER("$2")                                                                                   \
    NUMBER("$3")                                                                                   \
    NUMBER("$4") NUMBER("$5") NUMBER("$7") SEARCH_TYPED("$6") " AND " UNASKED("$8", "$9")

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
    COUNT_SEARCH,
    /* Each upwards and downwards, in the order of enum roster_order: */
    PLAIN_NAMES,
    ALONG_NAMES = PLAIN_NAMES + 6,
    NEAR_ALL = ALONG_NAMES + 6,
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
    [COUNT_SEARCH] = {.name = "roster_all_search",
                      .sqlite = "SELECT COUNT(*) FROM " FOUND_SQLITE,
                      .postgres = "SELECT COUNT(*) FROM " FOUND_POSTGRES " WHERE " ALL_TYPED},
    [PLAIN_NAMES] = {"roster_plain_username", PLAIN("username", "")},
    {"roster_plain_username_desc", PLAIN("username", " DESC")},
    {"roster_plain_first_name", PLAIN("first_name", "")},
    {"roster_plain_first_name_desc", PLAIN("first_name", " DESC")},
    {"roster_plain_last_name", PLAIN("last_name", "")},
    {"roster_plain_last_name_desc", PLAIN("last_name", " DESC")},
    [ALONG_NAMES] = {"roster_along_username", ALONG("username", "")},
    {"roster_along_username_desc", ALONG("username", " DESC")},
    {"roster_along_first_name", ALONG("first_name", "")},
    {"roster_along_first_name_desc", ALONG("first_name", " DESC")},
    {"roster_along_last_name", ALONG("last_name", "")},
    {"roster_along_last_name_desc", ALONG("last_name", " DESC")},
    [NEAR_ALL] = {"roster_near", NEAR("users e", "e.id", "e.id", "")},
    {"roster_near_desc", NEAR("users e", "e.id", "e.id", " DESC")},
    {"roster_near_username", NEAR("directory d", "d.user_id", "d.username", "")},
    {"roster_near_username_desc", NEAR("directory d", "d.user_id", "d.username", " DESC")},
    {"roster_near_first_name", NEAR("directory d", "d.user_id", "d.first_name", "")},
    {"roster_near_first_name_desc", NEAR("directory d", "d.user_id", "d.first_name", " DESC")},
    {"roster_near_last_name", NEAR("directory d", "d.user_id", "d.last_name", "")},
    {"roster_near_last_name_desc", NEAR("directory d", "d.user_id", "d.last_name", " DESC")},
};

void roster_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- What is asked for ----------------------------------------------------------------------- */

#define ARGS_MAX 18

struct listing {
    const struct roster_query *query;
    struct search search;
    enum source source;
    int filters_given;
    struct db_arg args[ARGS_MAX];
    size_t filters;            /* so many of the arguments are filters: 7, or 14 with the search */
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
    l->filters_given = filters;
}

static void set_filters(struct ctx *c, struct listing *l) {
    const struct roster_query *q = l->query;
    struct text address = text_lower(c->arena, q->q);
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
        arg_text(address),
        arg_text(text_format(c->arena, "%.*s\xf4\x8f\xbf\xbf", TEXT_ARGS(address))),
    };
    memcpy(l->args, args, sizeof args);
    l->filters = l->source == SOURCE_SEARCH ? 14 : 7;
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
    case SOURCE_SEARCH:
        return db_scalar(c->db, &sql[COUNT_SEARCH], args_of(l, 0), total);
    case SOURCE_JOINED:
        return OK; /* count_joined has */
    default:
        return db_scalar(c->db, &sql[statement_of(l->source, USE_COUNT)], args_of(l, 0), total);
    }
}

static enum err count(struct ctx *c, struct listing *l, int64_t *total) {
    if (l->source == SOURCE_NONE)
        return count_everybody(c, l->query, total);
    if (l->source == SOURCE_JOINED)
        TRY(count_joined(c, l, total));
    if (l->filters_given == 1)
        return count_source(c, l, total);
    return db_scalar(c->db, &sql[statement_of(l->source, USE_COUNT)], args_of(l, 0), total);
}

/* ---- Which ----------------------------------------------------------------------------------- */

static enum err read_rows(struct ctx *c, const struct listing *l, int statement, size_t behind,
                          struct roster_entry *out, size_t *count) {
    struct db_rows rows;
    *count = 0;
    db_query(c->db, &rows, &sql[statement], args_of(l, behind));
    while (db_next(&rows)) {
        struct roster_entry *e = &out[(*count)++];
        account_read(&rows, 0, &e->account);
        e->account.last_login = db_int(&rows, ACCOUNT_COLUMN_COUNT);
        e->followers = db_int(&rows, ACCOUNT_COLUMN_COUNT + 1);
        e->following = db_int(&rows, ACCOUNT_COLUMN_COUNT + 2);
    }
    return db_close(&rows);
}

/* Limit and offset stand behind the filters. */
static struct db_arg *set_page(struct listing *l) {
    struct db_arg *behind = l->args + l->filters;
    behind[0] = arg_int(l->query->limit);
    behind[1] = arg_int(l->query->offset);
    return behind + 2;
}

/* Which of a run of statements is for the order asked for. */
static int in_order(const struct roster_query *q, int run, enum roster_order first) {
    return run + 2 * ((int)q->order - (int)first) + q->descending;
}

/* In the order of ids, from an index that has it. */
static enum err read_by_id(struct ctx *c, struct listing *l, struct roster_entry *out,
                           size_t *count) {
    const struct roster_query *q = l->query;
    struct db_arg *behind = set_page(l);
    behind[0] = arg_int(l->first_id);
    behind[1] = arg_int(l->last_id);
    bool everybody = l->source == SOURCE_NONE || l->source == SOURCE_JOINED;
    int statement = everybody ? in_order(q, EVERYBODY_UP, ROSTER_JOINED)
                              : statement_of(l->source, q->descending ? USE_DOWN : USE_UP);
    return read_rows(c, l, statement, 4, out, count);
}

/* Everybody, or nearly so, by name. */
static enum err read_names(struct ctx *c, struct listing *l, struct roster_entry *out,
                           size_t *count) {
    bool plain = l->filters_given == 0;
    l->filters = plain ? 0 : l->filters;
    set_page(l);
    int run = plain ? PLAIN_NAMES : ALONG_NAMES;
    return read_rows(c, l, in_order(l->query, run, ROSTER_USERNAME), 2, out, count);
}

#define TRIES_MAX  65536 /* some hundred milliseconds */
#define TRIES_STEP 8

/* How many accounts to try along the order at first: four times what it takes when those that match
 * are spread over it. */
static enum err tries_along(struct ctx *c, const struct roster_query *q, int64_t matching,
                            int64_t *out) {
    int64_t all;
    TRY(stats_accounts(c, STATS_TOTAL, &all));
    double tries =
        4 * ((double)q->offset + (double)q->limit) * (double)all / (double)matching + 100;
    *out = tries < TRIES_MAX ? (int64_t)tries : TRIES_MAX;
    return OK;
}

static enum err try_along(struct ctx *c, const struct listing *l, int64_t tries,
                          struct roster_entry *out, size_t *count) {
    struct listing near = *l;
    near.filters = 14;
    *set_page(&near) = arg_int(tries);
    return read_rows(c, &near, in_order(l->query, NEAR_ALL, ROSTER_JOINED), 3, out, count);
}

/* Tries more and more of them, as long as that is less work than sorting all that match. *full
 * tells whether the page is there. */
static enum err read_near(struct ctx *c, const struct listing *l, int64_t total,
                          struct roster_entry *out, size_t *count, bool *full) {
    const struct roster_query *q = l->query;
    int64_t tries, left = total - q->offset;
    *full = false;
    TRY(tries_along(c, q, total, &tries));
    for (; !*full && tries < TRIES_MAX && tries < total; tries *= TRIES_STEP) {
        TRY(try_along(c, l, tries, out, count));
        *full = *count == (size_t)(left < q->limit ? left : q->limit);
    }
    return OK;
}

/* All that match are sorted. */
static enum err read_sorted(struct ctx *c, struct listing *l, struct roster_entry *out,
                            size_t *count) {
    const struct roster_query *q = l->query;
    *set_page(l) = arg_int(2 * ((int)q->order - ROSTER_USERNAME) + 1 + q->descending);
    enum use use = q->order != ROSTER_JOINED ? USE_SORTED : q->descending ? USE_DOWN : USE_UP;
    return read_rows(c, l, statement_of(l->source, use), 3, out, count);
}

static enum err read_page(struct ctx *c, struct listing *l, int64_t total, struct roster_entry *out,
                          size_t *count) {
    const struct roster_query *q = l->query;
    if (q->order == ROSTER_JOINED && l->source != SOURCE_SEARCH)
        return read_by_id(c, l, out, count);
    if (l->source == SOURCE_NONE)
        return read_names(c, l, out, count);
    bool full;
    TRY(read_near(c, l, total, out, count, &full));
    return full ? OK : read_sorted(c, l, out, count);
}

static enum err list(struct ctx *c, const struct roster_query *query, struct roster_entry *out,
                     size_t *size, int64_t *total) {
    struct listing l = {.query = query, .first_id = 1, .last_id = INT64_MAX};
    *size = 0;
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
