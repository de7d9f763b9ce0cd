/* The thread that verifies the audit trail while the server runs, when somebody asks. */
#ifndef CLI_AUDITOR_H
#define CLI_AUDITOR_H

#include "core/core.h"

struct auditor;

/* Starts it. It works with the handle of `ctx`, which nobody else uses until it has ended. */
struct auditor *auditor_start(const struct ctx *ctx);

/* Ends it, in the middle of a check if need be, and frees it. */
void auditor_stop(struct auditor *a);

#endif
