/* Answers to queries that were put on the wire before somebody asked for them (db_ahead). They are
 * kept with a handle until they are forgotten, and given only to who says the same statement with
 * the same arguments. */
#ifndef DB_AHEAD_H
#define DB_AHEAD_H

#include "db/wire.h"

#define AHEAD_MAX 64

struct asked {
    const struct statement *statement;
    struct db_args args; /* copies */
    struct wire_answer answer;
};

struct ahead {
    struct asked at[AHEAD_MAX];
    size_t count;
    bool silent;        /* the server did not answer; asking again would take as long */
    struct arena arena; /* of the arguments */
};

/* Puts the query on the wire, unless it is there already, there is no room, or no connection: then
 * it is for the one who asks to find out. */
void ahead_ask(struct ahead *a, struct wire *w, const struct statement *s, struct db_args args);

/* Waits for the answers that are under way. ERR_UNAVAILABLE when the server is silent. */
enum err ahead_collect(struct ahead *a, struct wire *w);

/* The answer, which stays where it is; waits for it when need be. NULL with OK: none is kept, ask
 * for it. */
enum err ahead_find(struct ahead *a, struct wire *w, const struct statement *s, struct db_args args,
                    PGresult **out);

/* Drops all that is kept, and what is under way. */
void ahead_forget(struct ahead *a, struct wire *w);

void ahead_close(struct ahead *a);

#endif
