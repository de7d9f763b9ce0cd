/* The audit trail: every authentication and every act on an account, with who, whom, what, when,
 * from where and how it ended. docs/audit.md says what is in it and what is not.
 *
 * A record is written in the transaction of the act, so that there is neither one without the
 * other. It is sealed into the chain a moment later (audit_chain.h): writers never wait for that.
 *
 * No record has a secret in it, nor what somebody typed as a name: that may be a password. Address,
 * user agent and note are personal: audit_forget takes them out, and the chain still holds. */
#ifndef CORE_AUDIT_H
#define CORE_AUDIT_H

#include "core/core.h"

enum audit_event {
#define EVENT(number, name, text) AUDIT_##name = (number),
#define OUTCOME(number, name, text)
#include "core/audit.def"
#undef EVENT
#undef OUTCOME
};

enum audit_outcome {
#define EVENT(number, name, text)
#define OUTCOME(number, name, text) AUDIT_OUTCOME_##name = (number),
#include "core/audit.def"
#undef EVENT
#undef OUTCOME
};

struct audit_entry {
    enum audit_event event;
    enum audit_outcome outcome; /* 0: OK */
    int64_t user_id;            /* whom it is about; 0: no account */
    int64_t actor_id;           /* who did it; 0: nobody who had signed in, or the command line */
    struct text detail;         /* our own words, nothing personal: "session=7" */
    struct text note;           /* somebody's words */
};

/* Writes a record with the origin in c->by; inside a transaction. What is personal in it is left
 * out when one of the two accounts has been erased meanwhile. */
enum err audit_add(struct ctx *c, const struct audit_entry *entry);

/* audit_add for what c->by.user_id has done to an account … */
enum err audit_act(struct ctx *c, enum audit_event event, int64_t user_id, struct text detail);
/* … and for what an account has done with itself, whether it had signed in before or not. */
enum err audit_self(struct ctx *c, enum audit_event event, int64_t user_id, struct text detail);

/* "session=7" */
struct text audit_detail(struct ctx *c, const char *name, int64_t number);

/* Writes a record of what changes nothing else, in a transaction of its own. */
enum err audit_alone(struct ctx *c, const struct audit_entry *entry);

/* What has been refused before it cost anything must not cost a write each time. So refusals are
 * counted in memory, by event, account and address, and a record is written of each of these with
 * "attempts=N", by audit_housekeeping. Bounded: where there are too many, those of an event are
 * counted together, without account and address. Detail and note of the entry stay empty.
 * Thread-safe. */
void audit_refused(struct ctx *c, const struct audit_entry *entry);

/* Writes down what has been refused. Called every few seconds by the server's housekeeper. Own
 * transactions, waited for. */
enum err audit_housekeeping(struct ctx *c);

struct audit_refusals *audit_refusals_new(void);
void audit_refusals_free(struct audit_refusals *refusals);

/* Takes everything personal out of the records about the account and of what it has done, inside
 * the transaction that erases it, after everything else of it has been removed: whoever writes
 * about the account later finds it gone. */
enum err audit_forget(struct ctx *c, int64_t user_id);

/* "login"; NULL for a number that is none. */
const char *audit_event_name(int64_t event);
const char *audit_outcome_name(int64_t outcome);
const char *audit_via_name(int64_t via);

/* The number of a name; -1: there is none. */
int audit_event_number(struct text name);
int audit_outcome_number(struct text name);

/* All names, in the order of audit.def, from 0. */
struct text audit_event_at(int index);
struct text audit_outcome_at(int index);
enum {
    AUDIT_EVENT_COUNT = 0
#define EVENT(number, name, text) +1
#define OUTCOME(number, name, text)
#include "core/audit.def"
#undef EVENT
#undef OUTCOME
    ,
    AUDIT_OUTCOME_COUNT = 0
#define EVENT(number, name, text)
#define OUTCOME(number, name, text) +1
#include "core/audit.def"
#undef EVENT
#undef OUTCOME
};

#endif
