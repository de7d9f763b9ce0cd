/* rollcall: finds the subcommand and hands over. */
#include <argp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/random.h"
#include "cli/choose.h"
#include "cli/cli.h"
#include "core/catalog.h"

const char *argp_program_version = "rollcall " ROLLCALL_VERSION;

static const struct command {
    const char *name;
    const char *full_name; /* its argv[0] */
    int (*run)(int argc, char **argv);
} commands[] = {
    {"serve", "rollcall serve", cli_serve},
    {"user", "rollcall user", cli_user},
    {"key", "rollcall key", cli_key},
    {"audit", "rollcall audit", cli_audit},
    {"check", "rollcall check", cli_check},
    {"copy", "rollcall copy", cli_copy},
    {"dev-data", "rollcall dev-data", cli_dev_data},
    {"openapi", "rollcall openapi", cli_openapi},
    {"version", "rollcall version", cli_version},
};

static const char doc[] =
    "Accounts, sessions, profiles, moderation and the follow graph of a platform, in one server."
    "\v"
    "Commands:\n"
    "  serve                      Answer HTTP requests\n"
    "  user add NAME              Create an account; the first administrator is made this way\n"
    "  user list [TEXT]           List accounts, or those in which TEXT is found\n"
    "  user show NAME             Everything about one account\n"
    "  user ban|unban NAME        Bar an account, or let it in again\n"
    "  user logout NAME           End all sessions of an account\n"
    "  user passwd NAME           Set a new password and end all sessions\n"
    "  user grant|revoke NAME     Give or take the staff and superuser roles\n"
    "  key rotate                 Sign tokens with a new key\n"
    "  audit verify|export        Prove the audit trail untouched, or print it\n"
    "  check                      Prove every counter and statistic equal to what it counts\n"
    "  copy                       Move house: copy a database to another file or engine\n"
    "  dev-data                   Make a database full of made-up people\n"
    "  openapi                    Print the API as an OpenAPI document\n"
    "  version                    Print version and libraries\n"
    "\n"
    "Examples:\n"
    "  rollcall serve\n"
    "  rollcall serve --database sqlite:/var/lib/rollcall/rollcall.db --listen 0.0.0.0:8000\n"
    "  rollcall user add olivia --email olivia@example.com --superuser\n"
    "  rollcall serve --help\n"
    "\n"
    "Exit status: 0 done, 1 refused or failed, 2 wrong usage.";

int main(int argc, char **argv) {
    enum { COUNT = sizeof commands / sizeof commands[0] };
    const char *names[COUNT + 1] = {NULL};
    for (size_t i = 0; i < COUNT; i++)
        names[i] = commands[i].name;
    setenv("ARGP_HELP_FMT", "opt-doc-col=32,long-opt-col=2,rmargin=90", 0);
    int first, chosen = choose("command", doc, names, argc, argv, &first);

    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like any other */
    umask(077);               /* what the database holds is nobody else's business */
    random_start();
    catalog_start();
    argv[first] = (char *)commands[chosen].full_name;
    return commands[chosen].run(argc - first, argv + first);
}
