/* rollcall audit: what its actions share. */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include "cli/command.h"
#include "core/audit_chain.h"

struct audit_command {
    struct command base;
    struct audit_end expected;
    bool expects;
    const char *user; /* NULL: everybody */
    int64_t user_id;  /* of that name, or as given; 0: everybody */
    int64_t since;    /* µs */
};

/* audit_export.c */
enum cli_status audit_export(struct audit_command *a);

#endif
