#include "db/gram.h"

#include <stdbool.h>
#include <stddef.h>

/* Where the character behind the one at `at` begins. Bytes that are no UTF-8 count as characters.
 */
static int character_end(const char *text, int size, int at) {
    at++;
    while (at < size && (text[at] & 0xC0) == 0x80)
        at++;
    return at;
}

typedef int token_fn(void *context, int flags, const char *token, int size, int start, int end);

static int tokenize_document(void *context, const char *text, int size, token_fn *token) {
    int at = 0;
    while (at < size) {
        int end = character_end(text, size, at);
        int rc = token(context, 0, text + at, end - at, at, end);
        if (rc == SQLITE_OK && end < size) {
            int pair_end = character_end(text, size, end);
            rc = token(context, 0, text + at, pair_end - at, at, pair_end);
        }
        if (rc != SQLITE_OK)
            return rc;
        at = end;
    }
    return SQLITE_OK;
}

static int gram_tokenize(Fts5Tokenizer *self, void *context, int flags, const char *text, int size,
                         token_fn *token) {
    (void)self;
    if (size <= 0)
        return SQLITE_OK;
    if (flags & FTS5_TOKENIZE_QUERY)
        return token(context, 0, text, size, 0, size);
    return tokenize_document(context, text, size, token);
}

/* FTS5 wants an object per table; this tokenizer has nothing to remember. */
static int gram_create(void *context, const char **args, int count, Fts5Tokenizer **out) {
    static char nothing;
    (void)context;
    (void)args;
    *out = (Fts5Tokenizer *)&nothing;
    return count == 0 ? SQLITE_OK : SQLITE_ERROR;
}

static void gram_delete(Fts5Tokenizer *self) {
    (void)self;
}

static int find_fts5(sqlite3 *handle, fts5_api **out) {
    sqlite3_stmt *stmt;
    int rc = sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_pointer(stmt, 1, (void *)out, "fts5_api_ptr", NULL);
    sqlite3_step(stmt);
    return sqlite3_finalize(stmt);
}

int gram_register(sqlite3 *handle) {
    static fts5_tokenizer gram = {gram_create, gram_delete, gram_tokenize};
    fts5_api *api = NULL;
    int rc = find_fts5(handle, &api);
    if (rc != SQLITE_OK)
        return rc;
    return api ? api->xCreateTokenizer(api, "gram", NULL, &gram, NULL) : SQLITE_ERROR;
}
