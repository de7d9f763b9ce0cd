#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define ROWS_BETWEEN_LOOKS 256 /* at the clock */
#define REDRAWN_AFTER      (CLOCK_SECOND / 10)
#define REPEATED_AFTER     (15 * CLOCK_SECOND)
#define BAR_WIDTH          20

void progress_open(struct progress *p, bool quiet) {
    *p = (struct progress){
        .quiet = quiet, .terminal = isatty(STDERR_FILENO), .shown = clock_monotonic()};
}

const char *progress_number(int64_t n, char out[PROGRESS_NUMBER_SIZE]) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%lld", (long long)n);
    char *to = out;
    for (int i = 0; i < length; i++) {
        int left = length - i;
        if (i > 0 && left % 3 == 0 && digits[i - 1] != '-')
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static void draw_bar(const struct progress *p) {
    char bar[BAR_WIDTH + 1] = "";
    int filled = (int)(p->done * BAR_WIDTH / p->total);
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t)(filled < BAR_WIDTH ? filled : BAR_WIDTH));
    fprintf(stderr, " [%s] %3d %%", bar, (int)(p->done * 100 / p->total));
}

/* Rows a second, and how long the rest of the act will take at that. */
static void draw_speed(const struct progress *p) {
    char number[PROGRESS_NUMBER_SIZE];
    int64_t ms = (clock_monotonic() - p->started) / 1000;
    if (ms < 1000 || p->done == 0)
        return;
    fprintf(stderr, "  %s rows/s", progress_number(p->done * 1000 / ms, number));
    int64_t left = (int64_t)((double)(p->total - p->done) * (double)ms / (double)p->done / 1000);
    if (left > 0)
        fprintf(stderr, ", %d:%02d left", (int)(left / 60), (int)(left % 60));
}

static void draw(struct progress *p) {
    p->shown = clock_monotonic();
    fprintf(stderr, "\r\033[K%s %s", p->act, p->what);
    if (p->total > 0) {
        draw_bar(p);
        draw_speed(p);
    }
    fflush(stderr);
}

static void print(struct progress *p) {
    char done[PROGRESS_NUMBER_SIZE], total[PROGRESS_NUMBER_SIZE];
    p->shown = clock_monotonic();
    if (p->total > 0)
        fprintf(stderr, "%s %s: %s of %s rows\n", p->act, p->what, progress_number(p->done, done),
                progress_number(p->total, total));
    else
        fprintf(stderr, "%s %s\n", p->act, p->what);
}

static void show(struct progress *p) {
    int64_t since = clock_monotonic() - p->shown;
    if (p->quiet || since < (p->terminal ? REDRAWN_AFTER : REPEATED_AFTER))
        return;
    if (p->terminal)
        draw(p);
    else
        print(p);
}

/* ---- Events ---------------------------------------------------------------------------------- */

void progress_act(struct progress *p, const char *act, int64_t total) {
    char number[PROGRESS_NUMBER_SIZE];
    p->act = act;
    p->total = total;
    p->done = 0;
    p->started = clock_monotonic();
    if (p->quiet || p->terminal)
        return;
    if (total > 0)
        fprintf(stderr, "%s %s rows\n", act, progress_number(total, number));
    else
        fprintf(stderr, "%s\n", act);
}

/* On a terminal it is shown at once: making an index says nothing while it lasts. */
void progress_part(struct progress *p, const char *what) {
    p->what = what;
    if (p->terminal)
        p->shown = 0;
    show(p);
}

void progress_row(struct progress *p) {
    if (++p->done % ROWS_BETWEEN_LOOKS == 0)
        show(p);
}

void progress_close(struct progress *p) {
    if (p->terminal && !p->quiet)
        fputs("\r\033[K", stderr);
}
