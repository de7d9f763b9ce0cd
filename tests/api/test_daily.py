"""Figures day by day: sign-ups, active accounts, logins, follows."""
import datetime

import pytest

from rollcall import PASSWORD, QUICK, Server, assert_error, ok, unique, wait_until

STATS = "/api/users/stats/"
LOGIN = "/careers/users/login/"
FOLLOW = "/careers/users/follow/"
KINDS = {"signups": ["count"], "active": ["count"], "logins": ["ok", "failed"],
         "follows": ["followed", "unfollowed"]}


@pytest.fixture
def house(tmp_path):
    with Server(tmp_path, QUICK) as server:
        server.desk = server.staff()
        yield server


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("daily"), QUICK) as server:
        server.desk = server.staff()
        yield server


def days(server, kind, **how):
    return ok(server.desk.post(f"{STATS}{kind}/", how))["days"]


def today(server, kind):
    """The figures of the last day: a number, or two."""
    row = days(server, kind)[-1]
    figures = [row[key] for key in KINDS[kind]]
    return figures[0] if len(figures) == 1 else tuple(figures)


def becomes(server, kind, expected):
    """Figures come a second later, and stay."""
    wait_until(lambda: today(server, kind) == expected)


# ---- The days -------------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [None, 1, 7, 366])
def test_there_is_a_row_for_every_day_and_today_is_last(quiet, kind, count):
    rows = days(quiet, kind, **({"days": count} if count else {}))
    dates = [datetime.date.fromisoformat(row["date"]) for row in rows]
    assert len(rows) == (count or 30)
    assert abs(dates[-1] - datetime.datetime.now(datetime.timezone.utc).date()).days <= 1
    assert all(later - earlier == datetime.timedelta(days=1)
               for earlier, later in zip(dates, dates[1:]))
    assert all(set(row) == {"date", *KINDS[kind]} for row in rows)


@pytest.mark.parametrize("kind", KINDS)
def test_other_numbers_of_days_are_refused(quiet, kind):
    for count in (0, 367):
        assert_error(quiet.desk.post(f"{STATS}{kind}/", {"days": count}), 400, "validation_error", "days")


def test_what_was_long_ago_is_on_its_day(house):
    day = datetime.date.fromisoformat(days(house, "signups")[-1]["date"])
    since = (day - datetime.timedelta(days=9) - datetime.date(1970, 1, 1)).days
    house.execute("INSERT INTO daily (kind, day, total) VALUES ('signups', ?, 42)", since)
    rows = days(house, "signups", days=10)
    assert rows[0] == {"date": (day - datetime.timedelta(days=9)).isoformat(), "count": 42}
    assert all(row["count"] == 0 for row in days(house, "signups", days=9)[:-1])


# ---- What counts ----------------------------------------------------------------------------------

def test_every_account_is_a_sign_up(house):
    people = [house.user() for _ in range(3)]
    house.cli("user", "add", unique(), "--email", f"{unique()}@example.com", "--password-stdin",
              stdin=PASSWORD + "\n")
    becomes(house, "signups", 5)
    # Another name that is taken is none; nor does one become undone.
    assert house.anonymous().post("/careers/users/register/", {
        "username": people[0].username, "email": f"{unique()}@example.com", "password": PASSWORD,
        "password_confirm": PASSWORD}).status_code == 400
    ok(people[1].delete("/careers/users/me/", json={"password": PASSWORD}))
    house.user()
    becomes(house, "signups", 6)


def test_logins_are_told_from_those_that_failed(house):
    person = house.user()
    for password in (PASSWORD, "guess", PASSWORD, "guess", "guess"):
        house.anonymous().post(LOGIN, {"username": person.username, "password": password})
    house.anonymous().post(LOGIN, {"username": unique(), "password": "guess"})
    becomes(house, "logins", (3, 4))  # one is the desk's own


def test_attempts_that_are_not_looked_at_fail_too(tmp_path):
    options = [*QUICK[2:], "--login-burst", "2"]
    with Server(tmp_path, options) as server:
        server.desk = server.staff()
        statuses = [server.anonymous().post(LOGIN, {"username": "nobody", "password": "x"}).status_code
                    for _ in range(6)]
        assert statuses.count(429) >= 2
        becomes(server, "logins", (1, 6))


def test_follows_are_told_from_unfollows(house):
    fan, star = house.user(), house.user()
    for _ in range(2):
        ok(fan.post(FOLLOW, {"following": star.id}), 201)
        ok(fan.delete(f"/careers/users/{star.username}/unfollow/"))
    ok(fan.post(FOLLOW, {"following": star.id}), 201)
    assert fan.post(FOLLOW, {"following": star.id}).status_code == 400
    becomes(house, "follows", (3, 2))


# ---- Who was active -------------------------------------------------------------------------------

def test_an_account_counts_once_a_day(house):
    person = house.user()
    for _ in range(3):
        again = house.login(person.username)
        ok(again.get("/careers/users/me/"))
        ok(again.post("/api/action/logout/"))
    house.cli("user", "add", unique("asleep"), "--email", f"{unique()}@example.com", "--password-stdin",
              stdin=PASSWORD + "\n")
    becomes(house, "active", 2)  # with the desk
    house.user()
    becomes(house, "active", 3)


def test_whoever_comes_back_on_another_day_counts_again(house):
    """The session goes on; that it is used is noted once a minute."""
    person = house.user()
    becomes(house, "active", 2)
    house.execute("UPDATE credentials SET active_on = active_on - 1 WHERE user_id = ?", person.id)
    house.execute("UPDATE sessions SET used_at = used_at - 120000000 WHERE user_id = ?", person.id)
    house.stop()
    with house:  # which does not know who has been counted
        ok(person.get("/careers/users/me/"))
        becomes(house, "active", 3)
        ok(person.get("/careers/users/me/"))
        becomes(house, "active", 3)


# ---- What may be lost -----------------------------------------------------------------------------

def test_a_server_that_ends_leaves_nothing_uncounted(tmp_path):
    server = Server(tmp_path, QUICK)
    with server:
        server.desk = server.staff()
        fan, star = server.user(), server.user()
        ok(fan.post(FOLLOW, {"following": star.id}), 201)
    with server:
        assert today(server, "follows") == (1, 0)
        assert today(server, "signups") == 3
        assert today(server, "active") == 3
        assert today(server, "logins") == (1, 0)


def test_a_server_that_is_killed_forgets_no_sign_up_and_no_login(tmp_path):
    server = Server(tmp_path, QUICK).start()
    server.desk = server.staff()
    people = [server.user() for _ in range(20)]
    for person in people:
        server.login(person.username)
    server.kill()
    with server:
        becomes(server, "signups", 21)
        becomes(server, "logins", (21, 0))


def test_figures_stay_when_records_are_trimmed(tmp_path):
    server = Server(tmp_path, [*QUICK, "--audit-keep", "1"])
    with server:
        server.desk = server.staff()
        server.user()
        becomes(server, "signups", 2)
        server.execute("UPDATE audit SET created_at = created_at - 3 * CAST(86400000000 AS BIGINT)")
        wait_until(lambda: server.execute("SELECT COUNT(*) FROM audit WHERE event = 1") == [(0,)])
        assert today(server, "signups") == 2


