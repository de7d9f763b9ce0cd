/* Bounds on what one client can make the server hold. In bytes unless said otherwise. */
#ifndef HTTP_LIMIT_H
#define HTTP_LIMIT_H

/* The contract's. */
#define HTTP_LINE_MAX   (8 * 1024)
#define HTTP_HEAD_MAX   (16 * 1024) /* header fields; trailer fields */
#define HTTP_BODY_MAX   (64 * 1024)
#define HTTP_HEADER_MAX 100 /* header fields, counted */

/* Chunk extensions of one request. */
#define HTTP_EXTENSION_MAX 1024

/* One read from a socket. */
#define HTTP_READ_SIZE (32 * 1024)

/* What a loop keeps of a buffer between two requests. */
#define HTTP_KEEP_SIZE (16 * 1024)

/* Read and thrown away after a reply that closes, so that the client sees the reply, not a reset.
 */
#define HTTP_LINGER_MAX (4 * 1024 * 1024)

#endif
