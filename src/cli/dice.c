#include "cli/dice.h"

#include <sodium.h>
#include <string.h>

#include "base/log.h"

#define BLOCK 64 /* bytes that ChaCha20 makes at once */

static void little_endian(unsigned char *out, uint64_t n) {
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)(n >> 8 * i);
}

struct dice_key dice_key(uint64_t seed, enum dice_topic topic) {
    _Static_assert(crypto_kdf_KEYBYTES == sizeof(struct dice_key) &&
                       crypto_stream_chacha20_KEYBYTES == sizeof(struct dice_key),
                   "a key is a key");
    unsigned char master[crypto_kdf_KEYBYTES] = {0};
    struct dice_key key;
    little_endian(master, seed);
    ASSERT(crypto_kdf_derive_from_key(key.bytes, sizeof key.bytes, topic, "dev-data", master) == 0);
    return key;
}

struct dice dice_of(const struct dice_key *key, uint64_t owner) {
    struct dice d = {.key = key, .owner = owner, .used = sizeof d.bytes};
    return d;
}

static void refill(struct dice *d) {
    unsigned char nonce[crypto_stream_chacha20_NONCEBYTES];
    little_endian(nonce, d->owner);
    memset(d->bytes, 0, sizeof d->bytes);
    crypto_stream_chacha20_xor_ic(d->bytes, d->bytes, sizeof d->bytes, nonce, d->block,
                                  d->key->bytes);
    d->block += sizeof d->bytes / BLOCK;
    d->used = 0;
}

static uint32_t next(struct dice *d) {
    if (d->used == sizeof d->bytes)
        refill(d);
    const unsigned char *b = d->bytes + d->used;
    d->used += 4;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* Lemire, "Fast random integer generation in an interval", 2019. */
uint32_t dice_below(struct dice *d, uint32_t n) {
    uint64_t product = (uint64_t)next(d) * n;
    if ((uint32_t)product < n)
        for (uint32_t uneven = -n % n; (uint32_t)product < uneven;)
            product = (uint64_t)next(d) * n;
    return (uint32_t)(product >> 32);
}

int64_t dice_between(struct dice *d, int64_t low, int64_t high) {
    ASSERT(low <= high && high - low < UINT32_MAX);
    return low + dice_below(d, (uint32_t)(high - low + 1));
}

bool dice_chance(struct dice *d, unsigned percent) {
    return dice_below(d, 100) < percent;
}

size_t dice_pick(struct dice *d, const uint32_t *weights, size_t count) {
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += weights[i];
    uint32_t rest = dice_below(d, sum);
    size_t i = 0;
    while (rest >= weights[i])
        rest -= weights[i++];
    return i;
}
