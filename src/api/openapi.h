/* The API as a document: OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1.html), written from the
 * tables that the server runs on (routes.def, inputs.def, types.def, error.def) and what
 * reference/ says of them. tools/make_openapi.c runs it once, while the program is built. */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include "base/buffer.h"

/* Appends the whole document as compact JSON; `overview` is its introduction, in CommonMark. Ends
 * the process when the tables contradict themselves, saying how. After catalog_start(). */
void openapi_write(struct buffer *out, struct text overview);

#endif
