/* Randomness for secrets: the kernel's generator through libsodium. random_start comes first. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Initialises libsodium; call once, before any thread. Aborts when the system has no randomness. */
void random_start(void);
void random_bytes(void *out, size_t size);
uint64_t random_number(void);

#endif
