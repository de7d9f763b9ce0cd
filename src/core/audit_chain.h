/* The chain of the audit trail. Every record that is sealed has a number, seq, from 1 without a
 * gap, and a digest: SHA-256 over the digest of the record before it (32 zero bytes before the
 * first) and over all that it says. So no record can be changed, removed, added or moved without
 * changing every digest after it, the last of which stands in `audit_ends` as the head. Whoever has
 * noted a head elsewhere needs to believe nobody (audit_verify.h).
 *
 * What is personal is covered by its commitment: SHA-256 over a random salt and the fields. With
 * the salt, fields can be proven; once salt and fields are gone (audit_forget), nobody can guess
 * from the commitment what they were, and the chain is none the poorer. */
#ifndef CORE_AUDIT_CHAIN_H
#define CORE_AUDIT_CHAIN_H

#include "base/digest.h"
#include "core/core.h"

#define AUDIT_SALT_SIZE 16

struct audit_personal {
    struct text salt; /* empty: all of it has been forgotten */
    struct text address, user_agent, note;
};

/* A record as it is stored. Texts are in the arena that it was read into. */
struct audit_record {
    int64_t user_id, id, event, outcome, via, actor_id, created_at;
    struct text detail, commitment;
    struct audit_personal personal;
    int64_t seq; /* 0: not sealed yet */
    struct text digest;
};

/* For statements that give whole records: their columns, and the row as a record. */
#define AUDIT_COLUMNS                                                                              \
    "user_id, id, event, outcome, via, actor_id, created_at, detail, commitment, salt, address, "  \
    "user_agent, note, seq, digest"
void audit_record_read(const struct db_rows *rows, struct audit_record *out);

/* Where the chain begins or ends: the record, or 0 and zero bytes before the first. */
struct audit_end {
    int64_t seq;
    uint8_t digest[DIGEST_SIZE];
};

/* The anchor is the last record that audit_trim has removed, the head the last there is. */
enum err audit_ends(struct ctx *c, struct audit_end *anchor, struct audit_end *head);

/* "17:5fe0…", for people to keep; parsing is strict. */
struct text audit_end_text(struct arena *arena, const struct audit_end *end);
bool audit_end_parse(struct text t, struct audit_end *out);

void audit_commit(const struct audit_personal *personal, uint8_t out[DIGEST_SIZE]);
/* The digest that the record must have as number `seq` behind a record with the digest `before`. */
void audit_digest(const uint8_t before[DIGEST_SIZE], int64_t seq, const struct audit_record *record,
                  uint8_t out[DIGEST_SIZE]);

/* Seals what has been committed: some hundred records at a time, each time in a transaction of its
 * own. Of several nodes that try at once one does it and the others pass; nobody else waits for
 * it, but for SQLite's one writer, some milliseconds. Called by the server twice a second. Waited
 * for. */
enum err audit_seal(struct ctx *c);

/* Removes records from the front of the chain that are older than policy.audit_days, once the first
 * is older by another day; says so in a record (TRIM) with the new anchor in it. Own transactions,
 * waited for. */
enum err audit_trim(struct ctx *c);

#endif
