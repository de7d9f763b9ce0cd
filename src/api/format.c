#include "api/format.h"

#include <idn2.h>

#include "base/address.h"
#include "base/log.h"
#include "base/unicode.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_alphanumeric(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(char c, const char *set) {
    return c && strchr(set, c);
}

bool format_username(struct text t) {
    if (t.size < 1 || t.size > FORMAT_USERNAME_MAX || is_one_of(t.at[0], ".-+"))
        return false;
    for (size_t i = 0; i < t.size; i++)
        if (!is_alphanumeric(t.at[i]) && !is_one_of(t.at[i], "_.-+"))
            return false;
    return true;
}

/* ---- E-mail addresses ------------------------------------------------------------------------ */

/* Atoms with single dots between them. */
static bool is_dot_atom(struct text t) {
    struct text atom;
    while (text_split(&t, '.', &atom)) {
        if (!atom.size)
            return false;
        for (size_t i = 0; i < atom.size; i++)
            if (!is_alphanumeric(atom.at[i]) && !is_one_of(atom.at[i], "!#$%&'*+-/=?^_`{|}~"))
                return false;
    }
    return true;
}

static bool is_label(struct text t) {
    if (t.size < 1 || t.size > 63 || t.at[0] == '-' || t.at[t.size - 1] == '-')
        return false;
    for (size_t i = 0; i < t.size; i++)
        if (!is_alphanumeric(t.at[i]) && t.at[i] != '-')
            return false;
    return true;
}

static bool is_all_digits(struct text t) {
    for (size_t i = 0; i < t.size; i++)
        if (!is_digit(t.at[i]))
            return false;
    return true;
}

/* A host name of two labels or more; the last is no number, or it would be an IPv4 address. */
static bool is_domain(struct text t) {
    struct text label = {0};
    unsigned labels = 0;
    for (; text_split(&t, '.', &label); labels++)
        if (!is_label(label))
            return false;
    return labels >= 2 && !is_all_digits(label);
}

static bool is_ascii(struct text t) {
    for (size_t i = 0; i < t.size; i++)
        if ((unsigned char)t.at[i] >= 0x80)
            return false;
    return true;
}

static bool domain_to_ascii(struct arena *arena, struct text t, struct text *out) {
    if (is_ascii(t)) {
        *out = text_lower(arena, t);
        return is_domain(*out);
    }
    char *ascii = NULL;
    int result =
        idn2_to_ascii_8z(text_cstr(arena, t), &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    if (result == IDN2_MALLOC)
        log_out_of_memory(0);
    if (result != IDN2_OK)
        return false;
    *out = text_lower(arena, text_of(ascii));
    idn2_free(ascii);
    return is_domain(*out);
}

bool format_email(struct arena *arena, struct text t, struct text *out) {
    const char *at = t.size ? memchr(t.at, '@', t.size) : NULL;
    if (!at || t.size > 4 * 254)
        return false;
    struct text local = {t.at, (size_t)(at - t.at)}, domain;
    struct text given = {at + 1, t.size - local.size - 1};
    if (local.size < 1 || local.size > 64 || !is_dot_atom(local) ||
        !domain_to_ascii(arena, given, &domain))
        return false;
    *out = text_format(arena, "%.*s@%.*s", TEXT_ARGS(local), TEXT_ARGS(domain));
    return out->size <= 254;
}

/* ---- URLs ------------------------------------------------------------------------------------ */

static bool is_unicode_space(int c) {
    return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
           c == 0x3000;
}

static bool is_url_text(struct text t) {
    if (unicode_length(t) > 2048 || unicode_has_control(t, false))
        return false;
    while (t.size) {
        int c = unicode_next(&t);
        if (c <= ' ' || c == '"' || c == '<' || c == '>' || c == '\\' || is_unicode_space(c))
            return false;
    }
    return true;
}

/* Takes the scheme off the front. */
static bool skip_scheme(struct text *t) {
    static const struct text schemes[] = {{"http://", 7}, {"https://", 8}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t size = schemes[i].size;
        if (t->size < size || !text_equal_nocase((struct text){t->at, size}, schemes[i]))
            continue;
        *t = (struct text){t->at + size, t->size - size};
        return true;
    }
    return false;
}

static bool is_port(struct text t) {
    int64_t port;
    return !t.size || (is_all_digits(t) && text_to_int(t, &port) && port <= 65535);
}

static bool is_ipv6_host(struct text authority) {
    struct text host;
    struct address address;
    text_split(&authority, ']', &host);
    if (!authority.at || (authority.size && authority.at[0] != ':'))
        return false;
    struct text port = {authority.at + 1, authority.size ? authority.size - 1 : 0};
    host = (struct text){host.at + 1, host.size - 1};
    return memchr(host.at, ':', host.size) && address_parse(host, &address) && is_port(port);
}

static bool is_authority(struct text t) {
    if (!t.size || memchr(t.at, '@', t.size))
        return false;
    if (t.at[0] == '[')
        return is_ipv6_host(t);
    struct text host = {0};
    text_split(&t, ':', &host);
    return host.size && !memchr(host.at, '[', host.size) && !memchr(host.at, ']', host.size) &&
           is_port(t);
}

bool format_url(struct text t) {
    if (!is_url_text(t) || !skip_scheme(&t))
        return false;
    size_t end = 0;
    while (end < t.size && !is_one_of(t.at[end], "/?#"))
        end++;
    return is_authority((struct text){t.at, end});
}

/* ---- Numbers --------------------------------------------------------------------------------- */

bool format_phone(struct arena *arena, struct text t, struct text *out) {
    char *number = arena_alloc(arena, t.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < t.size; i++)
        if (!is_one_of(t.at[i], " .-"))
            number[size++] = t.at[i];
    *out = (struct text){number, size};
    return size >= 9 && size <= 16 && number[0] == '+' && number[1] != '0' &&
           is_all_digits((struct text){number + 1, size - 1});
}

#define CENTS_MAX INT64_C(100000000000000)

bool format_cents(struct text t, int64_t *out) {
    bool negative = t.size && t.at[0] == '-';
    struct text rest = {t.at + negative, t.size - negative}, whole = {0};
    int64_t units, hundredths = 0;
    text_split(&rest, '.', &whole);
    struct text fraction = rest;
    if (!whole.size || !is_all_digits(whole) || (fraction.at && !fraction.size) ||
        !is_all_digits(fraction) || !text_to_int(whole, &units) || units > CENTS_MAX)
        return false;
    for (size_t i = 0; i < fraction.size; i++)
        if (i >= 2 && fraction.at[i] != '0')
            return false;
    for (size_t i = 0; i < 2; i++)
        hundredths = hundredths * 10 + (i < fraction.size ? fraction.at[i] - '0' : 0);
    int64_t cents = units * 100 + hundredths;
    *out = negative ? -cents : cents;
    return cents <= CENTS_MAX;
}
