/* Access and refresh tokens: JWT (RFC 7519) signed with HMAC-SHA-256, that and nothing else. The
 * header is compared byte by byte with the ones we write, so there is no algorithm to be talked
 * into; claims are read only after the signature has been verified, and are then ones we wrote. */
#ifndef CORE_TOKEN_H
#define CORE_TOKEN_H

#include "core/core.h"

enum token_type { TOKEN_ACCESS, TOKEN_REFRESH };

struct token {
    enum token_type type;
    int64_t user_id, session_id;
    int64_t issued, expires; /* µs, whole seconds */
};

/* Loads the keys from the database, making the first one when there is none. `given`, unless empty,
 * is a key from the configuration, of 32 to 512 bytes: it signs, and is never stored. A key's kid
 * is made from its SHA-256. ERR_VALIDATION, logged, when `given` or the issuer is of no use, or
 * `given` is one that others know (guessable_key). */
enum err keyring_open(struct ctx *c, struct keyring **out, struct text given);
void keyring_close(struct keyring *keys);

/* Adds a new key that signs from now on, unless one is given from outside; those before verify
 * until all that they can have signed has expired, and are then deleted. Other processes learn of
 * it from the first token it signed, or from keyring_housekeeping. Own transaction, waited for. */
enum err keyring_rotate(struct ctx *c);

/* Takes up what another process has changed. Called every few seconds by the server's housekeeper.
 */
enum err keyring_housekeeping(struct ctx *c);

/* A new token with a random jti. */
enum err token_sign(struct ctx *c, const struct token *token, struct text *out);
#define TOKEN_JTI_SIZE 16
/* With a jti of the caller's choice: the same token signed again is the same text. */
enum err token_sign_as(struct ctx *c, const struct token *token, const uint8_t jti[TOKEN_JTI_SIZE],
                       struct text *out);

/* OK and the claims, or ERR_TOKEN_INVALID: malformed, forged, of another type, issuer or kid,
 * issued in the future, expired; then *out has been read if it is genuine, else left alone. For an
 * unknown kid the keyring looks into the database once more (another process may have rotated):
 * ERR_UNAVAILABLE when it cannot. Says nothing of the session. */
enum err token_verify(struct ctx *c, struct text jwt, enum token_type type, struct token *out);

/* Cursors and other values that go to the client and must come back untouched: encrypted and
 * authenticated (XChaCha20-Poly1305) with a key of the service's own, as base64url. `purpose` keeps
 * one kind from being passed off as another. unseal gives ERR_MALFORMED for anything else. */
struct text seal(struct ctx *c, const char *purpose, struct text value);
enum err unseal(struct ctx *c, const char *purpose, struct text sealed, struct text *value);

#endif
