/* Numbers that look random and are always the same: those of one owner and topic under one seed, on
 * every machine. They come from ChaCha20 with the seed as its key and the owner as its nonce. For
 * made-up data; nothing secret may rest on them. */
#ifndef CLI_DICE_H
#define CLI_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the numbers of one owner are for: a topic's are unmoved by how many another one takes. */
enum dice_topic { /* never renumber: the same seed would give other data */
                  DICE_PERSON = 1,
                  DICE_DEGREE,
                  DICE_FOLLOWS,
                  DICE_INBOX,
                  DICE_ACTIVITY,
                  DICE_WALLS,
                  DICE_SALT,
                  DICE_MOMENTS,
};
#define DICE_TOPICS 9

struct dice_key {
    unsigned char bytes[32];
};
struct dice {
    const struct dice_key *key; /* not owned */
    uint64_t owner;
    uint32_t block;
    unsigned used; /* of `bytes` */
    unsigned char bytes[128];
};

/* random_start has been called. */
struct dice_key dice_key(uint64_t seed, enum dice_topic topic);
struct dice dice_of(const struct dice_key *key, uint64_t owner);

/* One of 0 … n-1, each as likely as the others; n ≥ 1. */
uint32_t dice_below(struct dice *d, uint32_t n);
/* One of low … high. */
int64_t dice_between(struct dice *d, int64_t low, int64_t high);
/* True in `percent` of a hundred cases. */
bool dice_chance(struct dice *d, unsigned percent);
/* The position of one of the weights, each as likely as it is heavy; their sum is from 1 to 2^32-1.
 */
size_t dice_pick(struct dice *d, const uint32_t *weights, size_t count);

#endif
