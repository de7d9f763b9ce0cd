#include "cli/confine.h"

#include <errno.h>
#include <grp.h>
#include <openssl/crypto.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"

/* ---- Memory ---------------------------------------------------------------------------------- */

/* For the private keys that OpenSSL keeps apart: a 4096-bit RSA key takes some 6 KiB of it, and a
 * reload has two for a moment. */
#define OPENSSL_KEYS  (64 * 1024)
#define OPENSSL_PIECE 32

static void set_limit(int what, rlim_t soft, rlim_t hard, const char *name) {
    const struct rlimit limit = {soft, hard};
    if (setrlimit((__rlimit_resource_t)what, &limit) != 0)
        log_line(LOG_WARN, "%s cannot be set: %s", name, strerrordesc_np(errno));
}

void confine_memory(void) {
    struct rlimit lock;
    if (prctl(PR_SET_DUMPABLE, 0) != 0)
        log_line(LOG_WARN, "core dumps cannot be forbidden: %s", strerrordesc_np(errno));
    set_limit(RLIMIT_CORE, 0, 0, "RLIMIT_CORE");
    if (getrlimit(RLIMIT_MEMLOCK, &lock) == 0)
        set_limit(RLIMIT_MEMLOCK, lock.rlim_max, lock.rlim_max, "RLIMIT_MEMLOCK");
    if (CRYPTO_secure_malloc_init(OPENSSL_KEYS, OPENSSL_PIECE) != 1)
        log_line(LOG_WARN,
                 "private keys for TLS cannot be kept from being swapped out (ulimit -l)");
}

/* ---- User ------------------------------------------------------------------------------------ */

static bool refuse(const char *name, const char *why) {
    log_line(LOG_ERROR, "cannot become the user %s: %s", name, why);
    return false;
}

static bool is_already(const struct passwd *user) {
    uid_t real, effective, saved;
    return getresuid(&real, &effective, &saved) == 0 && real == user->pw_uid &&
           effective == user->pw_uid && saved == user->pw_uid;
}

/* What was given up cannot be had back. */
static bool is_final(const struct passwd *user) {
    gid_t real, effective, saved;
    return is_already(user) && getresgid(&real, &effective, &saved) == 0 && real == user->pw_gid &&
           effective == user->pw_gid && saved == user->pw_gid && setresuid(0, 0, 0) != 0 &&
           setresgid(0, 0, 0) != 0 && setgroups(0, NULL) != 0;
}

bool confine_user(const char *name) {
    errno = 0;
    const struct passwd *user = getpwnam(name); /* no other thread yet */
    if (!user)
        return refuse(name, errno ? strerrordesc_np(errno) : "there is none");
    if (user->pw_uid == 0 || user->pw_gid == 0)
        return refuse(name, "that gives nothing up");
    if (is_already(user))
        return true;
    if (geteuid() != 0)
        return refuse(name, "only root can");
    if (initgroups(name, user->pw_gid) != 0 ||
        setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
        return refuse(name, strerrordesc_np(errno));
    return is_final(user) || refuse(name, "rights were left");
}
