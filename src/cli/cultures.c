#include "cli/cultures.h"

#include "base/embed.h"
#include "base/log.h"

static size_t count_rows(struct text body) {
    size_t rows = 0;
    for (size_t i = 0; i < body.size; i++)
        rows += body.at[i] == '\n';
    return rows;
}

static bool next_row(struct text *rest, struct text *row) {
    return text_split(rest, '\n', row) && row->size;
}

static struct text column(struct text *row) {
    struct text part;
    ASSERT(text_split(row, '\t', &part));
    return part;
}

/* ---- Names ----------------------------------------------------------------------------------- */

static struct culture *find(struct culture *all, struct text code) {
    while (all->code.size && !text_equal(all->code, code))
        all++;
    return all;
}

/* The rows of a list stand together in the file. */
static void add(struct culture *c, enum culture_list list, const struct culture_text *name) {
    if (!c->lists[list].count)
        c->lists[list].at = name;
    ASSERT(c->lists[list].at + c->lists[list].count == name);
    c->lists[list].count++;
}

/* One row: a name for one sex, or for all. */
static void add_row(struct culture *c, struct text part, struct text sex,
                    const struct culture_text *name) {
    if (text_equal(part, TEXT("bio"))) {
        add(c, LIST_BIO, name);
        return;
    }
    bool given = text_equal(part, TEXT("given"));
    if (!text_equal(sex, TEXT("f")))
        add(c, given ? LIST_GIVEN_MALE : LIST_FAMILY_MALE, name);
    if (!text_equal(sex, TEXT("m")))
        add(c, given ? LIST_GIVEN_FEMALE : LIST_FAMILY_FEMALE, name);
}

/* All cultures, in the order of the file; the one behind the last has no code. */
static struct culture *read_cultures(struct arena *arena) {
    struct text rest = embedded_rows(embedded_data, "dev_names.tsv"), row;
    size_t rows = count_rows(rest);
    struct culture *all = ARENA_ARRAY(arena, struct culture, rows + 1);
    struct culture_text *name = ARENA_ARRAY(arena, struct culture_text, rows);
    for (; next_row(&rest, &row); name++) {
        struct text code = column(&row), part = column(&row), sex = column(&row);
        struct culture *c = find(all, code);
        c->code = code;
        name->text = column(&row);
        name->ascii = column(&row);
        add_row(c, part, sex, name);
    }
    return all;
}

/* ---- Places ---------------------------------------------------------------------------------- */

static int64_t country_of(struct text code) {
    const struct country *all;
    size_t count = catalog_countries(&all);
    for (size_t i = 0; i < count; i++)
        if (text_equal(all[i].code, code))
            return all[i].id;
    log_fatal("there is no country %.*s", TEXT_ARGS(code));
}

static struct place read_place(struct arena *arena, struct culture *cultures, struct text *row) {
    struct place p = {.culture = find(cultures, column(row))};
    p.language = column(row);
    p.country = country_of(column(row));
    p.timezone = column(row);
    p.city_count = catalog_cities(arena, p.country, TEXT(""), p.cities, PLACE_CITIES);
    ASSERT(p.culture->code.size && p.city_count);
    return p;
}

struct cultures cultures_read(struct arena *arena) {
    struct culture *cultures = read_cultures(arena);
    struct text rest = embedded_rows(embedded_data, "dev_places.tsv"), row;
    size_t rows = count_rows(rest);
    struct cultures out = {.places = ARENA_ARRAY(arena, struct place, rows),
                           .weights = ARENA_ARRAY(arena, uint32_t, rows)};
    while (next_row(&rest, &row)) {
        out.places[out.count] = read_place(arena, cultures, &row);
        int64_t weight;
        ASSERT(text_to_int(column(&row), &weight) && weight > 0);
        out.weights[out.count++] = (uint32_t)weight;
    }
    return out;
}
