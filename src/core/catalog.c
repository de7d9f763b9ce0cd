#include "core/catalog.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/embed.h"
#include "base/log.h"
#include "base/unicode.h"

/* ---- Lists that are part of the contract ----------------------------------------------------- */

static const char *const categories[CATEGORY_COUNT] = {
    "fashion",    "beauty",   "technology",  "food",        "travel", "music", "sports",
    "fitness",    "health",   "gaming",      "photography", "art",    "books", "film",
    "education",  "business", "finance",     "family",      "pets",   "home",  "garden",
    "automotive", "science",  "environment", "events",
};

static const char *const networks[NETWORK_COUNT] = {
    "instagram", "facebook",  "tiktok",   "youtube", "x",
    "linkedin",  "pinterest", "snapchat", "twitch",  "threads",
};

static const char *const switch_codes[SWITCH_COUNT] = {
    "new_campaign",   "end_campaign", "near_campaign",  "cause_campaign",
    "profile_status", "post_status",  "update_balance",
};

static const char *const switch_names[SWITCH_COUNT] = {
    "New campaign",   "End campaign", "Near campaign",  "Causes",
    "Profile status", "Post status",  "Update balance",
};

static int position(const char *const *codes, int count, struct text code) {
    for (int i = 0; i < count; i++) {
        if (text_equal(text_of(codes[i]), code))
            return i;
    }
    return -1;
}

int catalog_category(struct text code) {
    return position(categories, CATEGORY_COUNT, code);
}

int catalog_network(struct text code) {
    return position(networks, NETWORK_COUNT, code);
}

int catalog_switch(struct text code) {
    return position(switch_codes, SWITCH_COUNT, code);
}

struct text catalog_category_code(int category) {
    ASSERT(category >= 0 && category < CATEGORY_COUNT);
    return text_of(categories[category]);
}

struct text catalog_network_code(int network) {
    ASSERT(network >= 0 && network < NETWORK_COUNT);
    return text_of(networks[network]);
}

struct text catalog_switch_code(int which) {
    ASSERT(which >= 0 && which < SWITCH_COUNT);
    return text_of(switch_codes[which]);
}

struct text catalog_switch_name(int which) {
    ASSERT(which >= 0 && which < SWITCH_COUNT);
    return text_of(switch_names[which]);
}

/* ---- Embedded files (data/README.md) --------------------------------------------------------- */

/* Rows in the order of the file, and where an id stands among them: row + 1, or 0. */
static struct country *countries;
static size_t country_count;
static uint32_t *country_rows;
static int64_t country_last;

static struct city *cities;
static size_t city_count;
static uint32_t *city_rows;
static int64_t city_last;

/* Sorted by their first column; searched as they are. */
static struct text languages, timezones;

/* Country ids by the two letters of their codes. */
static int64_t ids_by_code[26 * 26];

/* Ids are handed out one by one (data/README.md): a larger one is a mistake, not a list to make. */
#define ID_MAX 10000000

static struct text file(const char *name) {
    struct text body = embedded_rows(embedded_data, name);
    ASSERT(unicode_valid(body));
    return body;
}

static size_t count_lines(struct text body) {
    size_t lines = 0;
    for (size_t i = 0; i < body.size; i++)
        lines += body.at[i] == '\n';
    return lines;
}

static struct text column(struct text *line) {
    struct text part;
    ASSERT(text_split(line, '\t', &part));
    return part;
}

static int64_t number(struct text *line) {
    int64_t n;
    ASSERT(text_to_int(column(line), &n) && n >= 0);
    return n;
}

static int64_t new_id(struct text *line) {
    int64_t id = number(line);
    ASSERT(id >= 1 && id <= ID_MAX);
    return id;
}

static void *allocate(size_t count, size_t size) {
    void *at = calloc(count, size);
    if (!at)
        log_out_of_memory(0);
    return at;
}

/* The place of a country code in ids_by_code; -1 when it is not two letters. */
static int code_slot(struct text code) {
    if (code.size != 2)
        return -1;
    int first = (code.at[0] | 0x20) - 'a', second = (code.at[1] | 0x20) - 'a';
    return first < 0 || first > 25 || second < 0 || second > 25 ? -1 : first * 26 + second;
}

static void read_countries(void) {
    struct text rest = file("countries.tsv"), line;
    countries = allocate(count_lines(rest), sizeof *countries);
    while (rest.size && text_split(&rest, '\n', &line)) {
        struct country *row = &countries[country_count++];
        row->id = new_id(&line);
        row->code = column(&line);
        row->name = column(&line);
        int slot = code_slot(row->code);
        ASSERT(slot >= 0 && !ids_by_code[slot]);
        ids_by_code[slot] = row->id;
        country_last = row->id > country_last ? row->id : country_last;
    }
    country_rows = allocate((size_t)country_last + 1, sizeof *country_rows);
    for (size_t i = 0; i < country_count; i++) {
        ASSERT(!country_rows[countries[i].id]);
        country_rows[countries[i].id] = (uint32_t)i + 1;
    }
}

static void read_cities(void) {
    struct text rest = file("cities.tsv"), line;
    cities = allocate(count_lines(rest), sizeof *cities);
    while (rest.size && text_split(&rest, '\n', &line)) {
        struct city *row = &cities[city_count++];
        row->id = new_id(&line);
        int slot = code_slot(column(&line));
        ASSERT(slot >= 0 && ids_by_code[slot]);
        row->country = ids_by_code[slot];
        row->name = column(&line);
        row->population = number(&line);
        city_last = row->id > city_last ? row->id : city_last;
    }
    city_rows = allocate((size_t)city_last + 1, sizeof *city_rows);
    for (size_t i = 0; i < city_count; i++) {
        ASSERT(!city_rows[cities[i].id]);
        city_rows[cities[i].id] = (uint32_t)i + 1;
    }
}

/* A list that is searched as it is: each row has so many columns, and its first is behind that of
 * the row before. */
static struct text read_sorted(const char *name, int columns) {
    struct text body = file(name), rest = body, line, last = {NULL, 0};
    while (rest.size && text_split(&rest, '\n', &line)) {
        struct text key = column(&line);
        ASSERT(!last.at || text_compare(last, key) < 0);
        for (int i = 1; i < columns; i++)
            ASSERT(column(&line).size > 0);
        last = key;
    }
    return body;
}

void catalog_start(void) {
    if (countries)
        return;
    read_countries();
    read_cities();
    languages = read_sorted("languages.tsv", 2);
    timezones = read_sorted("timezones.tsv", 1);
}

/* ---- Countries and cities -------------------------------------------------------------------- */

const struct country *catalog_country(int64_t id) {
    if (id < 1 || id > country_last || !country_rows[id])
        return NULL;
    return &countries[country_rows[id] - 1];
}

const struct city *catalog_city(int64_t id) {
    if (id < 1 || id > city_last || !city_rows[id])
        return NULL;
    return &cities[city_rows[id] - 1];
}

size_t catalog_countries(const struct country **out) {
    *out = countries;
    return country_count;
}

/* The folded names of those cities whose names are not ASCII, in the order of `cities`. Made when
 * first asked for; kept. */
static struct folded_name {
    size_t row;
    struct text name;
} * folded_names;
static size_t folded_name_count;
static struct arena folded_arena;
static pthread_once_t folded_once = PTHREAD_ONCE_INIT;

static bool is_ascii(struct text t) {
    for (size_t i = 0; i < t.size; i++) {
        if (t.at[i] & 0x80)
            return false;
    }
    return true;
}

static void fold_names(void) {
    for (size_t i = 0; i < city_count; i++)
        folded_name_count += !is_ascii(cities[i].name);
    folded_names = ARENA_ARRAY(&folded_arena, struct folded_name, folded_name_count + 1);
    struct folded_name *next = folded_names;
    for (size_t i = 0; i < city_count; i++) {
        if (!is_ascii(cities[i].name))
            *next++ = (struct folded_name){i, unicode_fold(&folded_arena, cities[i].name)};
    }
    next->row = city_count;
}

/* Both but for ASCII case, which folding a name that is all ASCII would take away. */
static bool starts(struct text name, struct text folded_prefix) {
    return name.size >= folded_prefix.size &&
           text_equal_nocase((struct text){name.at, folded_prefix.size}, folded_prefix);
}

size_t catalog_cities(struct arena *arena, int64_t country, struct text q, const struct city **out,
                      size_t limit) {
    pthread_once(&folded_once, fold_names);
    struct text prefix = unicode_fold(arena, q);
    const struct folded_name *folded = folded_names;
    size_t found = 0;
    for (size_t i = 0; i < city_count && found < limit; i++) {
        struct text name = cities[i].name;
        if (folded->row == i)
            name = folded++->name;
        if ((!country || cities[i].country == country) && starts(name, prefix))
            out[found++] = &cities[i];
    }
    return found;
}

/* ---- Languages and time zones ---------------------------------------------------------------- */

/* The line of a sorted file whose first column is `key`; .at is NULL when there is none. */
static struct text find_line(struct text body, struct text key) {
    const char *low = body.at, *high = body.at + body.size;
    while (low < high) {
        const char *begin = low + (high - low) / 2;
        while (begin > low && begin[-1] != '\n')
            begin--;
        const char *end = memchr(begin, '\n', (size_t)(high - begin));
        struct text rest = {begin, (size_t)(end - begin)}, line = rest, first = column(&rest);
        int order = text_compare(key, first);
        if (order == 0)
            return line;
        if (order < 0)
            high = begin;
        else
            low = end + 1;
    }
    return (struct text){NULL, 0};
}

static bool is_letters(struct text t) {
    for (size_t i = 0; i < t.size; i++) {
        if ((t.at[i] | 0x20) < 'a' || (t.at[i] | 0x20) > 'z')
            return false;
    }
    return t.size > 0;
}

static struct text upper(struct arena *arena, struct text t) {
    char *at = arena_alloc(arena, t.size);
    for (size_t i = 0; i < t.size; i++)
        at[i] = t.at[i] & ~0x20;
    return (struct text){at, t.size};
}

static bool is_digits(struct text t) {
    for (size_t i = 0; i < t.size; i++) {
        if (t.at[i] < '0' || t.at[i] > '9')
            return false;
    }
    return t.size > 0;
}

/* The three subtags of a tag in their usual case (RFC 5646 §2.1.1); false when it is not one. */
static bool language_subtag(struct arena *arena, struct text t, struct text *out) {
    if (t.size < 2 || t.size > 3 || !is_letters(t))
        return false;
    struct text line = find_line(languages, text_lower(arena, t));
    if (!line.at)
        return false;
    column(&line);
    *out = column(&line);
    return true;
}

static bool script_subtag(struct arena *arena, struct text t, struct text *out) {
    if (t.size != 4 || !is_letters(t))
        return false;
    struct text first = upper(arena, (struct text){t.at, 1});
    struct text others = text_lower(arena, (struct text){t.at + 1, 3});
    *out = text_format(arena, "%.*s%.*s", TEXT_ARGS(first), TEXT_ARGS(others));
    return true;
}

static bool region_subtag(struct arena *arena, struct text t, struct text *out) {
    int slot = code_slot(t);
    *out = slot >= 0 ? upper(arena, t) : t;
    return slot >= 0 ? ids_by_code[slot] != 0 : t.size == 3 && is_digits(t);
}

bool catalog_language(struct arena *arena, struct text tag, struct text *out) {
    struct text rest = tag, part, subtag;
    if (!text_split(&rest, '-', &part) || !language_subtag(arena, part, out))
        return false;
    bool more = text_split(&rest, '-', &part);
    if (more && script_subtag(arena, part, &subtag)) {
        *out = text_format(arena, "%.*s-%.*s", TEXT_ARGS(*out), TEXT_ARGS(subtag));
        more = text_split(&rest, '-', &part);
    }
    if (more && region_subtag(arena, part, &subtag)) {
        *out = text_format(arena, "%.*s-%.*s", TEXT_ARGS(*out), TEXT_ARGS(subtag));
        more = text_split(&rest, '-', &part);
    }
    return !more;
}

bool catalog_timezone(struct text name) {
    return find_line(timezones, name).at != NULL;
}
