/* Hashes, message authentication and their text forms. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

#define DIGEST_SIZE 32

/* SHA-256, for secrets of full entropy (tokens, cookies): what the database keeps instead. */
void digest_sha256(struct text data, uint8_t out[DIGEST_SIZE]);

/* The same of what comes piece by piece. digest_end frees. */
struct digest;
struct digest *digest_begin(void);
void digest_add(struct digest *d, struct text data);
void digest_end(struct digest *d, uint8_t out[DIGEST_SIZE]);

/* HMAC-SHA-256 (RFC 2104) of `data` under `key`. Keeps one OpenSSL context per thread, keyed with
 * the key used last, so that a run of calls with one key costs no set-up. */
void digest_hmac(struct text key, struct text data, uint8_t out[DIGEST_SIZE]);

/* Compares in a time that depends on `size` alone. */
bool digest_equal(const void *a, const void *b, size_t size);

/* base64url without padding (RFC 4648 §5). Decoding is strict: false for padding, other alphabets,
 * set spare bits, or more than `capacity` bytes. */
struct text base64url_encode(struct arena *arena, const void *bytes, size_t size);
bool base64url_decode(struct text in, void *out, size_t capacity, size_t *size);
/* Characters that `size` bytes take. */
#define BASE64URL_SIZE(size) (((size)*4 + 2) / 3)
/* Writes BASE64URL_SIZE(size) characters and no NUL. */
void base64url_write(const void *bytes, size_t size, char *out);

#endif
