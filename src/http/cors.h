/* Cross-origin requests of configured origins (the Fetch standard's CORS protocol). */
#ifndef HTTP_CORS_H
#define HTTP_CORS_H

#include "http/http.h"

/* Adds the Access-Control headers that `x` asks for and may have, and Vary. */
void cors_apply(const struct http_config *config, struct exchange *x);

/* "GET, HEAD, OPTIONS": the methods of a mask, for Allow too. */
void cors_add_methods(struct buffer *out, unsigned methods);

#endif
