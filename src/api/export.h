/* An account's data as its owner takes it away: the account itself, and lists ("sections") that may
 * be long and are therefore written a run at a time. The endpoint and `rollcall user export` share
 * this; a table with personal data that is added anywhere gets a section here. */
#ifndef API_EXPORT_H
#define API_EXPORT_H

#include "api/encode.h"

/* The value of "account". */
enum err export_encode_account(struct ctx *c, int64_t user_id, struct json *j);

unsigned export_section_count(void);
const char *export_section_key(unsigned section);

/* Writes the elements of the section that follow those before *after (the empty text: from the
 * first), at most 100 where there may be many; *after becomes the empty text behind the last. *rows
 * is how many there were. */
enum err export_encode_run(struct ctx *c, int64_t user_id, unsigned section, struct json *j,
                           struct text *after, size_t *rows);

#endif
