/* Ctrl-C, SIGTERM or a lost terminal while a command makes a database: nothing of it stays, and the
 * process dies of the signal, so that a script that ran it stops too. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include "db/bulk.h"

/* Before bulk_begin, which fills in *b: NULL as long as there is nothing to remove. `name` is the
 * command's, for the message. */
void interrupt_guard(struct bulk *const *b, const char *name);

/* Before bulk_end, but behind bulk_build, which takes long: from here on it is too late to stop. */
void interrupt_release(void);

#endif
