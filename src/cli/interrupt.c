#include "cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
#define SIGNALS (sizeof signals / sizeof signals[0])

static struct bulk *const *unfinished;
static const char *command;

static void say(const char *s) {
    (void)!write(STDERR_FILENO, s, strlen(s));
}

/* The signal waits until this returns, and then does what it does to a program that has no handler.
 */
static void on_signal(int number) {
    int before = errno;
    if (*unfinished)
        bulk_abandon(*unfinished);
    say("\n");
    say(command);
    say(": interrupted; nothing has been made\n");
    signal(number, SIG_DFL);
    raise(number);
    errno = before;
}

static void set_handler(int number, void (*handler)(int)) {
    struct sigaction now, wanted = {.sa_handler = handler};
    for (size_t i = 0; i < SIGNALS; i++)
        sigaddset(&wanted.sa_mask, signals[i]);
    if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_IGN) /* as nohup has it */
        sigaction(number, &wanted, NULL);
}

void interrupt_guard(struct bulk *const *b, const char *name) {
    unfinished = b;
    command = name;
    for (size_t i = 0; i < SIGNALS; i++)
        set_handler(signals[i], on_signal);
}

void interrupt_release(void) {
    for (size_t i = 0; i < SIGNALS; i++)
        set_handler(signals[i], SIG_IGN);
}
