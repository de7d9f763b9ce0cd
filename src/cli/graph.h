/* Who follows whom in a made-up crowd: a few are followed by very many, most by a few. The same for
 * the same seed and sizes, in whole numbers throughout. */
#ifndef CLI_GRAPH_H
#define CLI_GRAPH_H

#include <stddef.h>
#include <stdint.h>

struct graph;

/* `follows` edges between the accounts 1 … `accounts`; at most accounts × (accounts - 1), which
 * everybody following everybody would be. */
struct graph *graph_new(uint64_t seed, uint32_t accounts, uint64_t follows);
void graph_free(struct graph *g);

/* Whom the next account follows, the first one's at the first call: account numbers, ascending,
 * none twice, never its own. *out is good until the next call. Called once for each account. */
size_t graph_next(struct graph *g, const uint32_t **out);

#endif
