/* For load balancers and supervisors: /health/. */
#include "core/health.h"
#include "api/routes.h"

enum err api_health(struct call *c, const struct nothing_input *in) {
    (void)in;
    TRY(health_check(&c->ctx));
    json_open_object(&c->out);
    json_key_cstr(&c->out, "status", "ok");
    json_close_object(&c->out);
    return OK;
}
