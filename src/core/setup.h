/* The first superuser of a new database. No account is there by default: while there is none at
 * all, a server that starts offers a token, which it prints in a link, and whoever presents it
 * within the hour makes one superuser. It works once; a later start takes it back. Only its hash is
 * stored. */
#ifndef CORE_SETUP_H
#define CORE_SETUP_H

#include "core/session.h"

/* Takes back what was offered before. Without any account, offers a new token: *token is 32 random
 * bytes as base64url, else empty. Own transaction, waited for. */
enum err setup_offer(struct ctx *c, struct text *token);

/* ERR_FORBIDDEN when the token is not the one on offer, or is an hour old, or there is a superuser
 * by now. A wrong one while one is on offer is put on record. */
enum err setup_check(struct ctx *c, struct text token);

/* Makes the account (its flags say that it is a superuser) and opens its first session, in one
 * transaction with the end of the token: of many at once one succeeds, the others get
 * ERR_FORBIDDEN. ERR_USERNAME_TAKEN, ERR_EMAIL_TAKEN; then the token is still good. */
enum err setup_finish(struct ctx *c, struct text token, const struct new_account *in,
                      const struct origin *origin, struct account *account,
                      struct credentials *credentials);

#endif
