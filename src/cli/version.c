#include <jansson.h>
#include <openssl/crypto.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <utf8proc.h>
#include <uv.h>

#include "cli/command.h"

int cli_version(int argc, char **argv) {
    static const struct setting_group *const settings[] = {NULL};
    const struct command_line line = {
        .doc = "Prints the version, and those of the libraries it runs with.",
        .settings = settings};
    struct options options;
    options_start(&options);
    command_line_parse(&line, argc, argv, &options, NULL);
    options_free(&options);

    printf("rollcall %s\n", ROLLCALL_VERSION);
    printf("SQLite %s, libuv %s, libsodium %s, OpenSSL %s, jansson %s, utf8proc %s\n",
           sqlite3_libversion(), uv_version_string(), sodium_version_string(),
           OpenSSL_version(OPENSSL_VERSION_STRING), jansson_version_str(), utf8proc_version());
    return CLI_OK;
}
