#include "cli/choose.h"

#include <argp.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

struct choice {
    const char *noun;
    const char *const *names;
    int chosen, first;
};

/* "there is no command "x": there are a, b and c" */
static void refuse(const struct choice *c, const char *word, const struct argp_state *state) {
    char list[500] = "";
    size_t used = 0;
    for (int i = 0; c->names[i] && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                 i == 0            ? ""
                                 : c->names[i + 1] ? ", "
                                                   : " and ",
                                 c->names[i]);
    argp_error(state, "there is no %s \"%s\": there are %s", c->noun, word, list);
}

static error_t parse(int key, char *arg, struct argp_state *state) {
    struct choice *c = state->input;
    switch (key) {
    case 'h':
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "the %s is missing", c->noun);
        return 0;
    case ARGP_KEY_ARG:
        for (int i = 0; c->names[i]; i++)
            if (strcmp(arg, c->names[i]) == 0)
                c->chosen = i;
        if (c->chosen < 0)
            refuse(c, arg, state);
        c->first = state->next - 1;
        state->next = state->argc; /* the rest belongs to the one chosen */
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

int choose(const char *noun, const char *doc, const char *const *names, int argc, char **argv,
           int *first) {
    static const struct argp_option options[] = {{.key = 'h', .flags = OPTION_HIDDEN}, {0}};
    char arguments[100];
    snprintf(arguments, sizeof arguments, "%s [ARGUMENT...]", noun);
    for (char *s = arguments; *s != ' '; s++)
        *s = (char)(*s - 'a' + 'A');
    const struct argp argp = {
        .options = options, .parser = parse, .args_doc = arguments, .doc = doc};
    struct choice c = {.noun = noun, .names = names, .chosen = -1};
    argp_err_exit_status = CLI_USAGE;
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &c);
    *first = c.first;
    return c.chosen;
}
