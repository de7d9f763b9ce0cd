/* What somebody looks for, in the forms that statements take: the two search indexes of SQLite, the
 * two of PostgreSQL, and LIKE for who goes along the rows. For the lists of directory.c and
 * roster.c, which read the table `directory`. */
#ifndef CORE_SEARCH_H
#define CORE_SEARCH_H

#include "core/core.h"

struct search {
    struct text trigrams;    /* filters of three characters and more, as an FTS5 expression */
    struct text grams;       /* those of one and two */
    struct text word;        /* the search as a pattern, when it has a trigram for certain */
    struct text pairs;       /* characters and pairs that whoever matches has, as string_to_array at
                                chr(2) takes them */
    struct text patterns[3]; /* for LIKE: of the search itself, and of two filters more */
};

/* Adds a filter on the columns of `scope` ("{first_name} : ", or "" for all), pattern `which`. One
 * that folds to nothing, a lone accent say, is in every text: it filters nothing. */
void search_add(struct ctx *c, struct search *s, int which, const char *scope, struct text wanted);
/* The search itself: on all columns, pattern 0. */
void search_everywhere(struct ctx *c, struct search *s, struct text wanted);

/* Whether anything is looked for at all. */
bool search_filters(const struct search *s);

/* `trigrams` or `grams` as an argument. */
struct db_arg search_expression(struct text expression);

/* ---- Parts of statements; what stands in brackets are the names of parameters ---------------- */

/* Directory d has it somewhere. */
#define SEARCH_ANYWHERE(pattern)                                                                   \
    "(d.username LIKE " pattern " ESCAPE '\\' OR d.first_name LIKE " pattern " ESCAPE '\\' "       \
    "OR d.last_name LIKE " pattern " ESCAPE '\\' OR d.bio LIKE " pattern " ESCAPE '\\')"

/* For parameters that only the other engine's text needs. */
#define SEARCH_TYPED(parameter) "CAST(" parameter " AS TEXT) IS NOT NULL"

/* The expression that nothing matches; an empty one would be a syntax error. */
#define SEARCH_NOTHING "\"\""
/* SQLite: the ids (`id`) of all that match. */
#define SEARCH_MATCHES(trigrams, grams)                                                            \
    "(SELECT rowid AS id FROM directory_trigrams WHERE directory_trigrams MATCH " trigrams         \
    " AND (" grams " = '" SEARCH_NOTHING "' OR rowid IN "                                          \
    "(SELECT rowid FROM directory_grams WHERE directory_grams MATCH " grams ")) "                  \
    "UNION ALL SELECT rowid FROM directory_grams "                                                 \
    "WHERE " trigrams " = '" SEARCH_NOTHING "' AND directory_grams MATCH " grams ")"

/* PostgreSQL: rows of the directory (`d`). Words by trigrams (pg_trgm, asked by LIKE itself), all
 * else by characters and pairs. These need no second look where the pattern is of at most two
 * characters. Which of the two it is hangs on `word`, so that one plan serves both; OFFSET 0 keeps
 * the planner from going along an order instead. */
#define SEARCH_FOUND(word, pairs, pattern)                                                         \
    "(SELECT * FROM directory WHERE " word " <> '' AND (username LIKE " word                       \
    " OR first_name LIKE " word " OR last_name LIKE " word " OR bio LIKE " word                    \
    ") UNION ALL SELECT * FROM directory d WHERE " word " = '' "                                   \
    "AND directory_grams(username, first_name, last_name, bio) @> "                                \
    "string_to_array(" pairs ", chr(2)) "                                                          \
    "AND (length(" pattern ") <= 4 OR " SEARCH_ANYWHERE(pattern) ") OFFSET 0) d"

#endif
