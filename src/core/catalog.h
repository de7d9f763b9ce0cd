/* The fixed lists: countries, cities, languages, time zones, categories, networks, notification
 * codes. Embedded from data/; ids and orders never change once shipped. */
#ifndef CORE_CATALOG_H
#define CORE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

struct country {
    int64_t id;
    struct text code, name; /* ISO 3166-1 alpha-2, English short name */
};
struct city {
    int64_t id, country;
    struct text name;
    int64_t population;
};

#define CATEGORY_COUNT 25
#define NETWORK_COUNT  10
#define SWITCH_COUNT   7

/* Indexes the embedded files; before any thread. Cheap: nothing is copied. Ends the program when a
 * file is not as data/README.md says, so that nobody meets it later. */
void catalog_start(void);

const struct country *catalog_country(int64_t id); /* NULL: none */
const struct city *catalog_city(int64_t id);
size_t catalog_countries(const struct country **out); /* by name */
/* Cities of a country (0: all) whose folded name starts with folded `q` (or all), most people
 * first; at most `limit`. Returns how many were written to `out`. */
size_t catalog_cities(struct arena *arena, int64_t country, struct text q, const struct city **out,
                      size_t limit);

/* Position in the contract's order, from 0; -1 when unknown. */
int catalog_category(struct text code);
int catalog_network(struct text code);
int catalog_switch(struct text code);
struct text catalog_category_code(int category);
struct text catalog_network_code(int network);
struct text catalog_switch_code(int which);
struct text catalog_switch_name(int which); /* "New campaign" … */

/* A BCP 47 tag whose language is a known ISO 639 code, with optional script and region subtags;
 * *out is its canonical form: the language's shortest code, each subtag in its usual case ("es",
 * "zh-Hant-TW"). */
bool catalog_language(struct arena *arena, struct text tag, struct text *out);
bool catalog_timezone(struct text name); /* an IANA name */

#endif
