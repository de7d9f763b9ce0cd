/* rollcall key */
#include <stdio.h>

#include "cli/choose.h"
#include "cli/command.h"
#include "core/token.h"

static enum cli_status key_rotate(struct command *c) {
    if (!command_done(c, keyring_rotate(&c->ctx)))
        return CLI_FAILED;
    printf("A new key signs; a running server takes it up within seconds. Tokens that are out stay "
           "good\n");
    return CLI_OK;
}

static const char doc[] =
    "Works on the keys that sign access and refresh tokens, whether the server runs or not."
    "\v"
    "Actions:\n"
    "  rotate                     Sign with a new key from now on. Older keys verify what they\n"
    "                             have signed until it has expired, and are then forgotten\n"
    "\n"
    "Exit status: 0 done, 1 refused or failed, 2 wrong usage.";

static const struct command_line rotate_line = {
    .doc =
        "Makes a new key that signs tokens from now on. With --signing-key-file the server signs "
        "with that key all the same.",
    .settings = (const struct setting_group *const[]){&settings_database, &settings_token, NULL}};

int cli_key(int argc, char **argv) {
    static const char *const actions[] = {"rotate", NULL};
    int first;
    choose("action", doc, actions, argc, argv, &first);
    static char name[] = "rollcall key rotate";
    argv[first] = name;
    struct command c = {.name = name};
    options_start(&c.options);
    command_line_parse(&rotate_line, argc - first, argv + first, &c.options, NULL);
    enum cli_status status = CLI_FAILED;
    if (command_open(&c)) {
        status = key_rotate(&c);
        command_close(&c);
    }
    options_free(&c.options);
    return status;
}
