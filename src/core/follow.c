#include "core/follow.h"

#include "base/log.h"
#include "core/daily.h"
#include "core/statements.h"

enum {
    FOLLOW,
    UNFOLLOW,
    TARGET,
    TARGET_BY_USERNAME,
    ADD,
    REMOVE,
    COUNT,
    COUNTS,
    EDGES,
    FOLLOWERS,
    FOLLOWING,
    CUT,
    LOCK_EDGES,
    LOCK_COUNTS,
    UNCOUNT_FOLLOWING,
    UNCOUNT_FOLLOWERS,
    REMOVE_FOLLOWING,
    REMOVE_FOLLOWERS,
};

/* Who may be seen in a list: $4 of the flags are $5, or it is the caller, $3. Filtering in the
 * query fills the page; the edges are walked in the order of an index, from the cursor on. */
#define VISIBLE "((u.flags & $4) = $5 OR u.id = $3)"

#define LIST_USERS(other, owner)                                                                   \
    "SELECT f.id, u.id, u.username, u.first_name, u.last_name, u.avatar, "                         \
    "CASE WHEN EXISTS (SELECT 1 FROM follows m WHERE m.follower_id = $3 "                          \
    "AND m.following_id = u.id) THEN 1 ELSE 0 END, f.created_at, u.flags "                         \
    "FROM follows f CROSS JOIN users u WHERE u.id = f." other " AND f." owner " = $1 "             \
    "AND f.id < $2 AND " VISIBLE " ORDER BY f.id DESC LIMIT $6"

/* Following and stopping in one statement. `edge` is the row that it adds or removes, if any; the
 * ends count it, the smaller id first: one order for all transactions, so that they never wait for
 * each other in a circle. Who finds no counts comes after an erasure, and undoes everything: it
 * divides by zero (ERR_CONFLICT). */
#define COUNT_END(by, end, from)                                                                   \
    "(UPDATE user_counts n SET "                                                                   \
    "followers = n.followers " by " CASE WHEN n.user_id = e.following_id THEN 1 ELSE 0 END, "      \
    "following = n.following " by " CASE WHEN n.user_id = e.follower_id THEN 1 ELSE 0 END "        \
    "FROM " from " WHERE n.user_id = " end "(e.follower_id, e.following_id) RETURNING n.user_id)"
/* clang-format off */
#define AT_ONCE(target, edge, by, result)                                                          \
    "WITH target AS (SELECT id, username, flags FROM users WHERE " target "), "                    \
    "edge AS (" edge "), "                                                                         \
    "lower AS " COUNT_END(by, "LEAST", "edge e") ", "                                              \
    "upper AS " COUNT_END(by, "GREATEST", "edge e, lower") " "                                     \
    "SELECT id, username, flags, (SELECT " result " FROM edge), "                                  \
    "CASE WHEN EXISTS (SELECT 1 FROM edge) THEN 1 / (SELECT COUNT(*) FROM upper) END FROM target"
/* clang-format on */

#define ADD_EDGE                                                                                   \
    "INSERT INTO follows (follower_id, following_id, id, created_at) "                             \
    "SELECT CAST($1 AS BIGINT), id, nextval('follows_id'), CAST($3 AS BIGINT) FROM target "        \
    "ON CONFLICT DO NOTHING RETURNING follower_id, following_id, id"
#define REMOVE_EDGE                                                                                \
    "DELETE FROM follows WHERE follower_id = $1 AND following_id = (SELECT id FROM target) "       \
    "RETURNING follower_id, following_id"

static struct statement sql[] = {
    [FOLLOW] = {.name = "follow_at_once",
                .postgres = AT_ONCE("id = $2 AND (flags & $4) = $5", ADD_EDGE, "+", "id")},
    [UNFOLLOW] = {.name = "follow_end_at_once",
                  .postgres = AT_ONCE("username_key = $2", REMOVE_EDGE, "-", "COUNT(*)")},
    [TARGET] = {.name = "follow_target",
                .sqlite = "SELECT id, username, flags FROM users WHERE id = $1"},
    [TARGET_BY_USERNAME] = {.name = "follow_target_by_username",
                            .sqlite =
                                "SELECT id, username, flags FROM users WHERE username_key = $1"},
    [ADD] = {.name = "follow_add",
             .sqlite = "INSERT INTO follows (follower_id, following_id, id, created_at) "
                       "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"},
    [REMOVE] = {.name = "follow_remove",
                .sqlite = "DELETE FROM follows WHERE follower_id = $1 AND following_id = $2"},
    [COUNT] = {"follow_count", "UPDATE user_counts SET followers = followers + $2, "
                               "following = following + $3 WHERE user_id = $1"},
    [COUNTS] = {"follow_counts", "SELECT followers, following FROM user_counts WHERE user_id = $1"},
    [EDGES] = {"follow_edges",
               "SELECT f.id, u.id, u.username, f.created_at FROM follows f CROSS JOIN users u "
               "WHERE u.id = f.following_id AND f.follower_id = $1 AND f.id < $2 AND " VISIBLE
               " ORDER BY f.id DESC LIMIT $6"},
    [FOLLOWERS] = {"follow_followers", LIST_USERS("follower_id", "following_id")},
    [FOLLOWING] = {"follow_following", LIST_USERS("following_id", "follower_id")},
    [CUT] = {"follow_cut",
             "SELECT min(id) FROM (SELECT (SELECT id FROM follows WHERE follower_id = $1 "
             "ORDER BY id LIMIT 1 OFFSET $2) AS id UNION ALL SELECT (SELECT id FROM follows "
             "WHERE following_id = $1 ORDER BY id LIMIT 1 OFFSET $2)) t"},
    [LOCK_EDGES] = {.name = "follow_lock_edges",
                    .sqlite = "SELECT 1",
                    .postgres = "SELECT COUNT(*) FROM (SELECT id FROM follows "
                                "WHERE (follower_id = $1 AND id < $2) "
                                "OR (following_id = $1 AND id < $2) "
                                "ORDER BY follower_id, following_id FOR UPDATE) t"},
    [LOCK_COUNTS] = {.name = "follow_lock_counts",
                     .sqlite = "SELECT 1",
                     .postgres = "SELECT COUNT(*) FROM (SELECT user_id FROM user_counts "
                                 "WHERE user_id IN (SELECT CAST($1 AS BIGINT) UNION "
                                 "SELECT follower_id FROM follows "
                                 "WHERE following_id = $1 AND id < $2 UNION "
                                 "SELECT following_id FROM follows "
                                 "WHERE follower_id = $1 AND id < $2) "
                                 "ORDER BY user_id FOR UPDATE) t"},
    [UNCOUNT_FOLLOWING] = {"follow_uncount_following",
                           "UPDATE user_counts SET following = following - 1 WHERE user_id IN "
                           "(SELECT follower_id FROM follows "
                           "WHERE following_id = $1 AND id < $2)"},
    [UNCOUNT_FOLLOWERS] = {"follow_uncount_followers",
                           "UPDATE user_counts SET followers = followers - 1 WHERE user_id IN "
                           "(SELECT following_id FROM follows "
                           "WHERE follower_id = $1 AND id < $2)"},
    [REMOVE_FOLLOWING] = {"follow_remove_following",
                          "DELETE FROM follows WHERE follower_id = $1 AND id < $2"},
    [REMOVE_FOLLOWERS] = {"follow_remove_followers",
                          "DELETE FROM follows WHERE following_id = $1 AND id < $2"},
};

void follow_statements(void) {
    db_register(sql, sizeof sql / sizeof *sql);
}

/* ---- Following and stopping ------------------------------------------------------------------ */

/* db_one for the other account; what matters of it here is in the first three columns. */
static enum err find_target(struct ctx *c, struct db_rows *rows, int statement, struct db_args args,
                            struct account *out) {
    enum err e = db_one(c->db, rows, &sql[statement], args);
    if (e == ERR_NOT_FOUND || e == ERR_CONFLICT)
        return ERR_USER_NOT_FOUND;
    TRY(e);
    *out = (struct account){
        .id = db_int(rows, 0), .username = db_text(rows, 1), .flags = db_int(rows, 2)};
    return OK;
}

static enum err load_target(struct ctx *c, int statement, struct db_arg key, struct account *out) {
    struct db_rows rows;
    TRY(find_target(c, &rows, statement, ARGS(key), out));
    return db_close(&rows);
}

/* ---- … in one statement ---- */

/* Flags that tell whether `caller` may see an account, and what they must be; staff see all. */
#define MATTERS(caller) ((caller)->staff ? 0 : ACCOUNT_ACTIVE | ACCOUNT_PUBLIC | ACCOUNT_BANNED)
#define LISTED(caller)  ((caller)->staff ? 0 : ACCOUNT_ACTIVE | ACCOUNT_PUBLIC)

static enum err run_follow(struct ctx *c, const struct caller *caller, struct follow *f) {
    struct db_rows rows;
    struct account target;
    TRY(find_target(c, &rows, FOLLOW,
                    ARGS(arg_int(f->follower_id), arg_int(f->following_id), arg_int(f->created_at),
                         arg_int(MATTERS(caller)), arg_int(LISTED(caller))),
                    &target));
    f->following_username = target.username;
    f->id = db_int(&rows, 3);
    TRY(db_close(&rows));
    return f->id ? OK : ERR_ALREADY_FOLLOWING;
}

static enum err follow_at_once(struct ctx *c, const struct caller *caller, struct follow *f) {
    TRY(db_begin_single(c->db));
    return db_end(c->db, run_follow(c, caller, f));
}

static enum err run_unfollow(struct ctx *c, int64_t follower, struct db_arg key,
                             struct account *target) {
    struct db_rows rows;
    TRY(find_target(c, &rows, UNFOLLOW, ARGS(arg_int(follower), key), target));
    bool removed = db_int(&rows, 3);
    TRY(db_close(&rows));
    return removed ? OK : ERR_NOT_FOLLOWING;
}

static enum err unfollow_at_once(struct ctx *c, int64_t follower, struct db_arg key,
                                 struct account *target) {
    TRY(db_begin_single(c->db));
    return db_end(c->db, run_unfollow(c, follower, key, target));
}

/* ---- … step by step, where a step costs no round trip ---- */

/* An account without counts has been erased meanwhile. */
static enum err count(struct ctx *c, int64_t user_id, int64_t followers, int64_t following) {
    int64_t changed;
    TRY(db_exec(c->db, &sql[COUNT], ARGS(arg_int(user_id), arg_int(followers), arg_int(following)),
                &changed));
    return changed ? OK : ERR_USER_NOT_FOUND;
}

/* Counts an edge, or with -1 its end. */
static enum err count_both(struct ctx *c, int64_t follower, int64_t following, int64_t by) {
    TRY(count(c, follower, 0, by));
    return count(c, following, by, 0);
}

static enum err add(struct ctx *c, struct follow *f) {
    int64_t changed;
    TRY(db_next_id(c->db, "follows", &f->id));
    TRY(db_exec(c->db, &sql[ADD],
                ARGS(arg_int(f->follower_id), arg_int(f->following_id), arg_int(f->id),
                     arg_int(f->created_at)),
                &changed));
    return changed ? count_both(c, f->follower_id, f->following_id, 1) : ERR_ALREADY_FOLLOWING;
}

/* The account is looked up before the writer is held. Should it be hidden or banned in between, the
 * edge stands as if it had been made a moment earlier; should it be erased, it has no counts left
 * and nothing is written. */
static enum err follow_in_steps(struct ctx *c, const struct caller *caller, struct follow *f) {
    struct account target;
    TRY(load_target(c, TARGET, arg_int(f->following_id), &target));
    if (!account_visible_to(&target, caller))
        return ERR_USER_NOT_FOUND;
    f->following_username = target.username;
    TRY(db_begin(c->db));
    return db_end(c->db, add(c, f));
}

static enum err remove_edge(struct ctx *c, int64_t follower, int64_t following) {
    int64_t changed;
    TRY(db_exec(c->db, &sql[REMOVE], ARGS(arg_int(follower), arg_int(following)), &changed));
    return changed ? count_both(c, follower, following, -1) : ERR_NOT_FOLLOWING;
}

static enum err unfollow_in_steps(struct ctx *c, int64_t follower, struct db_arg key,
                                  struct account *target) {
    TRY(load_target(c, TARGET_BY_USERNAME, key, target));
    TRY(db_begin(c->db));
    return db_end(c->db, remove_edge(c, follower, target->id));
}

/* ---- … whichever the engine has ---- */

enum err follow_add(struct ctx *c, const struct caller *caller, int64_t following_id,
                    struct follow *out) {
    if (following_id == caller->user_id)
        return ERR_SELF_FOLLOW;
    *out = (struct follow){.follower_id = caller->user_id,
                           .following_id = following_id,
                           .created_at = c->now,
                           .follower_username = caller->username};
    TRY(db_knows(c->db, &sql[FOLLOW]) ? follow_at_once(c, caller, out)
                                      : follow_in_steps(c, caller, out));
    daily_count(c, DAILY_FOLLOWED);
    return OK;
}

/* Whoever is neither followed nor to be seen is as good as unknown: the answer must not tell that
 * the account is there. */
enum err follow_remove(struct ctx *c, int64_t follower_id, struct text username,
                       struct text *stored_username) {
    struct account target = {0};
    struct caller caller = {.user_id = follower_id};
    struct db_arg key = arg_text(text_lower(c->arena, username));
    enum err e = db_knows(c->db, &sql[UNFOLLOW]) ? unfollow_at_once(c, follower_id, key, &target)
                                                 : unfollow_in_steps(c, follower_id, key, &target);
    *stored_username = target.username;
    if (e == OK)
        daily_count(c, DAILY_UNFOLLOWED);
    return e == ERR_NOT_FOLLOWING && !account_visible_to(&target, &caller) ? ERR_USER_NOT_FOUND : e;
}

/* ---- Erasing --------------------------------------------------------------------------------- */

/* Where writers run side by side, whoever ends an edge holds it and waits for the counts: so edges
 * come first. Whoever adds an edge to this account must wait for its counts, and finds them gone;
 * those who have not waited are done, and their edges are to be seen. */
static enum err lock_edges_and_counts(struct ctx *c, struct db_args edges) {
    int64_t locked;
    TRY(db_exec(c->db, &sql[LOCK_EDGES], edges, NULL));
    return db_scalar(c->db, &sql[LOCK_COUNTS], edges, &locked);
}

/* Ends the edges whose ids are below `before`, in both directions. */
static enum err erase_before(struct ctx *c, int64_t user_id, int64_t before) {
    struct db_args edges = ARGS(arg_int(user_id), arg_int(before));
    int64_t followers, following;
    TRY(lock_edges_and_counts(c, edges));
    TRY(db_exec(c->db, &sql[UNCOUNT_FOLLOWING], edges, NULL));
    TRY(db_exec(c->db, &sql[UNCOUNT_FOLLOWERS], edges, NULL));
    TRY(db_exec(c->db, &sql[REMOVE_FOLLOWING], edges, &following));
    TRY(db_exec(c->db, &sql[REMOVE_FOLLOWERS], edges, &followers));
    return db_exec(c->db, &sql[COUNT],
                   ARGS(arg_int(user_id), arg_int(-followers), arg_int(-following)), NULL);
}

enum err follow_erase_all(struct ctx *c, int64_t user_id) {
    return erase_before(c, user_id, INT64_MAX);
}

enum err follow_erase_some(struct ctx *c, int64_t user_id, int64_t limit, bool *more) {
    int64_t cut;
    enum err e = db_scalar(c->db, &sql[CUT], ARGS(arg_int(user_id), arg_int(limit)), &cut);
    *more = e == OK;
    if (e != OK)
        return e == ERR_NOT_FOUND ? OK : e;
    return erase_before(c, user_id, cut);
}

/* ---- Lists ----------------------------------------------------------------------------------- */

enum list { LIST_FOLLOWERS, LIST_FOLLOWING };

static enum err read_count(struct ctx *c, int64_t user_id, enum list list, int64_t *out) {
    struct db_rows rows;
    enum err e = db_one(c->db, &rows, &sql[COUNTS], ARGS(arg_int(user_id)));
    if (e != OK)
        return e == ERR_NOT_FOUND ? ERR_USER_NOT_FOUND : e;
    *out = db_int(&rows, list == LIST_FOLLOWERS ? 0 : 1);
    return db_close(&rows);
}

/* Starts a list query for one row more than the page holds: it tells whether there is a next. */
static void query_page(struct ctx *c, struct db_rows *rows, int statement,
                       const struct caller *caller, int64_t user_id, int64_t before,
                       int64_t limit) {
    db_query(c->db, rows, &sql[statement],
             ARGS(arg_int(user_id), arg_int(before ? before : INT64_MAX), arg_int(caller->user_id),
                  arg_int(MATTERS(caller)), arg_int(LISTED(caller)), arg_int(limit + 1)));
}

static enum err read_edges(struct ctx *c, const struct caller *caller, int64_t before,
                           int64_t limit, struct follow_page *out) {
    out->edges = ARENA_ARRAY(c->arena, struct follow, (size_t)limit);
    struct db_rows rows;
    query_page(c, &rows, EDGES, caller, caller->user_id, before, limit);
    while (db_next(&rows)) {
        if (out->size == (size_t)limit) {
            out->next = out->edges[out->size - 1].id;
            break;
        }
        out->edges[out->size++] = (struct follow){.id = db_int(&rows, 0),
                                                  .follower_id = caller->user_id,
                                                  .following_id = db_int(&rows, 1),
                                                  .follower_username = caller->username,
                                                  .following_username = db_text(&rows, 2),
                                                  .created_at = db_int(&rows, 3)};
    }
    return db_close(&rows);
}

static enum err read_users(struct ctx *c, int statement, const struct caller *caller,
                           int64_t user_id, int64_t before, int64_t limit,
                           struct follow_page *out) {
    out->users = ARENA_ARRAY(c->arena, struct follow_user, (size_t)limit);
    struct db_rows rows;
    int64_t last = 0;
    query_page(c, &rows, statement, caller, user_id, before, limit);
    while (db_next(&rows)) {
        if (out->size == (size_t)limit) {
            out->next = last;
            break;
        }
        last = db_int(&rows, 0);
        out->users[out->size++] = (struct follow_user){.id = db_int(&rows, 1),
                                                       .username = db_text(&rows, 2),
                                                       .first_name = db_text(&rows, 3),
                                                       .last_name = db_text(&rows, 4),
                                                       .avatar = db_text(&rows, 5),
                                                       .is_following = db_int(&rows, 6),
                                                       .followed_at = db_int(&rows, 7),
                                                       .flags = db_int(&rows, 8)};
    }
    return db_close(&rows);
}

static int64_t page_limit(int64_t limit) {
    ASSERT(limit >= 1);
    return limit > FOLLOW_PAGE_MAX ? FOLLOW_PAGE_MAX : limit;
}

static enum err list_users(struct ctx *c, enum list list, const struct caller *caller,
                           int64_t user_id, int64_t before, int64_t limit,
                           struct follow_page *out) {
    *out = (struct follow_page){0};
    TRY(db_snapshot(c->db));
    enum err e = read_count(c, user_id, list, &out->count);
    if (e == OK)
        e = read_users(c, list == LIST_FOLLOWERS ? FOLLOWERS : FOLLOWING, caller, user_id, before,
                       page_limit(limit), out);
    db_snapshot_end(c->db);
    return e;
}

enum err follow_followers(struct ctx *c, const struct caller *caller, int64_t user_id,
                          int64_t before, int64_t limit, struct follow_page *out) {
    return list_users(c, LIST_FOLLOWERS, caller, user_id, before, limit, out);
}

enum err follow_following(struct ctx *c, const struct caller *caller, int64_t user_id,
                          int64_t before, int64_t limit, struct follow_page *out) {
    return list_users(c, LIST_FOLLOWING, caller, user_id, before, limit, out);
}

enum err follow_edges(struct ctx *c, const struct caller *caller, int64_t before, int64_t limit,
                      struct follow_page *out) {
    *out = (struct follow_page){0};
    TRY(db_snapshot(c->db));
    enum err e = read_count(c, caller->user_id, LIST_FOLLOWING, &out->count);
    if (e == OK)
        e = read_edges(c, caller, before, page_limit(limit), out);
    db_snapshot_end(c->db);
    return e;
}
