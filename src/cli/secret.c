#include "cli/secret.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "core/password.h"

#define LINE_MAX_BYTES (PASSWORD_MAX_BYTES + 1) /* one more, to see that it is too long */
#define CTRL_C         '\x03'

/* Reads byte by byte, so that nothing behind the line is taken from a pipe. */
static bool read_line(int file, struct arena *arena, struct text *out, const char **why) {
    char *line = arena_alloc(arena, LINE_MAX_BYTES);
    size_t size = 0;
    ssize_t got;
    while ((got = read(file, line + size, 1)) == 1 && line[size] != '\n')
        if (++size == LINE_MAX_BYTES) {
            *why = "the password is too long";
            return false;
        }
    *out = (struct text){line, size};
    *why = "no password was given";
    return got == 1 || (got == 0 && size > 0);
}

bool secret_from_stdin(struct arena *arena, struct text *out, const char **why) {
    if (!read_line(STDIN_FILENO, arena, out, why))
        return false;
    if (out->size > 0 && out->at[out->size - 1] == '\r')
        out->size--;
    return true;
}

static bool ask(int terminal, const char *prompt, struct arena *arena, struct text *out,
                const char **why) {
    if (write(terminal, prompt, strlen(prompt)) < 0)
        return false;
    bool read = read_line(terminal, arena, out, why);
    if (write(terminal, "\n", 1) < 0 || !read)
        return false;
    *why = "interrupted";
    return memchr(out->at, CTRL_C, out->size) == NULL;
}

static bool ask_twice(int terminal, struct arena *arena, struct text *out, const char **why) {
    struct text again;
    if (!ask(terminal, "Password: ", arena, out, why) ||
        !ask(terminal, "The same again: ", arena, &again, why))
        return false;
    *why = "the two passwords differ";
    return text_equal(*out, again);
}
