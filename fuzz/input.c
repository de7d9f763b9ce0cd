/* Everything that inputs.def declares: api/input.h over JSON, forms and queries. The first bytes
 * choose the input, the way it comes and the Content-Type; the rest is what came. What is decoded
 * keeps the promises of types.def, an error names one of the declared fields, and the same bytes
 * give the same twice. */
#include "served.h"

#include "api/input.h"
#include "api/routes.h"
#include "api/types.h"
#include "api/value.h"
#include "base/unicode.h"
#include "core/catalog.h"
#include "http/route.h"

static const struct input *inputs[64];
static unsigned input_count;
static struct router *router;

static void add(const struct input *input) {
    ASSERT(input_count < sizeof inputs / sizeof inputs[0]);
    inputs[input_count++] = input;
}

static void stop(void) {
    router_free(router);
}

static void start(void) {
    if (served.f != NULL)
        return;
    served_start();
    router = router_new(routes_rows(), routes_count());
    atexit(stop);
#define INPUT(name) add(input_##name());
#define FIELD(name, type, rule)
#define INPUT_END(name)
#include "api/inputs.def"
#undef INPUT
#undef FIELD
#undef INPUT_END
}

/* ---- What came ------------------------------------------------------------------------------- */

static void set_up(struct exchange *x, struct http_header *header, unsigned how, struct text in) {
    static const struct text types[] = {
        {"application/json", 16},
        {"application/x-www-form-urlencoded", 33},
        {"application/json; charset=\"utf-8\"", 32},
    };
    struct http_request *r = &x->request;
    r->method = how % 5 == 4 ? HTTP_GET : HTTP_POST;
    if (r->method == HTTP_GET) {
        r->query = in;
        return;
    }
    *header = (struct http_header){TEXT("Content-Type"), types[0]};
    if (how % 5 < 3)
        header->value = types[how % 5];
    else /* the first line says */
        header->value = text_trim(fuzz_line(&in));
    r->headers = header;
    r->header_count = 1;
    r->body = in;
}

/* ---- What must hold -------------------------------------------------------------------------- */

static bool is_line(enum field_type type) {
    return type == TYPE_NAME || type == TYPE_TITLE || type == TYPE_LABEL || type == TYPE_SEARCH ||
           type == TYPE_EVENT_ID || type == TYPE_URL || type == TYPE_USERNAME_NEW;
}

static void check_text(const struct field *field, const struct in_text *t) {
    struct arena arena = {0};
    ASSERT(unicode_valid(t->value));
    ASSERT(t->value.size == 0 || memchr(t->value.at, '\0', t->value.size) == NULL);
    if (field->type != TYPE_OBJECT)
        ASSERT(text_equal(unicode_nfc(&arena, t->value), t->value));
    if (is_line(field->type))
        ASSERT(!unicode_has_control(t->value, false));
    struct text again;
    if (field->type == TYPE_OBJECT)
        ASSERT(value_object(&arena, t->value, &again) == OK && text_equal(again, t->value));
    ASSERT(!t->null || t->value.size == 0);
    arena_free(&arena);
}

static void check_int(const struct field *field, const struct in_int *n) {
    if (n->null)
        return;
    switch (field->type) {
    case TYPE_ID:
    case TYPE_PAGE:
        ASSERT(n->value >= 1);
        break;
    case TYPE_LIMIT:
    case TYPE_BATCH_SIZE:
        ASSERT(n->value >= 1 && n->value <= 100);
        break;
    case TYPE_FOLLOW_LIMIT:
        ASSERT(n->value >= 1 && n->value <= 1000);
        break;
    case TYPE_COUNTRY:
        ASSERT(catalog_country(n->value) != NULL);
        break;
    case TYPE_CITY:
        ASSERT(catalog_city(n->value) != NULL);
        break;
    case TYPE_CENTS:
        ASSERT(n->value >= INT64_C(-100000000000000) && n->value <= INT64_C(100000000000000));
        break;
    case TYPE_CURSOR:
        ASSERT(!"a cursor of nobody's");
        break;
    default:
        break;
    }
}

static void check_ids(const struct in_ids *ids) {
    ASSERT(ids->count <= 1000);
    for (size_t i = 0; i < ids->count; i++)
        ASSERT(ids->at[i] >= 1);
}

static void check_slot(const struct field *field, const void *slot) {
    enum { in_text, in_int, in_bool, in_bits, in_ids };
    static const int slots[] = {
#define TYPE(name, slot_type) [TYPE_##name] = slot_type,
#include "api/types.def"
#undef TYPE
    };
    const struct in_bool *head = slot; /* .given and .null stand first in all of them */
    ASSERT(head->given || field->rule != REQUIRED);
    ASSERT(!head->null || field->rule == NULLABLE);
    if (!head->given)
        return;
    if (slots[field->type] == in_text)
        check_text(field, slot);
    if (slots[field->type] == in_int)
        check_int(field, slot);
    if (slots[field->type] == in_bits)
        ASSERT(((const struct in_bits *)slot)->value < UINT64_C(1) << CATEGORY_COUNT);
    if (slots[field->type] == in_ids)
        check_ids(slot);
}

static void check_error(const struct call *c, const struct input *input, enum err e) {
    ASSERT(e == ERR_MALFORMED || e == ERR_MEDIA_TYPE || e == ERR_VALIDATION ||
           e == ERR_USERNAME_TAKEN || e == ERR_EMAIL_TAKEN || e == ERR_CITY_OUTSIDE_COUNTRY);
    if (e != ERR_VALIDATION)
        return;
    ASSERT(c->field != NULL && c->message != NULL && unicode_valid(text_of(c->message)));
    for (size_t i = 0; i < input->field_count; i++)
        if (strcmp(input->fields[i].name, c->field) == 0)
            return;
    ASSERT(!"an error about a field that is not declared");
}

static enum err decode(struct arena *arena, const struct input *input, unsigned how,
                       struct text in) {
    struct exchange x = {0};
    struct http_header header;
    struct call call = {.ctx = served_context(arena), .x = &x, .router = router};
    set_up(&x, &header, how, in);
    char *slots = arena_zero(arena, input->size);
    enum err e = input_decode(&call, input, slots);
    if (e != OK)
        check_error(&call, input, e);
    for (size_t i = 0; e == OK && i < input->field_count; i++)
        check_slot(&input->fields[i], slots + input->fields[i].offset);
    return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct text in = {(const char *)data, size};
    struct arena arena = {0};
    start();
    const struct input *input = inputs[fuzz_choose(&in, input_count)];
    unsigned how = fuzz_choose(&in, 10);
    enum err e = decode(&arena, input, how, in);
    if (how >= 5)
        ASSERT(decode(&arena, input, how, in) == e);
    arena_free(&arena);
    return 0;
}
