/* What the writers of the document share. */
#ifndef API_OPENAPI_PARTS_H
#define API_OPENAPI_PARTS_H

#include "api/reference.h"

/* "validation_error" as "ValidationError", with `suffix` behind it. The result is the next call's.
 */
const char *openapi_camel(const char *snake, const char *suffix);

/* {"$ref": "#/components/GROUP/NAME"}, all in one or its key alone inside an open object. */
void openapi_ref(struct json *j, const char *group, const char *name);
void openapi_ref_key(struct json *j, const char *group, const char *name);

/* A kind as a schema, with a description unless `text` is NULL; `traits` as of a key. */
void openapi_schema(struct json *j, enum kind kind, unsigned traits, const char *text);

/* A field of an input as a schema; described only when `described`. */
void openapi_field(struct json *j, const struct field *field, bool described);

/* The members of components.schemas: words and catalogues, shapes, bodies, errors. */
void openapi_schemas(struct json *j);

/* Whether an input is read from a body by some route. */
bool openapi_is_body(const struct input *input);

/* Keys "responses" of one route, and the members of components.responses. */
void openapi_responses(struct json *j, unsigned route);
void openapi_shared_responses(struct json *j);

#endif
