/* The subcommands. Each takes its own argv (argv[0] is "rollcall NAME") and returns the exit
 * status. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

enum cli_status {
    CLI_OK = 0,
    CLI_FAILED = 1, /* refused or gone wrong; standard error says how */
    CLI_USAGE = 2,  /* the command line or the environment makes no sense */
};

int cli_serve(int argc, char **argv);
int cli_user(int argc, char **argv);
int cli_key(int argc, char **argv);
int cli_audit(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_copy(int argc, char **argv);
int cli_dev_data(int argc, char **argv);
int cli_openapi(int argc, char **argv);
int cli_version(int argc, char **argv);

#endif
