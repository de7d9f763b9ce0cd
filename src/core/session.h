/* Sessions: one row per login or registration. Access token, refresh token and cookie hang on it;
 * when the row is gone, all three are dead at the next request.
 *
 * A session ends when it has not been used for policy.session_idle, and policy.session_lifetime
 * after it was opened however much it is used. Both are judged by the wall clock when it is asked
 * for, with the settings of the moment, and what has ended is deleted within seconds, so that no
 * clock brings it back. A clock that is set back makes nothing younger: a token from the future is
 * not believed, nor is a session that was used in it, if only with a token that had expired; its
 * owner logs in again. So a session's time only ever goes on, whichever way the clock jumps. */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "core/account.h"
#include "core/token.h"

/* What the client is given at login. */
struct credentials {
    struct text access, refresh;
    struct text cookie; /* value of the sessionid cookie: "USER.SESSION.RANDOM" */
    int64_t session_id;
};

struct session {
    int64_t id, created_at, used_at, expires_at;
    struct text address, user_agent, name;
};

/* Opens a session for `account`, moves last_login. Inside a transaction, in which the account has
 * been found usable. */
enum err session_open(struct ctx *c, const struct account *account, const struct origin *origin,
                      struct credentials *out);

/* Who holds this credential. ERR_TOKEN_INVALID when it is not good (any more): forged, expired, its
 * session ended, its account banned or inactive. Marks the session as used, at most once a minute,
 * without waiting for the disk; out->slid when that has moved the end of a cookie. */
enum err session_by_access(struct ctx *c, struct text jwt, struct caller *out);
enum err session_by_cookie(struct ctx *c, struct text cookie, struct caller *out);

/* Say that one of them is going to be called: db_ahead. *user_id is whom the credential is for if
 * it is good; a cookie that never can be leaves it alone. ERR_TOKEN_INVALID when the token is bad,
 * whatever the database says. */
enum err session_by_access_ahead(struct ctx *c, struct text jwt, int64_t *user_id);
void session_by_cookie_ahead(struct ctx *c, struct text cookie, int64_t *user_id);

/* Exchanges a refresh token for an access token; with rotation also for a new refresh token (else
 * *refresh is empty). Within 10 s of its rotation the old one gives the very same new one again, so
 * that of two refreshes at once both succeed; replayed later it ends the session.
 * ERR_TOKEN_INVALID. Own transaction. */
enum err session_refresh(struct ctx *c, struct text refresh_jwt, struct text *access,
                         struct text *refresh);

/* Ends the session that `refresh_jwt` belongs to; ERR_REFRESH_NOT_OWN when it is not a live session
 * of that user. Own transaction. */
enum err session_logout(struct ctx *c, int64_t user_id, struct text refresh_jwt);

/* Ends one session of the user; ERR_NOT_FOUND when it is not there. Own transaction. */
enum err session_end(struct ctx *c, int64_t user_id, int64_t session_id);

/* The same inside a transaction: whoever acts, its end is on record. */
enum err session_end_one(struct ctx *c, int64_t user_id, int64_t session_id);

/* The same without a word to the trail: who asks for it says why; *deleted is 0 when it has ended.
 */
enum err session_delete(struct ctx *c, int64_t user_id, int64_t session_id, int64_t *deleted);

/* Ends all sessions of the user, by whom they are. Own transaction. */
enum err session_logout_everywhere(struct ctx *c, int64_t user_id);

/* Ends all sessions of the user but `except` (0: none is spared). Inside a transaction. */
enum err session_end_all(struct ctx *c, int64_t user_id, int64_t except, int64_t *ended);

/* Gives a live session another name; NULL leaves the one it has. ERR_NOT_FOUND. Own transaction. */
enum err session_rename(struct ctx *c, int64_t user_id, int64_t session_id, const struct text *name,
                        struct session *out);

/* Live sessions, newest first. */
enum err session_list(struct ctx *c, int64_t user_id, struct session **out, size_t *count);

/* How many of them there are. */
enum err session_count(struct ctx *c, int64_t user_id, int64_t *out);

/* Writes down which sessions have been used, and deletes expired ones, a bounded number at a time.
 * Called every few seconds by the server's housekeeper. Own transactions, waited for; none when
 * there is nothing to write. */
enum err session_housekeeping(struct ctx *c);

#endif
