#include "http/head.h"

#include "http/target.h"

/* tchar of RFC 9110 §5.6.2. */
static const bool token_char[256] = {
    ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1,         ['&'] = 1,         ['\''] = 1,
    ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,         ['^'] = 1,         ['_'] = 1,
    ['`'] = 1, ['|'] = 1, ['~'] = 1, ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1,
};

void head_start(struct head *h) {
    *h = (struct head){0};
}

void head_start_trailer(struct head *h, size_t at) {
    h->at = h->line = h->block = at;
    h->lines = 1;
}

static size_t token_size(const char *at, size_t size) {
    size_t n = 0;
    while (n < size && token_char[(unsigned char)at[n]])
        n++;
    return n;
}

/* Only the methods that routes can have; llhttp and everybody else calls the rest by one name. */
static enum http_method method_of(struct text name) {
    static const struct {
        struct text name;
        enum http_method method;
    } methods[] = {
        {{"GET", 3}, HTTP_GET},         {{"POST", 4}, HTTP_POST}, {{"PATCH", 5}, HTTP_PATCH},
        {{"DELETE", 6}, HTTP_DELETE},   {{"HEAD", 4}, HTTP_HEAD}, {{"PUT", 3}, HTTP_PUT},
        {{"OPTIONS", 7}, HTTP_OPTIONS},
    };
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (text_equal(name, methods[i].name))
            return methods[i].method;
    return HTTP_OTHER;
}

enum http_method head_method(const char *at, size_t size) {
    size_t n = token_size(at, size);
    return n < size && at[n] == ' ' ? method_of((struct text){at, n}) : HTTP_OTHER;
}

static enum err check_version(struct text version, unsigned *minor) {
    if (version.size != 8 || memcmp(version.at, "HTTP/", 5) != 0 || version.at[6] != '.')
        return ERR_MALFORMED;
    char major = version.at[5], low = version.at[7];
    if (major < '0' || major > '9' || low < '0' || low > '9')
        return ERR_MALFORMED;
    if (major != '1' || low > '1')
        return ERR_HTTP_VERSION;
    *minor = (unsigned)(low - '0');
    return OK;
}

/* origin-form, or asterisk-form of OPTIONS (RFC 9112 §3.2). */
static enum err check_target(enum http_method method, struct text target) {
    if (method == HTTP_OPTIONS && text_equal(target, TEXT("*")))
        return OK;
    if (target.size == 0 || target.at[0] != '/')
        return ERR_MALFORMED;
    for (size_t i = 0; i < target.size; i++)
        if (target.at[i] < '!' || target.at[i] > '~' || target.at[i] == '#')
            return ERR_MALFORMED;
    return OK;
}

/* method SP request-target SP HTTP-version, with exactly those two spaces. */
static enum err scan_request_line(struct request_line *out, const char *at, size_t size) {
    size_t method = token_size(at, size);
    if (method == 0 || method == size || at[method] != ' ')
        return ERR_MALFORMED;
    const char *target = at + method + 1;
    const char *space = memchr(target, ' ', size - method - 1);
    if (space == NULL)
        return ERR_MALFORMED;
    TRY(check_version((struct text){space + 1, (size_t)(at + size - space - 1)}, &out->minor));
    out->method = method_of((struct text){at, method});
    out->method_name = (struct span){0, (uint32_t)method};
    out->target = (struct span){(uint32_t)(method + 1), (uint32_t)(space - target)};
    return check_target(out->method, (struct text){target, out->target.size});
}

static enum err scan_field(const char *at, size_t size) {
    size_t name = token_size(at, size);
    return name > 0 && name < size && at[name] == ':' ? OK : ERR_MALFORMED;
}

static enum err scan_line(struct head *h, const char *at, size_t size) {
    if (h->lines > 0)
        return h->lines > HTTP_HEADER_MAX ? ERR_HEADERS_TOO_LARGE : scan_field(at, size);
    h->block = h->line + size + 2;
    return scan_request_line(&h->request_line, at, size);
}

static enum err check_size(const struct head *h) {
    if (h->lines == 0)
        return h->at - h->line > HTTP_LINE_MAX ? ERR_TARGET_TOO_LONG : OK;
    return h->at - h->block > HTTP_HEAD_MAX ? ERR_HEADERS_TOO_LARGE : OK;
}

/* Bytes from `at` on that are neither control characters nor DEL; stops short now and then. */
static size_t plain_run(const char *at, size_t size) {
    const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    size_t n = 0;
    for (uint64_t w; n + sizeof w <= size; n += sizeof w) {
        memcpy(&w, at + n, sizeof w);
        uint64_t del = w ^ (ones * 0x7f);
        uint64_t low = (w - ones * 0x20) & ~w, none = (del - ones) & ~del;
        if ((low | none) & tops)
            break;
    }
    return n;
}

enum err head_scan(struct head *h, const char *base, size_t size, bool *end) {
    *end = false;
    while (!*end) {
        h->at += plain_run(base + h->at, size - h->at);
        unsigned char c = h->at < size ? (unsigned char)base[h->at] : '\r';
        if ((c >= ' ' && c != 0x7f) || c == '\t') {
            h->at++;
            continue;
        }
        TRY(check_size(h));
        if (c != '\r' || (h->at + 1 < size && base[h->at + 1] != '\n'))
            return ERR_MALFORMED;
        if (h->at + 1 >= size)
            return OK;
        *end = h->at == h->line && h->lines > 0;
        if (!*end)
            TRY(scan_line(h, base + h->line, h->at - h->line));
        h->lines++;
        h->at += 2;
        h->line = h->at;
    }
    return OK;
}

static bool all_digits(struct text t) {
    for (size_t i = 0; i < t.size; i++)
        if (t.at[i] < '0' || t.at[i] > '9')
            return false;
    return t.size > 0;
}

/* "[" IPv6 "]": the address itself is checked by its own parser. */
static bool literal_valid(struct text t) {
    struct address unused;
    return t.size > 2 && t.at[0] == '[' && t.at[t.size - 1] == ']' && address_parse(t, &unused) &&
           memchr(t.at, ':', t.size) != NULL;
}

/* Names, IPv4 addresses, and the escapes of a registered name. */
static const bool host_char[256] = {
    ['%'] = 1, ['-'] = 1,         ['.'] = 1,         ['_'] = 1,
    ['~'] = 1, ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1,
};

static bool name_valid(struct text t) {
    for (size_t i = 0; i < t.size; i++)
        if (!host_char[(unsigned char)t.at[i]] ||
            (t.at[i] == '%' && target_unescape(t.at + i, t.at + t.size) < 0))
            return false;
    return t.size > 0;
}

bool head_host_valid(struct text t) {
    const char *close = t.size > 0 && t.at[0] == '[' ? memchr(t.at, ']', t.size) : NULL;
    const char *rest = close ? close + 1 : t.at;
    const char *colon = t.size > 0 ? memchr(rest, ':', (size_t)(t.at + t.size - rest)) : NULL;
    struct text host = {t.at, colon ? (size_t)(colon - t.at) : t.size};
    if (colon != NULL) {
        struct text port = {colon + 1, t.size - host.size - 1};
        if (port.size > 5 || (port.size > 0 && !all_digits(port)))
            return false;
    }
    return close ? literal_valid(host) : name_valid(host);
}

static enum err check_length(struct text value, size_t *length) {
    if (!all_digits(value))
        return ERR_MALFORMED;
    *length = 0;
    for (size_t i = 0; i < value.size; i++) {
        *length = *length * 10 + (size_t)(value.at[i] - '0');
        if (*length > HTTP_BODY_MAX)
            return ERR_BODY_TOO_LARGE;
    }
    return OK;
}

/* 1 to 128 of [A-Za-z0-9._:-]. */
static bool id_valid(struct text t) {
    for (size_t i = 0; i < t.size; i++) {
        unsigned char c = (unsigned char)t.at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              c == '-' || c == '.' || c == '_' || c == ':'))
            return false;
    }
    return t.size >= 1 && t.size <= 128;
}

/* The fields that must not stand twice, by how often they were met; and what the others ask for. */
struct tally {
    unsigned host, length, encoding;
    enum err length_error; /* reported only when nothing worse is wrong */
    bool expects_more;
    bool close, keep_alive;
};

/* Takes the next member off the front of a list (RFC 9110 §5.6.1); empty ones do not count. */
static bool next_member(struct text *list, struct text *member) {
    while (text_split(list, ',', member)) {
        *member = text_trim(*member);
        if (member->size > 0)
            return true;
    }
    return false;
}

static void note_connection(struct text list, struct tally *tally) {
    struct text option;
    while (next_member(&list, &option)) {
        tally->close |= text_equal_nocase(option, TEXT("close"));
        tally->keep_alive |= text_equal_nocase(option, TEXT("keep-alive"));
    }
}

static void note_expectations(struct text list, struct tally *tally, struct head_facts *facts) {
    struct text expected;
    while (next_member(&list, &expected)) {
        bool more = !text_equal_nocase(expected, TEXT("100-continue"));
        tally->expects_more |= more;
        facts->expect_continue |= !more;
    }
}

static enum err check_field(const struct field *f, struct text name, struct text value,
                            struct tally *tally, struct head_facts *facts) {
    switch (name.size) {
    case 4:
        if (text_equal_nocase(name, TEXT("host")))
            return tally->host++ == 0 && head_host_valid(value) ? OK : ERR_MALFORMED;
        return OK;
    case 6:
        if (text_equal_nocase(name, TEXT("expect")))
            note_expectations(value, tally, facts);
        return OK;
    case 10:
        if (text_equal_nocase(name, TEXT("connection")))
            note_connection(value, tally);
        return OK;
    case 12:
        if (facts->id == NULL && text_equal_nocase(name, TEXT("x-request-id")) && id_valid(value))
            facts->id = f;
        return OK;
    case 14:
        if (text_equal_nocase(name, TEXT("content-length"))) {
            tally->length_error = check_length(value, &facts->length);
            return tally->length++ == 0 && tally->length_error != ERR_MALFORMED ? OK
                                                                                : ERR_MALFORMED;
        }
        return OK;
    case 17:
        if (text_equal_nocase(name, TEXT("transfer-encoding"))) {
            facts->chunked = text_equal_nocase(value, TEXT("chunked"));
            return tally->encoding++ == 0 && facts->chunked ? OK : ERR_MALFORMED;
        }
        return OK;
    default:
        return OK;
    }
}

enum err head_check(const struct request_line *line, const struct parsed *parsed, const char *base,
                    struct head_facts *facts) {
    struct tally tally = {0};
    *facts = (struct head_facts){0};
    for (unsigned i = 0; i < parsed->field_count; i++) {
        const struct field *f = &parsed->fields[i];
        TRY(check_field(f, (struct text){base + f->name.at, f->name.size},
                        (struct text){base + f->value.at, f->value.size}, &tally, facts));
    }
    if (line->minor > 0 && tally.host == 0)
        return ERR_MALFORMED;
    if (tally.encoding > 0 && (tally.length > 0 || line->minor == 0))
        return ERR_MALFORMED;
    if (tally.expects_more && line->minor > 0)
        return ERR_EXPECTATION;
    facts->expect_continue &= line->minor > 0;
    facts->keep_alive = !tally.close && (line->minor > 0 || tally.keep_alive);
    return tally.length_error;
}
