/* Files that the program carries for browsers and tools. tools/embed_site.py puts them in with what
 * they are compressed, and a tag that changes when they do. */
#ifndef API_SITE_H
#define API_SITE_H

#include "api/call.h"

/* Answers with the file `name`, which must be there, in the shortest form that the client accepts;
 * 304 when the client has it already (RFC 9110 §13.1.2). Clients may keep it, and ask every time
 * whether it is still the same. */
void site_answer(struct call *c, const char *name, const char *content_type);

/* Answers with the part of a page called `name`: script, style, icon. Its name has a hash of its
 * content, so clients may keep it for ever. False when there is none. */
bool site_answer_part(struct call *c, struct text name);

/* Whether a header that lists alternatives (Accept, Accept-Encoding) names this one, and not with
 * the weight 0. Ranges with an asterisk name nothing. */
bool site_accepts(struct text header, const char *name);

#endif
