/* rollcall openapi */
#include <stdio.h>

#include "base/embed.h"
#include "cli/command.h"

int cli_openapi(int argc, char **argv) {
    static const struct setting_group *const settings[] = {NULL};
    const struct command_line line = {
        .doc =
            "Prints the API as an OpenAPI 3.1 document, the one that is served at /openapi.json.",
        .settings = settings};
    struct options options;
    options_start(&options);
    command_line_parse(&line, argc, argv, &options, NULL);
    options_free(&options);

    struct text document = embedded_rows(embedded_site, "openapi.json");
    bool written = fwrite(document.at, 1, document.size, stdout) == document.size;
    if (fflush(stdout) == 0 && written)
        return CLI_OK;
    perror("rollcall openapi");
    return CLI_FAILED;
}
