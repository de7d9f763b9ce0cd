/* The thread that seals the audit trail and keeps the sessions tidy while the server runs. */
#ifndef CLI_HOUSEKEEPER_H
#define CLI_HOUSEKEEPER_H

#include "core/core.h"

struct housekeeper;

/* Starts it on a database handle of its own. NULL, logged, when it cannot have one. */
struct housekeeper *housekeeper_start(struct core *core);

/* Ends it, after a last round, and frees it. */
void housekeeper_stop(struct housekeeper *h);

#endif
