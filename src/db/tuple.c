#include "db/tuple.h"

#include <endian.h>
#include <string.h>

#include "base/log.h"

static const char signature[] = "PGCOPY\n\377\r\n"; /* and its NUL */

/* ---- Reading --------------------------------------------------------------------------------- */

/* Takes `size` bytes off the front. */
static bool take(struct text *from, size_t size, const char **at) {
    if (from->size < size)
        return false;
    *at = from->at;
    from->at += size;
    from->size -= size;
    return true;
}

static bool take_16(struct text *from, int16_t *out) {
    const char *at;
    uint16_t n;
    if (!take(from, sizeof n, &at))
        return false;
    memcpy(&n, at, sizeof n);
    *out = (int16_t)be16toh(n);
    return true;
}

static bool take_32(struct text *from, int32_t *out) {
    const char *at;
    uint32_t n;
    if (!take(from, sizeof n, &at))
        return false;
    memcpy(&n, at, sizeof n);
    *out = (int32_t)be32toh(n);
    return true;
}

static bool take_header(struct text *from) {
    const char *at;
    int32_t flags, extension;
    return take(from, sizeof signature, &at) && memcmp(at, signature, sizeof signature) == 0 &&
           take_32(from, &flags) && flags == 0 && take_32(from, &extension) && extension >= 0 &&
           take(from, (size_t)extension, &at);
}

static bool take_value(struct text *from, enum db_type type, struct db_arg *out) {
    int32_t size;
    const char *at;
    uint64_t n;
    if (!take_32(from, &size))
        return false;
    *out = arg_null();
    if (size == -1)
        return true;
    if (size < 0 || !take(from, (size_t)size, &at) || (type == DB_INT && size != sizeof n))
        return false;
    *out = (struct db_arg){.type = type, .text = {at, (size_t)size}};
    if (type != DB_INT)
        return true;
    memcpy(&n, at, sizeof n);
    *out = arg_int((int64_t)be64toh(n));
    return true;
}

enum tuple_found tuple_read(bool *begun, struct text message, const struct bulk_shape *shape,
                            struct db_arg row[]) {
    int16_t width;
    if (!*begun && !take_header(&message))
        return TUPLE_NONSENSE;
    *begun = true;
    if (message.size == 0)
        return TUPLE_NONE;
    if (!take_16(&message, &width))
        return TUPLE_NONSENSE;
    if (width == -1)
        return TUPLE_NONE;
    if ((size_t)width != shape->width)
        return TUPLE_NONSENSE;
    for (size_t i = 0; i < shape->width; i++)
        if (!take_value(&message, shape->types[i], &row[i]))
            return TUPLE_NONSENSE;
    return message.size == 0 ? TUPLE_ROW : TUPLE_NONSENSE;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void put_16(struct buffer *out, int16_t n) {
    uint16_t big = htobe16((uint16_t)n);
    buffer_add(out, &big, sizeof big);
}

static void put_32(struct buffer *out, int32_t n) {
    uint32_t big = htobe32((uint32_t)n);
    buffer_add(out, &big, sizeof big);
}

static void put_value(struct buffer *out, const struct db_arg *value) {
    if (value->type == DB_NULL) {
        put_32(out, -1);
    } else if (value->type == DB_INT) {
        uint64_t big = htobe64((uint64_t)value->number);
        put_32(out, sizeof big);
        buffer_add(out, &big, sizeof big);
    } else {
        ASSERT(value->text.size <= INT32_MAX);
        put_32(out, (int32_t)value->text.size);
        buffer_add_text(out, value->text);
    }
}

void tuple_write_header(struct buffer *out) {
    buffer_add(out, signature, sizeof signature);
    put_32(out, 0); /* flags */
    put_32(out, 0); /* the size of an extension of the header */
}

void tuple_write(struct buffer *out, struct db_args row) {
    put_16(out, (int16_t)row.count);
    for (size_t i = 0; i < row.count; i++)
        put_value(out, &row.at[i]);
}

void tuple_write_end(struct buffer *out) {
    put_16(out, -1);
}
