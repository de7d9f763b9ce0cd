/* Writes compact JSON (RFC 8259) into a buffer, front to back. Commas are placed by the writer;
 * nesting is the caller's duty. Text goes out as UTF-8, escaped only where the grammar demands it.
 *
 * Names stay clear of jansson, which reads JSON: json_object and the like are its own. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"

struct json {
    struct buffer *out;
    bool comma; /* the next value needs a comma before it */
};

static inline struct json json_writer(struct buffer *out) {
    return (struct json){out, false};
}

void json_open_object(struct json *j); /* { */
void json_close_object(struct json *j);
void json_open_array(struct json *j); /* [ */
void json_close_array(struct json *j);

/* A key; its value is the next call. `key` needs no escaping: it is one of our own. */
void json_key(struct json *j, const char *key);

void json_text(struct json *j, struct text t); /* must be valid UTF-8 */
void json_cstr(struct json *j, const char *s);
void json_int(struct json *j, int64_t n);
void json_bool(struct json *j, bool b);
void json_put_null(struct json *j);
/* A number of hundredths without trailing zeros: 50000 → 500, 50050 → 500.5. */
void json_cents(struct json *j, int64_t cents);
/* Microseconds since 1970 as "2024-01-15T10:30:00Z"; 0 is null. */
void json_time(struct json *j, int64_t us);
/* A value that is JSON already. */
void json_raw(struct json *j, struct text t);

/* Key and value in one call. */
void json_key_text(struct json *j, const char *key, struct text t);
void json_key_cstr(struct json *j, const char *key, const char *s);
void json_key_int(struct json *j, const char *key, int64_t n);
void json_key_bool(struct json *j, const char *key, bool b);
void json_key_null(struct json *j, const char *key);
void json_key_time(struct json *j, const char *key, int64_t us);

#endif
