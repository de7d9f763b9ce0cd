/* rollcall dev-data */
#include <stdarg.h>
#include <stdio.h>

#include "api/format.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/unicode.h"
#include "cli/command.h"
#include "cli/fill.h"
#include "cli/interrupt.h"
#include "core/password.h"
#include "core/password_policy.h"

#define NAME              "rollcall dev-data"
#define PASSWORD          "password123"
#define ACCOUNTS          1000
#define FOLLOWS_EACH      10
#define UNTIL             "2026-01-01"
#define UNTIL_FIRST       "2000-01-01"
#define UNTIL_LAST        "2099-12-31"
#define STAFF_NAMES_SHOWN 3

struct dev_data {
    struct options options;
    struct arena arena;
    struct text password;
    int64_t accounts, seed, follows; /* follows: -1 when it has not been said */
    int64_t until;                   /* days */
    struct text superuser;
};

/* ---- Command line ---------------------------------------------------------------------------- */

enum { FLAG_ACCOUNTS = 1, FLAG_FOLLOWS, FLAG_SEED, FLAG_UNTIL, FLAG_PASSWORD, FLAG_SUPERUSER };

static const struct argp_option flags[] = {
    {"accounts", FLAG_ACCOUNTS, "N", 0, "How many accounts (default: 1000)", 0},
    {"follows", FLAG_FOLLOWS, "N", 0,
     "How many times somebody follows somebody (default: 10 for each account)", 0},
    {"seed", FLAG_SEED, "N", 0, "Another seed, other people (default: 1)", 0},
    {"until", FLAG_UNTIL, "DATE", 0,
     "Everything has happened before (default: " UNTIL "); who was here first joined six years "
     "earlier",
     0},
    {"password", FLAG_PASSWORD, "TEXT", 0, "Everybody's password (default: " PASSWORD ")", 0},
    {"superuser", FLAG_SUPERUSER, "NAME", 0, "Make account 1 a superuser of that name", 0},
    {0}};

static int64_t parse_number(const char *arg, int64_t min, int64_t max, const char *flag,
                            const struct argp_state *state) {
    int64_t n;
    if (!text_to_int(text_of(arg), &n) || n < min || n > max)
        argp_error(state, "%s: \"%s\" is not a number from %jd to %jd", flag, arg, (intmax_t)min,
                   (intmax_t)max);
    return n;
}

static int64_t parse_until(const char *arg, const struct argp_state *state) {
    int64_t date, first = 0, last = 0;
    clock_parse_date(TEXT(UNTIL_FIRST), &first);
    clock_parse_date(TEXT(UNTIL_LAST), &last);
    if (!clock_parse_date(text_of(arg), &date) || date < first || date > last)
        argp_error(state, "--until: \"%s\" is not a date from " UNTIL_FIRST " to " UNTIL_LAST, arg);
    return date;
}

/* As at registration, and good in an e-mail address. */
static struct text parse_superuser(struct dev_data *d, const char *arg,
                                   const struct argp_state *state) {
    struct router *router = router_new(routes_rows(), routes_count());
    struct text name = text_of(arg), email, address;
    email = text_format(&d->arena, "%s@example.com", arg);
    bool good = format_username(name) && format_email(&d->arena, email, &address) &&
                !routes_reserved(router, name);
    router_free(router);
    if (!good)
        argp_error(state, "--superuser: \"%s\" is reserved, or no user name", arg);
    return name;
}

/* What only makes sense once the whole line has been read. */
static void parse_end(struct dev_data *d, const struct argp_state *state) {
    int64_t most = d->accounts * (d->accounts - 1);
    if (d->follows < 0)
        d->follows = most < d->accounts * FOLLOWS_EACH ? most : d->accounts * FOLLOWS_EACH;
    if (d->follows > most)
        argp_error(state, "--follows: %jd accounts can follow each other %jd times at most",
                   (intmax_t)d->accounts, (intmax_t)most);
}

static error_t parse_flag(int key, char *arg, struct argp_state *state) {
    struct dev_data *d = state->input;
    switch (key) {
    case FLAG_ACCOUNTS:
        d->accounts = parse_number(arg, 1, CROWD_MAX, "--accounts", state);
        return 0;
    case FLAG_FOLLOWS:
        d->follows = parse_number(arg, 0, INT64_MAX, "--follows", state);
        return 0;
    case FLAG_SEED:
        d->seed = parse_number(arg, 0, INT64_MAX, "--seed", state);
        return 0;
    case FLAG_UNTIL:
        d->until = parse_until(arg, state);
        return 0;
    case FLAG_PASSWORD:
        d->password = text_of(arg);
        return 0;
    case FLAG_SUPERUSER:
        d->superuser = parse_superuser(d, arg, state);
        return 0;
    case ARGP_KEY_END:
        parse_end(d, state);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

static const char doc[] =
    "Makes a database to develop, demonstrate and measure with: people with names in many scripts, "
    "profiles, preferences, notifications and activity, who follow each other as people do, a few "
    "of them followed by very many. The same options give the same rows, on every machine and "
    "either engine."
    "\v"
    "The database must be new, and must never hold anybody real: all of these accounts have the "
    "same well-known password.\n"
    "\n"
    "Example:\n"
    "  rollcall dev-data --accounts 100000 --superuser olivia\n"
    "\n"
    "Exit status: 0 done, 1 failed and nothing made, 2 wrong usage.";

/* ---- Making it ------------------------------------------------------------------------------- */

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs(NAME ": ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

static enum err hash_password(struct dev_data *d, struct text *out) {
    struct core core = {.policy = d->options.policy};
    struct ctx c = {.core = &core, .arena = &d->arena};
    struct dice_key key = dice_key((uint64_t)d->seed, DICE_SALT);
    struct dice dice = dice_of(&key, 0);
    unsigned char salt[PASSWORD_SALT];
    for (size_t i = 0; i < sizeof salt; i++)
        salt[i] = (unsigned char)dice_below(&dice, 256);
    return password_hash_salted(&c, d->password, salt, out);
}

static enum err make(struct dev_data *d, const struct crowd *crowd) {
    struct progress progress = progress_start();
    struct fill_plan plan = {
        .crowd = crowd, .follows = (uint64_t)d->follows, .progress = &progress};
    struct bulk *bulk = NULL;
    progress.quiet = !progress.terminal;
    TRY(hash_password(d, &plan.password_hash));
    interrupt_guard(&bulk, NAME);
    TRY(bulk_begin(&bulk, d->options.database));
    progress.act = "Making ";
    enum err e = fill(bulk, &plan);
    progress.act = "Indexing ";
    if (e == OK)
        e = bulk_build(bulk, progress_step, &progress);
    interrupt_release();
    e = bulk_end(bulk, e, NULL, NULL);
    progress_end(&progress);
    return e;
}

static void print_names(struct dev_data *d, const struct crowd *crowd) {
    uint32_t staff = d->superuser.size ? 2 : 1;
    if (d->superuser.size)
        printf("Superuser: %s\n", d->superuser.at);
    for (uint32_t n = staff; n <= crowd->staff && n < staff + STAFF_NAMES_SHOWN; n++) {
        struct person p = crowd_person(crowd, &d->arena, n);
        printf("%s%s", n == staff ? "Staff: " : ", ", p.account.username.at);
    }
    if (crowd->staff >= staff)
        printf("%s\n", crowd->staff >= staff + STAFF_NAMES_SHOWN ? ", ..." : "");
    printf("Everybody's password is %.*s: let nobody real sign up here.\n", TEXT_ARGS(d->password));
}

static void print_summary(struct dev_data *d, const struct crowd *crowd, int64_t took) {
    struct text shown = database_label(&d->arena, d->options.database);
    int64_t tenths = took / (CLOCK_SECOND / 10);
    printf("%jd account%s and %jd follow%s in %.*s: %jd.%jd s, %jd accounts/s\n",
           (intmax_t)d->accounts, d->accounts == 1 ? "" : "s", (intmax_t)d->follows,
           d->follows == 1 ? "" : "s", TEXT_ARGS(shown), (intmax_t)(tenths / 10),
           (intmax_t)(tenths % 10), (intmax_t)(d->accounts * CLOCK_SECOND / (took ? took : 1)));
    print_names(d, crowd);
}

static void say_why(struct dev_data *d, enum err e) {
    struct text shown = database_label(&d->arena, d->options.database);
    if (e == ERR_CONFLICT)
        say("there is something in %s already: the database must be new", shown.at);
    else
        say("cannot make the database %s", shown.at);
}

/* Whether password and name are such as everybody's must be. */
static bool is_sound(struct dev_data *d, const struct crowd *crowd) {
    const char *objection = password_objection(&d->options.policy, &d->arena, d->password);
    if (objection)
        say("--password: %s", objection);
    else if (crowd_has(crowd, &d->arena, d->superuser))
        say("--superuser: somebody else is called %s", d->superuser.at);
    else
        return true;
    return false;
}

static enum cli_status run(struct dev_data *d) {
    const struct crowd_options options = {.seed = (uint64_t)d->seed,
                                          .accounts = (uint32_t)d->accounts,
                                          .until = d->until * CLOCK_DAY,
                                          .superuser = d->superuser};
    struct crowd crowd;
    crowd_open(&crowd, &options);
    int64_t begun = clock_monotonic();
    enum err e = is_sound(d, &crowd) ? make(d, &crowd) : ERR_VALIDATION;
    if (e == OK)
        print_summary(d, &crowd, clock_monotonic() - begun);
    else if (e != ERR_VALIDATION)
        say_why(d, e);
    crowd_close(&crowd);
    return e == OK ? CLI_OK : CLI_FAILED;
}

int cli_dev_data(int argc, char **argv) {
    static const struct setting_group *const settings[] = {&settings_database, &settings_password,
                                                           NULL};
    const struct command_line line = {
        .doc = doc, .flags = flags, .parser = parse_flag, .settings = settings};
    struct dev_data d = {
        .accounts = ACCOUNTS, .seed = 1, .follows = -1, .password = TEXT(PASSWORD)};
    clock_parse_date(TEXT(UNTIL), &d.until);
    options_start(&d.options);
    command_line_parse(&line, argc, argv, &d.options, &d);
    log_level_set(d.options.log_level);
    enum cli_status status = run(&d);
    arena_free(&d.arena);
    options_free(&d.options);
    return status;
}
