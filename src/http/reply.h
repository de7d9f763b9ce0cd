/* From response to bytes. */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "http/http.h"

struct flight;

/* What content_type is to begin with. */
extern const char reply_json[32];

/* Writes status line and headers of f's response into f->reply. */
void reply_build(struct flight *f, bool close);

/* Whether the body goes out too: not for HEAD, 204 and 304. */
bool reply_has_body(const struct flight *f);

#endif
