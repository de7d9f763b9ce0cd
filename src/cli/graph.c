#include "cli/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/dice.h"

/* Popularity is a rank from 0 on; rank r is followed about as often as 1 / (r + 1)^0.9 says. Ranks
 * are drawn by octaves, 0, 1–2, 3–6, 7–14 …: each octave is 15/14 as heavy as the one before it,
 * and inside an octave a rank weighs 1 / (r + 1). */
#define OCTAVES      32
#define FIRST_OCTAVE (UINT32_C(1) << 24)

struct graph {
    struct dice_key degrees, choices;
    uint32_t accounts, number; /* `number`: the account graph_next has come to */
    uint64_t left;             /* edges not given out yet */
    uint64_t follows, weight, total_weight;
    uint32_t octaves[OCTAVES];
    unsigned octave_count;
    uint64_t stride, shift; /* rank → account */
    uint32_t *seen;         /* by account: the last one that has chosen it */
    uint32_t *chosen;
    size_t capacity;
};

static void *allocate(void *old, size_t count, size_t size) {
    void *at = reallocarray(old, count, size);
    if (!at)
        log_out_of_memory(0);
    return at;
}

/* ---- How many an account follows ------------------------------------------------------------- */

/* Its share of all edges, as a weight. */
static uint64_t weight_of(const struct graph *g, uint32_t number) {
    static const uint32_t likely[] = {12, 30, 28, 18, 9, 2, 1};
    static const uint32_t weights[] = {0, 1, 3, 8, 25, 80, 250};
    struct dice d = dice_of(&g->degrees, number);
    return weights[dice_pick(&d, likely, sizeof likely / sizeof *likely)];
}

static uint64_t total_weight(const struct graph *g) {
    uint64_t total = 0;
    for (uint32_t n = 1; n <= g->accounts; n++)
        total += weight_of(g, n);
    return total ? total : 1;
}

/* Edges due to the first accounts that weigh `weight` together. */
static uint64_t due(const struct graph *g, uint64_t weight) {
    return (uint64_t)((unsigned __int128)g->follows * weight / g->total_weight);
}

/* What an account cannot use, since there is nobody left to follow, falls to those behind it; what
 * those could not use any more, it has to take. So the sum is exact. */
static uint64_t next_degree(struct graph *g) {
    g->weight += weight_of(g, g->number);
    uint64_t most = g->accounts - 1, behind = (g->accounts - g->number) * most;
    uint64_t given = g->follows - g->left, wanted = due(g, g->weight);
    wanted = wanted > given ? wanted - given : 0;
    uint64_t least = g->left > behind ? g->left - behind : 0;
    if (most > g->left)
        most = g->left;
    return wanted < least ? least : wanted > most ? most : wanted;
}

/* ---- Whom it follows ------------------------------------------------------------------------- */

static void weigh_octaves(struct graph *g) {
    uint64_t weight = FIRST_OCTAVE;
    for (unsigned k = 0; k < OCTAVES && (UINT64_C(1) << k) <= g->accounts; k++) {
        uint64_t first = (UINT64_C(1) << k) - 1, size = first + 1;
        if (first + size > g->accounts)
            weight = weight * (g->accounts - first) / size;
        g->octaves[g->octave_count++] = (uint32_t)weight;
        weight = weight * 15 / 14;
    }
}

static uint32_t draw_rank(const struct graph *g, struct dice *d) {
    uint64_t size = UINT64_C(1) << dice_pick(d, g->octaves, g->octave_count), first = size - 1;
    if (first + size > g->accounts)
        size = g->accounts - first;
    for (;;) {
        uint32_t rank = (uint32_t)first + dice_below(d, (uint32_t)size);
        if (dice_below(d, rank + 1) <= first)
            return rank;
    }
}

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b) {
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Ranks are scattered over the accounts by steps of a length that meets them all. */
static void scatter(struct graph *g) {
    struct dice d = dice_of(&g->choices, 0);
    g->shift = dice_below(&d, g->accounts);
    g->stride = (uint64_t)g->accounts * 5 / 8 + 1;
    while (greatest_common_divisor(g->stride, g->accounts) != 1)
        g->stride++;
}

static uint32_t account_at(const struct graph *g, uint32_t rank) {
    return (uint32_t)((rank * g->stride + g->shift) % g->accounts) + 1;
}

static size_t choose(struct graph *g, size_t count, uint32_t account) {
    if (g->seen[account] == g->number)
        return count;
    g->seen[account] = g->number;
    g->chosen[count] = account;
    return count + 1;
}

/* Draws until there are enough; where that takes long, because nearly all are taken, the rest is
 * whoever comes next. */
static void choose_all(struct graph *g, size_t degree) {
    struct dice d = dice_of(&g->choices, g->number);
    size_t count = 0;
    g->seen[g->number] = g->number; /* nobody follows himself */
    for (size_t tries = 4 * degree + 16; count < degree && tries; tries--)
        count = choose(g, count, account_at(g, draw_rank(g, &d)));
    for (uint32_t n = dice_below(&d, g->accounts); count < degree; n++)
        count = choose(g, count, n % g->accounts + 1);
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* ---- The graph ------------------------------------------------------------------------------- */

struct graph *graph_new(uint64_t seed, uint32_t accounts, uint64_t follows) {
    ASSERT(accounts >= 1 && follows <= (uint64_t)accounts * (accounts - 1));
    struct graph *g = allocate(NULL, 1, sizeof *g);
    *g = (struct graph){.degrees = dice_key(seed, DICE_DEGREE),
                        .choices = dice_key(seed, DICE_FOLLOWS),
                        .accounts = accounts,
                        .left = follows,
                        .follows = follows};
    g->total_weight = total_weight(g);
    g->seen = allocate(NULL, (size_t)accounts + 1, sizeof *g->seen);
    memset(g->seen, 0, ((size_t)accounts + 1) * sizeof *g->seen);
    weigh_octaves(g);
    scatter(g);
    return g;
}

void graph_free(struct graph *g) {
    free(g->seen);
    free(g->chosen);
    free(g);
}

size_t graph_next(struct graph *g, const uint32_t **out) {
    ASSERT(g->number < g->accounts);
    g->number++;
    size_t degree = (size_t)next_degree(g);
    if (degree > g->capacity) {
        g->capacity = 2 * degree;
        g->chosen = allocate(g->chosen, g->capacity, sizeof *g->chosen);
    }
    choose_all(g, degree);
    if (degree)
        qsort(g->chosen, degree, sizeof *g->chosen, ascending);
    g->left -= degree;
    *out = g->chosen;
    return degree;
}
