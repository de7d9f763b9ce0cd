#include "cli/warnings.h"

#include <unistd.h>

#include "base/log.h"

/* What a password and its guesses have to cost: the least that OWASP asks of Argon2id. */
#define HASH_MEMORY_MIN (19 * 1024)
#define HASH_PASSES_MIN 2

static bool starts(const char *address, const char *prefix) {
    return text_starts(text_of(address), text_of(prefix));
}

/* Whoever is on the way can read it. */
static bool is_exposed(const struct http_listen *l) {
    static const char *const near[] = {"unix:", "localhost:", "127.", "[::1]:"};
    for (size_t i = 0; i < sizeof near / sizeof *near; i++)
        if (starts(l->address, near[i]))
            return false;
    return !l->tls;
}

static bool serves_staff_openly(const struct http_config *http) {
    unsigned staff = service_surface(TEXT("backend")) | service_surface(TEXT("console"));
    for (unsigned i = 0; i < http->listen_count; i++)
        if ((http->listens[i].surfaces & staff) && is_exposed(&http->listens[i]))
            return true;
    return false;
}

size_t warnings_find(const struct command *c, struct service_warning out[WARNINGS_MAX]) {
    const struct policy *p = &c->options.policy;
    const struct {
        bool true_here;
        struct service_warning warning;
    } all[] = {
        {!p->strict_passwords,
         {"password_policy_basic",
          "Passwords that are guessed first are taken: --password-policy strict refuses them"}},
        {p->hash_passes < HASH_PASSES_MIN || p->hash_memory < HASH_MEMORY_MIN,
         {"password_hash_weak",
          "Passwords are hashed at a lower cost than OWASP asks for: see --hash-memory and "
          "--hash-passes"}},
        {!p->rate_limit,
         {"rate_limit_off", "Passwords may be guessed without limit: --rate-limit is off"}},
        {serves_staff_openly(&c->options.http),
         {"plain_http",
          "Staff's endpoints are served on plain HTTP to other machines: listen with tls:, or on "
          "localhost behind a proxy that has HTTPS"}},
        {c->core.erasures == NULL,
         {"erasure_journal_off",
          "Erasures are remembered in the database alone, and an older backup would bring accounts "
          "back: see --erasure-journal"}},
        {geteuid() == 0, {"runs_as_root", "The server has all rights on its machine: see --user"}},
    };
    size_t count = 0;
    _Static_assert(sizeof all / sizeof *all <= WARNINGS_MAX, "there is room for all");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].true_here)
            out[count++] = all[i].warning;
    return count;
}
