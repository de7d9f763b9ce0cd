/* Idempotency keys (draft-ietf-httpapi-idempotency-key-header-07): a request that creates something
 * may carry one, and sent again with the same key it is answered as it was the first time and not
 * done again. The answer is kept for 24 hours, written in the transaction of what was done: so
 * there is neither the one without the other.
 *
 * Nothing that is stored tells what was asked or answered. Of the key there is a keyed hash, of the
 * request a fingerprint, and the answer is encrypted under a key that follows from the request: who
 * cannot repeat that, word for word, gets nothing. Where the request has a password in it the two
 * come from Argon2id, at the price of a stored password: else it could be guessed here faster than
 * from its own hash. */
#ifndef CORE_IDEMPOTENCY_H
#define CORE_IDEMPOTENCY_H

#include "base/digest.h"
#include "core/core.h"

#define IDEMPOTENCY_KEY_MAX 255 /* bytes */

struct idempotency_cost {
    int64_t memory, passes; /* of Argon2id, KiB; 0: HMAC-SHA-256 */
};

struct idempotency {
    int64_t user_id; /* whose key it is; 0: nobody is signed in, and the key is anybody's */
    struct text key;
    struct text request; /* all that makes it the same request */
    bool secret;         /* with a password in it */

    /* Private: what follows from it, at that cost. */
    bool derived;
    struct idempotency_cost cost;
    uint8_t fingerprint[DIGEST_SIZE], seal[DIGEST_SIZE];
};

/* What is stored under a key. */
struct idempotency_record {
    struct idempotency_cost cost;
    struct text fingerprint, answer;
};

/* Loads the secret that hashes keys, or makes it. ERR_UNAVAILABLE. */
enum err idempotency_open(struct ctx *c);
void idempotency_close(struct core *core);

/* ERR_NOT_FOUND when the key is new or its time is over. */
enum err idempotency_load(struct ctx *c, const struct idempotency *i,
                          struct idempotency_record *out);
/* The same, and what others have written a moment ago is seen as well. Own transaction: whoever is
 * answered from it waits until that is on disk. */
enum err idempotency_load_latest(struct ctx *c, const struct idempotency *i,
                                 struct idempotency_record *out);

/* The answer that is in it. ERR_KEY_REUSED when the record is of another request. With a password
 * it takes as long as a login, and ERR_UNAVAILABLE when there is no memory for that. */
enum err idempotency_answer(struct ctx *c, struct idempotency *i,
                            const struct idempotency_record *record, struct text *out);

/* Derives what idempotency_end needs, before anything is held: with a password that is slow. */
enum err idempotency_prepare(struct ctx *c, struct idempotency *i);

/* Between the two a rule is called, which has one transaction at most; it stays open (db_hold)
 * until idempotency_end, given the rule's result, has stored the answer in it. ERR_CONFLICT when
 * another request with this key has been faster, and nothing of this one is kept; on an engine
 * where writers run side by side one waits to know. When the result is not OK the answer is not
 * looked at. */
void idempotency_begin(struct ctx *c);
enum err idempotency_end(struct ctx *c, const struct idempotency *i, enum err result,
                         struct text answer);

enum err idempotency_erase_all(struct ctx *c, int64_t user_id); /* inside a transaction */

/* Deletes what is too old, a bounded number at a time. Called every few seconds by the server's
 * housekeeper. Own transactions, waited for; none when there is nothing to delete. */
enum err idempotency_housekeeping(struct ctx *c);

#endif
