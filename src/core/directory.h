/* Lists and search. Search is for substrings, blind to case and accents, with exact totals. */
#ifndef CORE_DIRECTORY_H
#define CORE_DIRECTORY_H

#include "core/account.h"

enum directory_order { ORDER_USERNAME, ORDER_CREATED_AT, ORDER_FIRST_NAME, ORDER_LAST_NAME };

struct directory_query {
    struct text search, first_name, last_name; /* empty: no filter */
    enum directory_order order;
    bool descending;
    int64_t limit, offset;
};
struct directory_entry {
    int64_t id;
    struct text username, first_name, last_name, avatar;
    bool is_following; /* by the caller */
};

/* What the caller may see of the directory: listed accounts and his own, staff everybody. Filters
 * combine with AND; one that folds to nothing (unicode_fold) filters nothing. Equal keys go by id,
 * in the direction of the order. *total is exact; an offset past the end gives no rows. */
enum err directory_list(struct ctx *c, const struct caller *caller,
                        const struct directory_query *query, struct directory_entry **out,
                        size_t *count, int64_t *total);

/* The row of `directory` that belongs to an account: user_id, listed, created_at, and username,
 * first_name, last_name and bio folded. For who makes whole databases. */
#define DIRECTORY_ROW 7
void directory_row(struct arena *arena, const struct account *a, struct db_arg out[DIRECTORY_ROW]);

/* Keep the folded copy right. Inside a transaction; called by account.c alone. */
enum err directory_add(struct ctx *c, const struct account *a);
enum err directory_change(struct ctx *c, const struct account *before, const struct account *after);
enum err directory_remove(struct ctx *c, int64_t user_id);

#endif
