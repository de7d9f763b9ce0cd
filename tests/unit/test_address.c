#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/address.h"

static struct address parsed(const char *s) {
    struct address a;
    assert_true(address_parse(text_of(s), &a));
    return a;
}

static struct network net(const char *s) {
    struct network n;
    assert_true(network_parse(text_of(s), &n));
    return n;
}

static void assert_formats(const char *in, const char *expected) {
    struct address a = parsed(in);
    char out[ADDRESS_TEXT_SIZE];
    address_format(&a, out);
    assert_string_equal(out, expected);
}

static void test_parse_and_format(void **state) {
    (void)state;
    assert_formats("192.0.2.1", "192.0.2.1");
    assert_formats("::ffff:192.0.2.1", "192.0.2.1");
    assert_formats("2001:DB8:0:0:0:0:0:1", "2001:db8::1");
    assert_formats("[2001:db8::1]", "2001:db8::1");
    assert_formats("::1", "::1");
    assert_formats("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
                   "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    assert_formats("::", "");
}

static void test_parse_refuses(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.01",
        "192.0.2.1 ",
        "0xc0.1",
        "3232235777",
        "192.0.2.1:80",
        "[192.0.2.1]",
        "fe80::1%eth0",
        "[::1",
        "::1]",
        "[]",
        "[[::1]]",
        "[::1]:80",
        ":",
        "1::2::3",
        "12345::",
        "unix",
        "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555555555",
    };
    struct address a;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (address_parse(text_of(bad[i]), &a))
            fail_msg("accepted \"%s\"", bad[i]);
    }
    assert_false(address_parse(TEXT("::1\0"), &a));
    assert_false(address_parse((struct text){NULL, 0}, &a));
}

static void test_of_sockaddr(void **state) {
    (void)state;
    char out[ADDRESS_TEXT_SIZE];
    struct sockaddr_in four = {.sin_family = AF_INET};
    inet_pton(AF_INET, "198.51.100.7", &four.sin_addr);
    struct address a = address_of_sockaddr((struct sockaddr *)&four);
    address_format(&a, out);
    assert_string_equal(out, "198.51.100.7");

    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    inet_pton(AF_INET6, "2001:db8::7", &six.sin6_addr);
    a = address_of_sockaddr((struct sockaddr *)&six);
    address_format(&a, out);
    assert_string_equal(out, "2001:db8::7");

    struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
    struct address unknown = {0};
    a = address_of_sockaddr((struct sockaddr *)&local);
    assert_memory_equal(&a, &unknown, sizeof a);
    a = address_of_sockaddr(NULL);
    assert_memory_equal(&a, &unknown, sizeof a);
}

static void assert_contains(const char *network, const char *address, bool expected) {
    struct network n = net(network);
    struct address a = parsed(address);
    if (network_contains(&n, &a) != expected)
        fail_msg("%s in %s", address, network);
}

static void test_network_contains(void **state) {
    (void)state;
    assert_contains("192.0.2.0/24", "192.0.2.255", true);
    assert_contains("192.0.2.0/24", "192.0.3.0", false);
    assert_contains("192.0.2.77/24", "192.0.2.1", true);
    assert_contains("10.0.0.0/9", "10.127.255.255", true);
    assert_contains("10.0.0.0/9", "10.128.0.0", false);
    assert_contains("192.0.2.2/31", "192.0.2.3", true);
    assert_contains("192.0.2.2/31", "192.0.2.4", false);
    assert_contains("192.0.2.1", "192.0.2.1", true);
    assert_contains("192.0.2.1", "192.0.2.0", false);
    assert_contains("0.0.0.0/0", "255.1.2.3", true);
    assert_contains("0.0.0.0/0", "2001:db8::1", false);
    assert_contains("::/0", "192.0.2.1", true);
    assert_contains("2001:db8::/32", "2001:db8:ffff::1", true);
    assert_contains("2001:db8::/32", "2001:db9::", false);
    assert_contains("[2001:db8::]/33", "2001:db8:8000::", false);
    assert_contains("::1", "::1", true);
    assert_contains("::1", "::2", false);
    assert_contains("::ffff:10.0.0.0/104", "10.9.9.9", true);
}

static void test_network_refuses(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "/",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/a",
        "10.0.0.0/-0",
        "10.0.0.0/8/8",
        "10.0.0.0/0008",
        "::/129",
        "10.0.0.0/ 8",
        "10/8",
        "::1/18446744073709551616",
    };
    struct network n;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (network_parse(text_of(bad[i]), &n))
            fail_msg("accepted \"%s\"", bad[i]);
    }
}

static void assert_client(const char *address, const char *expected) {
    struct address a = parsed(address);
    struct address client = address_client(&a);
    char out[ADDRESS_TEXT_SIZE];
    address_format(&client, out);
    assert_string_equal(out, expected);
}

static void test_client(void **state) {
    (void)state;
    assert_client("192.0.2.1", "192.0.2.1");
    assert_client("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::");
    assert_client("2001:db8:1:2:ffff::", "2001:db8:1:2::");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_and_format), cmocka_unit_test(test_parse_refuses),
        cmocka_unit_test(test_of_sockaddr),      cmocka_unit_test(test_network_contains),
        cmocka_unit_test(test_network_refuses),  cmocka_unit_test(test_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
