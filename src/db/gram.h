/* The FTS5 tokenizer 'gram', for searches of one or two characters, which trigrams cannot answer.
 * Of a document it makes a token of every character and of every pair of neighbours, white space
 * included; of a query it makes one token, whatever is in it. Use it with detail='column'. */
#ifndef DB_GRAM_H
#define DB_GRAM_H

#include <sqlite3.h>

/* Makes the tokenizer known to one connection; a result code of SQLite. */
int gram_register(sqlite3 *handle);

#endif
