/* A service on a fresh database of the engine under test (engine.h), for tests of the rules. */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/account.h"
#include "core/session.h"

struct fixture {
    struct core core;
    struct arena arena;
    struct ctx c; /* its `now` stands still until the test moves it */
    char folder[256];
    char url[300];
};

/* Setup and teardown of one test: *state becomes the fixture. Statements are not on disk when they
 * return (options.durable is off) and hashing is as cheap as it can be. */
int fixture_open(void **state);
int fixture_close(void **state);

/* Closes and opens the same database again, as a restart does; with another policy unless NULL. */
void fixture_reopen(struct fixture *f, const struct policy *policy, struct text signing_key);

/* A handle and an arena of its own on the same service, for another thread; false when there is
 * none to be had. Nothing that asserts may be called there. */
bool fixture_attach(struct fixture *own, struct fixture *to);
void fixture_detach(struct fixture *own);

/* The settings that fixture_open uses. */
struct policy fixture_policy(void);

/* A committed account NAME, NAME@example.com, password "password123". */
struct account fixture_account(struct fixture *f, const char *name);
struct account fixture_account_with(struct fixture *f, const char *name, int64_t flags);

/* Gives a committed account these flags, as moderation does. */
void fixture_set_flags(struct fixture *f, struct account *a, int64_t flags);

/* Who a signed-in user is to the rules. */
struct caller fixture_caller(const struct account *a);

/* A session of the account. */
struct credentials fixture_session(struct fixture *f, const struct account *a);

/* Waits until what was written is to be seen: a handle's own transactions reach its reads only
 * then.
 */
void fixture_settle(struct fixture *f);
/* Ends a transaction that is expected to succeed, and settles. */
void fixture_commit(struct fixture *f);

/* One number by a query written out in the test, on a connection of its own. */
int64_t fixture_count(struct fixture *f, const char *sql);

/* µs this thread has computed: tells apart who does how much work, also on a busy machine. */
int64_t fixture_cpu_time(void);

#define assert_ok(call)   assert_int_equal((call), OK)
#define assert_text(t, s) assert_text_equal_((t), (s), __FILE__, __LINE__)
void assert_text_equal_(struct text got, const char *wanted, const char *file, int line);

#endif
