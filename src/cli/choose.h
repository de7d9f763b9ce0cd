/* The word on the command line that says what is to be done, and what follows it. */
#ifndef CLI_CHOOSE_H
#define CLI_CHOOSE_H

/* Which of `names` (NULL ends them) argv names; argv[*first] is that word. `noun` is what they are
 * called ("command"), `doc` the help, as argp wants it. Exits by itself: 0 after --help, 2 when the
 * word is missing or unknown. */
int choose(const char *noun, const char *doc, const char *const *names, int argc, char **argv,
           int *first);

#endif
