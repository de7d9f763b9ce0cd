#include "cli/secret.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "core/password_policy.h"

#define CTRL_C         3
#define LINE_MAX_BYTES (PASSWORD_MAX_BYTES + 1) /* one more, to see that it is too long */

/* Reads up to a line break, or a Ctrl-C that comes as a character. Byte by byte, so that nothing
 * behind the line is taken from a pipe. False when there is nothing or too much. */
static bool read_line(int file, bool terminal, struct arena *arena, struct text *out,
                      const char **why) {
    char *line = arena_alloc(arena, LINE_MAX_BYTES);
    size_t size = 0;
    ssize_t got;
    while ((got = read(file, line + size, 1)) == 1 && line[size] != '\n') {
        if (terminal && line[size] == CTRL_C) {
            *why = "interrupted";
            return false;
        }
        if (++size == LINE_MAX_BYTES) {
            *why = "the password is too long";
            return false;
        }
    }
    *out = (struct text){line, size};
    *why = "no password was given";
    return got == 1 || (got == 0 && size > 0);
}

bool secret_from_stdin(struct arena *arena, struct text *out, const char **why) {
    if (!read_line(STDIN_FILENO, false, arena, out, why))
        return false;
    if (out->size > 0 && out->at[out->size - 1] == '\r')
        out->size--;
    return true;
}

static bool ask(int terminal, const char *prompt, struct arena *arena, struct text *out,
                const char **why) {
    if (write(terminal, prompt, strlen(prompt)) < 0)
        return false;
    bool read = read_line(terminal, true, arena, out, why);
    return write(terminal, "\n", 1) == 1 && read;
}

static bool ask_twice(int terminal, struct arena *arena, struct text *out, const char **why) {
    struct text again;
    if (!ask(terminal, "Password: ", arena, out, why) ||
        !ask(terminal, "The same again: ", arena, &again, why))
        return false;
    *why = "the two passwords differ";
    return text_equal(*out, again);
}

/* Without echo. Ctrl-C is to end a line instead of the process, which would leave the terminal
 * without echo behind. */
static struct termios silenced(struct termios mode) {
    mode.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    mode.c_cc[VEOL] = CTRL_C;
    return mode;
}

bool secret_from_terminal(struct arena *arena, struct text *out, const char **why) {
    *why = "there is no terminal to ask for the password; use --password-stdin";
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    struct termios normal;
    if (terminal < 0)
        return false;
    if (tcgetattr(terminal, &normal) != 0) {
        close(terminal);
        return false;
    }
    const struct termios silent = silenced(normal);
    bool read =
        tcsetattr(terminal, TCSAFLUSH, &silent) == 0 && ask_twice(terminal, arena, out, why);
    tcsetattr(terminal, TCSAFLUSH, &normal);
    close(terminal);
    return read;
}
