/* How long a session lives, what shows that it does, and what its tokens say: what the files about
 * sessions share. */
#ifndef CORE_SESSION_LIFE_H
#define CORE_SESSION_LIFE_H

#include "core/core.h"
#include "core/token.h"

/* What tells whether a session lives: the first columns of a row of `sessions s` with its owner,
 * `users u`. */
#define SESSION_LIFE       "s.used_at, s.expires_at, s.created_at, u.flags"
#define SESSION_LIFE_COUNT 4

struct session_life {
    int64_t used_at, expires_at, created_at, flags;
};

struct session_life session_life_read(const struct db_rows *rows);

/* When a session ends unless it is used again. */
int64_t session_ends_at(const struct ctx *c, int64_t created_at, int64_t used_at);

/* Whether it goes on, and its owner may sign in. */
bool session_goes_on(const struct ctx *c, const struct session_life *life);

/* Has it written down that the session is used now, unless that was done a moment ago; whether
 * there was anything to write. */
bool session_note_use(struct ctx *c, const struct session_life *life, int64_t user_id,
                      int64_t session_id);

/* db_one of a statement about one session; ERR_TOKEN_INVALID when there is none. */
enum err session_find(struct ctx *c, struct db_rows *rows, struct statement *statement,
                      int64_t user_id, int64_t session_id);

/* A token of that session, from now on. */
enum err session_sign(struct ctx *c, enum token_type type, int64_t user_id, int64_t session_id,
                      struct text *out);

/* token_verify. That a token has been found expired is noted as well, though it prolongs nothing:
 * so it stays expired when the clock is set back. */
enum err session_verify(struct ctx *c, struct text jwt, enum token_type type, struct token *out);

#endif
