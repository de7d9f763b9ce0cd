/* Which new passwords are acceptable. */
#ifndef CORE_PASSWORD_POLICY_H
#define CORE_PASSWORD_POLICY_H

#include "core/core.h"

#define PASSWORD_MIN_CHARACTERS 8
#define PASSWORD_MAX_BYTES      1024

/* Why a new password is not acceptable, as a sentence for the client; NULL when it is. `password`
 * is normalised (NFC). The strict policy wants 15 characters and refuses what is guessed first
 * (guessable.h). */
const char *password_objection(const struct policy *policy, struct arena *arena,
                               struct text password);

/* The same about the password of whoever has this user name and this e-mail address (empty:
 * unknown): the strict policy refuses one in which nothing but them counts. User name, what stands
 * before and behind the @, and the words they are made of are taken out of the password, read in
 * either direction, without regard to case, accents, signs, and digits in place of letters; where
 * less than 8 characters or a common password are left, the password was made of them. */
const char *password_resemblance(const struct policy *policy, struct arena *arena,
                                 struct text password, struct text username, struct text email);

#endif
