#include "api/once.h"

#include "api/input.h"
#include "core/idempotency.h"

bool once_asked(const struct call *c) {
    return c->route->once && http_header(&c->x->request, "idempotency-key").at;
}

/* ---- The key --------------------------------------------------------------------------------- */

static bool is_only_one(const struct http_request *request) {
    unsigned count = 0;
    for (unsigned i = 0; i < request->header_count; i++)
        count += text_equal_nocase(request->headers[i].name, TEXT("idempotency-key"));
    return count == 1;
}

static bool is_printable(struct text t) {
    for (size_t i = 0; i < t.size; i++)
        if (t.at[i] < ' ' || t.at[i] > '~')
            return false;
    return true;
}

/* The draft has the key in quotes; clients in the wild have not. Either is the same key. */
static struct text unquoted(struct text t) {
    if (t.size >= 2 && t.at[0] == '"' && t.at[t.size - 1] == '"')
        return (struct text){t.at + 1, t.size - 2};
    return t;
}

static enum err read_key(const struct call *c, struct text *out) {
    *out = unquoted(http_header(&c->x->request, "idempotency-key"));
    bool good = out->size > 0 && out->size <= IDEMPOTENCY_KEY_MAX && is_printable(*out) &&
                is_only_one(&c->x->request);
    return good ? OK : ERR_KEY_MALFORMED;
}

static struct text whole_request(const struct call *c) {
    struct text name = text_of(c->route->name), body = c->x->request.body;
    char *all = arena_alloc(c->ctx.arena, name.size + 1 + body.size);
    memcpy(all, name.at, name.size);
    all[name.size] = '\n';
    if (body.size)
        memcpy(all + name.size + 1, body.at, body.size);
    return (struct text){all, name.size + 1 + body.size};
}

/* Who registers is nobody yet, whatever else they sign in as. Requests of the HASH lane have a
 * password in them. */
static enum err read_request(const struct call *c, struct idempotency *out) {
    struct text key;
    TRY(read_key(c, &key));
    bool known = c->route->auth == AUTH_USER || c->route->auth == AUTH_STAFF;
    *out = (struct idempotency){
        .user_id = known ? c->caller.user_id : 0,
        .key = key,
        .request = whole_request(c),
        .secret = c->route->lane == LANE_HASH,
    };
    return OK;
}

/* ---- The answer ------------------------------------------------------------------------------ */

/* Status, cookie and body, a line each. */
static struct text written(const struct call *c, const char *cookie) {
    const struct http_response *r = &c->x->response;
    return text_format(c->ctx.arena, "%d\n%s\n%.*s", r->status, cookie ? cookie : "",
                       TEXT_ARGS(buffer_text(&r->body)));
}

static void write_again(struct call *c, struct text answer) {
    struct http_response *r = &c->x->response;
    struct text status, cookie;
    int64_t number;
    text_split(&answer, '\n', &status);
    text_split(&answer, '\n', &cookie);
    r->status = text_to_int(status, &number) ? (int)number : 200;
    if (cookie.size && !c->cross_site)
        c->set_cookie = text_copy(c->ctx.arena, cookie).at;
    response_header(r, "Idempotency-Replayed", TEXT("true"));
    buffer_clear(&r->body, SIZE_MAX);
    buffer_add_text(&r->body, answer);
}

/* Who hears again that it is done sees it wherever they ask, as who heard it first: with standbys
 * that is worth a wait, and so a transaction. */
static enum err load_settled(struct ctx *c, const struct idempotency *i,
                             struct idempotency_record *out) {
    TRY(idempotency_load(c, i, out));
    return idempotency_load_latest(c, i, out);
}

typedef enum err load_function(struct ctx *c, const struct idempotency *i,
                               struct idempotency_record *out);

/* ERR_NOT_FOUND when there is none. */
static enum err repeat(struct call *c, struct idempotency *i, load_function *load) {
    struct idempotency_record record;
    struct text answer;
    TRY(load(&c->ctx, i, &record));
    TRY(idempotency_answer(&c->ctx, i, &record, &answer));
    write_again(c, answer);
    return OK;
}

/* ---- Doing it -------------------------------------------------------------------------------- */

/* A cookie that was to be set before is of another matter. */
static enum err run_and_keep(struct call *c, const struct idempotency *i, const void *in) {
    const char *before = c->set_cookie;
    idempotency_begin(&c->ctx);
    enum err e = call_run(c, in);
    const char *cookie = c->set_cookie == before ? NULL : c->set_cookie;
    e = idempotency_end(&c->ctx, i, e, e == OK ? written(c, cookie) : (struct text){0});
    if (e != OK)
        c->set_cookie = before;
    return e;
}

static enum err act(struct call *c, struct idempotency *i) {
    void *in;
    TRY(input_read(c, &in));
    TRY(idempotency_prepare(&c->ctx, i));
    return run_and_keep(c, i, in);
}

/* Whether somebody else who did the same may be the reason. */
static bool was_late(enum err e) {
    return e == ERR_CONFLICT || (e != OK && error_info(e)->status < 500);
}

/* Of requests at the same moment the first to commit is the one that was done. The others find its
 * record in their way, or what it has created; what they did is undone, and they give its answer.
 */
enum err once_run(struct call *c) {
    struct idempotency i;
    TRY(read_request(c, &i));
    enum err e = repeat(c, &i, load_settled);
    if (e != ERR_NOT_FOUND)
        return e;
    e = act(c, &i);
    if (!was_late(e))
        return e;
    enum err again = repeat(c, &i, idempotency_load_latest);
    if (again == ERR_NOT_FOUND)
        return e == ERR_CONFLICT ? ERR_AGAIN : e;
    c->field = c->message = NULL; /* they were about what stood in the way */
    return again;
}
