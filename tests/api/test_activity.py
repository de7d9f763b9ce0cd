"""What the platform's other services report: applied once, exact, never below zero."""
from concurrent.futures import ThreadPoolExecutor

import pytest

from rollcall import assert_error, ok, unique

REPORT = "/api/user/activity/"
NAMES = ["campaigns", "earnings", "posts", "likes_received", "comments_received"]


def report(staff, person, event_id=None, **increments):
    return staff.post(REPORT, {"user_id": person.id, "event_id": event_id or unique("event"),
                               **increments})


def totals(staff, person):
    status = ok(staff.post("/api/user/status/", {"user_id": person.id}))
    own = ok(person.get("/careers/users/me/stats/"))
    return {"campaigns": status["total_campaigns"], "earnings": status["total_earnings"],
            "posts": own["posts_count"], "likes_received": own["likes_received"],
            "comments_received": own["comments_received"]}


NOTHING = dict.fromkeys(NAMES, 0)


def test_totals_start_at_zero(staff, user):
    assert totals(staff, user) == NOTHING


@pytest.mark.parametrize("name", NAMES)
def test_each_increment_moves_its_own_total(staff, user, name):
    ok(report(staff, user, **{name: 3}))
    assert totals(staff, user) == {**NOTHING, name: 3}


def test_one_event_may_carry_all(staff, user):
    increments = dict(zip(NAMES, [1, 2.5, 3, 4, 5]))
    ok(report(staff, user, **increments))
    assert totals(staff, user) == increments


def test_increments_add_up(staff, user):
    for posts in (5, -2, 4):
        ok(report(staff, user, posts=posts))
    assert totals(staff, user)["posts"] == 7


def test_profiles_show_the_totals(staff, user, anonymous):
    ok(report(staff, user, posts=3, campaigns=2, earnings=7))
    profile = ok(user.post("/api/get/profile/"))
    assert (profile["total_campaigns"], profile["total_earnings"]) == (2, 7)
    assert ok(anonymous.get(f"/careers/users/{user.username}/"))["posts_count"] == 3
    assert ok(user.get("/careers/users/me/"))["posts_count"] == 3


def test_nobody_elses_totals_move(staff, user, other):
    ok(report(staff, user, posts=3))
    assert totals(staff, other) == NOTHING


# ---- Once ---------------------------------------------------------------------------------------


def test_the_same_event_again_changes_nothing(staff, user):
    for _ in range(3):
        ok(report(staff, user, "same", posts=1))
    assert totals(staff, user)["posts"] == 1


def test_the_same_event_with_other_numbers_changes_nothing(staff, user):
    ok(report(staff, user, "same", posts=1))
    ok(report(staff, user, "same", posts=100, campaigns=1))
    assert totals(staff, user) == {**NOTHING, "posts": 1}


def test_event_ids_are_told_apart_by_case(staff, user):
    ok(report(staff, user, "event", posts=1))
    ok(report(staff, user, "EVENT", posts=1))
    assert totals(staff, user)["posts"] == 2


def test_an_event_sent_many_times_at_once_counts_once(staff, user):
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: report(staff, user, "same", posts=1), range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert totals(staff, user)["posts"] == 1


def test_many_events_at_once_all_count(staff, user):
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda n: ok(report(staff, user, f"e{n}", earnings=0.01)), range(60)))
    assert totals(staff, user)["earnings"] == 0.6


# ---- Never below zero ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_no_total_goes_below_zero(staff, user, name):
    ok(report(staff, user, **{name: 2}))
    assert_error(report(staff, user, **{name: -3}), 400, "validation_error", name)
    assert totals(staff, user) == {**NOTHING, name: 2}


@pytest.mark.parametrize("name", NAMES)
def test_down_to_zero_is_fine(staff, user, name):
    ok(report(staff, user, **{name: 2}))
    ok(report(staff, user, **{name: -2}))
    assert totals(staff, user) == NOTHING


def test_not_by_a_cent(staff, user):
    ok(report(staff, user, earnings=0.1))
    assert_error(report(staff, user, earnings=-0.11), 400, "validation_error", "earnings")
    ok(report(staff, user, earnings=-0.1))


def test_one_increment_too_low_refuses_the_whole_event(staff, user):
    assert_error(report(staff, user, posts=5, comments_received=-1), 400, "validation_error",
                 "comments_received")
    assert totals(staff, user) == NOTHING


def test_a_refused_event_can_be_sent_again(staff, user):
    assert_error(report(staff, user, "late", posts=-1), 400, "validation_error", "posts")
    ok(report(staff, user, posts=1))
    ok(report(staff, user, "late", posts=-1))
    assert totals(staff, user) == NOTHING


# ---- Exact --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent, printed", [
    ("500", "500"), ("500.5", "500.5"), ("500.50", "500.5"), ("0.01", "0.01"), ("0.1", "0.1"),
    ("1.10", "1.1"), ("1e2", "100"), ("999999999999.99", "999999999999.99"), ("0.29", "0.29"),
    ("1.005e1", "10.05"), ("4.35", "4.35"), ("1000000000000", "1000000000000")])
def test_earnings_print_as_sent(staff, user, sent, printed):
    body = f'{{"user_id": {user.id}, "event_id": "{unique()}", "earnings": {sent}}}'
    ok(staff.request("POST", REPORT, form=body, headers={"Content-Type": "application/json"}))
    answer = staff.post("/api/user/status/", {"user_id": user.id})
    assert f'"total_earnings":{printed}' in answer.text


def test_earnings_add_up_to_the_cent(staff, user):
    for cents in (0.1, 0.2, 0.7, 1.1, 2.2, -0.3):
        ok(report(staff, user, earnings=cents))
    assert totals(staff, user)["earnings"] == 4


def test_a_form_says_the_same(staff, user):
    ok(staff.post(REPORT, form={"user_id": str(user.id), "event_id": unique(), "earnings": "0.29",
                                "posts": "2"}))
    assert totals(staff, user) == {**NOTHING, "earnings": 0.29, "posts": 2}


@pytest.mark.parametrize("earnings", [0.001, 0.015, 1e300, "x", "1", True, [], {}])
def test_earnings_that_are_no_amount_are_refused(staff, user, earnings):
    assert_error(report(staff, user, earnings=earnings), 400, "validation_error", "earnings")


@pytest.mark.parametrize("posts", [0.5, "1", True, 1e300, 1000000000001, -1000000000001])
def test_an_increment_is_a_whole_number(staff, user, posts):
    assert_error(report(staff, user, posts=posts), 400, "validation_error", "posts")


def test_totals_never_overflow(server, staff, user):
    server.execute("UPDATE user_counts SET posts = 9223372036854775807 WHERE user_id = ?", user.id)
    assert_error(report(staff, user, posts=1), 400, "validation_error", "posts")
    server.execute("UPDATE user_counts SET posts = 0 WHERE user_id = ?", user.id)


@pytest.mark.parametrize("event_id", [None, "", " ", "x" * 129, "a\nb", 5, ["a"]])
def test_an_event_has_an_id(staff, user, event_id):
    body = {"user_id": user.id, "event_id": event_id, "posts": 1}
    assert_error(staff.post(REPORT, body), 400, "validation_error", "event_id")
