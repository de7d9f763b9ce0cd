"""A wall clock that is set two days forward or back. What has ended stays ended, what is to end does
end, and people go on. (tests/api/test_limits.py has the limits, which do not look at that clock.)"""
import time

import pytest

from jumper import Jumper
from rollcall import QUICK, assert_error, ok, wait_until

ME = "/careers/users/me/"
LOGOUT = "/careers/users/logout/"
REFRESH = "/careers/users/token/refresh/"
JUMPS = ["+2d", "-2d"]


@pytest.fixture
def house(tmp_path):
    with Jumper(tmp_path, QUICK) as running:
        yield running


def jump(house, by):
    before = house.today()
    house.jump(by)
    wait_until(lambda: house.today()[:19] != before[:19])  # to the hour


def renewed(person):
    """With the access token that the refresh token of this login gives now."""
    answer = ok(person.server.anonymous().post(REFRESH, {"refresh": person.refresh}))
    person.access = answer["access"]
    return person


def is_dead(person):
    for answer in (person.get(ME),
                   person.server.anonymous().post(REFRESH, {"refresh": person.refresh})):
        assert_error(answer, 401, "token_invalid")


@pytest.mark.parametrize("by", JUMPS)
def test_what_has_ended_stays_ended(house, by):
    desk, gone, banned = house.staff(), house.user(), house.user()
    ok(gone.post(LOGOUT, {"refresh": gone.refresh}))
    ok(desk.post("/api/user/status/ban/", {"user_id": banned.id, "banned": True, "reason": "R"}))
    for move in (by, "+0"):
        jump(house, move)
        is_dead(gone)
        is_dead(banned)


@pytest.mark.parametrize("by", JUMPS)
def test_people_go_on(house, by):
    before = house.user()
    jump(house, by)
    during = house.login(before.username)
    ok(during.get(ME))
    jump(house, "+0")
    after = house.login(before.username)
    for person in (renewed(before), after):
        ok(person.get(ME))
    assert {row["current"] for row in ok(after.get(ME + "sessions/"))["results"]} == {True, False}
    assert house.cli("check").stdout.startswith("OK")


def test_a_token_that_has_run_out_does_not_come_back(house):
    """Nobody can tell how long ago it was issued, on a clock that says it was not yet."""
    jump(house, "+48h")
    person = house.user()
    ok(person.get(ME))
    for by in ("+50h", "+2h"):
        jump(house, by)
        assert_error(person.get(ME), 401, "token_invalid")
    is_dead(person)
    ok(house.login(person.username).get(ME))


def test_an_access_token_ends_in_its_hour_whatever_day_it_is(house):
    person = house.user()
    ok(person.get(ME))
    jump(house, "+2d")
    assert_error(person.get(ME), 401, "token_invalid")
    of_tomorrow = house.login(person.username)
    jump(house, "+4d")
    assert_error(of_tomorrow.get(ME), 401, "token_invalid")


def test_of_a_clock_that_was_slow_nothing_lasts_longer(house):
    jump(house, "-2d")
    person = house.user()
    ok(person.get(ME))
    jump(house, "+0")
    assert_error(person.get(ME), 401, "token_invalid")
    ok(renewed(person).get(ME))


def test_no_session_is_immortal(house):
    """What was opened on a clock that was fast ends when its time is over by the right one, at most
    so much later as the clock was fast."""
    jump(house, "+2d")
    person = house.user()
    jump(house, "+0")
    (ends,), = house.execute("SELECT expires_at FROM sessions WHERE user_id = ?",
                             person.id)
    assert ends - time.time() * 1_000_000 <= (14 + 2) * 86_400 * 1_000_000
    jump(house, "+17d")
    is_dead(person)
    wait_until(lambda: house.execute("SELECT COUNT(*) FROM sessions WHERE user_id = ?",
                                     person.id) == [(0,)])
    jump(house, "+0")
    is_dead(person)
