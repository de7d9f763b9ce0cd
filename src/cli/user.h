/* rollcall user: what its actions share. */
#ifndef CLI_USER_H
#define CLI_USER_H

#include "api/input.h"
#include "cli/command.h"
#include "core/account.h"
#include "core/roster.h"

/* One action on its way: what the command line said, and whom it is about. */
struct user_command {
    struct command base;
    const struct user_action *action;
    const char *name; /* NAME or TEXT; NULL when it was left out */
    const char *email, *reason;
    int64_t until; /* µs; 0: not said */
    enum roster_status status;
    unsigned limit, page;
    bool password_stdin, json, yes;
    int64_t roles;          /* --staff, --superuser, --active, as flags of the account */
    struct account account; /* the one of that name, where the action wants one */
};

struct user_action {
    const char *name;      /* "ban" */
    const char *full_name; /* its argv[0] */
    const char *arguments; /* as in usage */
    bool wants_account;    /* NAME is an account that is there */
    bool may_create;       /* on a database that is not there yet: it makes one */
    const struct argp_option *flags;
    const char *doc;
    enum cli_status (*run)(struct user_command *u);
    /* What is missing or wrong about the command line, if anything. */
    const char *(*objection)(const struct user_command *u);
};

enum user_flag {
    FLAG_EMAIL = 1,
    FLAG_REASON,
    FLAG_UNTIL,
    FLAG_STAFF,
    FLAG_SUPERUSER,
    FLAG_ACTIVE,
    FLAG_PASSWORD_STDIN,
    FLAG_JSON,
    FLAG_STATUS,
    FLAG_LIMIT,
    FLAG_PAGE,
    FLAG_YES,
};

/* Checks a text as the API checks the field of that name and type, and gives what it would keep.
 * False when it is no good, having said why. */
bool user_take(struct user_command *u, enum field_type type, const char *field, struct text given,
               struct text *out);

/* user_add.c */
enum cli_status user_add(struct user_command *u);
enum cli_status user_passwd(struct user_command *u);

/* user_list.c */
enum cli_status user_list(struct user_command *u);
enum cli_status user_show(struct user_command *u);

/* user_export.c */
enum cli_status user_export(struct user_command *u);
enum cli_status user_erase(struct user_command *u);
enum cli_status user_erase_again(struct user_command *u);

#endif
