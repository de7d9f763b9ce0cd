/* Fields that name somebody: X-Forwarded-For and -Proto, Origin and what else CORS reads, Host, and
 * the addresses in them. An input is a choice of peers and then lines "Name: value". */
#include "fuzz.h"

#include "http/cors.h"
#include "http/forwarded.h"
#include "http/head.h"

#define FIELDS_MAX 16

static struct network proxies[2];
static const struct text origins[] = {{"https://app.example.com", 23},
                                      {"http://localhost:3000", 21}};
static struct http_config config = {
    .trusted_proxies = proxies,
    .trusted_proxy_count = 2,
    .origins = origins,
    .origin_count = 2,
};

static struct address address(const char *s) {
    struct address a;
    ASSERT(address_parse(text_of(s), &a));
    return a;
}

static void start(void) {
    if (proxies[0].prefix != 0)
        return;
    ASSERT(network_parse(TEXT("10.0.0.0/8"), &proxies[0]));
    ASSERT(network_parse(TEXT("2001:db8::/32"), &proxies[1]));
}

/* ---- Addresses ------------------------------------------------------------------------------- */

static void try_address(struct text t) {
    struct address a, again;
    struct network n;
    char text[ADDRESS_TEXT_SIZE];
    if (address_parse(t, &a)) {
        address_format(&a, text);
        static const struct address unknown;
        bool known = memcmp(&a, &unknown, sizeof a) != 0;
        ASSERT(known == (text[0] != '\0'));
        ASSERT(!known || (address_parse(text_of(text), &again) && !memcmp(&a, &again, sizeof a)));
    }
    if (network_parse(t, &n)) {
        ASSERT(n.prefix <= 128 && network_contains(&n, &n.address));
    }
    head_host_valid(t);
}

/* ---- A request ------------------------------------------------------------------------------- */

static unsigned read_fields(struct arena *arena, struct text in, struct http_header *out) {
    unsigned count = 0;
    struct text line;
    while (count < FIELDS_MAX && text_split(&in, '\n', &line)) {
        struct text name;
        text_split(&line, ':', &name);
        if (line.at == NULL)
            continue;
        /* As head_scan leaves them. */
        struct text value = text_trim(line);
        for (size_t i = 0; i < value.size; i++)
            if (((uint8_t)value.at[i] < ' ' && value.at[i] != '\t') || value.at[i] == 0x7f)
                return count;
        out[count++] = (struct http_header){fuzz_exact(arena, name), fuzz_exact(arena, value)};
    }
    return count;
}

static bool is_proxy(const struct address *a) {
    return network_contains(&proxies[0], a) || network_contains(&proxies[1], a);
}

/* Who is no proxy speaks for himself alone. */
static void check_client(const struct http_request *r, const struct address *peer, bool trusted,
                         bool secure) {
    bool same = memcmp(&r->client, peer, sizeof *peer) == 0;
    bool spoken = http_header(r, "x-forwarded-for").at != NULL;
    ASSERT(same || (trusted && spoken));
    ASSERT(r->secure == secure || (trusted && http_header(r, "x-forwarded-proto").at != NULL));
    if (!trusted)
        ASSERT(same && r->secure == secure);
}

static void try_forwarded(struct http_request *r, unsigned which) {
    static const char *const peers[] = {"192.0.2.1", "10.1.2.3", "2001:db8::7", "::1"};
    struct address peer = address(peers[which % 4]);
    bool unix_socket = which / 4 == 1, secure = which & 1;
    r->secure = secure;
    if (unix_socket)
        peer = (struct address){0};
    forwarded_apply(&config, &peer, unix_socket, r);
    check_client(r, &peer, unix_socket || is_proxy(&peer), secure);
}

/* Only whole lines of ours, and no origin but those that are configured. */
static void check_lines(struct text out, struct text origin) {
    struct text line, rest = out;
    ASSERT(out.size >= 2 && out.at[out.size - 1] == '\n');
    rest.size--;
    while (text_split(&rest, '\n', &line)) {
        ASSERT(line.size > 0 && line.at[line.size - 1] == '\r');
        ASSERT(memchr(line.at, '\r', line.size) == line.at + line.size - 1);
        struct text value = line, name;
        text_split(&value, ':', &name);
        ASSERT(text_starts(name, TEXT("Access-Control-")) || text_equal(name, TEXT("Vary")));
        if (text_equal(name, TEXT("Access-Control-Allow-Origin"))) {
            value = text_trim((struct text){value.at, value.size - 1});
            ASSERT(text_equal(value, origin));
            ASSERT(text_equal(value, origins[0]) || text_equal(value, origins[1]));
        }
    }
}

static void try_cors(struct exchange *x, bool options) {
    x->request.method = options ? HTTP_OPTIONS : HTTP_POST;
    x->response.allow = options ? HTTP_GET | HTTP_POST : 0;
    cors_apply(&config, x);
    check_lines(buffer_text(&x->response.headers), http_header(&x->request, "origin"));
    buffer_free(&x->response.headers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text in = {(const char *)data, size};
    struct arena arena = {0};
    struct http_header fields[FIELDS_MAX];
    struct exchange x = {.request.headers = fields};
    start();
    unsigned which = fuzz_choose(&in, 16);
    x.request.header_count = read_fields(&arena, in, fields);
    for (unsigned i = 0; i < x.request.header_count; i++)
        try_address(fields[i].value);
    try_forwarded(&x.request, which % 8);
    try_cors(&x, which / 8);
    arena_free(&arena);
    return 0;
}
