#include "http/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define BACKLOG 1024

/* "localhost:0" wants one port that is free in both families. */
#define PORT_ATTEMPTS 16

static void set_option(int fd, int level, int option) {
    int on = 1;
    if (setsockopt(fd, level, option, &on, sizeof on) != 0)
        log_line(LOG_WARN, "setsockopt %d: %s", option, strerrordesc_np(errno));
}

static int stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

static socklen_t address_size(const union socket_address *a) {
    return a->any.sa_family == AF_INET ? sizeof a->v4 : sizeof a->v6;
}

static void set_port(union socket_address *a, unsigned port) {
    *(a->any.sa_family == AF_INET ? &a->v4.sin_port : &a->v6.sin6_port) = htons((uint16_t)port);
}

static unsigned port_of(int fd) {
    union socket_address a = {0};
    socklen_t size = sizeof a;
    if (getsockname(fd, &a.any, &size) != 0)
        return 0;
    return ntohs(a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port);
}

/* Accepted sockets inherit TCP_NODELAY. */
static int bound_socket(const union socket_address *a, bool shared) {
    int fd = stream_socket(a->any.sa_family);
    if (fd < 0)
        return -1;
    set_option(fd, SOL_SOCKET, SO_REUSEADDR);
    set_option(fd, IPPROTO_TCP, TCP_NODELAY);
    if (shared)
        set_option(fd, SOL_SOCKET, SO_REUSEPORT);
    if (a->any.sa_family == AF_INET6)
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    if (bind(fd, &a->any, address_size(a)) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static void close_sockets(struct listener *l) {
    for (unsigned i = 0; i < l->count; i++)
        if (l->sockets[i] >= 0)
            close(l->sockets[i]);
    l->count = 0;
}

/* SO_REUSEPORT alone would let a second server of the same user share the port and steal half of
 * the connections. So the first socket listens without it, which only one process can, and takes
 * part in the sharing after that. */
static bool open_exclusive(struct listener *l, union socket_address *a) {
    int fd = bound_socket(a, false);
    if (fd < 0)
        return false;
    l->sockets[l->count++] = fd;
    if (listen(fd, BACKLOG) != 0)
        return false;
    set_option(fd, SOL_SOCKET, SO_REUSEPORT);
    l->port = port_of(fd);
    set_port(a, l->port);
    return true;
}

/* One socket for each loop; errno when false. */
static bool open_tcp(struct listener *l, union socket_address a, unsigned loops) {
    if (open_exclusive(l, &a)) {
        while (l->count < loops) {
            int fd = bound_socket(&a, true);
            if (fd < 0)
                break;
            l->sockets[l->count++] = fd;
        }
        if (l->count == loops)
            return true;
    }
    int error = errno;
    close_sockets(l);
    errno = error;
    return false;
}

static struct listener *add(struct listeners *out, const struct http_listen *listen, unsigned index,
                            unsigned loops) {
    struct listener *l = &out->at[out->count++];
    *l = (struct listener){.index = index, .surfaces = listen->surfaces, .tls = listen->tls};
    l->sockets = calloc(loops, sizeof *l->sockets);
    if (l->sockets == NULL)
        log_out_of_memory(0);
    return l;
}

static void drop_last(struct listeners *out) {
    struct listener *l = &out->at[--out->count];
    close_sockets(l);
    if (l->path != NULL)
        unlink(l->path);
    free(l->sockets);
}

static enum err fail(const struct http_listen *listen, const char *why) {
    log_line(LOG_ERROR, "cannot listen on %s: %s", listen->address, why);
    return ERR_UNAVAILABLE;
}

static bool is_absent(int error) {
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

static union socket_address loopback(int family, unsigned port) {
    union socket_address a = {.any.sa_family = (sa_family_t)family};
    if (family == AF_INET)
        a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else
        a.v6.sin6_addr = in6addr_loopback;
    set_port(&a, port);
    return a;
}

/* Both families, or the one that the machine has. errno when false. */
static bool try_localhost(struct listeners *out, const struct http_listen *listen, unsigned index,
                          unsigned port, unsigned loops) {
    static const int families[2] = {AF_INET, AF_INET6};
    unsigned before = out->count;
    int error = EADDRNOTAVAIL;
    for (int i = 0; i < 2; i++) {
        struct listener *l = add(out, listen, index, loops);
        if (open_tcp(l, loopback(families[i], port), loops)) {
            port = l->port;
            continue;
        }
        error = errno;
        drop_last(out);
        if (!is_absent(error))
            break;
    }
    if (out->count > before && (out->count == before + 2 || is_absent(error)))
        return true;
    while (out->count > before)
        drop_last(out);
    errno = error;
    return false;
}

static enum err open_localhost(struct listeners *out, const struct http_listen *listen,
                               unsigned index, unsigned port, unsigned loops) {
    for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
        if (try_localhost(out, listen, index, port, loops))
            return OK;
        if (port != 0 || errno != EADDRINUSE)
            break;
    }
    return fail(listen, strerrordesc_np(errno));
}

static enum err open_address(struct listeners *out, const struct http_listen *listen,
                             unsigned index, union socket_address a, unsigned loops) {
    if (open_tcp(add(out, listen, index, loops), a, loops))
        return OK;
    int error = errno;
    drop_last(out);
    return fail(listen, strerrordesc_np(error));
}

static bool is_mapped(const struct address *a) {
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(a->bytes, prefix, sizeof prefix) == 0;
}

static union socket_address socket_address_of(const struct address *a, unsigned port) {
    union socket_address out = {.any.sa_family = is_mapped(a) ? AF_INET : AF_INET6};
    if (is_mapped(a))
        memcpy(&out.v4.sin_addr, a->bytes + 12, 4);
    else
        memcpy(&out.v6.sin6_addr, a->bytes, 16);
    set_port(&out, port);
    return out;
}

/* A socket file that nobody answers on is left over from a server that was killed. */
static bool remove_stale(const union socket_address *a) {
    struct stat status;
    if (lstat(a->local.sun_path, &status) != 0)
        return errno == ENOENT;
    errno = EADDRINUSE;
    if (!S_ISSOCK(status.st_mode))
        return false;
    int fd = stream_socket(AF_UNIX);
    if (fd < 0)
        return false;
    bool dead = connect(fd, &a->any, sizeof a->local) != 0 && errno == ECONNREFUSED;
    close(fd);
    errno = EADDRINUSE;
    return dead && unlink(a->local.sun_path) == 0;
}

static bool open_local(struct listener *l, const union socket_address *a, const char *path,
                       unsigned loops) {
    int fd = stream_socket(AF_UNIX);
    if (fd < 0)
        return false;
    l->sockets[l->count++] = fd;
    if (!remove_stale(a) || bind(fd, &a->any, sizeof a->local) != 0)
        return false;
    l->path = path;
    if (listen(fd, BACKLOG) != 0)
        return false;
    while (l->count < loops) {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (copy < 0)
            return false;
        l->sockets[l->count++] = copy;
    }
    return true;
}

static enum err open_path(struct listeners *out, const struct http_listen *listen, unsigned index,
                          const char *path, unsigned loops) {
    union socket_address a = {.any.sa_family = AF_UNIX};
    size_t size = strlen(path);
    if (size == 0 || size >= sizeof a.local.sun_path)
        return fail(listen, "the path is empty or too long");
    memcpy(a.local.sun_path, path, size + 1);
    struct listener *l = add(out, listen, index, loops);
    l->unix_socket = true;
    if (open_local(l, &a, path, loops))
        return OK;
    int error = errno;
    drop_last(out);
    return fail(listen, strerrordesc_np(error));
}

/* "HOST:PORT"; the host is an address, IPv6 in brackets, or localhost. */
static enum err open_host(struct listeners *out, const struct http_listen *listen, unsigned index,
                          unsigned loops) {
    const char *colon = strrchr(listen->address, ':');
    int64_t port;
    if (colon == NULL || !text_to_int(text_of(colon + 1), &port) || port < 0 || port > 65535)
        return fail(listen, "an address is HOST:PORT or unix:PATH");
    struct text host = {listen->address, (size_t)(colon - listen->address)};
    if (text_equal_nocase(host, TEXT("localhost")))
        return open_localhost(out, listen, index, (unsigned)port, loops);
    struct address a;
    bool bare = host.size > 0 && host.at[0] != '[' && memchr(host.at, ':', host.size) != NULL;
    if (bare || !address_parse(host, &a))
        return fail(listen, "the host must be an IPv4 address, [IPv6] or localhost");
    return open_address(out, listen, index, socket_address_of(&a, (unsigned)port), loops);
}

static enum err open_one(struct listeners *out, const struct http_listen *listen, unsigned index,
                         unsigned loops) {
    if (strncmp(listen->address, "unix:", 5) == 0)
        return open_path(out, listen, index, listen->address + 5, loops);
    return open_host(out, listen, index, loops);
}

enum err listen_open(struct listeners *out, const struct http_config *config, unsigned loops) {
    *out = (struct listeners){.at = calloc(2 * (size_t)config->listen_count + 1, sizeof *out->at)};
    if (out->at == NULL)
        log_out_of_memory(0);
    for (unsigned i = 0; i < config->listen_count; i++) {
        enum err e = open_one(out, &config->listens[i], i, loops);
        if (e != OK) {
            listen_close(out);
            return e;
        }
    }
    return OK;
}

void listen_close(struct listeners *listeners) {
    while (listeners->count > 0)
        drop_last(listeners);
    free(listeners->at);
    listeners->at = NULL;
}
