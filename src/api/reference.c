#include "api/reference.h"

#include "base/log.h"
#include "core/audit.h"
#include "core/catalog.h"

/* ---- Kinds and shapes ------------------------------------------------------------------------ */

#define SHAPE(name, text)               static const struct key keys_##name[] = {
#define KEY(name, kind, traits, text)   {#name, KIND_##kind, traits, text},
#define NAMED(name, kind, traits, text) {name, KIND_##kind, traits, text},
#define RUN(shape)                      {NULL, KIND_##shape, RUN_OF_KEYS, NULL},
#define SHAPE_END(name)                                                                            \
    }                                                                                              \
    ;
#include "api/reference/shapes.def"
#undef SHAPE
#undef KEY
#undef NAMED
#undef RUN
#undef SHAPE_END

static const struct kind_info kinds[] = {
#define SCALAR(name_, type_, ...)                                                                  \
    [KIND_##name_] = {#name_, FORM_SCALAR, .type = type_, .rest = #__VA_ARGS__},
#define WORDS(name_, text_, ...)                                                                   \
    [KIND_##name_] = {#name_, FORM_WORDS, .text = text_, .words = #__VA_ARGS__},
#define CATALOG(name_, text_, code_, count_)                                                       \
    [KIND_##name_] = {#name_, FORM_CATALOG, .text = text_, .code = code_, .count = count_},
#include "api/reference/kinds.def"
#undef SCALAR
#undef WORDS
#undef CATALOG
#define SHAPE(name_, text_)                                                                        \
    [KIND_##name_] = {#name_, FORM_SHAPE, .text = text_, .keys = keys_##name_,                     \
                      .count = sizeof keys_##name_ / sizeof *keys_##name_},
#define KEY(...)
#define NAMED(...)
#define RUN(...)
#define SHAPE_END(name)
#include "api/reference/shapes.def"
#undef SHAPE
#undef KEY
#undef NAMED
#undef RUN
#undef SHAPE_END
};

const struct kind_info *reference_kind(enum kind kind) {
    ASSERT(kind < KIND_COUNT);
    return &kinds[kind];
}

/* ---- Endpoints ------------------------------------------------------------------------------- */

#define OPERATION(handler, status_, shape_, section_, title_, text_)                               \
    static const struct operation operation_##handler = {.section = section_,                      \
                                                         .title = title_,                          \
                                                         .text = text_,                            \
                                                         .status = status_,                        \
                                                         .shape = KIND_##shape_,
#define REQUEST(...)      .request = #__VA_ARGS__,
#define ANSWER(...)       .answer = #__VA_ARGS__,
#define OR(shape_, ...)   .or_shape = KIND_##shape_, .or_answer = #__VA_ARGS__,
#define COOKIE            .cookie = true,
#define HTML              .html = true,
#define VALIDATOR         .validator = true,
#define SERVES(what, ...) .serves_text = what, .serves = {__VA_ARGS__},
#define FAILS(...)        .fails = {__VA_ARGS__},
#define OPERATION_END                                                                              \
    }                                                                                              \
    ;
#include "api/reference/app.def"
#include "api/reference/backend.def"
#include "api/reference/careers.def"
#include "api/reference/console.def"
#include "api/reference/service.def"
#undef OPERATION
#undef REQUEST
#undef ANSWER
#undef OR
#undef COOKIE
#undef HTML
#undef VALIDATOR
#undef SERVES
#undef FAILS
#undef OPERATION_END

static const struct operation *const operations[] = {
#define ROUTE(method, path, surfaces, auth, rate, lane, input, handler) &operation_##handler,
#include "api/routes.def"
#undef ROUTE
};

const struct operation *reference_operation(unsigned route) {
    ASSERT(route < sizeof operations / sizeof *operations);
    return operations[route];
}

/* ---- Fields ---------------------------------------------------------------------------------- */

/* A row of types.def or a field of inputs.def that fields.def does not have is a name unknown here.
 */
enum {
#define TAKES(type, kind)       takes_##type,
#define TAKES_LIST(type, kind)  takes_##type,
#define ABOUT(name, type, text) about_##name##_##type,
#define CAPTURE(...)
#include "api/reference/fields.def"
#undef TAKES
#undef TAKES_LIST
#undef ABOUT
#undef CAPTURE
};

#define TYPE(name, slot) _Static_assert(takes_##name >= 0, "TAKES row of " #name);
#include "api/types.def"
#undef TYPE
#define INPUT(name)
#define FIELD(name, type, rule) _Static_assert(about_##name##_##type >= 0, "ABOUT row of " #name);
#define INPUT_END(name)
#include "api/inputs.def"
#undef INPUT
#undef FIELD
#undef INPUT_END

static const struct {
    enum kind kind;
    bool list;
} takes[] = {
#define TAKES(type, kind)      [TYPE_##type] = {KIND_##kind, false},
#define TAKES_LIST(type, kind) [TYPE_##type] = {KIND_##kind, true},
#define ABOUT(...)
#define CAPTURE(...)
#include "api/reference/fields.def"
#undef TAKES
#undef TAKES_LIST
#undef ABOUT
#undef CAPTURE
};

static const struct {
    const char *name;
    enum field_type type;
    const char *text;
} abouts[] = {
#define TAKES(...)
#define TAKES_LIST(...)
#define ABOUT(name, type, text) {#name, TYPE_##type, text},
#define CAPTURE(...)
#include "api/reference/fields.def"
#undef TAKES
#undef TAKES_LIST
#undef ABOUT
#undef CAPTURE
};

static const struct {
    const char *name;
    enum kind kind;
    const char *text;
} captures[] = {
#define TAKES(...)
#define TAKES_LIST(...)
#define ABOUT(...)
#define CAPTURE(name, kind, text) {name, KIND_##kind, text},
#include "api/reference/fields.def"
#undef TAKES
#undef TAKES_LIST
#undef ABOUT
#undef CAPTURE
};

const char *reference_about(const struct field *field) {
    for (size_t i = 0; i < sizeof abouts / sizeof *abouts; i++)
        if (abouts[i].type == field->type && strcmp(abouts[i].name, field->name) == 0)
            return abouts[i].text;
    ASSERT(!"fields.def has a row for every field");
    return NULL;
}

enum kind reference_takes(enum field_type type, bool *list) {
    *list = takes[type].list;
    return takes[type].kind;
}

const char *reference_capture(struct text name, enum kind *kind) {
    for (size_t i = 0; i < sizeof captures / sizeof *captures; i++) {
        if (!text_equal(name, text_of(captures[i].name)))
            continue;
        *kind = captures[i].kind;
        return captures[i].text;
    }
    return NULL;
}

const struct section *reference_sections(size_t *count) {
    static const struct section sections[] = {
#define SECTION(name, text) {name, text},
#include "api/reference/sections.def"
#undef SECTION
    };
    *count = sizeof sections / sizeof *sections;
    return sections;
}
