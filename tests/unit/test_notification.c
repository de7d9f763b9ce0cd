#include "fixture.h"

#include "core/catalog.h"
#include "core/notification.h"
#include "core/preference.h"

static bool send(struct fixture *f, const struct account *to, const char *title, int code) {
    struct new_notification in = {
        .title = text_of(title), .message = TEXT("words"), .type = TEXT("campaign"), .code = code};
    bool delivered;
    assert_ok(notification_send(&f->c, to->id, &in, &delivered));
    fixture_settle(f);
    return delivered;
}

struct inbox {
    struct notification *rows;
    size_t count;
    int64_t total, unread;
};

static struct inbox page(struct fixture *f, const struct account *a, int64_t limit,
                         int64_t offset) {
    struct inbox in;
    assert_ok(
        notification_page(&f->c, a->id, limit, offset, &in.rows, &in.count, &in.total, &in.unread));
    return in;
}

static int64_t read(struct fixture *f, const struct account *a, const int64_t *ids, size_t count) {
    int64_t changed;
    assert_ok(notification_read(&f->c, a->id, ids, count, &changed));
    fixture_settle(f);
    return changed;
}

static void what_is_sent_arrives(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob");
    struct new_notification in = {.title = TEXT("New Campaign"),
                                  .message = TEXT("A new\ncampaign"),
                                  .type = TEXT("campaign"),
                                  .code = 0,
                                  .data = TEXT("{\"campaign_id\":789}")};
    bool delivered;
    assert_ok(notification_send(&f->c, ann.id, &in, &delivered));
    fixture_settle(f);
    assert_true(delivered);
    assert_true(send(f, &ann, "plain", -1));
    struct inbox inbox = page(f, &ann, 10, 0);
    assert_int_equal(inbox.count, 2);
    assert_int_equal(inbox.total, 2);
    assert_int_equal(inbox.unread, 2);
    assert_text(inbox.rows[0].title, "plain");
    assert_text(inbox.rows[0].data, "{}");
    assert_text(inbox.rows[1].title, "New Campaign");
    assert_text(inbox.rows[1].message, "A new\ncampaign");
    assert_text(inbox.rows[1].type, "campaign");
    assert_text(inbox.rows[1].data, "{\"campaign_id\":789}");
    assert_int_equal(inbox.rows[1].created_at, f->c.now);
    assert_int_equal(inbox.rows[1].read_at, 0);
    assert_int_equal(page(f, &bob, 10, 0).total, 0);
}

static void a_switch_that_is_off_delivers_nothing(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann");
    assert_ok(preference_set_switches(&f->c, ann.id, 1 << 2, 0));
    fixture_settle(f);
    assert_false(send(f, &ann, "no", 2));
    assert_true(send(f, &ann, "yes", 1));
    assert_true(send(f, &ann, "yes", SWITCH_COUNT - 1));
    assert_true(send(f, &ann, "yes", -1));
    assert_int_equal(page(f, &ann, 10, 0).total, 3);
    assert_int_equal(page(f, &ann, 10, 0).count, 3);
}

static void nobody_has_no_inbox(void **state) {
    struct fixture *f = *state;
    struct new_notification in = {.title = TEXT("t"), .code = -1};
    struct inbox inbox;
    bool delivered;
    int64_t changed;
    assert_int_equal(notification_send(&f->c, 99, &in, &delivered), ERR_USER_NOT_FOUND);
    assert_int_equal(
        notification_page(&f->c, 99, 10, 0, &inbox.rows, &inbox.count, &inbox.total, &inbox.unread),
        ERR_USER_NOT_FOUND);
    assert_ok(notification_read(&f->c, 99, NULL, 0, &changed));
    assert_int_equal(changed, 0);
    fixture_settle(f);
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM notifications"), 0);
}

static void pages_are_newest_first(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob");
    static const char *const titles[] = {"1", "2", "3", "4", "5"};
    for (int i = 0; i < 5; i++) {
        send(f, &ann, titles[i], -1);
        send(f, &bob, "other", -1);
    }
    struct inbox inbox = page(f, &ann, 2, 0);
    assert_int_equal(inbox.count, 2);
    assert_int_equal(inbox.total, 5);
    assert_text(inbox.rows[0].title, "5");
    assert_text(inbox.rows[1].title, "4");
    inbox = page(f, &ann, 2, 4);
    assert_int_equal(inbox.count, 1);
    assert_text(inbox.rows[0].title, "1");
    assert_int_equal(page(f, &ann, 2, 5).count, 0);
    assert_int_equal(page(f, &ann, 2, INT64_MAX).count, 0);
}

static void reading_counts_what_was_unread(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob");
    for (int i = 0; i < 4; i++)
        send(f, &ann, "n", -1);
    send(f, &bob, "n", -1);
    int64_t of_bob = page(f, &bob, 1, 0).rows[0].id;
    struct inbox inbox = page(f, &ann, 10, 0);
    int64_t ids[] = {inbox.rows[0].id, inbox.rows[0].id, of_bob, 999, -1, inbox.rows[3].id};
    assert_int_equal(read(f, &ann, ids, 6), 2);
    inbox = page(f, &ann, 10, 0);
    assert_int_equal(inbox.unread, 2);
    assert_int_equal(inbox.total, 4);
    assert_int_equal(inbox.rows[0].read_at, f->c.now);
    assert_int_equal(inbox.rows[1].read_at, 0);
    assert_int_equal(inbox.rows[3].read_at, f->c.now);
    assert_int_equal(page(f, &bob, 10, 0).unread, 1);
    assert_int_equal(read(f, &ann, ids, 6), 0);
    assert_int_equal(read(f, &ann, NULL, 0), 2);
    assert_int_equal(read(f, &ann, NULL, 0), 0);
    assert_int_equal(page(f, &ann, 10, 0).unread, 0);
    assert_int_equal(page(f, &bob, 10, 0).unread, 1);
}

static void reading_keeps_the_first_time(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann");
    send(f, &ann, "n", -1);
    int64_t first = f->c.now += 10;
    read(f, &ann, NULL, 0);
    f->c.now += 10;
    read(f, &ann, NULL, 0);
    assert_int_equal(fixture_count(f, "SELECT read_at FROM notifications"), first);
}

static void erasing_leaves_the_others(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann"), bob = fixture_account(f, "bob");
    send(f, &ann, "n", -1);
    send(f, &bob, "n", -1);
    assert_ok(db_begin(f->c.db));
    assert_ok(notification_erase_all(&f->c, ann.id));
    fixture_commit(f);
    assert_int_equal(page(f, &ann, 10, 0).count, 0);
    assert_int_equal(page(f, &bob, 10, 0).count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_sent_arrives),
        TEST(a_switch_that_is_off_delivers_nothing),
        TEST(nobody_has_no_inbox),
        TEST(pages_are_newest_first),
        TEST(reading_counts_what_was_unread),
        TEST(reading_keeps_the_first_time),
        TEST(erasing_leaves_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
