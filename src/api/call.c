#include "api/call.h"

#include "base/clock.h"

enum err call_run(struct call *c, const void *in) {
    buffer_clear(&c->x->response.body, SIZE_MAX);
    c->out = json_writer(&c->x->response.body);
    return c->route->handler(c, in);
}

enum err call_invalid(struct call *c, const char *field, const char *message) {
    c->field = field;
    c->message = message;
    return ERR_VALIDATION;
}

void call_created(struct call *c) {
    c->x->response.status = 201;
}

void call_cacheable(struct call *c) {
    c->x->response.cacheable = true;
}

static void change_cookie(struct call *c, struct text value, int64_t lifetime) {
    c->set_cookie =
        text_format(c->ctx.arena, "sessionid=%.*s; Path=/; Max-Age=%lld; HttpOnly; SameSite=Lax%s",
                    TEXT_ARGS(value), (long long)(lifetime / CLOCK_SECOND),
                    c->x->request.secure ? "; Secure" : "")
            .at;
}

void call_set_cookie(struct call *c, struct text value) {
    if (c->cross_site)
        return;
    const struct policy *p = &c->ctx.core->policy;
    change_cookie(c, value,
                  p->session_idle < p->session_lifetime ? p->session_idle : p->session_lifetime);
}

void call_clear_cookie(struct call *c) {
    change_cookie(c, TEXT(""), 0);
}

struct origin call_origin(const struct call *c) {
    const struct http_request *request = &c->x->request;
    return (struct origin){.address = request->client,
                           .user_agent = http_header(request, "user-agent")};
}

void call_success(struct call *c, const char *message) {
    json_open_object(&c->out);
    json_key_cstr(&c->out, "status", "success");
    json_key_cstr(&c->out, "message", message);
    json_close_object(&c->out);
}

void call_message(struct call *c, const char *message) {
    json_open_object(&c->out);
    json_key_cstr(&c->out, "message", message);
    json_close_object(&c->out);
}

struct text call_param(const struct call *c, unsigned index) {
    return c->x->request.params[index];
}

static bool is_number(struct text t) {
    for (size_t i = 0; i < t.size; i++)
        if (t.at[i] < '0' || t.at[i] > '9')
            return false;
    return t.size > 0;
}

enum err call_param_id(struct call *c, unsigned index, const char *field, int64_t *out) {
    struct text t = call_param(c, index);
    if (!is_number(t))
        return ERR_NOT_FOUND;
    if (!text_to_int(t, out) || *out == 0)
        return call_invalid(c, field, "An id is a number from 1 to 9223372036854775807");
    return OK;
}
