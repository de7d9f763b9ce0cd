#include "base/unicode.h"

#include <stdint.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "base/log.h"

/* The first byte from `from` on that is not ASCII, or the end. */
static size_t skip_ascii(struct text t, size_t from) {
    while (t.size - from >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, t.at + from, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0)
            break;
        from += sizeof word;
    }
    while (from < t.size && (unsigned char)t.at[from] < 0x80)
        from++;
    return from;
}

bool unicode_valid(struct text t) {
    size_t i = skip_ascii(t, 0);
    while (i < t.size) {
        utf8proc_int32_t code_point;
        utf8proc_ssize_t taken = utf8proc_iterate((const utf8proc_uint8_t *)t.at + i,
                                                  (utf8proc_ssize_t)(t.size - i), &code_point);
        if (taken <= 0)
            return false;
        i = skip_ascii(t, i + (size_t)taken);
    }
    return true;
}

size_t unicode_length(struct text t) {
    size_t length = 0;
    for (size_t i = 0; i < t.size; i++)
        length += ((unsigned char)t.at[i] & 0xc0) != 0x80;
    return length;
}

/* utf8proc's result, moved into the arena and NUL-terminated. */
static struct text map(struct arena *arena, struct text t, unsigned options) {
    utf8proc_uint8_t *mapped;
    utf8proc_ssize_t size =
        utf8proc_map((const utf8proc_uint8_t *)t.at, (utf8proc_ssize_t)t.size, &mapped, options);
    if (size == UTF8PROC_ERROR_NOMEM)
        log_out_of_memory(0);
    if (size < 0)
        log_fatal("Unicode mapping failed: %s", utf8proc_errmsg(size));
    struct text result = text_copy(arena, (struct text){(const char *)mapped, (size_t)size});
    free(mapped);
    return result;
}

struct text unicode_nfc(struct arena *arena, struct text t) {
    /* Below U+0300 nothing combines and nothing decomposes in form C. U+0300 starts with CC. */
    size_t i = skip_ascii(t, 0);
    while (i < t.size && (unsigned char)t.at[i] < 0xcc)
        i++;
    return i == t.size ? t : map(arena, t, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

/* Letters that Unicode does not decompose, and how they are typed by who lacks them. None is longer
 * in UTF-8 than what it stands for. Sorted by code point. */
static const char *plain_letter(int code_point) {
    switch (code_point) {
    case 0xe6: /* æ */
        return "ae";
    case 0xf0:  /* ð */
    case 0x111: /* đ */
        return "d";
    case 0xf8: /* ø */
        return "o";
    case 0xfe: /* þ */
        return "th";
    case 0x127: /* ħ */
        return "h";
    case 0x131: /* ı */
        return "i";
    case 0x142: /* ł */
        return "l";
    case 0x153: /* œ */
        return "oe";
    case 0x167: /* ŧ */
        return "t";
    default:
        return NULL;
    }
}

static struct text replace_letters(struct text t) {
    char *out = (char *)t.at;
    struct text rest = t;
    while (rest.size > 0) {
        const char *from = rest.at;
        const char *plain = plain_letter(unicode_next(&rest));
        size_t size = plain != NULL ? strlen(plain) : (size_t)(rest.at - from);
        memmove(out, plain != NULL ? plain : from, size);
        out += size;
    }
    *out = '\0';
    return (struct text){t.at, (size_t)(out - t.at)};
}

struct text unicode_fold(struct arena *arena, struct text t) {
    if (skip_ascii(t, 0) == t.size)
        return text_lower(arena, t);
    return replace_letters(map(arena, t,
                               UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE |
                                   UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK));
}

static bool is_control(int code_point) {
    return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0) || code_point == 0x2028 ||
           code_point == 0x2029;
}

bool unicode_has_control(struct text t, bool breaks) {
    while (t.size > 0) {
        int c = unicode_next(&t);
        if (is_control(c) && !(breaks && (c == '\n' || c == '\r' || c == '\t')))
            return true;
    }
    return false;
}

static bool is_alphanumeric(int code_point) {
    utf8proc_category_t category = utf8proc_category(code_point);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

bool unicode_has_word(struct text t, size_t length) {
    size_t row = 0;
    while (t.size > 0 && row < length)
        row = is_alphanumeric(unicode_next(&t)) ? row + 1 : 0;
    return row >= length;
}

int unicode_next(struct text *rest) {
    if (rest->size == 0)
        return -1;
    int code_point = (unsigned char)rest->at[0];
    size_t taken = 1;
    if (code_point >= 0x80) {
        utf8proc_int32_t decoded;
        utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)rest->at,
                                                 (utf8proc_ssize_t)rest->size, &decoded);
        code_point = size > 0 ? decoded : 0xfffd;
        taken = size > 0 ? (size_t)size : 1;
    }
    rest->at += taken;
    rest->size -= taken;
    return code_point;
}
