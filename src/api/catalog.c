/* /api/get/countries/, /api/get/cities/: what `country` and `city` of a profile can be. */
#include "core/catalog.h"
#include "api/encode.h"
#include "api/page.h"
#include "api/routes.h"

enum err api_get_countries(struct call *c, const struct nothing_input *in) {
    (void)in;
    const struct country *countries;
    size_t count = catalog_countries(&countries);
    struct json *j = &c->out;
    json_open_object(j);
    json_key(j, "countries");
    json_open_array(j);
    for (size_t i = 0; i < count; i++) {
        json_open_object(j);
        json_key_int(j, "id", countries[i].id);
        json_key_text(j, "code", countries[i].code);
        json_key_text(j, "name", countries[i].name);
        json_close_object(j);
    }
    json_close_array(j);
    json_close_object(j);
    return OK;
}

enum err api_get_cities(struct call *c, const struct get_cities_input *in) {
    size_t limit = in->limit.given ? (size_t)in->limit.value : PAGE_LIMIT_DEFAULT;
    const struct city **cities = ARENA_ARRAY(c->ctx.arena, const struct city *, limit);
    size_t count = catalog_cities(c->ctx.arena, in->country.value, in->q.value, cities, limit);
    struct json *j = &c->out;
    json_open_object(j);
    json_key(j, "cities");
    json_open_array(j);
    for (size_t i = 0; i < count; i++) {
        json_open_object(j);
        json_key_int(j, "id", cities[i]->id);
        json_key_text(j, "name", cities[i]->name);
        encode_country(j, "country", cities[i]->country);
        json_close_object(j);
    }
    json_close_array(j);
    json_close_object(j);
    return OK;
}
