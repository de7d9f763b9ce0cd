/* Request targets: the path, decoded exactly once, and the query. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* Splits the origin-form `target`. *path lives in `arena` or in `target`; it has no slash at its
 * end, but "/" itself. ERR_MALFORMED for a broken escape, an encoded slash, a control character,
 * text that is not UTF-8, an empty segment, or a dot segment, encoded or not. */
enum err target_split(struct arena *arena, struct text target, struct text *path,
                      struct text *query);

/* The byte that "%XX" at `at` stands for; -1 when there is no such escape before `end`. */
int target_unescape(const char *at, const char *end);

#endif
