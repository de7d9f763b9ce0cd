#include "cli/first_steps.h"

#include <errno.h>

#include "api/service.h"
#include "core/setup.h"

/* NULL when no listener has the console. */
static const struct http_listen *console_listener(const struct http_config *http, unsigned *index) {
    unsigned console = service_surface(TEXT("console"));
    for (*index = 0; *index < http->listen_count; ++*index)
        if (http->listens[*index].surfaces & console)
            return &http->listens[*index];
    return NULL;
}

/* "http://localhost:8000": where a browser on this machine finds it. What stands in front of a unix
 * socket is not ours to know. */
static struct text origin_of(struct command *c, const struct http_server *server,
                             const struct http_listen *l, unsigned index) {
    unsigned port = http_port(server, index);
    if (port == 0)
        return TEXT("https://HOST");
    struct text host = {l->address, (size_t)(strrchr(l->address, ':') - l->address)};
    if (text_equal(host, TEXT("0.0.0.0")) || text_equal(host, TEXT("[::]")))
        host = TEXT("localhost");
    return text_format(&c->arena, "http%s://%.*s:%u", l->tls ? "s" : "", TEXT_ARGS(host), port);
}

/* Empty when there is none to be had. */
static struct text setup_link(struct command *c, const struct http_server *server) {
    unsigned index;
    const struct http_listen *l = console_listener(&c->options.http, &index);
    struct text token;
    struct ctx ctx = c->ctx;
    ctx.now = clock_now();
    if (l == NULL || setup_offer(&ctx, &token) != OK || token.size == 0)
        return (struct text){0};
    struct text origin = origin_of(c, server, l, index);
    return text_format(&c->arena, "%.*s/console/setup/#%.*s", TEXT_ARGS(origin), TEXT_ARGS(token));
}

static struct text command_of(struct command *c) {
    struct text database = command_database(c);
    bool usual = strcmp(c->options.database, OPTIONS_DATABASE) == 0;
    return text_format(&c->arena,
                       "%s user add olivia --email olivia@example.com --superuser%s%.*s%s",
                       program_invocation_name, usual ? "" : " --database '",
                       usual ? 0 : (int)database.size, database.at, usual ? "" : "'");
}

struct text first_steps(struct command *c, const struct http_server *server) {
    bool there;
    if (account_superuser_exists(&c->ctx, &there) != OK || there)
        return (struct text){0};
    struct text link = setup_link(c, server), command = command_of(c);
    if (!link.size)
        return text_format(
            &c->arena,
            "There is no administrator yet. While this runs, make the first one with\n"
            "    %.*s\n",
            TEXT_ARGS(command));
    return text_format(&c->arena,
                       "There is no administrator yet. Make the first one in a browser, within an "
                       "hour:\n    %.*s\nor, while this runs, with\n    %.*s\n",
                       TEXT_ARGS(link), TEXT_ARGS(command));
}
