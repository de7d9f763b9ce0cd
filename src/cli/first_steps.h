/* What a server says when there is no administrator yet. */
#ifndef CLI_FIRST_STEPS_H
#define CLI_FIRST_STEPS_H

#include "cli/command.h"

/* Text to print once the server listens: how to make the first one, on the command line, and on a
 * new database by a link to the console as well, if a listener has it. That link works once, for an
 * hour, until the next start (core/setup.h). Empty when there is one. `server` is open. */
struct text first_steps(struct command *c, const struct http_server *server);

#endif
