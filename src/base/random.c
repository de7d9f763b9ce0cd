#include "base/random.h"

#include <sodium.h>

#include "base/log.h"

void random_start(void) {
    if (sodium_init() < 0)
        log_fatal("libsodium cannot be initialised: no randomness");
}

void random_bytes(void *out, size_t size) {
    randombytes_buf(out, size);
}

uint64_t random_number(void) {
    uint64_t n;
    randombytes_buf(&n, sizeof n);
    return n;
}
