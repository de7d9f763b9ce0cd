#include "cli/first_steps.h"

#include <errno.h>
#include <stdio.h>

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

/* Whether there is a link. */
static bool print_link(struct command *c, const struct http_server *server) {
    unsigned index;
    const struct http_listen *l = console_listener(&c->options.http, &index);
    struct text token;
    struct ctx ctx = c->ctx;
    ctx.now = clock_now();
    if (l == NULL || setup_offer(&ctx, &token) != OK || token.size == 0)
        return false;
    struct text origin = origin_of(c, server, l, index);
    printf("There is no administrator yet. Make the first one in a browser, within an hour:\n"
           "    %.*s/console/setup/#%.*s\n",
           TEXT_ARGS(origin), TEXT_ARGS(token));
    return true;
}

void first_steps_print(struct command *c, const struct http_server *server) {
    bool there;
    if (account_superuser_exists(&c->ctx, &there) != OK || there)
        return;
    puts(print_link(c, server)
             ? "or, while this runs, with"
             : "There is no administrator yet. While this runs, make the first one with");
    printf("    %s user add olivia --email olivia@example.com --superuser",
           program_invocation_name);
    if (strcmp(c->options.database, OPTIONS_DATABASE) != 0)
        printf(" --database '%.*s'", TEXT_ARGS(command_database(c)));
    putchar('\n');
}
