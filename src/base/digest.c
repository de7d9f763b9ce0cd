#include "base/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* What is asked of OpenSSL here fails for want of memory and for no other reason. */

void digest_sha256(struct text data, uint8_t out[DIGEST_SIZE]) {
    crypto_hash_sha256(out, (const unsigned char *)data.at, data.size);
}

/* OpenSSL knows the processor's own instructions for it. */
struct digest {
    EVP_MD_CTX *context;
};

struct digest *digest_begin(void) {
    struct digest *d = malloc(sizeof *d);
    if (d == NULL || (d->context = EVP_MD_CTX_new()) == NULL ||
        !EVP_DigestInit_ex(d->context, EVP_sha256(), NULL))
        log_out_of_memory(0);
    return d;
}

void digest_add(struct digest *d, struct text data) {
    if (!EVP_DigestUpdate(d->context, data.at, data.size))
        log_out_of_memory(0);
}

void digest_end(struct digest *d, uint8_t out[DIGEST_SIZE]) {
    if (!EVP_DigestFinal_ex(d->context, out, NULL))
        log_out_of_memory(0);
    EVP_MD_CTX_free(d->context);
    free(d);
}

bool digest_equal(const void *a, const void *b, size_t size) {
    return sodium_memcmp(a, b, size) == 0;
}

/* ---- HMAC --------------------------------------------------------------------------------------
 */

#define HMAC_BLOCK 64 /* longer keys stand for their hash (RFC 2104 §2) */

struct hmac {
    EVP_MAC_CTX *context;
    size_t key_size;
    bool keyed;
    uint8_t key[HMAC_BLOCK]; /* what the context is keyed with */
};

static _Thread_local struct hmac *thread_hmac;
static pthread_key_t hmac_key; /* there for its destructor alone */
static pthread_once_t hmac_once = PTHREAD_ONCE_INIT;

static void hmac_free(void *data) {
    struct hmac *h = data;
    EVP_MAC_CTX_free(h->context);
    sodium_memzero(h, sizeof *h);
    free(h);
    thread_hmac = NULL;
}

static void hmac_key_create(void) {
    if (pthread_key_create(&hmac_key, hmac_free) != 0)
        log_fatal("no thread key left for HMAC");
}

static struct hmac *hmac_new(void) {
    pthread_once(&hmac_once, hmac_key_create);
    struct hmac *h = calloc(1, sizeof *h);
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (h == NULL || mac == NULL || (h->context = EVP_MAC_CTX_new(mac)) == NULL)
        log_out_of_memory(0);
    EVP_MAC_free(mac);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_end(),
    };
    if (!EVP_MAC_CTX_set_params(h->context, params) || pthread_setspecific(hmac_key, h) != 0)
        log_out_of_memory(0);
    thread_hmac = h;
    return h;
}

/* Starts a computation: with the key of the last one when it is the same, which saves hashing it.
 */
static bool hmac_begin(struct hmac *h, struct text key) {
    uint8_t hashed[DIGEST_SIZE];
    if (key.size > HMAC_BLOCK) {
        digest_sha256(key, hashed);
        key = (struct text){(const char *)hashed, sizeof hashed};
    }
    if (h->keyed && text_equal(key, (struct text){(const char *)h->key, h->key_size}))
        return EVP_MAC_init(h->context, NULL, 0, NULL);
    sodium_memzero(h->key, sizeof h->key);
    if (key.size != 0)
        memcpy(h->key, key.at, key.size);
    h->key_size = key.size;
    h->keyed = true;
    /* OpenSSL takes an empty key for none at all; zeros pad the key to the block anyway. */
    return EVP_MAC_init(h->context, h->key, key.size != 0 ? key.size : 1, NULL);
}

void digest_hmac(struct text key, struct text data, uint8_t out[DIGEST_SIZE]) {
    struct hmac *h = thread_hmac != NULL ? thread_hmac : hmac_new();
    size_t size;
    if (!hmac_begin(h, key) ||
        !EVP_MAC_update(h->context, (const unsigned char *)data.at, data.size) ||
        !EVP_MAC_final(h->context, out, &size, DIGEST_SIZE) || size != DIGEST_SIZE)
        log_out_of_memory(0);
}

/* ---- base64url ---------------------------------------------------------------------------------
 */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The place of each character in the alphabet, from 1; 0 for what is not in it. A table because
 * every token passes here: libsodium's decoder takes several times as long. */
static const uint8_t places[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63, ['_'] = 64,
};

/* Up to three bytes as the top of 24 bits. */
static uint32_t load(const uint8_t *at, size_t size) {
    return (uint32_t)at[0] << 16 | (size > 1 ? (uint32_t)at[1] << 8 : 0) | (size > 2 ? at[2] : 0);
}

void base64url_write(const void *bytes, size_t size, char *out) {
    const uint8_t *at = bytes;
    while (size > 0) {
        size_t taken = size < 3 ? size : 3;
        uint32_t bits = load(at, taken);
        for (size_t i = 0; i <= taken; i++)
            *out++ = alphabet[bits >> (18 - i * 6) & 63];
        at += taken;
        size -= taken;
    }
}

struct text base64url_encode(struct arena *arena, const void *bytes, size_t size) {
    char *out = arena_alloc(arena, BASE64URL_SIZE(size));
    base64url_write(bytes, size, out);
    return (struct text){out, BASE64URL_SIZE(size)};
}

/* Two to four characters as the top of 24 bits; past 24 bits when one of them is foreign. */
static inline uint32_t decode_group(const char *at, size_t size) {
    uint32_t bits = 0, foreign = 0;
    for (size_t i = 0; i < size; i++) {
        uint32_t value = places[(uint8_t)at[i]] - 1u;
        foreign |= value;
        bits |= value << (18 - i * 6);
    }
    return foreign > 63 ? UINT32_MAX : bits;
}

/* The two or three characters behind the last whole group. */
static bool decode_tail(struct text tail, uint8_t *to) {
    uint32_t bits = decode_group(tail.at, tail.size);
    /* What is behind the last whole byte must be zero, so that a value has one text. */
    if (bits == UINT32_MAX || bits & UINT32_C(0xffffff) >> (tail.size - 1) * 8)
        return false;
    for (size_t i = 0; i < tail.size - 1; i++)
        to[i] = (uint8_t)(bits >> (16 - i * 8));
    return true;
}

bool base64url_decode(struct text in, void *out, size_t capacity, size_t *size) {
    size_t tail = in.size % 4, whole = in.size - tail;
    uint8_t *to = out;
    *size = 0;
    if (tail == 1 || whole / 4 * 3 + tail * 3 / 4 > capacity)
        return false;
    for (size_t i = 0; i < whole; i += 4, to += 3) {
        uint32_t bits = decode_group(in.at + i, 4);
        if (bits == UINT32_MAX)
            return false;
        to[0] = (uint8_t)(bits >> 16);
        to[1] = (uint8_t)(bits >> 8);
        to[2] = (uint8_t)bits;
    }
    if (tail && !decode_tail((struct text){in.at + whole, tail}, to))
        return false;
    *size = (size_t)(to - (uint8_t *)out) + tail * 3 / 4;
    return true;
}
