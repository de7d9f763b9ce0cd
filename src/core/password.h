/* Password hashes: Argon2id in the PHC format. Hashing takes milliseconds: on the hash lane only,
 * and never inside a transaction. */
#ifndef CORE_PASSWORD_H
#define CORE_PASSWORD_H

#include "core/core.h"

/* Hashes under the policy of the moment, after normalising. ERR_UNAVAILABLE, logged, when memory
 * for it cannot be had. */
enum err password_hash(struct ctx *c, struct text password, struct text *out);

/* The same with a salt that the caller brings, so that the hash is the same every time: for made-up
 * accounts, never for people's. */
#define PASSWORD_SALT 16
enum err password_hash_salted(struct ctx *c, struct text password,
                              const unsigned char salt[PASSWORD_SALT], struct text *out);

/* True when `password`, normalised, is the one that was hashed; false with an empty `hash`. Takes
 * the time of a hash with the settings of the moment (effort.h) whether there is a hash or none,
 * and whether it was made with these settings, cheaper ones or by something else, so that time does
 * not tell who exists. Only a hash made with dearer settings takes longer. */
bool password_verify(struct ctx *c, struct text hash, struct text password);

/* Whether the hash was made with weaker settings than the policy asks now. */
bool password_outdated(const struct policy *policy, struct text hash);

/* Stored hash of the account, empty when there is none, and when the password behind it was set:
 * no two of one account were set at the same moment. */
enum err password_load(struct ctx *c, int64_t user_id, struct text *hash, int64_t *changed_at);
/* Stores the hash of a new password. Inside a transaction. */
enum err password_store(struct ctx *c, int64_t user_id, struct text hash);
/* Puts a better hash of the same password in place of `old`, unless that has changed meanwhile.
 * Inside a transaction. */
enum err password_rehash(struct ctx *c, int64_t user_id, struct text old, struct text hash);

#endif
