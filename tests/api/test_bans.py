"""Bans that end by themselves."""
import datetime

import pytest

from jumper import Jumper
from rollcall import QUICK, Server, assert_error, ok, wait_until
from trail import about, last

BAN = "/api/user/status/ban/"
STATUS = "/api/user/status/"
ME = "/careers/users/me/"
LOGIN = "/careers/users/login/"
PAST = 1  # µs since 1970


def moment(seconds):
    """That far from now, as the API writes it."""
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def ban(staff, person, **more):
    return staff.post(BAN, {"user_id": person.id, "banned": True, "reason": "Spam", **more})


def status(staff, person):
    return ok(staff.post(STATUS, {"user_id": person.id}))


def is_active(staff, person):
    return status(staff, person)["status"] == "active"


def end_now(server, person):
    """As if its time had come."""
    server.execute(f"UPDATE users SET banned_until = {PAST} WHERE id = {person.id}")


# ---- Its end is told -----------------------------------------------------------------------------


def test_where_the_end_is_seen(server, staff, user):
    until = moment(3600)
    ok(ban(staff, user, until=until))
    assert status(staff, user)["banned_until"] == until
    assert ok(staff.post("/api/user/", {"user_id": user.id}))["banned_until"] == until
    row, = (row for row in ok(staff.post("/api/users/", {"q": user.username}))["users"]
            if row["id"] == user.id)
    assert row["banned_until"] == until
    shown = server.cli("user", "show", user.username).stdout
    assert f"banned until  {until}" in shown
    assert f'"banned_until":"{until}"' in server.cli("user", "show", user.username, "--json").stdout


def test_a_ban_without_an_end_has_none(staff, user):
    ok(ban(staff, user))
    assert status(staff, user)["banned_until"] is None
    ok(staff.post(BAN, {"user_id": user.id, "banned": False}))
    assert "banned_until" not in status(staff, user)


@pytest.mark.parametrize("given, kept", [
    ("2099-01-01T00:00:00Z", "2099-01-01T00:00:00Z"),
    ("2099-01-01t02:00:00.75+02:00", "2099-01-01T00:00:00Z"),
    ("2098-12-31T19:30:00-04:30", "2099-01-01T00:00:00Z"),
])
def test_any_rfc_3339_time_will_do(staff, user, given, kept):
    ok(ban(staff, user, until=given))
    assert status(staff, user)["banned_until"] == kept


@pytest.mark.parametrize("until", ["2000-01-01T00:00:00Z", "2099-01-01", "2099-01-01T00:00:00",
                                   "2099-02-29T00:00:00Z", "tomorrow", "", 4070908800, True,
                                   ["2099-01-01T00:00:00Z"], "0000-01-01T00:00:00Z"])
def test_an_end_is_a_time_in_the_future(staff, user, until):
    assert_error(ban(staff, user, until=until), 400, "validation_error", "until")
    assert is_active(staff, user)


def test_only_a_ban_has_an_end(staff, user):
    body = {"user_id": user.id, "banned": False, "until": moment(60)}
    assert_error(staff.post(BAN, body), 400, "validation_error", "until")
    ok(staff.post(BAN, {**body, "until": None}))


def test_banning_again_replaces_reason_and_end(staff, user):
    ok(ban(staff, user, until=moment(60)))
    later = moment(7200)
    ok(ban(staff, user, reason="Worse", until=later))
    body = status(staff, user)
    assert (body["ban_reason"], body["banned_until"]) == ("Worse", later)
    ok(ban(staff, user))
    assert status(staff, user)["banned_until"] is None


def test_the_trail_says_until_when(server, staff, user):
    until = moment(3600)
    ok(ban(staff, user, until=until))
    assert last(server, user.id, "account.ban")["detail"] == f"until={until}"
    ok(ban(staff, user))
    assert last(server, user.id, "account.ban")["detail"] == ""


# ---- It ends -------------------------------------------------------------------------------------


def test_it_is_lifted_when_its_time_has_come(server, staff, user):
    ok(ban(staff, user, until=moment(2)))
    body = {"username": user.username, "password": user.password}
    assert_error(server.anonymous().post(LOGIN, body), 403, "account_banned")
    wait_until(lambda: is_active(staff, user), 10)
    ok(server.anonymous().post(LOGIN, body))
    record = last(server, user.id, "account.unban")
    assert (record["via"], record["actor_id"], record["outcome"]) == ("server", None, "ok")
    banned = last(server, user.id, "account.ban")["detail"].removeprefix("until=")
    assert record["at"] >= banned.removesuffix("Z")
    assert "banned_until" not in status(staff, user)


def test_lifting_brings_no_session_back(server, staff, user):
    ok(ban(staff, user, until=moment(3600)))
    end_now(server, user)
    wait_until(lambda: is_active(staff, user), 10)
    assert_error(user.get(ME), 401, "token_invalid")


def test_a_ban_without_an_end_stays(server, staff, user, other):
    ok(ban(staff, user))
    ok(ban(staff, other, until=moment(3600)))
    end_now(server, other)
    wait_until(lambda: is_active(staff, other), 10)
    assert status(staff, user)["status"] == "banned"


def test_many_whose_time_has_come_are_lifted_once_each(server, staff):
    people = [server.user() for _ in range(20)]
    for person in people:
        ok(ban(staff, person, until=moment(3600)))
    ids = ", ".join(str(person.id) for person in people)
    server.execute(f"UPDATE users SET banned_until = {PAST} WHERE id IN ({ids})")
    wait_until(lambda: all(is_active(staff, person) for person in people), 20)
    assert all(len(about(server, person.id, "account.unban")) == 1 for person in people)


def test_what_ended_while_nothing_ran_is_lifted_at_the_start(tmp_path):
    with Server(tmp_path, QUICK) as server:
        person = server.user()
        ok(ban(server.staff(), person, until=moment(3600)))
    end_now(server, person)
    with server:
        staff = server.staff()
        wait_until(lambda: is_active(staff, person), 10)
        assert len(about(server, person.id, "account.unban")) == 1


def test_a_clock_that_jumps_ahead_ends_bans_and_brings_none_back(tmp_path):
    with Jumper(tmp_path, QUICK) as server:
        person = server.user()
        ok(ban(server.staff(), person, until=moment(3600)))
        server.jump("+2h")
        staff = server.staff()
        wait_until(lambda: is_active(staff, person), 10)
        server.jump("+0")
        assert is_active(server.staff(), person)


def test_the_command_line_bans_with_an_end(server, staff, user):
    until = moment(3600)
    server.cli("user", "ban", user.username, "--reason", "Spam", "--until", until)
    assert status(staff, user)["banned_until"] == until


@pytest.mark.parametrize("until", ["2000-01-01T00:00:00Z", "tomorrow"])
def test_the_command_line_wants_a_time_in_the_future(server, staff, user, until):
    done = server.cli("user", "ban", user.username, "--reason", "R", "--until", until, check=False)
    assert done.returncode == 2 and "--until" in done.stderr
    assert is_active(staff, user)
