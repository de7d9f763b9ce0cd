/* Schemas of the document: JSON Schema 2020-12, as OpenAPI 3.1 has it. */
#include <ctype.h>
#include <stdio.h>

#include "api/openapi_parts.h"
#include "api/routes.h"
#include "base/log.h"

const char *openapi_camel(const char *snake, const char *suffix) {
    static char camel[128];
    size_t size = 0;
    ASSERT(strlen(snake) + strlen(suffix) < sizeof camel);
    for (bool upper = true; *snake; snake++) {
        if (*snake != '_')
            camel[size++] = (char)(upper ? toupper((unsigned char)*snake) : *snake);
        upper = *snake == '_';
    }
    memcpy(camel + size, suffix, strlen(suffix) + 1);
    return camel;
}

void openapi_ref_key(struct json *j, const char *group, const char *name) {
    char target[160];
    snprintf(target, sizeof target, "#/components/%s/%s", group, name);
    json_key_cstr(j, "$ref", target);
}

void openapi_ref(struct json *j, const char *group, const char *name) {
    json_open_object(j);
    openapi_ref_key(j, group, name);
    json_close_object(j);
}

/* ---- Kinds ----------------------------------------------------------------------------------- */

static void put_scalar(struct json *j, const struct kind_info *kind, bool nulls) {
    json_key(j, "type");
    if (nulls)
        json_open_array(j);
    json_cstr(j, kind->type);
    if (nulls) {
        json_cstr(j, "null");
        json_close_array(j);
    }
    if (!kind->rest[0])
        return;
    buffer_add_char(j->out, ',');
    buffer_add_text(j->out, text_of(kind->rest));
}

/* The keys of the schema of one value, inside an open object. */
static void put_value(struct json *j, enum kind which, bool nulls) {
    const struct kind_info *kind = reference_kind(which);
    if (kind->form == FORM_SCALAR) {
        put_scalar(j, kind, nulls);
    } else if (!nulls) {
        openapi_ref_key(j, "schemas", kind->name);
    } else {
        json_key(j, "anyOf");
        json_open_array(j);
        openapi_ref(j, "schemas", kind->name);
        json_raw(j, TEXT("{\"type\":\"null\"}"));
        json_close_array(j);
    }
}

void openapi_schema(struct json *j, enum kind kind, unsigned traits, const char *text) {
    json_open_object(j);
    if (text)
        json_key_cstr(j, "description", text);
    if (traits & LIST) {
        json_key_cstr(j, "type", "array");
        json_key(j, "items");
        json_open_object(j);
        put_value(j, kind, false);
        json_close_object(j);
    } else {
        put_value(j, kind, traits & NULLS);
    }
    json_close_object(j);
}

void openapi_field(struct json *j, const struct field *field, bool described) {
    bool list;
    enum kind kind = reference_takes(field->type, &list);
    unsigned traits = (list ? LIST : 0) | (field->rule == NULLABLE ? NULLS : 0);
    openapi_schema(j, kind, traits, described ? reference_about(field) : NULL);
}

/* ---- Shapes ---------------------------------------------------------------------------------- */

typedef void each_key(struct json *j, const struct key *key);

static void walk_keys(struct json *j, const struct kind_info *shape, each_key *each) {
    for (size_t i = 0; i < shape->count; i++) {
        const struct key *key = &shape->keys[i];
        if (key->traits & RUN_OF_KEYS)
            walk_keys(j, reference_kind(key->kind), each);
        else
            each(j, key);
    }
}

static void put_property(struct json *j, const struct key *key) {
    json_key(j, key->name);
    openapi_schema(j, key->kind, key->traits, key->text);
}

static void put_required(struct json *j, const struct key *key) {
    if (!(key->traits & MAY))
        json_cstr(j, key->name);
}

static void put_shape(struct json *j, const struct kind_info *shape) {
    json_key_cstr(j, "type", "object");
    json_key(j, "properties");
    json_open_object(j);
    walk_keys(j, shape, put_property);
    json_close_object(j);
    json_key(j, "required");
    json_open_array(j);
    walk_keys(j, shape, put_required);
    json_close_array(j);
    json_key_bool(j, "additionalProperties", false);
}

static void put_words(struct json *j, const struct kind_info *kind) {
    json_key_cstr(j, "type", "string");
    json_key(j, "enum");
    json_open_array(j);
    if (kind->words)
        json_raw(j, text_of(kind->words));
    for (size_t i = 0; !kind->words && i < kind->count; i++)
        json_text(j, kind->code((int)i));
    json_close_array(j);
}

/* Whether a shape stands somewhere by its name, and not only as a run of another's keys. */
static bool is_referred_to(enum kind shape) {
    for (unsigned i = 0; i < routes_count(); i++) {
        const struct operation *o = reference_operation(i);
        if (o->shape == shape || (o->or_answer && o->or_shape == shape))
            return true;
    }
    for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
        const struct kind_info *other = reference_kind(kind);
        for (size_t i = 0; other->form == FORM_SHAPE && i < other->count; i++)
            if (other->keys[i].kind == shape && !(other->keys[i].traits & RUN_OF_KEYS))
                return true;
    }
    return false;
}

static void put_kind(struct json *j, enum kind which) {
    const struct kind_info *kind = reference_kind(which);
    if (kind->form == FORM_SCALAR || (kind->form == FORM_SHAPE && !is_referred_to(which)))
        return;
    json_key(j, kind->name);
    json_open_object(j);
    json_key_cstr(j, "description", kind->text);
    if (kind->form == FORM_SHAPE)
        put_shape(j, kind);
    else
        put_words(j, kind);
    json_close_object(j);
}

/* ---- Bodies ---------------------------------------------------------------------------------- */

bool openapi_is_body(const struct input *input) {
    for (unsigned i = 0; i < routes_count(); i++)
        if (routes_at(i)->input() == input && routes_rows()[i].method != HTTP_GET)
            return input->field_count > 0;
    return false;
}

static void put_input(struct json *j, const struct input *input) {
    if (!openapi_is_body(input))
        return;
    bool required = false;
    json_key(j, openapi_camel(input->name, "Input"));
    json_open_object(j);
    json_key_cstr(j, "type", "object");
    json_key(j, "properties");
    json_open_object(j);
    for (size_t i = 0; i < input->field_count; i++) {
        json_key(j, input->fields[i].name);
        openapi_field(j, &input->fields[i], true);
        required |= input->fields[i].rule == REQUIRED;
    }
    json_close_object(j);
    if (required) {
        json_key(j, "required");
        json_open_array(j);
        for (size_t i = 0; i < input->field_count; i++)
            if (input->fields[i].rule == REQUIRED)
                json_cstr(j, input->fields[i].name);
        json_close_array(j);
    }
    json_close_object(j);
}

/* ---- Errors ---------------------------------------------------------------------------------- */

/* Whether no error before it has the same code. */
static bool is_first(enum err e) {
    for (enum err before = OK + 1; before < e; before++)
        if (strcmp(error_info(before)->code, error_info(e)->code) == 0)
            return false;
    return true;
}

static void put_word(struct json *j, const char *key, const char *text, const char *word) {
    json_key(j, key);
    json_open_object(j);
    if (text)
        json_key_cstr(j, "description", text);
    json_key_cstr(j, "type", "string");
    if (word)
        json_key_cstr(j, "const", word);
    else
        json_key_int(j, "minLength", 1);
    json_close_object(j);
}

static void put_error(struct json *j, const char *code) {
    bool field = strcmp(code, error_info(ERR_VALIDATION)->code) == 0;
    json_key(j, openapi_camel(code, ""));
    json_open_object(j);
    json_key_cstr(j, "type", "object");
    json_key(j, "properties");
    json_open_object(j);
    put_word(j, "error", NULL, code);
    put_word(j, "message", "For people to read.", NULL);
    if (field)
        put_word(j, "field", "The field at fault.", NULL);
    json_close_object(j);
    json_key(j, "required");
    json_raw(j,
             field ? TEXT("[\"error\",\"message\",\"field\"]") : TEXT("[\"error\",\"message\"]"));
    json_key_bool(j, "additionalProperties", false);
    json_close_object(j);
}

void openapi_schemas(struct json *j) {
    for (enum kind kind = 0; kind < KIND_COUNT; kind++)
        put_kind(j, kind);
#define INPUT(name) put_input(j, input_##name());
#define FIELD(name, type, rule)
#define INPUT_END(name)
#include "api/inputs.def"
#undef INPUT
#undef FIELD
#undef INPUT_END
    for (enum err e = OK + 1; e < ERR_COUNT; e++)
        if (is_first(e))
            put_error(j, error_info(e)->code);
}
