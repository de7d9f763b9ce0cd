/* Recomputes every counter and statistic from the rows they sum up and compares. */
#ifndef CORE_CHECK_H
#define CORE_CHECK_H

#include "core/core.h"

/* Calls `found` with one sentence per difference, which it must copy if it keeps it. *differences
 * counts them. Also runs the engine's own integrity check and the search indexes'. Counters are
 * compared in one snapshot, so a serving process may run beside it; for the search indexes it holds
 * the writer, and writes wait meanwhile. */
enum err check_run(struct ctx *c, void (*found)(void *self, struct text sentence), void *self,
                   int64_t *differences);

#endif
