/* What every rule is given: the database handle, the arena, the moment, and the settings of the
 * service. A request has one `struct ctx`; so has a command. */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "db/db.h"

/* Settings that the rules obey; filled from the command line, constant afterwards. */
struct policy {
    struct text issuer;       /* "iss" of tokens */
    int64_t access_lifetime;  /* µs */
    int64_t refresh_lifetime; /* µs */
    int64_t session_idle;     /* µs that a session lives without being used */
    int64_t session_lifetime; /* µs that it lives at most */
    bool refresh_rotation;
    unsigned hash_memory; /* Argon2id m, in KiB */
    unsigned hash_passes; /* Argon2id t */
    bool strict_passwords;
    bool rate_limit;
    unsigned login_burst;         /* failures per account and per address before delays begin */
    unsigned register_burst;      /* registrations and e-mail checks per address at once … */
    unsigned register_per_minute; /* … and in the long run */
    unsigned audit_days;          /* how long records are kept; 0: for ever */
};

/* The defaults of the contract. */
struct policy policy_default(void);

struct keyring;        /* token.h */
struct throttle;       /* throttle.h */
struct session_uses;   /* session_uses.h */
struct audit_refusals; /* audit.h */
struct erasures;       /* erasure.h */
struct effort;         /* effort.h */
struct audit_watch;    /* audit_watch.h */
struct daily_counts;   /* daily.h */

struct core {
    struct database *database;
    struct policy policy;
    struct keyring *keys;
    struct throttle *throttle;
    struct session_uses *uses;
    struct audit_refusals *refusals;
    atomic_bool audited;       /* something has been written to the audit trail */
    struct erasures *erasures; /* NULL: not remembered outside the database */
    struct effort *effort;
    struct audit_watch *watch;
    struct daily_counts *daily;
    uint8_t idempotency_secret[32]; /* idempotency.h */
};

/* Registers every statement of the rules with db_register; before database_open. */
void core_register_statements(void);

/* Opens the database and loads or makes the keys. random_start, catalog_start and
 * core_register_statements have been called. `signing_key` is a key given from outside (at least 32
 * bytes, it signs and the stored ones still verify) or empty. The texts of `policy` must outlive
 * the core. ERR_VALIDATION, logged, when key or policy make no sense; ERR_UNAVAILABLE, logged. */
enum err core_open(struct core *core, const char *database_url, const struct db_options *options,
                   const struct policy *policy, struct text signing_key);
/* Every handle has been disconnected before. */
void core_close(struct core *core);

/* By how much the clocks of nodes may differ. What comes from further ahead shows that this one has
 * been set back, and is not believed (session.h). */
#define CLOCK_SLACK CLOCK_MINUTE

/* Where a request came from. */
struct origin {
    struct address address;
    struct text user_agent; /* as it came: origin.h */
    struct text name;       /* what its owner calls a session that is opened; may be empty */
};

enum via { VIA_SERVER, VIA_HTTP, VIA_COMMAND_LINE }; /* audit.via; never renumber */

/* On whose behalf rules are run: what the audit trail says of it. */
struct behalf {
    enum via via;
    int64_t user_id; /* 0: nobody who has signed in */
    int64_t session_id;
    struct origin origin;
};

struct ctx {
    struct core *core;
    struct db *db;
    struct arena *arena;
    int64_t now; /* µs, one moment for the whole request */
    struct behalf by;
};

/* Who asks. All zero: nobody. */
struct caller {
    int64_t user_id;
    int64_t session_id;
    struct text username;
    bool staff; /* is_staff or is_superuser */
    bool superuser;
    bool is_staff;  /* the bare flag */
    bool by_cookie; /* the credential is the cookie … */
    bool slid;      /* … and its end has just been moved: the client is to hear of it */
};

#endif
