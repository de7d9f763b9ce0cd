#include "base/json.h"

#include <string.h>

#include "base/clock.h"

/* Room for `more` bytes and a comma; the comma is written when one is due. Returns where the value
 * goes. `value_end` then says how far it went. */
static char *value_begin(struct json *j, size_t more) {
    char *at = buffer_reserve(j->out, more + 1);
    if (j->comma)
        *at++ = ',';
    j->comma = true;
    return at;
}

static void value_end(struct json *j, const char *end) {
    j->out->size = (size_t)(end - j->out->at);
}

static void open_bracket(struct json *j, char bracket) {
    char *at = value_begin(j, 1);
    *at++ = bracket;
    value_end(j, at);
    j->comma = false;
}

static void close_bracket(struct json *j, char bracket) {
    buffer_add_char(j->out, bracket);
    j->comma = true;
}

void json_open_object(struct json *j) {
    open_bracket(j, '{');
}

void json_close_object(struct json *j) {
    close_bracket(j, '}');
}

void json_open_array(struct json *j) {
    open_bracket(j, '[');
}

void json_close_array(struct json *j) {
    close_bracket(j, ']');
}

void json_key(struct json *j, const char *key) {
    size_t size = strlen(key);
    char *at = value_begin(j, size + 3);
    *at++ = '"';
    memcpy(at, key, size);
    at += size;
    *at++ = '"';
    *at++ = ':';
    value_end(j, at);
    j->comma = false;
}

/* ---- Text --------------------------------------------------------------------------------------
 */

static bool wants_escape(unsigned char c) {
    return c < 0x20 || c == '"' || c == '\\';
}

#define ALL(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether one of eight bytes wants an escape: the usual test for a byte below n, in a word at once;
 * a byte equal to c is one below 1 once c has been taken off by exclusive or. May be wrong in one
 * way: bytes above the first hit. */
static bool word_wants_escape(uint64_t word) {
    uint64_t quote = word ^ ALL('"'), backslash = word ^ ALL('\\');
    uint64_t hits = ((word - ALL(0x20)) & ~word) | ((quote - ALL(1)) & ~quote) |
                    ((backslash - ALL(1)) & ~backslash);
    return (hits & ALL(0x80)) != 0;
}

/* How many bytes from the front go out as they are. */
static size_t plain_run(const char *at, size_t size) {
    size_t i = 0;
    for (; size - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, at + i, sizeof word);
        if (word_wants_escape(word))
            break;
    }
    while (i < size && !wants_escape((unsigned char)at[i]))
        i++;
    return i;
}

#define ESCAPE_MAX 6

static char *write_escape(char *out, unsigned char c) {
    static const char hex[] = "0123456789abcdef";
    static const char names[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    *out++ = '\\';
    if (c >= 0x20 || names[c] != 0) {
        *out++ = c >= 0x20 ? (char)c : names[c];
        return out;
    }
    memcpy(out, "u00", 3);
    out[3] = hex[c >> 4];
    out[4] = hex[c & 15];
    return out + 5;
}

/* Keeps room for what is still to be written, unescaped, and the closing quote. */
static char *add_escape(struct json *j, char *out, unsigned char c, size_t left) {
    value_end(j, out);
    return write_escape(buffer_reserve(j->out, ESCAPE_MAX + left + 1), c);
}

void json_text(struct json *j, struct text t) {
    char *out = value_begin(j, t.size + 2);
    *out++ = '"';
    size_t i = 0;
    while (i < t.size) {
        size_t run = plain_run(t.at + i, t.size - i);
        memcpy(out, t.at + i, run);
        out += run;
        i += run;
        if (i < t.size) {
            out = add_escape(j, out, (unsigned char)t.at[i], t.size - i - 1);
            i++;
        }
    }
    *out++ = '"';
    value_end(j, out);
}

void json_cstr(struct json *j, const char *s) {
    json_text(j, text_of(s));
}

/* ---- Numbers and the rest ----------------------------------------------------------------------
 */

#define INT_MAX_SIZE 20 /* "-9223372036854775808" */

static char *write_unsigned(char *out, uint64_t n) {
    static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031"
                                "3233343536373839404142434445464748495051525354555657585960616263"
                                "6465666768697071727374757677787980818283848586878889909192939495"
                                "96979899";
    char digits[INT_MAX_SIZE];
    char *at = digits + sizeof digits;
    for (; n >= 10; n /= 100) {
        at -= 2;
        memcpy(at, pairs + n % 100 * 2, 2);
    }
    if (n != 0 || at == digits + sizeof digits)
        *--at = (char)('0' + n);
    size_t size = (size_t)(digits + sizeof digits - at);
    memcpy(out, at, size);
    return out + size;
}

/* Writes the sign of `n` and returns its magnitude. */
static uint64_t write_sign(char **out, int64_t n) {
    if (n >= 0)
        return (uint64_t)n;
    *(*out)++ = '-';
    return 0 - (uint64_t)n;
}

void json_int(struct json *j, int64_t n) {
    char *out = value_begin(j, INT_MAX_SIZE);
    uint64_t magnitude = write_sign(&out, n);
    value_end(j, write_unsigned(out, magnitude));
}

void json_cents(struct json *j, int64_t cents) {
    char *out = value_begin(j, INT_MAX_SIZE + 1);
    uint64_t magnitude = write_sign(&out, cents);
    out = write_unsigned(out, magnitude / 100);
    unsigned fraction = (unsigned)(magnitude % 100);
    if (fraction != 0) {
        *out++ = '.';
        *out++ = (char)('0' + fraction / 10);
        if (fraction % 10 != 0)
            *out++ = (char)('0' + fraction % 10);
    }
    value_end(j, out);
}

void json_raw(struct json *j, struct text t) {
    char *out = value_begin(j, t.size);
    if (t.size != 0)
        memcpy(out, t.at, t.size);
    value_end(j, out + t.size);
}

void json_bool(struct json *j, bool b) {
    json_raw(j, b ? TEXT("true") : TEXT("false"));
}

void json_put_null(struct json *j) {
    json_raw(j, TEXT("null"));
}

void json_time(struct json *j, int64_t us) {
    if (us == 0) {
        json_put_null(j);
        return;
    }
    char *out = value_begin(j, CLOCK_TEXT_SIZE + 2);
    *out++ = '"';
    clock_format(us, out);
    out += CLOCK_TEXT_SIZE - 1;
    *out++ = '"';
    value_end(j, out);
}

void json_key_text(struct json *j, const char *key, struct text t) {
    json_key(j, key);
    json_text(j, t);
}

void json_key_cstr(struct json *j, const char *key, const char *s) {
    json_key(j, key);
    json_cstr(j, s);
}

void json_key_int(struct json *j, const char *key, int64_t n) {
    json_key(j, key);
    json_int(j, n);
}

void json_key_bool(struct json *j, const char *key, bool b) {
    json_key(j, key);
    json_bool(j, b);
}

void json_key_null(struct json *j, const char *key) {
    json_key(j, key);
    json_put_null(j);
}

void json_key_time(struct json *j, const char *key, int64_t us) {
    json_key(j, key);
    json_time(j, us);
}
