/* Rows in the binary format of PostgreSQL's COPY (described on the manual's page about it). */
#ifndef DB_TUPLE_H
#define DB_TUPLE_H

#include "base/buffer.h"
#include "db/bulk_driver.h"

enum tuple_found { TUPLE_ROW, TUPLE_NONE, TUPLE_NONSENSE };

/* Reads one message of a server: a row of that shape, behind the header when it is the first, or
 * what is none. *begun is false before the first. The row points into the message. */
enum tuple_found tuple_read(bool *begun, struct text message, const struct bulk_shape *shape,
                            struct db_arg row[]);

void tuple_write_header(struct buffer *out);
void tuple_write(struct buffer *out, struct db_args row);
void tuple_write_end(struct buffer *out);

#endif
