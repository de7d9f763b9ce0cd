/* What in a server's settings its operator should know the price of; staff see it in the console.
 */
#ifndef CLI_WARNINGS_H
#define CLI_WARNINGS_H

#include "api/service.h"
#include "cli/command.h"

#define WARNINGS_MAX 8

/* Fills `out`; how many. The database is open, and the process is the user that it will be. */
size_t warnings_find(const struct command *c, struct service_warning out[WARNINGS_MAX]);

#endif
