#include "fixture.h"

#include "base/clock.h"
#include "core/idempotency.h"
#include "core/wall.h"

static struct idempotency request_of(int64_t user_id, const char *key, const char *request) {
    return (struct idempotency){
        .user_id = user_id, .key = text_of(key), .request = text_of(request)};
}

static enum err keep(struct fixture *f, struct idempotency i, const char *answer) {
    assert_ok(idempotency_prepare(&f->c, &i));
    idempotency_begin(&f->c);
    enum err e = idempotency_end(&f->c, &i, OK, text_of(answer));
    fixture_settle(f);
    return e;
}

static enum err find(struct fixture *f, struct idempotency i, struct text *answer) {
    struct idempotency_record record;
    TRY(idempotency_load(&f->c, &i, &record));
    return idempotency_answer(&f->c, &i, &record, answer);
}

static void an_answer_comes_back(void **state) {
    struct fixture *f = *state;
    struct idempotency i = request_of(1, "key", "request");
    struct text answer;
    assert_int_equal(find(f, i, &answer), ERR_NOT_FOUND);
    assert_ok(keep(f, i, "answer"));
    assert_ok(find(f, i, &answer));
    assert_text(answer, "answer");
    fixture_reopen(f, NULL, TEXT(""));
    assert_ok(find(f, i, &answer));
    assert_text(answer, "answer");
    assert_ok(keep(f, request_of(1, "empty", ""), ""));
    assert_ok(find(f, request_of(1, "empty", ""), &answer));
    assert_int_equal(answer.size, 0);
}

/* What a rule writes, and where it fails; the wall is any rule's. */
static void an_act_and_its_key_are_one(void **state) {
    struct fixture *f = *state;
    struct account ann = fixture_account(f, "ann");
    struct idempotency i = request_of(1, "key", "request"), again = i;
    struct text answer;
    struct wall wall;
    assert_ok(idempotency_prepare(&f->c, &i));
    idempotency_begin(&f->c);
    assert_ok(wall_put(&f->c, ann.id, 0, TEXT("https://example.com/1"), TEXT(""), &wall));
    assert_int_equal(idempotency_end(&f->c, &i, ERR_INTERNAL, TEXT("")), ERR_INTERNAL);
    fixture_settle(f);
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM social_walls"), 0);
    assert_int_equal(find(f, again, &answer), ERR_NOT_FOUND);

    idempotency_begin(&f->c);
    assert_ok(wall_put(&f->c, ann.id, 0, TEXT("https://example.com/1"), TEXT(""), &wall));
    assert_ok(idempotency_end(&f->c, &i, OK, TEXT("answer")));
    idempotency_begin(&f->c);
    assert_ok(wall_put(&f->c, ann.id, 0, TEXT("https://example.com/2"), TEXT(""), &wall));
    assert_int_equal(idempotency_end(&f->c, &i, OK, TEXT("late")), ERR_CONFLICT);
    struct idempotency_record record;
    assert_ok(idempotency_load_latest(&f->c, &i, &record)); /* on disk or not */
    fixture_settle(f);
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM social_walls"), 1);
    assert_ok(find(f, again, &answer));
    assert_text(answer, "answer");
}

static void keys_are_their_owner_s(void **state) {
    struct fixture *f = *state;
    struct text answer;
    assert_ok(keep(f, request_of(1, "key", "request"), "answer"));
    assert_int_equal(find(f, request_of(2, "key", "request"), &answer), ERR_NOT_FOUND);
    assert_int_equal(find(f, request_of(0, "key", "request"), &answer), ERR_NOT_FOUND);
    assert_int_equal(find(f, request_of(1, "Key", "request"), &answer), ERR_NOT_FOUND);
    /* What stands next to each other is not run together. */
    assert_ok(keep(f, request_of(1, "1 2 key", "x"), "a"));
    assert_int_equal(find(f, request_of(11, "2 key", "x"), &answer), ERR_NOT_FOUND);
    assert_ok(keep(f, request_of(3, "ab", "c"), "a"));
    assert_int_equal(find(f, request_of(3, "a", "bc"), &answer), ERR_NOT_FOUND);
}

static void another_request_gets_nothing(void **state) {
    struct fixture *f = *state;
    struct text answer;
    struct idempotency secret = request_of(0, "secret", "password1");
    secret.secret = true;
    assert_ok(keep(f, request_of(0, "key", "request"), "answer"));
    assert_ok(keep(f, secret, "tokens"));
    assert_int_equal(find(f, request_of(0, "key", "Request"), &answer), ERR_KEY_REUSED);
    assert_int_equal(find(f, request_of(0, "key", ""), &answer), ERR_KEY_REUSED);
    assert_ok(find(f, secret, &answer));
    assert_text(answer, "tokens");
    secret.request = TEXT("password2");
    assert_int_equal(find(f, secret, &answer), ERR_KEY_REUSED);
}

static void the_first_one_stands(void **state) {
    struct fixture *f = *state;
    struct text answer;
    assert_ok(keep(f, request_of(1, "key", "request"), "first"));
    assert_int_equal(keep(f, request_of(1, "key", "request"), "second"), ERR_CONFLICT);
    assert_int_equal(keep(f, request_of(1, "key", "another"), "third"), ERR_CONFLICT);
    assert_ok(find(f, request_of(1, "key", "request"), &answer));
    assert_text(answer, "first");
}

static void until_a_day_has_gone_by(void **state) {
    struct fixture *f = *state;
    struct text answer;
    struct idempotency i = request_of(1, "key", "request");
    assert_ok(keep(f, i, "first"));
    assert_ok(keep(f, request_of(1, "later", "request"), "later"));
    f->c.now += CLOCK_DAY - 1;
    assert_ok(find(f, i, &answer));
    assert_ok(keep(f, request_of(2, "new", "request"), "new"));
    f->c.now += 1;
    assert_int_equal(find(f, i, &answer), ERR_NOT_FOUND);
    assert_ok(keep(f, request_of(1, "key", "another"), "second"));
    assert_ok(find(f, request_of(1, "key", "another"), &answer));
    assert_text(answer, "second");
    assert_ok(idempotency_housekeeping(&f->c)); /* takes "later" */
    assert_int_equal(fixture_count(f, "SELECT COUNT(*) FROM idempotency_keys"), 2);
    assert_ok(find(f, request_of(2, "new", "request"), &answer));
}

static void a_password_costs_what_it_costs_elsewhere(void **state) {
    struct fixture *f = *state;
    struct text answer;
    struct idempotency i = request_of(0, "key", "password");
    i.secret = true;
    assert_ok(keep(f, i, "answer"));
    assert_int_equal(fixture_count(f, "SELECT memory FROM idempotency_keys"),
                     f->c.core->policy.hash_memory);
    struct policy dearer = fixture_policy();
    dearer.hash_memory *= 2;
    dearer.hash_passes += 1;
    fixture_reopen(f, &dearer, TEXT(""));
    assert_ok(find(f, i, &answer)); /* at the price of then */
    assert_ok(keep(f,
                   (struct idempotency){.key = TEXT("new"), .request = i.request, .secret = true},
                   "answer"));
    assert_int_equal(fixture_count(f, "SELECT COUNT(DISTINCT passes) FROM idempotency_keys"), 2);
}

static void what_was_changed_is_no_answer(void **state) {
    struct fixture *f = *state;
    struct idempotency i = request_of(1, "key", "request");
    struct idempotency_record record;
    struct text answer;
    assert_ok(keep(f, i, "answer"));
    assert_ok(idempotency_load(&f->c, &i, &record));
    char *box = arena_alloc(&f->arena, record.answer.size);
    for (size_t at = 0; at < record.answer.size; at++) {
        memcpy(box, record.answer.at, record.answer.size);
        box[at] ^= 1;
        struct idempotency_record bad = record;
        bad.answer.at = box;
        assert_int_equal(idempotency_answer(&f->c, &i, &bad, &answer), ERR_INTERNAL);
        bad.answer.size = at;
        assert_int_equal(idempotency_answer(&f->c, &i, &bad, &answer), ERR_INTERNAL);
    }
    assert_ok(idempotency_answer(&f->c, &i, &record, &answer));
}

static void erasing_leaves_the_others(void **state) {
    struct fixture *f = *state;
    struct text answer;
    assert_ok(keep(f, request_of(1, "a", "r"), "1"));
    assert_ok(keep(f, request_of(1, "b", "r"), "1"));
    assert_ok(keep(f, request_of(2, "a", "r"), "2"));
    assert_ok(db_begin(f->c.db));
    assert_ok(idempotency_erase_all(&f->c, 1));
    fixture_commit(f);
    assert_int_equal(find(f, request_of(1, "a", "r"), &answer), ERR_NOT_FOUND);
    assert_ok(find(f, request_of(2, "a", "r"), &answer));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_answer_comes_back),
        TEST(an_act_and_its_key_are_one),
        TEST(keys_are_their_owner_s),
        TEST(another_request_gets_nothing),
        TEST(the_first_one_stands),
        TEST(until_a_day_has_gone_by),
        TEST(a_password_costs_what_it_costs_elsewhere),
        TEST(what_was_changed_is_no_answer),
        TEST(erasing_leaves_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
