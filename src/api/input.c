#include "api/types.h"

#include <stddef.h>

#include "http/form.h"

/* ---- The tables behind inputs.def ------------------------------------------------------------ */

#define INPUT(name)                                                                                \
    const struct input *input_##name(void) {                                                       \
        typedef struct name##_input slots;                                                         \
        static const struct field fields[] = {
#define FIELD(name, type, rule) {#name, TYPE_##type, rule, offsetof(slots, name)},
#define INPUT_END(name)                                                                            \
    }                                                                                              \
    ;                                                                                              \
    static const struct input input = {#name, sizeof(slots), fields,                               \
                                       sizeof fields / sizeof(struct field)};                      \
    return &input;                                                                                 \
    }
#include "api/inputs.def"
#undef INPUT
#undef FIELD
#undef INPUT_END

/* ---- What came ------------------------------------------------------------------------------- */

struct source {
    struct member *members; /* several of one name only from a form */
    size_t count;
};

static enum err read_form(struct call *c, struct text in, struct source *s) {
    struct form_pair *pairs;
    if (!in.size)
        return OK;
    TRY(form_decode(c->ctx.arena, in, &pairs, &s->count));
    s->members = ARENA_ARRAY(c->ctx.arena, struct member, s->count);
    for (size_t i = 0; i < s->count; i++)
        s->members[i] =
            (struct member){pairs[i].name, {.kind = VALUE_WORD, .text = pairs[i].value}};
    return OK;
}

enum media { MEDIA_OTHER, MEDIA_JSON, MEDIA_FORM };

static struct text unquoted(struct text t) {
    if (t.size >= 2 && t.at[0] == '"' && t.at[t.size - 1] == '"')
        return (struct text){t.at + 1, t.size - 2};
    return t;
}

/* Only UTF-8 is spoken; parameters other than charset say nothing to us. */
static bool is_understood(struct text parameter) {
    struct text name = {0};
    text_split(&parameter, '=', &name);
    return !text_equal_nocase(text_trim(name), TEXT("charset")) ||
           text_equal_nocase(unquoted(text_trim(parameter)), TEXT("utf-8"));
}

static enum media media_type(struct text header) {
    struct text type = {0}, parameter;
    text_split(&header, ';', &type);
    while (text_split(&header, ';', &parameter))
        if (!is_understood(parameter))
            return MEDIA_OTHER;
    type = text_trim(type);
    if (text_equal_nocase(type, TEXT("application/json")))
        return MEDIA_JSON;
    if (text_equal_nocase(type, TEXT("application/x-www-form-urlencoded")))
        return MEDIA_FORM;
    return MEDIA_OTHER;
}

static enum err read_source(struct call *c, struct source *s) {
    const struct http_request *request = &c->x->request;
    if (request->method & (HTTP_GET | HTTP_HEAD))
        return read_form(c, request->query, s);
    if (!request->body.size)
        return OK;
    switch (media_type(http_header(request, "content-type"))) {
    case MEDIA_JSON:
        return value_members(c->ctx.arena, request->body, &s->members, &s->count);
    case MEDIA_FORM:
        return read_form(c, request->body, s);
    case MEDIA_OTHER:
        break;
    }
    return ERR_MEDIA_TYPE;
}

/* ---- Fields ---------------------------------------------------------------------------------- */

/* Points `t` at all values of the field. */
static void find(struct taking *t, const struct source *s) {
    struct text name = text_of(t->field);
    struct value *values = NULL;
    t->count = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (!text_equal(s->members[i].name, name))
            continue;
        if (!values)
            values = ARENA_ARRAY(t->call->ctx.arena, struct value, s->count - i);
        values[t->count++] = s->members[i].value;
    }
    t->values = values;
}

static enum err refuse(const struct taking *t, const char *message) {
    return call_invalid(t->call, t->field, message);
}

/* A list that is one empty word is an empty list, and not blank. */
static bool is_blank(const struct value *v, enum field_type type) {
    bool text = v->kind == VALUE_TEXT || (v->kind == VALUE_WORD && !types_is_list(type));
    return text && !v->text.size;
}

static enum err read_field(const struct taking *t, const struct field *field, void *slot) {
    if (!t->count)
        return field->rule == REQUIRED ? refuse(t, "This field is required") : OK;
    if (t->count > 1 && !types_is_list(field->type))
        return ERR_MALFORMED;

    bool null = t->values[0].kind == VALUE_NULL;
    bool blank = is_blank(&t->values[0], field->type);
    switch (field->rule) {
    case REQUIRED:
        if (null)
            return refuse(t, "This field may not be null");
        if (blank)
            return refuse(t, "This field may not be blank");
        break;
    case OPTIONAL:
        if (null)
            return OK;
        break;
    case NULLABLE:
        if (null || blank) {
            types_clear(field->type, slot);
            return OK;
        }
        break;
    }
    return types_take(t, field->type, slot);
}

enum err input_read(struct call *c, void **out) {
    const struct input *input = c->route->input();
    *out = arena_zero(c->ctx.arena, input->size);
    return input_decode(c, input, *out);
}

enum err input_decode(struct call *c, const struct input *input, void *out) {
    struct source s = {0};
    TRY(read_source(c, &s));
    struct taking t = {.call = c, .input = input, .slots = out};
    for (size_t i = 0; i < input->field_count; i++) {
        const struct field *field = &input->fields[i];
        t.field = field->name;
        find(&t, &s);
        TRY(read_field(&t, field, (char *)out + field->offset));
    }
    return OK;
}
