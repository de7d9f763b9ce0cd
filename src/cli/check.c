/* rollcall check */
#include "core/check.h"

#include <stdio.h>

#include "cli/command.h"
#include "core/stats.h"

static void print_difference(void *self, struct text sentence) {
    (void)self;
    printf("%.*s\n", TEXT_ARGS(sentence));
}

#define FLAG_SEARCH 1

static const struct argp_option flags[] = {
    {"search", FLAG_SEARCH, 0, 0, "Check the search indexes too; writes wait meanwhile", 0}, {0}};

static error_t parse_flag(int key, char *arg, struct argp_state *state) {
    (void)arg;
    bool *search = state->input;
    if (key != FLAG_SEARCH)
        return ARGP_ERR_UNKNOWN;
    *search = true;
    return 0;
}

/* False: some are damaged, or nobody can say. */
static bool check_pages(struct command *c, struct db_pages *pages) {
    if (database_check_pages(c->options.database, pages) != OK)
        return false;
    if (pages->damaged)
        printf("%jd of %jd pages are damaged\n", (intmax_t)pages->damaged, (intmax_t)pages->all);
    return pages->damaged == 0;
}

/* What no check of the pages would have found. */
static void print_unprotected(struct command *c, struct db_pages pages) {
    if (pages.bare)
        printf("%jd of %jd pages have no checksum: another program has written them\n",
               (intmax_t)pages.bare, (intmax_t)pages.all);
    else if (!pages.all && database_file(c->options.database))
        printf("The pages have no checksums: the database was made without (rollcall copy makes "
               "one with them)\n");
}

static enum cli_status check(struct command *c, bool search) {
    int64_t differences, accounts;
    struct db_pages pages;
    if (!check_pages(c, &pages))
        return CLI_FAILED;
    if (!command_done(c, check_run(&c->ctx, search, print_difference, NULL, &differences)))
        return CLI_FAILED;
    if (differences) {
        printf("%jd difference%s\n", (intmax_t)differences, differences == 1 ? "" : "s");
        return CLI_FAILED;
    }
    if (!command_done(c, stats_accounts(&c->ctx, STATS_TOTAL, &accounts)))
        return CLI_FAILED;
    printf("OK: %jd account%s, every counter and statistic is right\n", (intmax_t)accounts,
           accounts == 1 ? "" : "s");
    print_unprotected(c, pages);
    return CLI_OK;
}

int cli_check(int argc, char **argv) {
    static const struct setting_group *const settings[] = {&settings_database, NULL};
    const struct command_line line = {
        .doc = "Recomputes every counter and statistic from the rows they sum up, and has the "
               "database engine check itself and every page of its file. Prints one line for each "
               "difference. May run while "
               "the server runs."
               "\v"
               "Exit status: 0 all is right, 1 there are differences or the check failed, 2 wrong "
               "usage.",
        .flags = flags,
        .parser = parse_flag,
        .settings = settings};
    bool search = false;
    struct command c = {.name = argv[0], .patient = true};
    options_start(&c.options);
    command_line_parse(&line, argc, argv, &c.options, &search);
    enum cli_status status = CLI_FAILED;
    if (command_open(&c)) {
        status = check(&c, search);
        command_close(&c);
    } else
        check_pages(&c, &(struct db_pages){0});
    options_free(&c.options);
    return status;
}
