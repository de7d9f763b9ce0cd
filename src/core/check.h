/* Recomputes every counter and statistic from the rows they sum up and compares. */
#ifndef CORE_CHECK_H
#define CORE_CHECK_H

#include "core/core.h"

/* Calls `found` with one sentence per difference, which it must copy if it keeps it. *differences
 * counts them. Also runs the engine's own integrity check. All in one snapshot, so a serving
 * process may run beside it. With `search` the search indexes are checked as well: that holds the
 * writer, and writes wait meanwhile. */
enum err check_run(struct ctx *c, bool search, void (*found)(void *self, struct text sentence),
                   void *self, int64_t *differences);

#endif
