/* rollcall serve */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/service.h"
#include "cli/auditor.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/first_steps.h"
#include "cli/housekeeper.h"
#include "cli/warnings.h"
#include "core/erasure.h"

static const struct setting_group *const settings[] = {
    &settings_database, &settings_listen, &settings_capacity,
    &settings_timeout,  &settings_abuse,  &settings_token,
    &settings_password, &settings_audit,  NULL};

static const char doc[] =
    "Serves the users API over HTTP and HTTPS until SIGTERM or SIGINT, then finishes what is in "
    "flight. A "
    "second signal ends it at once."
    "\v"
    "Every option is also an environment variable: --hash-memory is ROLLCALL_HASH_MEMORY. The "
    "command line wins. An option that may be repeated takes several values there, with spaces "
    "between them.\n"
    "\n"
    "Examples:\n"
    "  rollcall serve\n"
    "      everything on http://localhost:8000, accounts in ./rollcall.db\n"
    "  rollcall serve --listen 0.0.0.0:8000=careers,app --listen 127.0.0.1:8001=backend,console\n"
    "      the staff's endpoints and page on an address of their own\n"
    "  rollcall serve --listen unix:/run/rollcall.sock --trusted-proxy 10.0.0.0/8\n"
    "      behind a reverse proxy\n"
    "  rollcall serve --listen tls:0.0.0.0:8443 --tls-cert chain.pem --tls-key key.pem\n"
    "      HTTPS; kill -HUP when there is a new certificate\n"
    "  ROLLCALL_LISTEN='0.0.0.0:8000=careers,app 127.0.0.1:8001=backend' rollcall serve\n"
    "\n"
    "Exit status: 0 ended by a signal, 1 could not start, 2 wrong usage.";

/* A connection is a descriptor; so are database files, listeners and event loops. */
#define DESCRIPTORS_BESIDE_CONNECTIONS 256

/* Takes all the descriptors the system grants, and no more connections than fit into them. */
static void fit_connections(struct http_config *http) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t room = limit.rlim_cur > 2 * DESCRIPTORS_BESIDE_CONNECTIONS
                      ? limit.rlim_cur - DESCRIPTORS_BESIDE_CONNECTIONS
                      : limit.rlim_cur / 2;
    if (http->connection_limit > room) {
        log_line(LOG_WARN, "open files are limited to %ju: at most %ju connections",
                 (uintmax_t)limit.rlim_cur, (uintmax_t)room);
        http->connection_limit = (unsigned)room;
    }
}

static unsigned at_least_one(unsigned n) {
    return n > 0 ? n : 1;
}

/* Every thread has a connection of its own. Passwords get at most a thread per core and a quarter
 * of the threads, lists and searches a sixth of the others, and the rest is for reads and writes.
 */
static void share_connections(struct http_config *http, unsigned connections) {
    unsigned *workers = http->workers;
    unsigned threads = connections - (DATABASE_CONNECTIONS_MIN - LANE_COUNT);
    if (workers[LANE_HASH] > threads / 4)
        workers[LANE_HASH] = at_least_one(threads / 4);
    threads -= workers[LANE_HASH];
    workers[LANE_SCAN] = at_least_one(threads / 6);
    workers[LANE_WRITE] = (threads - workers[LANE_SCAN]) / 2;
    workers[LANE_READ] = threads - workers[LANE_SCAN] - workers[LANE_WRITE];
}

static void fit_workers(struct command *c) {
    struct http_config *http = &c->options.http;
    if (http->workers[LANE_HASH] == 0)
        http->workers[LANE_HASH] = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    if (!database_is_local(c->core.database))
        share_connections(http, c->options.database_connections);
}

static void print_surfaces(unsigned surfaces) {
    const char *separator = "", *name;
    for (unsigned i = 0; (name = service_surface_name(i)); i++) {
        if ((surfaces & service_surface(text_of(name))) == 0)
            continue;
        printf("%s%s", separator, name);
        separator = ", ";
    }
}

/* The address as it was given, with the port it really has. */
static void print_listener(const struct http_server *server, const struct http_config *http,
                           unsigned index, struct text database) {
    const struct http_listen *l = &http->listens[index];
    unsigned port = http_port(server, index);
    const char *colon = strrchr(l->address, ':');
    printf("rollcall %s serving ", ROLLCALL_VERSION);
    if (port == 0)
        printf("%s%s (", l->tls ? "tls:" : "", l->address);
    else
        printf("http%s://%.*s:%u (", l->tls ? "s" : "", (int)(colon - l->address), l->address,
               port);
    print_surfaces(l->surfaces);
    printf(") on %.*s\n", TEXT_ARGS(database));
}

static void announce(struct command *c, const struct http_server *server, struct text steps) {
    for (unsigned i = 0; i < c->options.http.listen_count; i++)
        print_listener(server, &c->options.http, i, command_database(c));
    printf("%.*s", TEXT_ARGS(steps));
    fflush(stdout);
}

/* Accounts that an older backup has brought back must not be served. */
static bool erase_again(struct command *c) {
    int64_t again = 0;
    if (c->core.erasures == NULL)
        return true;
    enum err e = erasure_reconcile(&c->ctx, &again);
    if (again)
        log_line(LOG_WARN,
                 "accounts that had been erased came back and are erased again count=%lld",
                 (long long)again);
    if (e != OK)
        command_say(c, "cannot bring the erasure journal and the database together");
    return e == OK;
}

/* Requests that are still running use the database and all else until the last moment, so nothing
 * is taken apart. What they have written is not acknowledged. */
static void leave(void) {
    fflush(NULL);
    _exit(CLI_OK);
}

/* Serves until it is told to end. */
static enum cli_status run(struct command *c, struct http_server *server, struct service *service) {
    const struct http_service answers = service_http(service);
    struct service_warning warnings[WARNINGS_MAX];
    service_host(service, &(struct service_host){.server = server,
                                                 .started = clock_monotonic(),
                                                 .warnings = warnings,
                                                 .warning_count = warnings_find(c, warnings)});
    struct housekeeper *housekeeper = housekeeper_start(&c->core);
    if (housekeeper == NULL)
        return CLI_FAILED;
    struct text steps = first_steps(c, server);
    struct auditor *auditor = auditor_start(&c->ctx);
    enum err e = http_begin(server, c->options.http.workers, &answers);
    if (e == OK) {
        confine_calls();
        announce(c, server, steps);
        http_run(server);
    }
    if (!http_free(server))
        leave();
    auditor_stop(auditor);
    housekeeper_stop(housekeeper);
    return e == OK ? CLI_OK : CLI_FAILED;
}

static enum cli_status open_and_run(struct command *c, struct http_server *server) {
    enum cli_status status = CLI_FAILED;
    if (!command_open(c)) {
        http_free(server);
        return status;
    }
    fit_workers(c);
    struct service *service =
        service_new(&c->core, c->options.origins, c->options.http.origin_count);
    if (erase_again(c))
        status = run(c, server, service);
    else
        http_free(server);
    service_free(service);
    command_close(c);
    return status;
}

static void check_key_again(const struct options *o) {
    if (o->http.tls_key != NULL && faccessat(AT_FDCWD, o->http.tls_key, R_OK, AT_EACCESS) != 0)
        log_line(LOG_WARN, "%s is not readable to %s: SIGHUP will not renew it", o->http.tls_key,
                 o->user);
}

/* Ports and the files of TLS may want rights; everything after them does without. */
static enum cli_status serve(struct command *c) {
    const struct options *o = &c->options;
    struct http_server *server;
    if (http_open(&server, &o->http) != OK)
        return CLI_FAILED;
    if (o->user != NULL && !confine_user(o->user)) {
        http_free(server);
        return CLI_FAILED;
    }
    if (o->user != NULL)
        check_key_again(o);
    return open_and_run(c, server);
}

/* Listeners, certificate and key go together. */
static void check_tls(const struct http_config *http, const struct argp_state *state) {
    bool wanted = false, certificate = http->tls_certificate != NULL, key = http->tls_key != NULL;
    for (unsigned i = 0; i < http->listen_count; i++)
        wanted |= http->listens[i].tls;
    if (certificate != key)
        argp_error(state, "--tls-cert and --tls-key go together: %s is missing",
                   certificate ? "--tls-key" : "--tls-cert");
    if (wanted && !key)
        argp_error(state, "--listen tls:… needs --tls-cert and --tls-key");
    if (key && !wanted)
        argp_error(state, "--tls-cert is given, and no --listen tls:… that would use it");
}

static void check_replicas(struct command *c, const struct argp_state *state) {
    const struct options *o = &c->options;
    for (unsigned i = 0; i < o->replica_count; i++) {
        if (database_replica_fits(o->database, o->replicas[i]))
            continue;
        struct text shown = database_label(&c->arena, o->replicas[i]);
        argp_error(state,
                   "--database-replica: \"%.*s\" is not the postgresql://… of one server, beside a "
                   "--database postgresql://…",
                   TEXT_ARGS(shown));
    }
}

/* Once all settings are known. */
static error_t check_settings(int key, char *arg, struct argp_state *state) {
    (void)arg;
    struct command *c = state->input;
    if (key == ARGP_KEY_SUCCESS) {
        check_replicas(c, state);
        check_tls(&c->options.http, state);
    }
    return ARGP_ERR_UNKNOWN;
}

int cli_serve(int argc, char **argv) {
    static const struct command_line line = {
        .doc = doc, .parser = check_settings, .settings = settings};
    struct command c = {.name = "rollcall serve", .may_create = true, .serves = true};
    struct options *o = &c.options;
    options_start(o);
    command_line_parse(&line, argc, argv, o, &c);
    log_level_set(o->log_level);
    confine_memory();
    fit_connections(&o->http);
    enum cli_status status = serve(&c);
    options_free(o);
    return status;
}
