#include "cli/options.h"

#include <ctype.h>
#include <stdlib.h>

#include "cli/cli.h"

#define KEY_HELP      'h'    /* argp itself knows only --help and -? */
#define ROW_KEY_FIRST 0x1000 /* keys of settings: this, plus their number */
#define SETTINGS_MAX  64     /* that one command can have */

static void *slot(struct options *o, const struct setting *s) {
    return (char *)o + s->offset;
}

/* ---- Values ---------------------------------------------------------------------------------- */

static bool set_number(struct options *o, const struct setting *s, const char *value) {
    int64_t n;
    if (s->zero && strcmp(value, "auto") == 0)
        n = 0;
    else if (!text_to_int(text_of(value), &n) || n < s->min || n > s->max)
        return false;
    *(unsigned *)slot(o, s) = (unsigned)n;
    return true;
}

static const struct unit {
    const char *name;
    unsigned ms;
} units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

/* In milliseconds; *value is at most nine digits and a unit. */
static bool read_time(const char *value, int64_t *ms) {
    size_t digits = strspn(value, "0123456789");
    int64_t n;
    if (digits > 9 || !text_to_int((struct text){value, digits}, &n))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(value + digits, units[i].name) != 0)
            continue;
        *ms = n * units[i].ms;
        return true;
    }
    return false;
}

static bool set_duration(struct options *o, const struct setting *s, const char *value) {
    int64_t ms;
    if (!read_time(value, &ms) || ms < s->min || ms > s->max)
        return false;
    *(unsigned *)slot(o, s) = (unsigned)ms;
    return true;
}

static bool set_lifetime(struct options *o, const struct setting *s, const char *value) {
    int64_t ms;
    if (!read_time(value, &ms) || ms < s->min * INT64_C(1000) || ms > s->max * INT64_C(1000))
        return false;
    *(int64_t *)slot(o, s) = ms * 1000;
    return true;
}

static bool set_word(struct options *o, const struct setting *s, const char *value) {
    for (int i = 0; s->words[i]; i++) {
        if (strcmp(value, s->words[i]) != 0)
            continue;
        if (s->kind == SETTING_SWITCH)
            *(bool *)slot(o, s) = i == 1;
        else
            *(int *)slot(o, s) = i;
        return true;
    }
    return false;
}

static struct text words_list(struct arena *arena, const char *const *words) {
    struct text list = text_of(words[0]);
    for (int i = 1; words[i]; i++)
        list =
            text_format(arena, "%.*s%s%s", TEXT_ARGS(list), words[i + 1] ? ", " : " or ", words[i]);
    return list;
}

static const char *duration_text(struct arena *arena, unsigned ms) {
    struct text t =
        ms % 1000 ? text_format(arena, "%ums", ms) : text_format(arena, "%us", ms / 1000);
    return t.at;
}

static const char *lifetime_text(struct arena *arena, int64_t seconds) {
    static const struct {
        int64_t seconds;
        char name;
    } wholes[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t i = 0;
    while (seconds % wholes[i].seconds)
        i++;
    return text_format(arena, "%jd%c", (intmax_t)(seconds / wholes[i].seconds), wholes[i].name).at;
}

/* What a good value looks like. */
static struct text expectation(struct arena *arena, const struct setting *s) {
    switch (s->kind) {
    case SETTING_NUMBER:
        return text_format(arena, "a number from %u to %u%s", s->min, s->max,
                           s->zero ? ", or auto" : "");
    case SETTING_DURATION:
        return text_format(arena, "a time from %s to %s, such as 500ms, 10s or 2m",
                           duration_text(arena, s->min), duration_text(arena, s->max));
    case SETTING_LIFETIME:
        return text_format(arena, "a time from %s to %s, such as 30m, 12h or 14d",
                           lifetime_text(arena, s->min), lifetime_text(arena, s->max));
    case SETTING_SWITCH:
    case SETTING_CHOICE:
        return words_list(arena, s->words);
    case SETTING_TEXT:
        return TEXT("a text");
    case SETTING_OWN:
        break;
    }
    return text_of(s->expected);
}

static bool set_value(struct options *o, const struct setting *s, const char *value) {
    switch (s->kind) {
    case SETTING_TEXT:
        *(const char **)slot(o, s) = value;
        return *value != '\0';
    case SETTING_NUMBER:
        return set_number(o, s, value);
    case SETTING_DURATION:
        return set_duration(o, s, value);
    case SETTING_LIFETIME:
        return set_lifetime(o, s, value);
    case SETTING_SWITCH:
    case SETTING_CHOICE:
        return set_word(o, s, value);
    case SETTING_OWN:
        break;
    }
    return s->set(o, value);
}

bool option_set(struct options *o, const struct setting *s, const char *value, const char *source,
                struct text *message) {
    if (set_value(o, s, value))
        return true;
    *message = text_format(&o->arena, "%s: \"%s\" is not %.*s", source, value,
                           TEXT_ARGS(expectation(&o->arena, s)));
    return false;
}

/* ---- Environment ----------------------------------------------------------------------------- */

const char *option_variable(struct arena *arena, const struct setting *s) {
    struct text name = text_format(arena, "ROLLCALL_%s", s->name);
    char *letters = (char *)name.at;
    for (size_t i = 0; i < name.size; i++)
        letters[i] = letters[i] == '-' ? '_' : (char)toupper((unsigned char)letters[i]);
    return name.at;
}

/* The values of a setting that may be repeated. */
static bool set_list(struct options *o, const struct setting *s, const char *values,
                     const char *source, struct text *message) {
    s->clear(o);
    for (;;) {
        values += strspn(values, s->separators);
        size_t size = strcspn(values, s->separators);
        if (size == 0)
            return true;
        const char *value = text_copy(&o->arena, (struct text){values, size}).at;
        if (!option_set(o, s, value, source, message))
            return false;
        values += size;
    }
}

bool option_environment(struct options *o, const struct setting *s, struct text *message) {
    const char *name = option_variable(&o->arena, s);
    const char *value = getenv(name);
    if (value == NULL || *value == '\0')
        return true;
    return s->clear ? set_list(o, s, value, name, message) : option_set(o, s, value, name, message);
}

/* ---- Help ------------------------------------------------------------------------------------ */

const char *option_default(struct options *o, const struct setting *s, struct arena *arena) {
    switch (s->kind) {
    case SETTING_TEXT:
        return *(const char **)slot(o, s);
    case SETTING_NUMBER: {
        unsigned n = *(unsigned *)slot(o, s);
        return n == 0 && s->zero ? s->zero : text_format(arena, "%u", n).at;
    }
    case SETTING_DURATION:
        return duration_text(arena, *(unsigned *)slot(o, s));
    case SETTING_LIFETIME:
        return lifetime_text(arena, *(int64_t *)slot(o, s) / 1000000);
    case SETTING_SWITCH:
        return s->words[*(bool *)slot(o, s)];
    case SETTING_CHOICE:
        return s->words[*(int *)slot(o, s)];
    case SETTING_OWN:
        break;
    }
    return s->standard;
}

static struct argp_option *add_group(struct argp_option *next, struct options *defaults,
                                     const struct setting_group *group, int number, int *key) {
    *next++ = (struct argp_option){.doc = group->heading, .group = number};
    for (unsigned i = 0; i < group->count; i++) {
        const struct setting *s = &group->rows[i];
        struct text doc = text_format(&defaults->arena, "%s (default: %s)", s->doc,
                                      option_default(defaults, s, &defaults->arena));
        *next++ = (struct argp_option){s->name, (*key)++, s->arg, 0, doc.at, number};
    }
    return next;
}

/* All settings of a command as argp wants them; `defaults` has not been touched yet. */
static const struct argp_option *argp_options(struct options *defaults,
                                              const struct setting_group *const *groups) {
    size_t rows = 2;
    for (int g = 0; groups[g]; g++)
        rows += 1 + groups[g]->count;
    struct argp_option *all = ARENA_ARRAY(&defaults->arena, struct argp_option, rows);
    struct argp_option *next = all;
    *next++ = (struct argp_option){.key = KEY_HELP, .flags = OPTION_HIDDEN};
    int key = ROW_KEY_FIRST;
    for (int g = 0; groups[g]; g++)
        next = add_group(next, defaults, groups[g], g + 1, &key);
    ASSERT(key < ROW_KEY_FIRST + SETTINGS_MAX);
    return all;
}

/* ---- Command line ---------------------------------------------------------------------------- */

struct parse {
    const struct command_line *line;
    struct options *options;
    void *self;
    bool seen[SETTINGS_MAX]; /* what the command line has set */
};

/* The setting of that number, counted through all groups; NULL past the last. */
static const struct setting *setting_at(const struct setting_group *const *groups,
                                        unsigned number) {
    for (int g = 0; groups[g]; g++) {
        if (number < groups[g]->count)
            return &groups[g]->rows[number];
        number -= groups[g]->count;
    }
    return NULL;
}

/* One setting from the command line. The first value of a list takes the place of the default. */
static void parse_setting(struct parse *p, unsigned number, const char *arg,
                          const struct argp_state *state) {
    const struct setting *s = setting_at(p->line->settings, number);
    if (s->clear && !p->seen[number])
        s->clear(p->options);
    p->seen[number] = true;
    struct text source = text_format(&p->options->arena, "--%s", s->name), message;
    if (!option_set(p->options, s, arg, source.at, &message))
        argp_error(state, "%.*s", TEXT_ARGS(message));
}

/* What the command line has not said may be in the environment. */
static void parse_environment(struct parse *p, const struct argp_state *state) {
    const struct setting *s;
    struct text message;
    for (unsigned i = 0; (s = setting_at(p->line->settings, i)) != NULL; i++)
        if (!p->seen[i] && !option_environment(p->options, s, &message))
            argp_error(state, "%.*s", TEXT_ARGS(message));
}

static error_t parse_settings(int key, char *arg, struct argp_state *state) {
    struct parse *p = state->input;
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = p->self;
    } else if (key == ARGP_KEY_END) {
        parse_environment(p, state);
    } else if (key == KEY_HELP) {
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
    } else if (key >= ROW_KEY_FIRST && key < ROW_KEY_FIRST + SETTINGS_MAX) {
        parse_setting(p, (unsigned)(key - ROW_KEY_FIRST), arg, state);
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

void command_line_parse(const struct command_line *line, int argc, char **argv, struct options *o,
                        void *self) {
    argp_err_exit_status = CLI_USAGE;
    struct parse parse = {.line = line, .options = o, .self = self};
    const struct argp flags = {.options = line->flags, .parser = line->parser};
    const struct argp_child children[] = {{.argp = &flags}, {0}};
    const struct argp argp = {.options = argp_options(o, line->settings),
                              .parser = parse_settings,
                              .args_doc = line->arguments,
                              .doc = line->doc,
                              .children = children};
    argp_parse(&argp, argc, argv, 0, NULL, &parse);
}
