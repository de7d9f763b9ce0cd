#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define MAPPED_PREFIX 96

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_mapped(const struct address *a) {
    return memcmp(a->bytes, mapped, sizeof mapped) == 0;
}

static struct address of_ipv4(const void *four_bytes) {
    struct address a;
    memcpy(a.bytes, mapped, sizeof mapped);
    memcpy(a.bytes + sizeof mapped, four_bytes, 4);
    return a;
}

struct address address_of_sockaddr(const struct sockaddr *sa) {
    struct address a = {0};
    if (sa != NULL && sa->sa_family == AF_INET)
        a = of_ipv4(&((const struct sockaddr_in *)sa)->sin_addr);
    if (sa != NULL && sa->sa_family == AF_INET6)
        memcpy(a.bytes, &((const struct sockaddr_in6 *)sa)->sin6_addr, sizeof a.bytes);
    return a;
}

bool address_parse(struct text t, struct address *out) {
    bool brackets = t.size >= 2 && t.at[0] == '[' && t.at[t.size - 1] == ']';
    if (brackets)
        t = (struct text){t.at + 1, t.size - 2};
    char s[ADDRESS_TEXT_SIZE];
    if (t.size == 0 || t.size >= sizeof s || memchr(t.at, '\0', t.size) != NULL)
        return false;
    memcpy(s, t.at, t.size);
    s[t.size] = '\0';
    struct in_addr four;
    if (!brackets && inet_pton(AF_INET, s, &four) == 1) {
        *out = of_ipv4(&four);
        return true;
    }
    struct in6_addr six;
    if (inet_pton(AF_INET6, s, &six) != 1)
        return false;
    memcpy(out->bytes, &six, sizeof out->bytes);
    return true;
}

static void clear_behind(struct address *a, unsigned prefix) {
    for (unsigned i = 0; i < sizeof a->bytes; i++) {
        unsigned kept = prefix > i * 8 ? prefix - i * 8 : 0;
        if (kept < 8)
            a->bytes[i] &= (uint8_t)(0xff00 >> kept);
    }
}

bool network_parse(struct text t, struct network *out) {
    struct text rest = t, part;
    struct network n;
    if (!text_split(&rest, '/', &part) || !address_parse(part, &n.address))
        return false;
    unsigned offset = memchr(part.at, ':', part.size) == NULL ? MAPPED_PREFIX : 0;
    int64_t prefix = 128 - offset;
    if (rest.at != NULL && (rest.size > 3 || text_starts(rest, TEXT("-")) ||
                            !text_to_int(rest, &prefix) || prefix > 128 - offset))
        return false;
    n.prefix = (unsigned)prefix + offset;
    clear_behind(&n.address, n.prefix);
    *out = n;
    return true;
}

void address_format(const struct address *a, char out[ADDRESS_TEXT_SIZE]) {
    static const struct address unknown;
    out[0] = '\0';
    if (is_mapped(a))
        inet_ntop(AF_INET, a->bytes + sizeof mapped, out, ADDRESS_TEXT_SIZE);
    else if (memcmp(a, &unknown, sizeof unknown) != 0)
        inet_ntop(AF_INET6, a->bytes, out, ADDRESS_TEXT_SIZE);
}

bool network_contains(const struct network *n, const struct address *a) {
    struct address masked = *a;
    clear_behind(&masked, n->prefix);
    return memcmp(&masked, &n->address, sizeof masked) == 0;
}

struct address address_client(const struct address *a) {
    struct address client = *a;
    if (!is_mapped(a))
        clear_behind(&client, 64);
    return client;
}
