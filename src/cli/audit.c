/* rollcall audit */
#include "cli/audit.h"

#include <stdio.h>

#include "base/clock.h"
#include "cli/choose.h"
#include "core/account.h"
#include "core/audit_verify.h"

/* ---- Verifying ------------------------------------------------------------------------------- */

static void print_fault(void *self, struct text sentence) {
    (void)self;
    printf("%.*s\n", TEXT_ARGS(sentence));
}

static void print_report(struct audit_command *a, const struct audit_report *r) {
    if (r->faults)
        printf("%jd fault%s\n", (intmax_t)r->faults, r->faults == 1 ? "" : "s");
    else
        printf("OK: %jd record%s, each as it was sealed\n", (intmax_t)r->records,
               r->records == 1 ? "" : "s");
    if (r->anchor.seq)
        printf("Those up to %jd have been removed for their age\n", (intmax_t)r->anchor.seq);
    if (r->unsealed)
        printf("%jd not sealed yet\n", (intmax_t)r->unsealed);
    struct text head = audit_end_text(&a->base.arena, &r->head);
    printf("head %.*s\n", TEXT_ARGS(head));
}

static enum cli_status verify(struct audit_command *a) {
    struct audit_report report;
    const struct audit_check how = {.expected = a->expects ? &a->expected : NULL,
                                    .fault = print_fault};
    if (!command_done(&a->base, audit_verify(&a->base.ctx, &how, &report)))
        return CLI_FAILED;
    print_report(a, &report);
    return report.faults ? CLI_FAILED : CLI_OK;
}

/* ---- Command line ---------------------------------------------------------------------------- */

enum { FLAG_EXPECT = 1, FLAG_SINCE, FLAG_USER, FLAG_USER_ID };

static const struct argp_option verify_flags[] = {
    {"expect", FLAG_EXPECT, "HEAD", 0,
     "A head that was noted earlier (17:5fe0…): it must still be in the chain", 0},
    {0}};
static const struct argp_option export_flags[] = {
    {"since", FLAG_SINCE, "YYYY-MM-DD", 0, "Only what happened on that day (UTC) or later", 0},
    {"user", FLAG_USER, "NAME", 0, "Only what was done to this account, or by it", 0},
    {"user-id", FLAG_USER_ID, "N", 0, "The same by its id: for accounts that have been erased", 0},
    {0}};

static error_t take(struct audit_command *a, int key, const char *arg,
                    const struct argp_state *state) {
    int64_t days;
    switch (key) {
    case FLAG_EXPECT:
        a->expects = true;
        if (!audit_end_parse(text_of(arg), &a->expected))
            argp_error(state, "--expect: \"%s\" is not a head as `audit verify` prints it", arg);
        return 0;
    case FLAG_SINCE:
        if (!clock_parse_date(text_of(arg), &days))
            argp_error(state, "--since: \"%s\" is not a date such as 2024-01-31", arg);
        a->since = days * CLOCK_DAY;
        return 0;
    case FLAG_USER:
        a->user = arg;
        return 0;
    case FLAG_USER_ID:
        if (!text_to_int(text_of(arg), &a->user_id) || a->user_id < 1)
            argp_error(state, "--user-id: \"%s\" is not the id of an account", arg);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static error_t parse_flag(int key, char *arg, struct argp_state *state) {
    return take(state->input, key, arg, state);
}

static enum cli_status export(struct audit_command *a) {
    struct account account; if (a->user){
        enum err e = account_by_login(&a->base.ctx, text_of(a->user), &account);
        if (e == ERR_USER_NOT_FOUND){command_say(&a->base, "there is no account \"%s\"", a->user);
                                     return CLI_FAILED;}
if (!command_done(&a->base, e)) return CLI_FAILED;
a->user_id = account.id;
}
return audit_export(a);
}

static const struct setting_group *const settings[] = {&settings_database, NULL};

static const struct {
    const char *full_name;
    enum cli_status (*run)(struct audit_command *a);
    struct command_line line;
} actions[] = {
    {"rollcall audit verify",
     verify,
     {.doc = "Proves that no sealed record was changed, removed or moved: prints a line for each "
             "that was, and the head of the chain."
             "\v"
             "Who can write to the database can also make a new chain. Note the head where they "
             "cannot reach it, and give it with --expect later on. May run while the server runs.\n"
             "\n"
             "Exit status: 0 all is as it was sealed, 1 it is not or the check failed, 2 wrong "
             "usage.",
      .flags = verify_flags,
      .parser = parse_flag,
      .settings = settings}},
    {"rollcall audit export",
     export,
     {.doc = "Prints the audit trail in the order of the chain, a line of JSON for each record, in "
             "ASCII alone. What has not been sealed yet comes last, with a seq of null."
             "\v"
             "Exit status: 0 done, 1 failed, 2 wrong usage.",
      .flags = export_flags,
      .parser = parse_flag,
      .settings = settings}},
};

static const char doc[] =
    "Works on the audit trail: who did what to whom, when and from where."
    "\v"
    "Actions:\n"
    "  verify                     Prove that nothing was changed, removed or moved\n"
    "  export                     Print it as JSON Lines\n"
    "\n"
    "Examples:\n"
    "  rollcall audit verify --expect \"$(cat noted-head)\"\n"
    "  rollcall audit export --since 2024-01-31 --user mallory | jq .\n"
    "\n"
    "Exit status: 0 done, 1 refused or failed, 2 wrong usage.";

int cli_audit(int argc, char **argv) {
    static const char *const names[] = {"verify", "export", NULL};
    int first, chosen = choose("action", doc, names, argc, argv, &first);
    argv[first] = (char *)actions[chosen].full_name;
    struct audit_command a = {.base = {.name = actions[chosen].full_name, .patient = true}};
    options_start(&a.base.options);
    command_line_parse(&actions[chosen].line, argc - first, argv + first, &a.base.options, &a);
    enum cli_status status = CLI_FAILED;
    if (command_open(&a.base)) {
        status = actions[chosen].run(&a);
        command_close(&a.base);
    }
    options_free(&a.base.options);
    return status;
}
