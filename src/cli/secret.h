/* Reading a password from a person or from a pipe. */
#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include <stdbool.h>

#include "base/text.h"

/* The first line of standard input, without its line break. False, with a sentence in *why, when
 * there is none or it is longer than a password may be. */
bool secret_from_stdin(struct arena *arena, struct text *out, const char **why);

/* Asks for it twice at the terminal, without echo. False, with a sentence in *why, when there is no
 * terminal, when the two differ or when it was interrupted. */
bool secret_from_terminal(struct arena *arena, struct text *out, const char **why);

#endif
