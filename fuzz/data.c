/* The data files, and what is looked up in them: core/catalog.c over countries, cities, languages
 * and time zones of the input's making. An input is five parts with a line "---" between them: the
 * files, and a question. Files are refused as a whole (log_fatal, which comes back here) or give
 * lists in which every row is found again. */
#include <setjmp.h>
#include <stdio.h>

#include "base/embed.h"

static struct embedded files[5];
#define embedded_data files
#include "core/catalog.c" /* its lists are its own */

#include "fuzz.h"

static jmp_buf refused;
static bool may_refuse;

void __real_log_fatal(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void __wrap_log_fatal(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void __wrap_log_fatal(const char *format, ...) {
    (void)format;
    if (may_refuse)
        longjmp(refused, 1);
    fprintf(stderr, "fatal: %s\n", format);
    abort();
}

static void forget(void) {
    free(countries);
    free(country_rows);
    free(cities);
    free(city_rows);
    countries = NULL;
    cities = NULL;
    country_rows = city_rows = NULL;
    country_count = city_count = 0;
    country_last = city_last = 0;
    memset(ids_by_code, 0, sizeof ids_by_code);
    arena_free(&folded_arena);
    folded_names = NULL;
    folded_name_count = 0;
    folded_once = PTHREAD_ONCE_INIT;
}

static bool load(void) {
    forget();
    may_refuse = true;
    bool loaded = setjmp(refused) == 0;
    if (loaded)
        catalog_start();
    may_refuse = false;
    return loaded;
}

/* ---- What must hold -------------------------------------------------------------------------- */

static void check_cities(struct arena *arena, struct text q) {
    const struct city *found[5];
    struct text prefix = unicode_fold(arena, q);
    size_t count = catalog_cities(arena, 0, q, found, 5);
    ASSERT(count <= 5);
    for (size_t i = 0; i < count; i++) {
        struct text name = unicode_fold(arena, found[i]->name);
        ASSERT(text_starts(name, prefix));
        ASSERT(catalog_country(found[i]->country) != NULL);
        ASSERT(i == 0 || found[i] > found[i - 1]);
    }
}

static void ask(struct arena *arena, struct text q) {
    struct text tag;
    if (!unicode_valid(q) || (q.size > 0 && memchr(q.at, '\0', q.size)))
        return;
    check_cities(arena, q);
    catalog_timezone(q);
    if (catalog_language(arena, q, &tag))
        ASSERT(unicode_valid(tag) && tag.size > 0);
    int64_t id;
    if (text_to_int(q, &id)) {
        ASSERT(!catalog_country(id) || catalog_country(id)->id == id);
        ASSERT(!catalog_city(id) || catalog_city(id)->id == id);
    }
}

static void check_rows(void) {
    const struct country *all;
    size_t count = catalog_countries(&all);
    for (size_t i = 0; i < count; i++)
        ASSERT(catalog_country(all[i].id) == &all[i]);
    for (size_t i = 0; i < city_count; i++)
        ASSERT(catalog_city(cities[i].id) == &cities[i] && catalog_country(cities[i].country));
}

/* Whoever is in a list that is in order is found there. */
static void check_zones(void) {
    struct text rest = timezones, line;
    while (rest.size > 0 && text_split(&rest, '\n', &line)) {
        struct text name = column(&line);
        ASSERT(catalog_timezone(name));
    }
}

/* ---- Files ----------------------------------------------------------------------------------- */

static struct text next_part(struct text *in) {
    static const char mark[] = "---\n";
    const char *end = in->size ? memmem(in->at, in->size, mark, sizeof mark - 1) : NULL;
    struct text part = {in->at, end ? (size_t)(end - in->at) : in->size};
    size_t taken = part.size + (end ? sizeof mark - 1 : 0);
    *in = (struct text){in->at + taken, in->size - taken};
    return part;
}

static void make_files(struct arena *arena, struct text *in) {
    static const char *const names[] = {"countries.tsv", "cities.tsv", "languages.tsv",
                                        "timezones.tsv"};
    for (int i = 0; i < 4; i++) {
        struct text body = fuzz_exact(arena, next_part(in));
        files[i] = (struct embedded){names[i], body.at, body.at + body.size};
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text in = {(const char *)data, size};
    struct arena arena = {0};
    make_files(&arena, &in);
    if (load()) {
        check_rows();
        check_zones();
        ask(&arena, in);
    }
    forget();
    arena_free(&arena);
    return 0;
}
