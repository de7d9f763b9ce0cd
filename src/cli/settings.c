/* Every setting, one row each. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/service.h"
#include "cli/options.h"

#define AT(member) offsetof(struct options, member)
#define GROUP(name, heading)                                                                       \
    const struct setting_group settings_##name = {heading, name##_rows,                            \
                                                  sizeof(name##_rows) / sizeof(name##_rows[0])}

static const char *const off_on[] = {"off", "on", NULL};
static const char *const basic_strict[] = {"basic", "strict", NULL};
static const char *const levels[] = {"error", "warn", "info", "debug", NULL};

/* ---- Values with a form of their own --------------------------------------------------------- */

/* "careers,app" as a set of surfaces; 0 when one of them is unknown. */
static unsigned parse_surfaces(const char *list) {
    struct text rest = text_of(list), name;
    unsigned surfaces = 0;
    while (text_split(&rest, ',', &name)) {
        unsigned surface = service_surface(name);
        if (surface == 0)
            return 0;
        surfaces |= surface;
    }
    return surfaces;
}

/* "HOST:PORT" or "unix:/path"; whether the host exists is for http_start to find out. */
static bool address_has_form(struct text t) {
    if (text_starts(t, TEXT("unix:")))
        return t.size > strlen("unix:") && t.at[strlen("unix:")] == '/';
    const char *colon = memrchr(t.at, ':', t.size);
    if (colon == NULL || colon == t.at)
        return false;
    int64_t port;
    struct text digits = {colon + 1, (size_t)(t.at + t.size - colon - 1)};
    return text_to_int(digits, &port) && port >= 0 && port <= 65535;
}

static bool set_listen(struct options *o, const char *value) {
    bool tls = strncmp(value, "tls:", 4) == 0;
    if (tls)
        value += strlen("tls:");
    const char *equals = strrchr(value, '=');
    struct text address = {value, equals ? (size_t)(equals - value) : strlen(value)};
    unsigned surfaces = equals ? parse_surfaces(equals + 1) : service_all_surfaces();
    if (surfaces == 0 || !address_has_form(address) || o->http.listen_count == OPTIONS_LIST_MAX)
        return false;
    o->listens[o->http.listen_count++] =
        (struct http_listen){text_copy(&o->arena, address).at, surfaces, tls};
    return true;
}

static void clear_listen(struct options *o) {
    o->http.listen_count = 0;
}

static bool set_replica(struct options *o, const char *value) {
    if (*value == '\0' || o->replica_count == OPTIONS_LIST_MAX)
        return false;
    o->replicas[o->replica_count++] = value;
    return true;
}

static void clear_replica(struct options *o) {
    o->replica_count = 0;
}

static bool set_trusted_proxy(struct options *o, const char *value) {
    struct network network;
    if (o->http.trusted_proxy_count == OPTIONS_LIST_MAX || !network_parse(text_of(value), &network))
        return false;
    o->trusted_proxies[o->http.trusted_proxy_count++] = network;
    return true;
}

static void clear_trusted_proxy(struct options *o) {
    o->http.trusted_proxy_count = 0;
}

/* An origin as browsers write it: scheme://host[:port], lower case, nothing behind. */
static bool set_origin(struct options *o, const char *value) {
    struct text t = text_of(value);
    size_t scheme = text_starts(t, TEXT("https://"))  ? strlen("https://")
                    : text_starts(t, TEXT("http://")) ? strlen("http://")
                                                      : 0;
    if (scheme == 0 || t.size == scheme || o->http.origin_count == OPTIONS_LIST_MAX)
        return false;
    for (size_t i = scheme; i < t.size; i++)
        if (t.at[i] == '/' || isupper((unsigned char)t.at[i]) || !isgraph((unsigned char)t.at[i]))
            return false;
    o->origins[o->http.origin_count++] = text_copy(&o->arena, t);
    return true;
}

static void clear_origin(struct options *o) {
    o->http.origin_count = 0;
}

/* What is in the files is for http_start to find out. */
static bool set_tls_certificate(struct options *o, const char *value) {
    o->http.tls_certificate = value;
    return *value != '\0';
}

static bool set_tls_key(struct options *o, const char *value) {
    o->http.tls_key = value;
    return *value != '\0';
}

static bool set_user(struct options *o, const char *value) {
    o->user = value;
    return *value != '\0';
}

static bool set_erasure_journal(struct options *o, const char *value) {
    o->erasure_journal = value;
    return *value != '\0';
}

#define SIGNING_KEY_MIN 32
#define SIGNING_KEY_MAX 4096

/* The whole file is the key, but for one line break at its end. */
static bool set_signing_key_file(struct options *o, const char *value) {
    int file = open(value, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    char *bytes = arena_alloc(&o->arena, SIGNING_KEY_MAX + 1);
    ssize_t size = read(file, bytes, SIGNING_KEY_MAX + 1);
    close(file);
    if (size > 0 && bytes[size - 1] == '\n')
        size--;
    if (size < SIGNING_KEY_MIN || size > SIGNING_KEY_MAX)
        return false;
    o->signing_key = (struct text){bytes, (size_t)size};
    return true;
}

static bool set_issuer(struct options *o, const char *value) {
    for (const char *s = value; *s; s++)
        if (!isgraph((unsigned char)*s) || *s == '"' || *s == '\\')
            return false;
    if (*value == '\0' || strlen(value) > 200)
        return false;
    o->policy.issuer = text_of(value);
    return true;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

static const struct setting database_rows[] = {
    {"database", "URL",
     "Where the accounts are kept: sqlite:FILE, made when it is not there, or postgresql://…",
     SETTING_TEXT, AT(database)},
    {"wal-limit", "MIB",
     "With SQLite: what its write-ahead log may take of the disk before changes wait; it is "
     "emptied "
     "from a quarter of that on",
     SETTING_NUMBER, AT(wal_limit), 1, 65536},
    {"erasure-journal", "FILE",
     "Where the ids of erased accounts are kept outside the database, so that they can be erased "
     "again after the restore of an older backup; not to be restored itself",
     SETTING_OWN, .set = set_erasure_journal, .expected = "the name of a file",
     .standard = "with SQLite the name of the database and -erased behind it, else none"},
    {"log-level", "LEVEL", "What goes to standard error: error, warn, info or debug",
     SETTING_CHOICE, AT(log_level), .words = levels},
};
GROUP(database, "Database and log:");

static const struct setting listen_rows[] = {
    {"listen", "ADDR[=SURFACES]",
     "HOST:PORT or unix:/PATH, and which of careers, app, backend, docs and console are served "
     "there (0.0.0.0:8000=careers,app); all without; tls: in front makes it HTTPS "
     "(tls:0.0.0.0:8443); port 0 is any that is free; may be repeated",
     SETTING_OWN, .set = set_listen, .clear = clear_listen, .separators = " ",
     .expected =
         "HOST:PORT or unix:/PATH, with or without tls: in front and =careers,app,backend,docs,"
         "console behind it",
     .standard = "localhost:8000"},
    {"tls-cert", "FILE",
     "For tls: listeners: the certificate, followed by its chain (PEM); SIGHUP reads it and the "
     "key again",
     SETTING_OWN, .set = set_tls_certificate, .expected = "the name of a file", .standard = "none"},
    {"tls-key", "FILE", "The certificate's private key, RSA or ECDSA, without a passphrase (PEM)",
     SETTING_OWN, .set = set_tls_key, .expected = "the name of a file", .standard = "none"},
    {"user", "NAME",
     "Once the listeners are open become this user, and keep no right that root has; the "
     "database's "
     "folder must be its own. With TLS, SIGHUP reads the key as this user",
     SETTING_OWN, .set = set_user, .expected = "the name of a user", .standard = "stays the same"},
    {"trusted-proxy", "NETWORK",
     "Believe X-Forwarded-For and X-Forwarded-Proto of peers in this network (10.0.0.0/8); may be "
     "repeated",
     SETTING_OWN, .set = set_trusted_proxy, .clear = clear_trusted_proxy, .separators = " ,",
     .expected = "a network such as 10.0.0.0/8 or ::1", .standard = "none"},
    {"origin", "URL",
     "Let pages of this origin (https://app.example.com) read answers in a browser (CORS); from "
     "another site they change things with a token, never with the cookie; may be repeated",
     SETTING_OWN, .set = set_origin, .clear = clear_origin, .separators = " ,",
     .expected = "an origin such as https://app.example.com, in lower case and without a path",
     .standard = "none"},
};
GROUP(listen, "Network:");

static const struct setting capacity_rows[] = {
    {"database-connections", "N",
     "With PostgreSQL: connections to it at most; threads are shared out accordingly, whatever "
     "the three settings for workers say",
     SETTING_NUMBER, AT(database_connections), DATABASE_CONNECTIONS_MIN, 1000},
    {"database-replica", "URL",
     "A streaming standby of that PostgreSQL, to read lists, profiles of others and statistics "
     "from. All nodes on one database must be given the same ones. Beside the connections above "
     "each takes one to the primary, and up to as many to itself; may be repeated",
     SETTING_OWN, .set = set_replica, .clear = clear_replica, .separators = " ",
     .expected = "a URL", .standard = "none"},
    {"loops", "N", "Event loops", SETTING_NUMBER, AT(http.loops), 1, 256, .zero = "one per core"},
    {"scan-workers", "N", "Threads for lists, search and statistics", SETTING_NUMBER,
     AT(http.workers[LANE_SCAN]), 1, 256},
    {"write-workers", "N", "Threads for changes", SETTING_NUMBER, AT(http.workers[LANE_WRITE]), 1,
     256},
    {"hash-workers", "N", "Threads for password hashing", SETTING_NUMBER,
     AT(http.workers[LANE_HASH]), 1, 256, .zero = "one per core"},
    {"scan-queue", "N", "Lists and searches that may wait; past it they are answered 503",
     SETTING_NUMBER, AT(http.queue_limit[LANE_SCAN]), 1, 1000000},
    {"write-queue", "N", "Changes that may wait", SETTING_NUMBER, AT(http.queue_limit[LANE_WRITE]),
     1, 1000000},
    {"hash-queue", "N", "Logins and registrations that may wait", SETTING_NUMBER,
     AT(http.queue_limit[LANE_HASH]), 1, 1000000},
    {"connections", "N", "Open connections; one more is answered 503", SETTING_NUMBER,
     AT(http.connection_limit), 1, 1000000},
};
GROUP(capacity, "Capacity:");

static const struct setting timeout_rows[] = {
    {"header-timeout", "TIME", "For the request line and headers to arrive", SETTING_DURATION,
     AT(http.header_timeout), 10, 3600000},
    {"body-timeout", "TIME", "For the body to arrive", SETTING_DURATION, AT(http.body_timeout), 10,
     3600000},
    {"idle-timeout", "TIME", "Between two requests on a connection", SETTING_DURATION,
     AT(http.idle_timeout), 10, 86400000},
    {"drain-timeout", "TIME", "For requests in flight to finish after SIGTERM", SETTING_DURATION,
     AT(http.drain_timeout), 0, 3600000},
};
GROUP(timeout, "Timeouts (10s, 500ms, 2m):");

static const struct setting abuse_rows[] = {
    {"rate-limit", "on|off", "Limit password guessing, registrations and e-mail checks",
     SETTING_SWITCH, AT(policy.rate_limit), .words = off_on},
    {"login-burst", "N", "Wrong passwords per account and per address before delays begin",
     SETTING_NUMBER, AT(policy.login_burst), 1, 1000000},
    {"register-burst", "N", "Registrations and e-mail checks of one address at once",
     SETTING_NUMBER, AT(policy.register_burst), 1, 1000000},
    {"register-per-minute", "N", "... and in the long run", SETTING_NUMBER,
     AT(policy.register_per_minute), 1, 1000000},
};
GROUP(abuse, "Abuse limits:");

/* libsodium's Argon2id takes no less than 8 KiB; 19,456 KiB and two passes are the least OWASP
 * recommends. */
static const struct setting password_rows[] = {
    {"password-policy", "POLICY",
     "For new passwords: basic (8 characters) or strict (15, none of the well-known ones and none "
     "made of the owner's user name or e-mail address)",
     SETTING_SWITCH, AT(policy.strict_passwords), .words = basic_strict},
    {"hash-memory", "KIB",
     "Memory of a password hash (Argon2id); older hashes are renewed at the next login",
     SETTING_NUMBER, AT(policy.hash_memory), 8, 4194304},
    {"hash-passes", "N", "Passes over that memory", SETTING_NUMBER, AT(policy.hash_passes), 1,
     1000},
};
GROUP(password, "Passwords:");

static const struct setting token_rows[] = {
    {"session-idle", "TIME", "A session that has not been used for so long is over",
     SETTING_LIFETIME, AT(policy.session_idle), 60, 31536000},
    {"session-lifetime", "TIME",
     "A session is over so long after its login, however much it is used", SETTING_LIFETIME,
     AT(policy.session_lifetime), 60, 315360000},
    {"refresh-rotation", "on|off", "Replace the refresh token whenever it is used", SETTING_SWITCH,
     AT(policy.refresh_rotation), .words = off_on},
    {"signing-key-file", "FILE",
     "Sign tokens with the contents of FILE, at least 32 bytes: random ones, no well-known key",
     SETTING_OWN, .set = set_signing_key_file, .expected = "a readable file of 32 to 4096 bytes",
     .standard = "a key kept in the database"},
    {"issuer", "NAME", "The \"iss\" claim of tokens", SETTING_OWN, .set = set_issuer,
     .expected = "1 to 200 printable characters without quotes and backslashes",
     .standard = "rollcall"},
};
GROUP(token, "Sessions and tokens (30m, 12h, 14d):");

static const struct setting audit_rows[] = {
    {"audit-keep", "DAYS", "Remove records of the audit trail that are older than that",
     SETTING_NUMBER, AT(policy.audit_days), 1, 36500, .zero = "for ever"},
};
GROUP(audit, "Audit trail:");

/* ---- Defaults -------------------------------------------------------------------------------- */

void options_start(struct options *o) {
    *o = (struct options){.database = OPTIONS_DATABASE,
                          .wal_limit = 256,
                          .database_connections = 16,
                          .log_level = LOG_INFO};
    o->policy = policy_default();
    o->listens[0] = (struct http_listen){"localhost:8000", service_all_surfaces()};
    o->http = (struct http_config){
        .listens = o->listens,
        .listen_count = 1,
        .trusted_proxies = o->trusted_proxies,
        .origins = o->origins,
        /* One writer at a time is all that SQLite has; the second prepares while the first writes,
         * and neither waits for the disk. */
        .workers = {[LANE_SCAN] = 2, [LANE_WRITE] = 2},
        /* A hash takes 8 ms: 256 in the queue of two cores are a second's wait. Whoever comes later
         * is better told to come back than kept waiting longer than people do. */
        .queue_limit =
            {[LANE_READ] = 4096, [LANE_SCAN] = 1024, [LANE_WRITE] = 4096, [LANE_HASH] = 256},
        .connection_limit = 10000,
        .header_timeout = 10 * 1000,
        .body_timeout = 30 * 1000,
        .idle_timeout = 75 * 1000,
        .drain_timeout = 30 * 1000,
    };
}

void options_free(struct options *o) {
    arena_free(&o->arena);
}
