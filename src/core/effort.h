/* What a password check costs, made the same for everybody: a hash that was made with cheaper
 * settings is compared sooner than one of today, and than the hash of nothing that an unknown name
 * is compared with, and would tell that there is such an account. So whoever was quicker computes
 * on for as long as a full hash takes at present: in processor time of the thread, which a busy
 * machine stretches for all alike, and measured on this machine, since the time of a hash does not
 * follow from its settings. It is never more than what an unknown name costs. */
#ifndef CORE_EFFORT_H
#define CORE_EFFORT_H

#include <stdbool.h>
#include <stdint.h>

/* The time that the latest full hashes took. One per core; thread-safe. */
struct effort;

struct effort *effort_new(void);
void effort_free(struct effort *effort);

/* Where this thread's processor time stands, in ns: the beginning of what is measured. */
int64_t effort_begin(void);

/* A full hash, with the settings of the moment, is all that has been done since. */
void effort_note(struct effort *effort, int64_t begin);

/* Whether a full hash has been noted. */
bool effort_known(struct effort *effort);

/* Computes until as much has been done since `begin` as the median of the latest full hashes. */
void effort_make_up(struct effort *effort, int64_t begin);

#endif
