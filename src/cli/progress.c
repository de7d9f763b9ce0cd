#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define BETWEEN_LOOKS  256 /* calls, before the clock is asked */
#define REDRAWN_AFTER  (CLOCK_SECOND / 10)
#define REPEATED_AFTER (10 * CLOCK_SECOND)
#define BAR_WIDTH      20
#define CLEAR          "\r\033[K"

struct progress progress_start(void) {
    int64_t now = clock_monotonic();
    return (struct progress){.terminal = isatty(STDERR_FILENO), .started = now, .shown = now};
}

const char *progress_number(uint64_t n, char out[PROGRESS_NUMBER_SIZE]) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    char *to = out;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

static const char *act(const struct progress *p) {
    return p->act ? p->act : "";
}

/* ---- On a terminal --------------------------------------------------------------------------- */

static void draw_bar(const struct progress *p) {
    char bar[BAR_WIDTH + 1] = "";
    double part = (double)p->done / (double)p->total;
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t)(part * BAR_WIDTH));
    fprintf(stderr, " [%s] %3d %%", bar, (int)(part * 100));
}

/* How many a second, and how long the rest will take at that. */
static void draw_speed(const struct progress *p) {
    char number[PROGRESS_NUMBER_SIZE];
    double seconds = (double)(clock_monotonic() - p->started) / CLOCK_SECOND;
    if (seconds < 1 || p->done == 0)
        return;
    double speed = (double)p->done / seconds;
    int left = (int)((double)(p->total - p->done) / speed);
    fprintf(stderr, "  %s/s, %d:%02d left", progress_number((uint64_t)speed, number), left / 60,
            left % 60);
}

/* ---- Both ------------------------------------------------------------------------------------ */

static void show(struct progress *p, const char *what) {
    char done[PROGRESS_NUMBER_SIZE], total[PROGRESS_NUMBER_SIZE];
    p->shown = clock_monotonic();
    if (p->terminal) {
        fprintf(stderr, CLEAR "%s%s", act(p), what);
        draw_bar(p);
        draw_speed(p);
    } else {
        fprintf(stderr, "%s%s: %s of %s\n", act(p), what, progress_number(p->done, done),
                progress_number(p->total, total));
    }
}

void progress_at(struct progress *p, const char *what, uint64_t done, uint64_t total) {
    if (done < p->done)
        p->started = clock_monotonic();
    p->done = done < total ? done : total;
    p->total = total;
    if (p->quiet || total == 0 || done % BETWEEN_LOOKS != 0)
        return;
    if (clock_monotonic() - p->shown >= (p->terminal ? REDRAWN_AFTER : REPEATED_AFTER))
        show(p, what);
}

void progress_step(void *self, const char *what) {
    struct progress *p = self;
    if (p->quiet)
        return;
    fprintf(stderr, "%s%s%s%s", p->terminal ? CLEAR : "", act(p), what, p->terminal ? "" : "\n");
    p->shown = clock_monotonic();
}

void progress_end(struct progress *p) {
    if (p->terminal && !p->quiet)
        fputs(CLEAR, stderr);
}
