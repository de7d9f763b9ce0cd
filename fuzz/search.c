/* Search text: folding and normal forms (base/unicode.h), the tokenizer for characters and pairs
 * (db/gram.h) beside SQLite's trigrams, and the expressions that core/search.c makes of a
 * filter. An input is a text and, behind a line feed, what is searched in it. By the index, by
 * LIKE, and by looking for the folded bytes in the folded bytes, the answer is the same. */
#include <sqlite3.h>
#include <stdlib.h>

#include "core/directory.c" /* filter_of is its own */

#include "db/gram.h"
#include "fuzz.h"

enum {
    BEGIN,
    ADD_TRIGRAMS,
    ADD_GRAMS,
    MATCH_TRIGRAMS,
    MATCH_GRAMS,
    MATCH_LIKE,
    ROLLBACK,
    STATEMENTS
};

static sqlite3 *sqlite;
static sqlite3_stmt *statements[STATEMENTS];

static void stop(void) {
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(statements[i]);
    sqlite3_close(sqlite);
}

/* The search tables of migrations/0001_accounts.sql, with one column and texts of their own. */
static void start(void) {
    static const char schema[] =
        "CREATE VIRTUAL TABLE trigrams USING fts5 (t, tokenize='trigram case_sensitive 1');"
        "CREATE VIRTUAL TABLE grams USING fts5 (t, tokenize='gram', detail='column');";
    static const char *const texts[STATEMENTS] = {
        [BEGIN] = "BEGIN",
        [ADD_TRIGRAMS] = "INSERT INTO trigrams (t) VALUES (?1)",
        [ADD_GRAMS] = "INSERT INTO grams (t) VALUES (?1)",
        [MATCH_TRIGRAMS] = "SELECT count(*) FROM trigrams WHERE trigrams MATCH ?1",
        [MATCH_GRAMS] = "SELECT count(*) FROM grams WHERE grams MATCH ?1",
        [MATCH_LIKE] = "SELECT ?2 LIKE ?1 ESCAPE '\\'",
        [ROLLBACK] = "ROLLBACK",
    };
    if (sqlite != NULL)
        return;
    ASSERT(sqlite3_open(":memory:", &sqlite) == SQLITE_OK && gram_register(sqlite) == SQLITE_OK);
    ASSERT(sqlite3_exec(sqlite, schema, NULL, NULL, NULL) == SQLITE_OK);
    ASSERT(sqlite3_exec(sqlite, "PRAGMA case_sensitive_like=ON", NULL, NULL, NULL) == SQLITE_OK);
    for (int i = 0; i < STATEMENTS; i++)
        ASSERT(sqlite3_prepare_v2(sqlite, texts[i], -1, &statements[i], NULL) == SQLITE_OK);
    atexit(stop);
}

static void bind(sqlite3_stmt *s, int place, struct text t) {
    if (place <= sqlite3_bind_parameter_count(s))
        sqlite3_bind_text(s, place, t.at ? t.at : "", (int)t.size, SQLITE_STATIC);
}

static int ask(int statement, struct text first, struct text second) {
    sqlite3_stmt *s = statements[statement];
    bind(s, 1, first);
    bind(s, 2, second);
    int result = sqlite3_step(s);
    ASSERT(result == SQLITE_ROW || result == SQLITE_DONE);
    int n = result == SQLITE_ROW ? sqlite3_column_int(s, 0) : 0;
    ASSERT(sqlite3_reset(s) == SQLITE_OK);
    sqlite3_clear_bindings(s);
    return n;
}

/* ---- Folding --------------------------------------------------------------------------------- */

static void try_text(struct arena *arena, struct text t) {
    struct text nfc = unicode_nfc(arena, t), folded = unicode_fold(arena, nfc);
    ASSERT(unicode_valid(nfc) && text_equal(unicode_nfc(arena, nfc), nfc));
    ASSERT(unicode_valid(folded) && folded.at[folded.size] == '\0');
    struct text rest = t;
    size_t length = 0;
    while (rest.size > 0) {
        ASSERT(unicode_next(&rest) >= 0);
        length++;
    }
    ASSERT(length == unicode_length(t) && unicode_next(&rest) == -1);
    ASSERT(unicode_has_word(t, 0) && !unicode_has_word(t, length + 1));
}

/* Any bytes at all. */
static void try_bytes(struct arena *arena, struct text t) {
    struct text rest = t;
    bool broken = false;
    while (rest.size > 0) {
        const char *at = rest.at;
        int c = unicode_next(&rest);
        ASSERT(c >= 0 && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) && rest.at > at);
        broken |= c == 0xfffd && rest.at - at == 1;
    }
    ASSERT(unicode_valid(t) == !broken);
    if (!broken && (t.size == 0 || memchr(t.at, '\0', t.size) == NULL))
        try_text(arena, t);
}

/* ---- Searching ------------------------------------------------------------------------------- */

static void try_search(struct arena *arena, struct text text, struct text wanted) {
    struct ctx c = {.arena = arena};
    struct directory_query query = {.search = unicode_nfc(arena, wanted)};
    struct text folded = unicode_fold(arena, unicode_nfc(arena, text));
    struct text folded_wanted = unicode_fold(arena, query.search);
    struct search f = filter_of(&c, &query);
    ASSERT(search_filters(&f) == (folded_wanted.size > 0));
    if (!search_filters(&f))
        return;
    bool there = memmem(folded.at, folded.size, folded_wanted.at, folded_wanted.size) != NULL;
    bool grams = f.grams.size > 0;
    ask(BEGIN, folded, folded);
    ask(grams ? ADD_GRAMS : ADD_TRIGRAMS, folded, folded);
    ASSERT(ask(grams ? MATCH_GRAMS : MATCH_TRIGRAMS, grams ? f.grams : f.trigrams, folded) ==
           there);
    ASSERT(ask(MATCH_LIKE, f.patterns[0], folded) == there);
    ask(ROLLBACK, folded, folded);
}

static bool is_storable(struct text t) {
    return unicode_valid(t) && (t.size == 0 || memchr(t.at, '\0', t.size) == NULL) &&
           !unicode_has_control(t, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text in = {(const char *)data, size};
    struct arena arena = {0};
    start();
    try_bytes(&arena, in);
    struct text text = fuzz_line(&in);
    if (in.at != NULL && is_storable(text) && is_storable(in))
        try_search(&arena, fuzz_exact(&arena, text), fuzz_exact(&arena, in));
    arena_free(&arena);
    return 0;
}
