#include "fixture.h"

#include <stdio.h>

#include "base/clock.h"
#include "core/audit.h"
#include "core/audit_read.h"
#include "core/audit_verify.h"
#include "core/audit_watch.h"
#include "engine.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

static void act(struct fixture *f, enum audit_event event, int64_t user_id, int64_t actor_id,
                const char *note) {
    assert_ok(audit_alone(&f->c, &(struct audit_entry){.event = event,
                                                       .user_id = user_id,
                                                       .actor_id = actor_id,
                                                       .detail = TEXT("n=1"),
                                                       .note = text_of(note)}));
    fixture_settle(f);
}

static void change(struct fixture *f, const char *sql) {
    fixture_settle(f);
    assert_true(engine_script(f->url, sql));
}

static void hear(void *self, struct text sentence) {
    (void)self;
    assert_true(text_starts(sentence, TEXT("record")) || text_starts(sentence, TEXT("the chain")));
}

static int64_t faults_of(struct fixture *f, const struct audit_end *expected,
                         struct audit_report *out) {
    struct audit_report report;
    fixture_settle(f);
    assert_ok(
        audit_verify(&f->c, &(struct audit_check){.expected = expected, .fault = hear}, &report));
    if (out)
        *out = report;
    return report.faults;
}

/* ---- Digests --------------------------------------------------------------------------------- */

static void hex(const uint8_t digest[DIGEST_SIZE], char out[2 * DIGEST_SIZE + 1]) {
    for (int i = 0; i < DIGEST_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

/* Computed by another program (Python's hashlib) from the description in docs/audit.md. */
static void digests_are_those_of_the_description(void **state) {
    (void)state;
    struct audit_personal p = {
        {"0123456789abcdef", 16}, TEXT("192.0.2.1"), TEXT("curl"), TEXT("why \xC3\xBC")};
    struct audit_record r = {.user_id = 3,
                             .id = 4,
                             .event = 22,
                             .outcome = 1,
                             .via = 1,
                             .actor_id = 9,
                             .created_at = 1705314600123456,
                             .detail = TEXT("session=7")};
    uint8_t before[DIGEST_SIZE] = {0}, digest[DIGEST_SIZE];
    char text[2 * DIGEST_SIZE + 1];
    audit_commit(&p, digest);
    hex(digest, text);
    assert_string_equal(text, "71d0bb9ea12aadf8fe96e0fda54a6c45da5d47abc9ea9b57f31f8cea004a632a");
    r.commitment = (struct text){(char *)digest, sizeof digest};
    uint8_t chained[DIGEST_SIZE];
    audit_digest(before, 5, &r, chained);
    hex(chained, text);
    assert_string_equal(text, "834e15cef951d8d9141b7071d74c3de2072d25e1e627c3b12630ba577b61c8d6");
}

static void no_two_records_are_the_same_bytes(void **state) {
    (void)state;
    struct audit_personal a = {{"s", 1}, TEXT("ab"), TEXT("c"), TEXT("")},
                          b = {{"s", 1}, TEXT("a"), TEXT("bc"), TEXT("")};
    uint8_t one[DIGEST_SIZE], other[DIGEST_SIZE];
    audit_commit(&a, one);
    audit_commit(&b, other);
    assert_memory_not_equal(one, other, sizeof one);
}

static void a_head_can_be_written_down_and_read(void **state) {
    struct fixture *f = *state;
    struct audit_end end = {.seq = 17, .digest = {0x0A, 0xFF}}, again;
    struct text text = audit_end_text(&f->arena, &end);
    assert_true(audit_end_parse(text, &again));
    assert_int_equal(again.seq, 17);
    assert_memory_equal(again.digest, end.digest, DIGEST_SIZE);
    static const char *const wrong[] = {"", ":", "17", "17:", "x:0a", "17:0A"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(audit_end_parse(text_of(wrong[i]), &again));
    assert_false(audit_end_parse((struct text){text.at, text.size - 1}, &again));
}

/* ---- Sealing --------------------------------------------------------------------------------- */

static void more_than_a_batch_is_sealed_at_once(void **state) {
    struct fixture *f = *state;
    struct audit_report report;
    assert_ok(db_begin(f->c.db));
    for (int i = 0; i < 1300; i++)
        assert_ok(audit_act(&f->c, AUDIT_TRIM, 0, audit_detail(&f->c, "i", i)));
    fixture_commit(f);
    assert_ok(audit_seal(&f->c));
    assert_int_equal(faults_of(f, NULL, &report), 0);
    assert_int_equal(report.records, 1300);
    assert_int_equal(report.unsealed, 0);
    assert_int_equal(report.head.seq, 1300);
    int64_t sealed = fixture_count(f, "SELECT max(seq) FROM audit");
    assert_ok(audit_seal(&f->c));
    assert_int_equal(fixture_count(f, "SELECT max(seq) FROM audit"), sealed);
}

static void what_is_undone_leaves_no_record(void **state) {
    struct fixture *f = *state;
    assert_ok(db_begin(f->c.db));
    assert_ok(audit_act(&f->c, AUDIT_BAN, 7, TEXT("")));
    assert_int_equal(db_end(f->c.db, ERR_CONFLICT), ERR_CONFLICT);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM audit"), 0);
}

static void an_empty_trail_is_right(void **state) {
    struct fixture *f = *state;
    struct audit_report report;
    assert_ok(audit_seal(&f->c));
    assert_int_equal(faults_of(f, NULL, &report), 0);
    assert_int_equal(report.head.seq, 0);
    assert_int_equal(faults_of(f, &report.head, NULL), 0);
    act(f, AUDIT_KEY_ROTATE, 0, 0, "");
    assert_int_equal(faults_of(f, &report.head, &report), 0);
    assert_int_equal(report.unsealed, 1);
}

static void a_page_ends_between_two_of_one_number(void **state) {
    struct fixture *f = *state;
    assert_ok(db_begin(f->c.db));
    for (int i = 0; i < 501; i++)
        assert_ok(audit_act(&f->c, AUDIT_TRIM, 0, TEXT("")));
    fixture_commit(f);
    assert_ok(audit_seal(&f->c));
    change(f, "UPDATE audit SET seq = 500 WHERE seq = 501");
    assert_true(faults_of(f, NULL, NULL) > 0);
    change(f, "UPDATE audit_ends SET seq = 500, digest = (SELECT digest FROM audit WHERE seq = 500 "
              "ORDER BY id LIMIT 1)");
    assert_int_equal(faults_of(f, NULL, NULL), 1);
}

/* ---- Forgetting ------------------------------------------------------------------------------ */

static void forgetting_takes_out_what_is_personal(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice"), bob = fixture_account(f, "bob");
    f->c.by.origin.user_agent = TEXT("tests");
    act(f, AUDIT_BAN, alice.id, bob.id, "spam");
    act(f, AUDIT_FORCE_LOGOUT, bob.id, alice.id, "");
    act(f, AUDIT_BAN, bob.id, 0, "more");
    assert_ok(audit_seal(&f->c));
    assert_ok(account_erase(&f->c, alice.id));
    act(f, AUDIT_LOGIN, alice.id, 0, "too late");
    assert_ok(audit_seal(&f->c));
    assert_int_equal(
        fixture_count(f, "SELECT count(*) FROM audit WHERE (user_id = 1 OR actor_id = 1) AND "
                         "(salt IS NOT NULL OR address IS NOT NULL OR user_agent IS NOT NULL OR "
                         "note IS NOT NULL)"),
        0);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM audit WHERE note = 'more'"), 1);
    assert_int_equal(faults_of(f, NULL, NULL), 0);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM audit WHERE seq IS NULL"), 0);
}

/* ---- Refusals -------------------------------------------------------------------------------- */

static void refusals_are_counted_by_account_and_address(void **state) {
    struct fixture *f = *state;
    struct account alice = fixture_account(f, "alice");
    struct address one, two;
    assert_true(address_parse(TEXT("192.0.2.1"), &one));
    assert_true(address_parse(TEXT("192.0.2.2"), &two));
    for (int i = 0; i < 50; i++) {
        f->c.by.origin.address = i % 5 ? one : two;
        audit_refused(&f->c, &(struct audit_entry){AUDIT_LOGIN, AUDIT_OUTCOME_LIMITED, alice.id});
    }
    assert_ok(audit_housekeeping(&f->c));
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM audit"), 2);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM audit WHERE address = '192.0.2.1' AND "
                                      "detail = 'attempts=40' AND outcome = 4"),
                     1);
    assert_ok(audit_housekeeping(&f->c));
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM audit"), 2);
}

static void refusals_of_different_kinds_are_kept_apart(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_account(f, "alice").id;
    const struct audit_entry entries[] = {{AUDIT_LOGIN, AUDIT_OUTCOME_LIMITED, id},
                                          {AUDIT_LOGIN, AUDIT_OUTCOME_DENIED, id},
                                          {AUDIT_ACCESS, AUDIT_OUTCOME_DENIED, id},
                                          {AUDIT_ACCESS, AUDIT_OUTCOME_DENIED, id, id}};
    for (int i = 0; i < 40; i++)
        audit_refused(&f->c, &entries[i % 4]);
    assert_ok(audit_housekeeping(&f->c));
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM audit"), 4);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM audit WHERE detail = 'attempts=10'"),
                     4);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM audit WHERE event = 50 AND outcome = 5 "
                                      "AND actor_id = user_id"),
                     1);
}

#define ATTEMPTS_AT                                                                                \
    "SELECT CAST(sum(CAST(substr(detail, 10) AS BIGINT)) AS BIGINT) FROM audit WHERE event = "

static void too_many_refusals_are_counted_together(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 20000; i++) {
        memcpy(f->c.by.origin.address.bytes, &i, sizeof i);
        audit_refused(&f->c, &(struct audit_entry){AUDIT_LOGIN, AUDIT_OUTCOME_LIMITED});
        audit_refused(&f->c, &(struct audit_entry){AUDIT_ACCESS, AUDIT_OUTCOME_DENIED});
    }
    assert_ok(audit_housekeeping(&f->c));
    int64_t records = fixture_count(f, "SELECT count(*) FROM audit");
    assert_in_range(records, 512, 1026);
    assert_int_equal(fixture_count(f, ATTEMPTS_AT "2"), 20000);
    assert_int_equal(fixture_count(f, ATTEMPTS_AT "50"), 20000);
}

/* ---- Age ------------------------------------------------------------------------------------- */

static void only_the_old_goes(void **state) {
    struct fixture *f = *state;
    struct audit_report report;
    struct policy policy = fixture_policy();
    policy.audit_days = 30;
    fixture_reopen(f, &policy, (struct text){0});
    for (int day = 0; day < 40; day++) {
        act(f, AUDIT_KEY_ROTATE, 0, 0, "");
        f->c.now += CLOCK_DAY;
        assert_ok(audit_seal(&f->c));
        assert_ok(audit_trim(&f->c));
        assert_ok(audit_seal(&f->c));
        assert_int_equal(faults_of(f, NULL, NULL), 0);
    }
    assert_int_equal(faults_of(f, NULL, &report), 0);
    assert_in_range(fixture_count(f, "SELECT count(*) FROM audit WHERE event = 40"), 30, 31);
    assert_true(report.anchor.seq > 0);
}

static void without_a_limit_nothing_goes(void **state) {
    struct fixture *f = *state;
    act(f, AUDIT_KEY_ROTATE, 0, 0, "");
    assert_ok(audit_seal(&f->c));
    f->c.now += 100 * 365 * CLOCK_DAY;
    assert_ok(audit_trim(&f->c));
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM audit"), 1);
}

/* ---- Whether it holds, as a server knows it ---------------------------------------------------
 */

static struct audit_standing check_now(struct fixture *f) {
    struct audit_standing known;
    fixture_settle(f);
    assert_ok(audit_watch_check(&f->c));
    audit_watch_read(&f->c, &known);
    return known;
}

static void add_sealed(struct fixture *f, int count) {
    for (int i = 0; i < count; i++)
        act(f, AUDIT_LOGIN, 0, 0, "");
    assert_ok(audit_seal(&f->c));
}

/* The second check looks at what has come since the first alone, a new watch at everything. */
static void a_check_goes_on_where_the_last_one_ended(void **state) {
    struct fixture *f = *state;
    assert_int_equal(audit_watch_state(&f->core), AUDIT_CHECKING);
    add_sealed(f, 5);
    struct audit_standing known = check_now(f);
    assert_int_equal(known.state, AUDIT_HOLDS);
    assert_int_equal(known.head.seq, 5);
    change(f, "UPDATE audit SET outcome = 2 WHERE seq = 2");
    add_sealed(f, 3);
    known = check_now(f);
    assert_int_equal(known.state, AUDIT_HOLDS);
    assert_int_equal(known.records, 8);
    audit_watch_free(f->core.watch);
    f->core.watch = audit_watch_new();
    assert_int_equal(check_now(f).state, AUDIT_BROKEN);
}

static void what_is_broken_stays_so(void **state) {
    struct fixture *f = *state;
    add_sealed(f, 2);
    check_now(f);
    add_sealed(f, 2);
    change(f, "UPDATE audit SET outcome = 2 WHERE seq = 3");
    struct audit_standing known = check_now(f);
    assert_int_equal(known.state, AUDIT_BROKEN);
    assert_true(text_starts(known.problems[0], TEXT("record 3 ")));
    add_sealed(f, 2);
    assert_int_equal(check_now(f).state, AUDIT_BROKEN);
    assert_int_equal(known.problem_count, check_now(f).problem_count);
}

static void a_watch_that_is_stopped_keeps_what_it_knew(void **state) {
    struct fixture *f = *state;
    add_sealed(f, 2);
    audit_watch_stop(f->core.watch);
    assert_false(audit_watch_wait(f->core.watch));
    fixture_settle(f);
    assert_int_equal(audit_watch_check(&f->c), ERR_UNAVAILABLE);
    assert_int_equal(audit_watch_state(&f->core), AUDIT_CHECKING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_description),
        cmocka_unit_test(no_two_records_are_the_same_bytes),
        TEST(a_head_can_be_written_down_and_read),
        TEST(more_than_a_batch_is_sealed_at_once),
        TEST(what_is_undone_leaves_no_record),
        TEST(an_empty_trail_is_right),
        TEST(a_page_ends_between_two_of_one_number),
        TEST(forgetting_takes_out_what_is_personal),
        TEST(refusals_are_counted_by_account_and_address),
        TEST(refusals_of_different_kinds_are_kept_apart),
        TEST(too_many_refusals_are_counted_together),
        TEST(only_the_old_goes),
        TEST(without_a_limit_nothing_goes),
        TEST(a_check_goes_on_where_the_last_one_ended),
        TEST(what_is_broken_stays_so),
        TEST(a_watch_that_is_stopped_keeps_what_it_knew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
