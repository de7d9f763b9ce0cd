/* What every subcommand that works on the database stands on. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/cli.h"
#include "cli/options.h"
#include "core/core.h"

/* An open database and a context to call the rules with. Passed by its address, never copied: the
 * context points into it. */
struct command {
    const char *name; /* "rollcall user add"; in front of messages */
    bool may_create; /* make the database when it is not there: a typo must not look like success */
    bool serves;     /* it is told of all replicas; else any may be read from while it writes */
    bool patient;    /* a statement may take as long as it likes: nobody waits for an answer */
    struct options options;
    struct core core;
    struct arena arena;
    struct ctx ctx; /* what is done is done by the command line, and seen so in the audit trail */
};

/* Opens what the options name, and closes it. False when it cannot be opened; standard error says
 * why. */
bool command_open(struct command *c);
void command_close(struct command *c);

/* The database's URL without a password in it, to be shown. */
struct text command_database(struct command *c);

/* Whether a rule succeeded and what it wrote is on disk: only then may success be reported. Else
 * standard error has the reason, in the words a client would be told. */
bool command_done(struct command *c, enum err e);

/* "NAME: message" on standard error. */
void command_say(const struct command *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
