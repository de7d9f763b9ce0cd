/* IP addresses and networks, as text and as values. IPv4 is kept as IPv4-mapped IPv6. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct sockaddr;

struct address {
    uint8_t bytes[16]; /* all zero: unknown, or a unix socket */
};

struct network {
    struct address address;
    unsigned prefix; /* 0 to 128, counted in the mapped form */
};

#define ADDRESS_TEXT_SIZE 46

struct address address_of_sockaddr(const struct sockaddr *sa);
/* "192.0.2.1", "2001:db8::1", with or without brackets; no port, no zone. */
bool address_parse(struct text t, struct address *out);
/* "192.0.2.0/24", "2001:db8::/32", or a bare address. Bits past the prefix are cleared. */
bool network_parse(struct text t, struct network *out);
/* The empty text when unknown. */
void address_format(const struct address *a, char out[ADDRESS_TEXT_SIZE]);
bool network_contains(const struct network *n, const struct address *a);
/* What limits count as one client: the IPv4 address, or the IPv6 /64. */
struct address address_client(const struct address *a);

#endif
