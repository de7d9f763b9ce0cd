/* Settings: what can be said on the command line and, under the same name, in the environment
 * (--hash-memory is ROLLCALL_HASH_MEMORY). The command line wins. Each setting is one row of a
 * table in settings.c; parsing, --help, defaults and error messages all come from that row. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <argp.h>
#include <stddef.h>

#include "base/log.h"
#include "core/core.h"
#include "http/http.h"

#define OPTIONS_DATABASE "sqlite:rollcall.db"
/* One for each lane, one for the housekeeper, one for the command itself, one that flushes. */
#define DATABASE_CONNECTIONS_MIN 7
#define OPTIONS_LIST_MAX         64 /* listeners, trusted networks, origins: at most so many of each */

/* The value of every setting. Texts point into the arena, the command line or the environment. */
struct options {
    struct arena arena;
    const char *database;
    unsigned wal_limit; /* MiB */
    unsigned database_connections;
    const char *replicas[OPTIONS_LIST_MAX];
    unsigned replica_count;
    const char *user;            /* NULL: stays who it is */
    const char *erasure_journal; /* NULL: the default */
    enum log_level log_level;
    struct policy policy;
    struct text signing_key; /* the contents of --signing-key-file */
    struct http_config http; /* its lists are the three below */
    struct http_listen listens[OPTIONS_LIST_MAX];
    struct network trusted_proxies[OPTIONS_LIST_MAX];
    struct text origins[OPTIONS_LIST_MAX];
};

/* Fills in the defaults. */
void options_start(struct options *o);
void options_free(struct options *o);

enum setting_kind {
    SETTING_TEXT,     /* const char * */
    SETTING_NUMBER,   /* unsigned */
    SETTING_DURATION, /* unsigned, in milliseconds: "500ms", "10s", "2m", or bare seconds */
    SETTING_LIFETIME, /* int64_t, in µs: the same, "12h" and "14d" too; min and max in seconds */
    SETTING_SWITCH,   /* bool: the first word is false, the second true */
    SETTING_CHOICE,   /* int-sized enum: the position of the word */
    SETTING_OWN,      /* whatever `set` makes of it */
};

struct setting {
    const char *name; /* "hash-memory" */
    const char *arg;  /* "KIB" */
    const char *doc;  /* for --help; the default is appended */
    enum setting_kind kind;
    size_t offset;            /* in struct options */
    unsigned min, max;        /* NUMBER, DURATION, LIFETIME */
    const char *zero;         /* NUMBER: what 0 means, when it means something: "one per core" */
    const char *const *words; /* SWITCH, CHOICE; NULL ends it */

    /* SETTING_OWN. `set` takes one value, false when it is no good; `expected` says what a good one
     * looks like; `standard` is the default in words. */
    bool (*set)(struct options *o, const char *value);
    const char *expected, *standard;

    /* May be given several times: `clear` forgets what there is. In the environment the values
     * stand side by side, with one of `separators` between them. */
    void (*clear)(struct options *o);
    const char *separators;
};

/* Settings that stand under one heading in --help. */
struct setting_group {
    const char *heading;
    const struct setting *rows;
    unsigned count;
};

extern const struct setting_group settings_database, settings_password, settings_listen,
    settings_capacity, settings_timeout, settings_abuse, settings_token, settings_audit;

/* Sets one value. When it is no good, leaves everything as it was and says why in *message
 * ("--loops: \"x\" is not a number from 1 to 256"; `source` is what stands in front). */
bool option_set(struct options *o, const struct setting *s, const char *value, const char *source,
                struct text *message);

/* Takes the value from the environment, if it is set there and not empty. */
bool option_environment(struct options *o, const struct setting *s, struct text *message);

/* "ROLLCALL_HASH_MEMORY", in `arena`. */
const char *option_variable(struct arena *arena, const struct setting *s);
/* The default as --help shows it; NULL when there is none. `o` holds the defaults. */
const char *option_default(struct options *o, const struct setting *s, struct arena *arena);

/* A command line: a command's own flags and arguments (argp's usual parser, which gets `self` as
 * its input), and the settings it takes. */
struct command_line {
    const char *name;      /* "rollcall serve" */
    const char *arguments; /* as in usage: "NAME"; NULL: none */
    const char *doc;       /* before the options; behind '\v': after them */
    const struct argp_option *flags;
    argp_parser_t parser;
    const struct setting_group *const *settings; /* NULL ends it */
};

/* Reads environment and command line. Exits by itself: 0 after --help, 2 when something is wrong,
 * having said what. */
void command_line_parse(const struct command_line *line, int argc, char **argv, struct options *o,
                        void *self);

#endif
