#include "http/forwarded.h"

static bool is_trusted(const struct http_config *config, const struct address *a) {
    for (unsigned i = 0; i < config->trusted_proxy_count; i++)
        if (network_contains(&config->trusted_proxies[i], a))
            return true;
    return false;
}

/* Takes what stands behind the last comma off the end of *rest. */
static bool split_last(struct text *rest, struct text *part) {
    if (rest->at == NULL)
        return false;
    const char *comma = rest->size > 0 ? memrchr(rest->at, ',', rest->size) : NULL;
    size_t before = comma ? (size_t)(comma - rest->at) : 0;
    const char *from = comma ? comma + 1 : rest->at;
    *part = text_trim((struct text){from, (size_t)(rest->at + rest->size - from)});
    *rest = comma ? (struct text){rest->at, before} : (struct text){NULL, 0};
    return true;
}

/* An address as proxies write it: some add the port. */
static bool parse_hop(struct text t, struct address *out) {
    if (address_parse(t, out))
        return true;
    const char *colon = t.size > 0 ? memrchr(t.at, ':', t.size) : NULL;
    return colon != NULL && address_parse((struct text){t.at, (size_t)(colon - t.at)}, out);
}

/* Walks one field from right to left. False when the client is found, or the trail is lost. */
static bool walk(const struct http_config *config, struct text value, struct address *client) {
    struct text part;
    struct address hop;
    while (split_last(&value, &part)) {
        if (!parse_hop(part, &hop))
            return false;
        *client = hop;
        if (!is_trusted(config, &hop))
            return false;
    }
    return true;
}

static void find_client(const struct http_config *config, struct http_request *r) {
    for (unsigned i = r->header_count; i-- > 0;)
        if (text_equal_nocase(r->headers[i].name, TEXT("x-forwarded-for")) &&
            !walk(config, r->headers[i].value, &r->client))
            return;
}

/* Without a word of the proxy's it stays what its own connection is. */
static bool says_https(const struct http_request *r) {
    for (unsigned i = r->header_count; i-- > 0;) {
        if (!text_equal_nocase(r->headers[i].name, TEXT("x-forwarded-proto")))
            continue;
        struct text rest = r->headers[i].value, last = {NULL, 0};
        split_last(&rest, &last);
        return text_equal_nocase(last, TEXT("https"));
    }
    return r->secure;
}

void forwarded_apply(const struct http_config *config, const struct address *peer, bool unix_socket,
                     struct http_request *request) {
    request->client = *peer;
    if (config->trusted_proxy_count == 0 || !(unix_socket || is_trusted(config, peer)))
        return;
    find_client(config, request);
    request->secure = says_https(request);
}
