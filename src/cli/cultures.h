/* How people are called around the world, and where they live: data/dev_names.tsv and
 * data/dev_places.tsv, with the cities of the catalogue. */
#ifndef CLI_CULTURES_H
#define CLI_CULTURES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "core/catalog.h"

enum culture_list {
    LIST_GIVEN_MALE,
    LIST_GIVEN_FEMALE,
    LIST_FAMILY_MALE,
    LIST_FAMILY_FEMALE,
    LIST_BIO,
    LIST_COUNT
};

/* A name as it is written and as it is spelt in small ASCII letters; a bio has no such spelling. */
struct culture_text {
    struct text text, ascii;
};
struct culture {
    struct text code;
    struct {
        const struct culture_text *at; /* the common ones first; at least one */
        size_t count;
    } lists[LIST_COUNT];
};

#define PLACE_CITIES 20
struct place {
    const struct culture *culture;
    struct text language, timezone;
    int64_t country;
    const struct city *cities[PLACE_CITIES]; /* the largest of the country, most people first */
    size_t city_count;                       /* at least 1 */
};

struct cultures {
    struct place *places;
    uint32_t *weights; /* how many people live in each */
    size_t count;
};

/* Reads the files into `arena`. catalog_start has been called. */
struct cultures cultures_read(struct arena *arena);

#endif
