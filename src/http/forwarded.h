/* For whom a trusted proxy speaks. */
#ifndef HTTP_FORWARDED_H
#define HTTP_FORWARDED_H

#include "http/http.h"

/* Sets request->client for a connection from `peer`; on a unix socket the peer is unknown, and
 * trusted as soon as any proxy is. From a trusted peer the client is the right-most address of
 * X-Forwarded-For that is not itself a trusted proxy's, and the last X-Forwarded-Proto, if there is
 * one, says whether request->secure. */
void forwarded_apply(const struct http_config *config, const struct address *peer, bool unix_socket,
                     struct http_request *request);

#endif
