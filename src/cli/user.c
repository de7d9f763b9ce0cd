/* rollcall user: finds the action and the account it is about. The actions that list and create are
 * in files of their own. */
#include "cli/user.h"

#include <stdio.h>

#include "base/clock.h"
#include "cli/choose.h"
#include "core/moderation.h"

static const struct setting_group *const settings[] = {&settings_database, &settings_password,
                                                       NULL};

/* ---- Actions --------------------------------------------------------------------------------- */

static enum cli_status user_ban(struct user_command *u) {
    struct text reason;
    if (!user_take(u, TYPE_REASON, "reason", text_of(u->reason), &reason))
        return CLI_FAILED;
    enum err e = moderation_ban(&u->base.ctx, NULL, u->account.id, reason, u->until);
    if (!command_done(&u->base, e))
        return CLI_FAILED;
    printf("%s is banned and signed out everywhere\n", u->account.username.at);
    return CLI_OK;
}

static enum cli_status user_unban(struct user_command *u) {
    enum err e = moderation_unban(&u->base.ctx, NULL, u->account.id);
    if (!command_done(&u->base, e))
        return CLI_FAILED;
    printf("%s is not banned\n", u->account.username.at);
    return CLI_OK;
}

static enum cli_status user_logout(struct user_command *u) {
    int64_t ended = 0;
    enum err e = moderation_force_logout(&u->base.ctx, NULL, u->account.id, &ended);
    if (!command_done(&u->base, e))
        return CLI_FAILED;
    printf("%s: %jd session%s ended\n", u->account.username.at, (intmax_t)ended,
           ended == 1 ? "" : "s");
    return CLI_OK;
}

static enum cli_status change_roles(struct user_command *u, int64_t add, int64_t remove) {
    if (!command_done(&u->base, account_grant(&u->base.ctx, u->account.id, add, remove)))
        return CLI_FAILED;
    int64_t flags = (u->account.flags | add) & ~remove;
    printf("%s: staff %s, superuser %s, active %s\n", u->account.username.at,
           flags & ACCOUNT_STAFF ? "yes" : "no", flags & ACCOUNT_SUPERUSER ? "yes" : "no",
           flags & ACCOUNT_ACTIVE ? "yes" : "no");
    return CLI_OK;
}

static enum cli_status user_grant(struct user_command *u) {
    return change_roles(u, u->roles, 0);
}

static enum cli_status user_revoke(struct user_command *u) {
    return change_roles(u, 0, u->roles);
}

static const char *wants_email(const struct user_command *u) {
    return u->email ? NULL : "--email is missing";
}

static const char *wants_reason(const struct user_command *u) {
    return u->reason && *u->reason ? NULL : "--reason is missing";
}

static const char *wants_yes(const struct user_command *u) {
    return u->yes ? NULL : "an erasure cannot be undone: add --yes";
}

static const char *wants_roles(const struct user_command *u) {
    return u->roles ? NULL : "name a role: --staff, --superuser or --active";
}

/* ---- Flags ----------------------------------------------------------------------------------- */

#define STAFF                                                                                      \
    { "staff", FLAG_STAFF, 0, 0, "May use the staff endpoints", 0 }
#define SUPERUSER                                                                                  \
    { "superuser", FLAG_SUPERUSER, 0, 0, "May also act on staff", 0 }
#define ACTIVE                                                                                     \
    { "active", FLAG_ACTIVE, 0, 0, "May sign in at all", 0 }
#define JSON                                                                                       \
    { "json", FLAG_JSON, 0, 0, "Print JSON", 0 }
#define PASSWORD_STDIN                                                                             \
    {                                                                                              \
        "password-stdin", FLAG_PASSWORD_STDIN, 0, 0,                                               \
            "Read the password from standard input instead of asking for it", 0                    \
    }

static const struct argp_option add_flags[] = {
    {"email", FLAG_EMAIL, "ADDRESS", 0, "E-mail address (required)", 0},
    STAFF,
    SUPERUSER,
    PASSWORD_STDIN,
    {0}};
static const struct argp_option list_flags[] = {
    JSON,
    {"status", FLAG_STATUS, "STATUS", 0, "Only those that are active, banned or inactive", 0},
    {"limit", FLAG_LIMIT, "N", 0, "At most so many (default: 100)", 0},
    {"page", FLAG_PAGE, "N", 0, "The Nth page of so many (default: 1)", 0},
    {0}};
static const struct argp_option show_flags[] = {JSON, {0}};
static const struct argp_option ban_flags[] = {
    {"reason", FLAG_REASON, "TEXT", 0, "Why; staff can read it (required)", 0},
    {"until", FLAG_UNTIL, "TIME", 0,
     "When the ban ends by itself, while a server runs: 2030-01-31T12:00:00Z (default: never)", 0},
    {0}};
static const struct argp_option passwd_flags[] = {PASSWORD_STDIN, {0}};
static const struct argp_option erase_flags[] = {
    {"yes", FLAG_YES, 0, 0, "It cannot be undone, and that is understood (required)", 0}, {0}};
static const struct argp_option role_flags[] = {STAFF, SUPERUSER, ACTIVE, {0}};

#define NAME_HELP "NAME is a user name or an e-mail address."

static const struct user_action actions[] = {
    {"add", "rollcall user add", "NAME", false, true, add_flags,
     "Creates an account under the rules that registration has. Asks for the password at the "
     "terminal."
     "\vExample:\n"
     "  rollcall user add olivia --email olivia@example.com --superuser",
     user_add, wants_email},
    {"list", "rollcall user list", "[TEXT]", false, false, list_flags,
     "Lists accounts, newest first: all, or those with TEXT in name or bio, or at the start of the "
     "e-mail address.",
     user_list, NULL},
    {"show", "rollcall user show", "NAME", true, false, show_flags,
     "Prints all there is to know about an account. " NAME_HELP, user_show, NULL},
    {"ban", "rollcall user ban", "NAME", true, false, ban_flags,
     "Bars an account and ends its sessions. " NAME_HELP, user_ban, wants_reason},
    {"unban", "rollcall user unban", "NAME", true, false, NULL,
     "Lets a banned account in again. " NAME_HELP, user_unban, NULL},
    {"logout", "rollcall user logout", "NAME", true, false, NULL,
     "Ends all sessions of an account. " NAME_HELP, user_logout, NULL},
    {"passwd", "rollcall user passwd", "NAME", true, false, passwd_flags,
     "Sets a new password and ends all sessions. Asks for it at the terminal. " NAME_HELP,
     user_passwd, NULL},
    {"grant", "rollcall user grant", "NAME", true, false, role_flags,
     "Gives roles to an account. " NAME_HELP, user_grant, wants_roles},
    {"revoke", "rollcall user revoke", "NAME", true, false, role_flags,
     "Takes roles from an account. " NAME_HELP, user_revoke, wants_roles},
    {"export", "rollcall user export", "NAME", true, false, NULL,
     "Prints all that is kept about an account, but for secrets, as one JSON document. " NAME_HELP,
     user_export, NULL},
    {"erase", "rollcall user erase", "NAME", true, false, erase_flags,
     "Erases an account and everything about it but its id, which is kept so that it can be erased "
     "again after the restore of an older backup. " NAME_HELP,
     user_erase, wants_yes},
    {"erase-again", "rollcall user erase-again", "", false, false, NULL,
     "Erases accounts that the restore of an older backup has brought back, by the erasure "
     "journal. "
     "The server does that itself when it starts.",
     user_erase_again, NULL},
};

/* ---- Command line ---------------------------------------------------------------------------- */

static unsigned parse_number(const char *arg, unsigned max, const char *flag,
                             const struct argp_state *state) {
    int64_t n;
    if (!text_to_int(text_of(arg), &n) || n < 1 || n > max)
        argp_error(state, "%s: \"%s\" is not a number from 1 to %u", flag, arg, max);
    return (unsigned)n;
}

static enum roster_status parse_status(const char *arg, const struct argp_state *state) {
    static const char *const words[] = {
        [STATUS_ACTIVE] = "active", [STATUS_BANNED] = "banned", [STATUS_INACTIVE] = "inactive"};
    for (int i = STATUS_ACTIVE; i <= STATUS_INACTIVE; i++)
        if (strcmp(arg, words[i]) == 0)
            return (enum roster_status)i;
    argp_error(state, "--status: \"%s\" is not active, banned or inactive", arg);
    return STATUS_ANY;
}

static int64_t parse_until(const char *arg, const struct argp_state *state) {
    int64_t until;
    if (!clock_parse(text_of(arg), &until))
        argp_error(state, "--until: \"%s\" is not a time like 2030-01-31T12:00:00Z", arg);
    if (until <= clock_now())
        argp_error(state, "--until: %s is not in the future", arg);
    return until;
}

static error_t parse_end(const struct user_command *u, const struct argp_state *state) {
    if (u->name == NULL && u->action->arguments[0] == 'N')
        argp_error(state, "NAME is missing");
    const char *objection = u->action->objection ? u->action->objection(u) : NULL;
    if (objection)
        argp_error(state, "%s", objection);
    return 0;
}

static error_t parse_argument(struct user_command *u, char *arg) {
    if (u->name || *u->action->arguments == '\0')
        return ARGP_ERR_UNKNOWN; /* argp says that there are too many */
    u->name = arg;
    return 0;
}

static error_t parse_flag(int key, char *arg, struct argp_state *state) {
    struct user_command *u = state->input;
    switch (key) {
    case FLAG_EMAIL:
        u->email = arg;
        return 0;
    case FLAG_REASON:
        u->reason = arg;
        return 0;
    case FLAG_UNTIL:
        u->until = parse_until(arg, state);
        return 0;
    case FLAG_STATUS:
        u->status = parse_status(arg, state);
        return 0;
    case FLAG_STAFF:
        u->roles |= ACCOUNT_STAFF;
        return 0;
    case FLAG_SUPERUSER:
        u->roles |= ACCOUNT_SUPERUSER;
        return 0;
    case FLAG_ACTIVE:
        u->roles |= ACCOUNT_ACTIVE;
        return 0;
    case FLAG_PASSWORD_STDIN:
        u->password_stdin = true;
        return 0;
    case FLAG_JSON:
        u->json = true;
        return 0;
    case FLAG_YES:
        u->yes = true;
        return 0;
    case FLAG_LIMIT:
        u->limit = parse_number(arg, 10000, "--limit", state);
        return 0;
    case FLAG_PAGE:
        u->page = parse_number(arg, 1000000, "--page", state);
        return 0;
    case ARGP_KEY_ARG:
        return parse_argument(u, arg);
    case ARGP_KEY_END:
        return parse_end(u, state);
    }
    return ARGP_ERR_UNKNOWN;
}

/* ---- Running an action ----------------------------------------------------------------------- */

static enum cli_status act(struct user_command *u) {
    if (u->action->wants_account) {
        enum err e = account_by_login(&u->base.ctx, text_of(u->name), &u->account);
        if (e == ERR_USER_NOT_FOUND) {
            command_say(&u->base, "there is no account \"%s\"", u->name);
            return CLI_FAILED;
        }
        if (!command_done(&u->base, e))
            return CLI_FAILED;
    }
    return u->action->run(u);
}

static enum cli_status run_action(const struct user_action *action, int argc, char **argv) {
    const struct command_line line = {.arguments = action->arguments,
                                      .doc = action->doc,
                                      .flags = action->flags,
                                      .parser = parse_flag,
                                      .settings = settings};
    struct user_command u = {.base = {.name = action->full_name, .may_create = action->may_create},
                             .action = action,
                             .limit = 100,
                             .page = 1};
    options_start(&u.base.options);
    command_line_parse(&line, argc, argv, &u.base.options, &u);
    enum cli_status status = CLI_FAILED;
    if (command_open(&u.base)) {
        status = act(&u);
        command_close(&u.base);
    }
    options_free(&u.base.options);
    return status;
}

static const char doc[] =
    "Works on accounts, whether the server runs or not: a change takes effect at the next request."
    "\v"
    "Actions:\n"
    "  add NAME                     Create an account\n"
    "  list [TEXT]                  List accounts\n"
    "  show NAME                    Everything about one account\n"
    "  ban NAME, unban NAME         Bar an account, or let it in again\n"
    "  logout NAME                  End all its sessions\n"
    "  passwd NAME                  Set a new password and end all sessions\n"
    "  grant NAME, revoke NAME      Give or take roles\n"
    "  export NAME                  All that is kept about an account, as JSON\n"
    "  erase NAME                   Erase an account and all about it\n"
    "  erase-again                  Erase what a restored backup has brought back\n"
    "\n"
    "Examples:\n"
    "  rollcall user add olivia --email olivia@example.com --superuser\n"
    "  rollcall user list --status banned --json\n"
    "  rollcall user ban mallory --reason 'Violation of terms of service'\n"
    "  rollcall user ban --help\n"
    "\n"
    "Exit status: 0 done, 1 refused or failed, 2 wrong usage.";

int cli_user(int argc, char **argv) {
    enum { COUNT = sizeof actions / sizeof actions[0] };
    const char *names[COUNT + 1] = {NULL};
    for (size_t i = 0; i < COUNT; i++)
        names[i] = actions[i].name;
    int first, chosen = choose("action", doc, names, argc, argv, &first);
    argv[first] = (char *)actions[chosen].full_name;
    return run_action(&actions[chosen], argc - first, argv + first);
}
