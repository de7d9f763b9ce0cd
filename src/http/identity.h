/* Who the server is to TLS clients: a certificate with its chain and the private key, in two files
 * that may be read again while the server runs. */
#ifndef HTTP_IDENTITY_H
#define HTTP_IDENTITY_H

#include <openssl/types.h>

#include "base/error.h"

struct identity;

/* Reads both files (PEM; the server's certificate first, then its chain). The names must outlive
 * the identity. ERR_UNAVAILABLE, logged, when one cannot be read or the two do not belong together.
 * Warns of a certificate that is not valid today and of a key that others may read. */
enum err identity_open(struct identity **out, const char *certificate_file, const char *key_file);
void identity_close(struct identity *identity);

/* Reads the files again, for connections that are opened from now on. When they are no good
 * everything stays as it was, and the log says why. Any thread. */
void identity_reload(struct identity *identity);

/* What connections are made from: a reference of the caller's own. Any thread. */
SSL_CTX *identity_context(struct identity *identity);

#endif
