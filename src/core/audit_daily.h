/* What the records that are sealed mean for the figures of their days (daily.h). */
#ifndef CORE_AUDIT_DAILY_H
#define CORE_AUDIT_DAILY_H

#include "core/audit_chain.h"

/* Counts sign-ups and logins among them, in the transaction that seals them: a record is sealed
 * once, so it counts once. */
enum err audit_count_days(struct ctx *c, const struct audit_record *records, size_t count);

#endif
