/* The API in words: what routes.def and inputs.def do not tell of an endpoint. The tables are those
 * of the folder reference/; a route, a field or a type that is missing there fails the build. */
#ifndef API_REFERENCE_H
#define API_REFERENCE_H

#include "api/input.h"

enum kind {
#define SCALAR(name, ...)  KIND_##name,
#define WORDS(name, ...)   KIND_##name,
#define CATALOG(name, ...) KIND_##name,
#include "api/reference/kinds.def"
#undef SCALAR
#undef WORDS
#undef CATALOG
#define SHAPE(name, text) KIND_##name,
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
    KIND_COUNT
};

/* Traits of a key. */
enum { MAY = 1, NULLS = 2, LIST = 4, RUN_OF_KEYS = 8 };

struct key {
    const char *name;
    enum kind kind;
    unsigned traits;
    const char *text;
};

enum kind_form { FORM_SCALAR, FORM_WORDS, FORM_CATALOG, FORM_SHAPE };

/* A row of kinds.def or shapes.def. What belongs to another form is NULL and 0. */
struct kind_info {
    const char *name;
    enum kind_form form;
    const char *type, *rest;         /* SCALAR; `rest` is members of a JSON object */
    const char *text;                /* all others */
    const char *words;               /* WORDS: elements of a JSON array */
    struct text (*code)(int number); /* CATALOG: `count` of them */
    size_t count;
    const struct key *keys; /* SHAPE: `count` of them */
};

const struct kind_info *reference_kind(enum kind kind);

#define REFERENCE_FAILS_MAX  8
#define REFERENCE_SERVES_MAX 5

/* One endpoint; careers.def says what the members mean. */
struct operation {
    const char *section, *title, *text;
    int status;
    enum kind shape;
    const char *request, *answer; /* JSON; request is NULL where nothing is sent */
    const char *or_answer;        /* NULL: there is no other answer */
    enum kind or_shape;
    bool cookie;                              /* the session cookie is set or cleared */
    bool html;                                /* or a page, for who asks for one */
    const char *serves_text;                  /* files, which are this; NULL: `shape` is answered */
    const char *serves[REFERENCE_SERVES_MAX]; /* their media types; NULL ends it */
    bool validator;                           /* has an ETag, may be 304 */
    enum err fails[REFERENCE_FAILS_MAX];      /* OK ends it */
};

/* Of a row of routes.def. */
const struct operation *reference_operation(unsigned route);

/* What a field is, and its schema. */
const char *reference_about(const struct field *field);
enum kind reference_takes(enum field_type type, bool *list);

/* The same of the part of a path called `name`; NULL when the tables have none. */
const char *reference_capture(struct text name, enum kind *kind);

struct section {
    const char *name, *text;
};
const struct section *reference_sections(size_t *count);

#endif
