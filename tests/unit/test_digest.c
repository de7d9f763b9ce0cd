#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/hmac.h>
#include <pthread.h>
#include <string.h>

#include "base/digest.h"
#include "base/random.h"

static void hex(const uint8_t *bytes, char out[DIGEST_SIZE * 2 + 1]) {
    for (int i = 0; i < DIGEST_SIZE; i++)
        snprintf(out + i * 2, 3, "%02x", bytes[i]);
}

static void test_sha256(void **state) {
    (void)state;
    uint8_t out[DIGEST_SIZE];
    char text[DIGEST_SIZE * 2 + 1];
    digest_sha256(TEXT("abc"), out); /* FIPS 180-2 B.1 */
    hex(out, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256((struct text){NULL, 0}, out);
    hex(out, text);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void assert_hmac(struct text key, struct text data, const char *expected) {
    uint8_t out[DIGEST_SIZE];
    char text[DIGEST_SIZE * 2 + 1];
    for (int again = 0; again < 3; again++) {
        digest_hmac(key, data, out);
        hex(out, text);
        assert_string_equal(text, expected);
    }
}

static void test_hmac_rfc4231(void **state) {
    (void)state;
    char key[131];
    memset(key, 0x0b, sizeof key);
    assert_hmac((struct text){key, 20}, TEXT("Hi There"),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_hmac(TEXT("Jefe"), TEXT("what do ya want for nothing?"),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    assert_hmac((struct text){key, 131},
                TEXT("Test Using Larger Than Block-Size Key - Hash Key First"),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    assert_hmac(TEXT("Jefe"), TEXT("what do ya want for nothing?"),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* Keys and data of every length around the block size, in an order that changes the key and keeps
 * it, against OpenSSL's one-shot function. */
static void test_hmac_against_openssl(void **state) {
    (void)state;
    uint8_t bytes[300], out[DIGEST_SIZE], expected[DIGEST_SIZE];
    random_bytes(bytes, sizeof bytes);
    for (unsigned key_size = 0; key_size <= 130; key_size++) {
        for (unsigned size = 0; size <= 130; size += 13) {
            struct text key = {(const char *)bytes, key_size};
            struct text data = {(const char *)bytes + 150, size};
            HMAC(EVP_sha256(), bytes, (int)key_size, bytes + 150, size, expected, NULL);
            digest_hmac(key, data, out);
            assert_memory_equal(out, expected, DIGEST_SIZE);
        }
    }
}

static void *hmac_in_thread(void *result) {
    for (int i = 0; i < 1000; i++)
        digest_hmac(TEXT("Jefe"), TEXT("what do ya want for nothing?"), result);
    return result;
}

static void test_hmac_in_threads(void **state) {
    (void)state;
    pthread_t threads[4];
    uint8_t results[4][DIGEST_SIZE], expected[DIGEST_SIZE];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hmac_in_thread, results[i]), 0);
    hmac_in_thread(expected);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_memory_equal(results[i], expected, DIGEST_SIZE);
    }
}

static void test_equal(void **state) {
    (void)state;
    uint8_t a[DIGEST_SIZE] = {1, 2, 3}, b[DIGEST_SIZE] = {1, 2, 3};
    assert_true(digest_equal(a, b, sizeof a));
    for (size_t i = 0; i < sizeof b * 8; i++) {
        b[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_false(digest_equal(a, b, sizeof a));
        b[i / 8] ^= (uint8_t)(1 << i % 8);
    }
}

static void test_base64url_round_trip(void **state) {
    (void)state;
    struct arena arena = {0};
    uint8_t bytes[200], back[200];
    random_bytes(bytes, sizeof bytes);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        struct text t = base64url_encode(&arena, bytes, size);
        size_t back_size;
        assert_int_equal(t.size, BASE64URL_SIZE(size));
        assert_true(base64url_decode(t, back, size, &back_size));
        assert_int_equal(back_size, size);
        assert_memory_equal(back, bytes, size);
        if (size > 0)
            assert_false(base64url_decode(t, back, size - 1, &back_size));
    }
    struct text t = base64url_encode(&arena, "\xfb\xff\xfe\x3f\x3f\x3e", 6);
    assert_true(text_equal(t, TEXT("-__-Pz8-")));
    arena_free(&arena);
}

static void test_base64url_write_stays_inside(void **state) {
    (void)state;
    char out[100];
    for (size_t size = 0; size <= 70; size++) {
        memset(out, '!', sizeof out);
        base64url_write("0123456789012345678901234567890123456789012345678901234567890123456789",
                        size, out);
        assert_int_equal(out[BASE64URL_SIZE(size)], '!');
        if (size > 0)
            assert_int_not_equal(out[BASE64URL_SIZE(size) - 1], '!');
    }
}

static void assert_decodes(struct text in, bool expected) {
    uint8_t out[100];
    size_t size;
    if (base64url_decode(in, out, sizeof out, &size) != expected)
        fail_msg("\"%.*s\"", TEXT_ARGS(in));
}

static void test_base64url_strict(void **state) {
    (void)state;
    assert_decodes(TEXT("AA"), true);
    assert_decodes(TEXT("A"), false);
    assert_decodes(TEXT("AAAAA"), false);
    assert_decodes(TEXT("AA=="), false);
    assert_decodes(TEXT("AAA="), false);
    assert_decodes(TEXT("AAAA="), false);
    assert_decodes(TEXT("AA+A"), false);
    assert_decodes(TEXT("AA/A"), false);
    assert_decodes(TEXT("AA A"), false);
    assert_decodes(TEXT("AAAA\n"), false);
    assert_decodes(TEXT("AAA\0"), false);
    assert_decodes(TEXT("\0"), false);
    assert_decodes((struct text){NULL, 0}, true);
}

/* Every text of two and three characters: what decodes is what encoding gives, so that a value has
 * one text. */
static void test_base64url_canonical(void **state) {
    (void)state;
    struct arena arena = {0};
    unsigned accepted[4] = {0};
    for (unsigned i = 0; i < 1 << 16; i++) {
        char in[3] = {(char)i, (char)(i >> 8), 'A'};
        for (size_t size = 1; size <= 3; size++) {
            uint8_t out[3];
            size_t out_size;
            if (!base64url_decode((struct text){in, size}, out, sizeof out, &out_size))
                continue;
            struct text back = base64url_encode(&arena, out, out_size);
            assert_true(text_equal(back, (struct text){in, size}));
            accepted[size]++;
        }
        arena_reset(&arena);
    }
    assert_int_equal(accepted[1], 0);
    assert_int_equal(accepted[2], 256);
    assert_int_equal(accepted[3], 64 * 64);
    arena_free(&arena);
}

int main(void) {
    random_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_hmac_rfc4231),
        cmocka_unit_test(test_hmac_against_openssl),
        cmocka_unit_test(test_hmac_in_threads),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_base64url_round_trip),
        cmocka_unit_test(test_base64url_write_stays_inside),
        cmocka_unit_test(test_base64url_strict),
        cmocka_unit_test(test_base64url_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
