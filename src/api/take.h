/* The shapes that what was sent can have, of which types.c makes its types: text, numbers, words,
 * lists. Each checks what came, and puts it into *out or refuses it in the words of the contract.
 */
#ifndef API_TAKE_H
#define API_TAKE_H

#include "api/types.h"

/* ERR_VALIDATION about this field; `message` lives as long as the request. */
enum err take_invalid(const struct taking *t, const char *message);

struct arena *take_arena(const struct taking *t);

/* A field of the same input that stands before this one; NULL when the input has none, or there is
 * none (types.h). */
const void *take_sibling(const struct taking *t, const char *name);

/* The text that came, in NFC. */
enum err take_string(const struct taking *t, struct text *out);

/* Of `min` to `max` characters, none of them control characters; a block may have line breaks. With
 * `min` it is more than white space. */
enum err take_line(const struct taking *t, struct in_text *out, size_t min, size_t max);
enum err take_block(const struct taking *t, struct in_text *out, size_t min, size_t max);

/* Any text of at most so many bytes. */
enum err take_bytes(const struct taking *t, struct in_text *out, size_t max);

enum err take_integer(const struct taking *t, struct in_int *out, int64_t min, int64_t max);

/* A number that is at least 1, and no more than `max` when it is. */
enum err take_size(const struct taking *t, struct in_int *out, int64_t max);

/* One of `words`, as its position plus `first`. */
enum err take_word(const struct taking *t, struct in_int *out, const char *const *words,
                   size_t count, int64_t first, const char *message);

/* One of `words`, by its position; with '-' in front -1 - position. */
enum err take_order(const struct taking *t, struct in_int *out, const char *const *words,
                    size_t count, const char *message);

/* What `find` knows; it gives a number below 0 for what it does not. */
enum err take_code(const struct taking *t, struct in_int *out, int (*find)(struct text),
                   const char *message);

/* A list of them, as the set of their numbers. */
enum err take_codes(const struct taking *t, struct in_bits *out, int (*find)(struct text),
                    const char *message);

/* The elements of the list; a form's single empty value is an empty list. */
enum err take_list(const struct taking *t, const struct value **items, size_t *count);

/* One element as if it were a field of its own. */
struct taking take_element(const struct taking *t, const struct value *item);

#endif
