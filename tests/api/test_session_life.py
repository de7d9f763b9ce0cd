"""How long a session lives, whatever the clock does; its name; and that nothing of it is kept that
would open a door."""
import base64
import re
import urllib.parse

import pytest

from jumper import Jumper
from rollcall import PASSWORD, QUICK, Server, assert_error, ok, registration, wait_until
from test_sessions import (APP_LOGIN, CHANGE, LOGIN, LOGOUT, ME, SESSIONS, browser, dead, listed,
                           refresh)
from test_tokens import KEY, claims_of, header_of, sign

MINUTE = 60 * 1000000
DAY = 24 * 60 * MINUTE


def age(server, person, **columns):
    """Makes all sessions of somebody older: by so many minutes in each of these columns."""
    changes = ", ".join(f"{column} = {column} - {minutes * MINUTE}"
                        for column, minutes in columns.items())
    server.execute(f"UPDATE sessions SET {changes} WHERE user_id = ?", person.id)


def alive(client):
    return client.get(ME).status_code == 200


# ---- Idle and absolute lifetimes ----------------------------------------------------------------


@pytest.fixture(scope="module")
def brief(tmp_path_factory):
    """A server where sessions live for half an hour without use, and for two hours with it."""
    directory = tmp_path_factory.mktemp("brief")
    (directory / "key").write_bytes(KEY)
    options = QUICK + ["--session-idle", "30m", "--session-lifetime", "2h",
                       "--signing-key-file", str(directory / "key")]
    with Server(directory, options) as running:
        yield running


@pytest.fixture
def guest(brief):
    """Somebody who has nothing but what one login gave: cookie, tokens, and no other session."""
    person = brief.user()
    client = browser(brief, person.username)
    ok(person.post(LOGOUT, {"refresh": person.refresh}))
    client.id, client.username = person.id, person.username
    return client


def test_a_session_that_is_not_used_ends(brief, guest):
    age(brief, guest, used_at=29)
    assert alive(guest)
    age(brief, guest, created_at=31, used_at=31, expires_at=31)
    assert dead(guest)


def column(server, person, name):
    return server.execute(f"SELECT MAX({name}) FROM sessions WHERE user_id = ?", person.id)[0][0]


def use_what_has_run_out(server, client):
    """Until the use is written down, with that of somebody else's session."""
    token = client.spare_access
    claims = claims_of(token)
    older = {moment: claims[moment] - 2 * 60 * 60 for moment in ("iat", "exp")}
    old = sign(header_of(token), {**claims, **older})
    answer = server.anonymous().get(ME, headers={"Authorization": f"Bearer {old}"})
    assert_error(answer, 401, "token_invalid")
    other = server.user()
    age(server, other, used_at=2)
    before = column(server, other, "used_at")
    ok(other.get(ME))
    wait_until(lambda: column(server, other, "used_at") > before)


def test_a_token_that_has_run_out_brings_no_session_back(brief, guest):
    age(brief, guest, used_at=31)
    assert dead(guest)
    use_what_has_run_out(brief, guest)
    assert dead(guest)


def test_a_token_that_has_run_out_keeps_no_session_from_going_on(brief, guest):
    age(brief, guest, created_at=10, used_at=10, expires_at=10)
    before = column(brief, guest, "expires_at")
    use_what_has_run_out(brief, guest)
    assert column(brief, guest, "used_at") > before - 30 * MINUTE
    ok(guest.get(ME))
    wait_until(lambda: column(brief, guest, "expires_at") > before + 5 * MINUTE)


@pytest.mark.parametrize("use", [
    lambda client: ok(client.get(ME)),
    lambda client: ok(client.server.anonymous().get(
        ME, headers={"Authorization": f"Bearer {client.spare_access}"})),
    lambda client: ok(refresh(client))], ids=["cookie", "access", "refresh"])
def test_every_credential_keeps_it_alive(brief, guest, use):
    age(brief, guest, created_at=29, used_at=29, expires_at=29)
    use(guest)
    (end,), = brief.execute("SELECT expires_at - created_at FROM sessions WHERE user_id = ?",
                            guest.id)
    wait_until(lambda: brief.execute("SELECT expires_at - used_at FROM sessions "
                                     "WHERE user_id = ?", guest.id) == [(30 * MINUTE,)]
               and brief.execute("SELECT expires_at - created_at FROM sessions "
                                 "WHERE user_id = ?", guest.id) > [(end + 28 * MINUTE,)])
    age(brief, guest, created_at=29, used_at=29, expires_at=29)
    assert alive(guest)


def test_no_use_keeps_it_alive_past_its_lifetime(brief, guest):
    age(brief, guest, created_at=115, used_at=5, expires_at=28)
    assert alive(guest)
    wait_until(lambda: brief.execute("SELECT expires_at - created_at FROM sessions "
                                     "WHERE user_id = ?", guest.id) == [(120 * MINUTE,)])
    age(brief, guest, created_at=6)
    assert dead(guest)


def test_what_is_over_is_deleted(brief, guest):
    age(brief, guest, created_at=31, used_at=31, expires_at=31)
    wait_until(lambda: brief.execute("SELECT COUNT(*) FROM sessions WHERE user_id = ?",
                                     guest.id) == [(0,)])


def test_what_is_over_is_neither_listed_nor_named(brief, guest):
    person = brief.login(guest.username)
    number = min(row["id"] for row in listed(person))
    brief.execute("UPDATE sessions SET used_at = used_at - ? WHERE id = ? AND user_id = ?",
                  31 * MINUTE, number, person.id)
    assert number not in [row["id"] for row in listed(person)]
    assert_error(person.patch(f"{SESSIONS}{number}/", {"name": "Ghost"}), 404, "not_found")


def test_shorter_settings_bind_sessions_that_are_open(tmp_path):
    with Server(tmp_path, QUICK) as running:
        person = running.user()
        client = browser(running, person.username)
    with Server(tmp_path, QUICK + ["--session-idle", "5m"]) as running:
        client = rehomed(client, running)
        assert alive(client)
        age(running, person, used_at=6)
        assert dead(client)


def rehomed(client, server):
    """The same credentials at a server that has been started anew."""
    moved = server.anonymous()
    moved.cookie, moved.spare_access, moved.refresh = (client.cookie, client.spare_access,
                                                       client.refresh)
    return moved


def test_the_cookie_lives_no_longer_than_the_session(brief):
    person = brief.user()
    answer = brief.anonymous().post(APP_LOGIN, {"username": person.username,
                                                "password": PASSWORD})
    assert "Max-Age=1800" in answer.headers["Set-Cookie"].split("; ")


@pytest.mark.parametrize("option", ["--session-idle", "--session-lifetime"])
@pytest.mark.parametrize("value", ["0", "59s", "x", "1w", "99999d", "-1d"])
def test_senseless_lifetimes_are_refused(server, option, value):
    done = server.cli("serve", option, value, check=False)
    assert done.returncode == 2 and "a time from 1m to" in done.stderr


# ---- A clock that jumps -------------------------------------------------------------------------


def move(server, by):
    """Sets the clock, and waits until the server has seen it."""
    before = server.today()[:16]
    server.jump(by)
    wait_until(lambda: server.today()[:16] != before)


def noted(server, person, condition):
    wait_until(lambda: server.execute(f"SELECT COUNT(*) FROM sessions WHERE user_id = ? AND "
                                      f"{condition}", person.id) == [(1,)])


@pytest.fixture
def clock(tmp_path):
    with Jumper(tmp_path, QUICK) as running:
        yield running


def test_a_token_that_has_expired_stays_so_when_the_clock_is_set_back(clock):
    person = clock.user()
    opened, = clock.execute("SELECT used_at FROM sessions WHERE user_id = ?", person.id)[0]
    move(clock, "+2d")
    assert_error(person.get(ME), 401, "token_invalid")
    noted(clock, person, f"used_at > {opened + DAY}")
    move(clock, "+0")
    assert dead_tokens(person)
    assert alive(clock.login(person.username))


def test_tokens_are_not_good_before_they_were_made(clock):
    person = clock.user()
    move(clock, "-2d")
    assert dead_tokens(person)
    other = clock.login(person.username)
    assert alive(other)
    move(clock, "+0")
    assert_error(other.get(ME), 401, "token_invalid")
    ok(refresh(other))


def dead_tokens(client):
    return client.get(ME).status_code == refresh(client).status_code == 401


def test_an_ended_session_stays_ended_whatever_the_clock_says(clock):
    person = clock.user()
    ok(person.post(LOGOUT, {"refresh": person.refresh}))
    for moment in ("+2d", "-2d", "+0"):
        clock.jump(moment)
        assert dead_tokens(person)


def test_setting_the_clock_back_every_day_makes_no_session_immortal(clock):
    """Use is noted under the highest time there was: under a lower one nothing is prolonged."""
    person = clock.user()
    client = browser(clock, person.username)
    number = ok(client.get(SESSIONS))["results"][0]["id"]
    first = clock.execute("SELECT expires_at FROM sessions WHERE id = ? AND user_id = ?", number,
                          person.id)
    move(clock, "+2d")
    assert alive(client)
    wait_until(lambda: clock.execute("SELECT expires_at FROM sessions WHERE id = ? AND "
                                     "user_id = ?", number, person.id) > first)
    move(clock, "+0")
    assert not alive(client)
    move(clock, "+31d")
    assert not alive(client)
    wait_until(lambda: clock.execute("SELECT COUNT(*) FROM sessions WHERE user_id = ?",
                                     person.id) == [(0,)])


# ---- New ones at every login --------------------------------------------------------------------


def test_a_login_takes_no_identifier_that_it_is_given(server, user):
    """Session fixation: what somebody else has put into the browser is of no use to them."""
    planted = browser(server, user.username)
    value = planted.cookie
    answer = planted.post(APP_LOGIN, {"username": user.username, "password": PASSWORD,
                                      "sessionid": value, "session": "1"})
    fresh = re.search(r"sessionid=([^;]+)", answer.headers["Set-Cookie"]).group(1)
    assert fresh.split(".")[1] != value.split(".")[1]
    assert fresh.split(".")[2] != value.split(".")[2]


def test_no_two_logins_share_anything(server, user):
    seen = set()
    for _ in range(20):
        client = browser(server, user.username)
        access, renewal = client.spare_access, client.refresh
        for secret in (client.cookie.split(".")[2], access, renewal, client.cookie.split(".")[1]):
            assert secret not in seen
            seen.add(secret)
        assert len(base64.urlsafe_b64decode(client.cookie.split(".")[2] + "=")) == 32


# ---- Names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Phone", "Zoë's laptop 💻", "x" * 64, "é" * 64])
def test_a_session_has_the_name_it_is_given(user, name):
    session = listed(user)[0]
    assert session["name"] == ""
    changed = ok(user.patch(f"{SESSIONS}{session['id']}/", {"name": name}))
    assert changed == {**session, "name": name, "last_used": changed["last_used"]}
    assert listed(user)[0]["name"] == name


@pytest.mark.parametrize("nothing", ["", None])
def test_a_name_can_be_taken_away(user, nothing):
    path = f"{SESSIONS}{listed(user)[0]['id']}/"
    ok(user.patch(path, {"name": "Phone"}))
    assert ok(user.patch(path, {}))["name"] == "Phone"
    assert ok(user.patch(path, {"name": nothing}))["name"] == ""


@pytest.mark.parametrize("name", ["x" * 65, "a\nb", "\x1b[2J", 7, ["a"]])
def test_a_name_is_a_line_of_64_characters(user, name):
    path = f"{SESSIONS}{listed(user)[0]['id']}/"
    assert_error(user.patch(path, {"name": name}), 400, "validation_error", "name")


def test_nobody_names_the_session_of_another(user, other):
    number = listed(other)[0]["id"]
    assert_error(user.patch(f"{SESSIONS}{number}/", {"name": "Mine"}), 404, "not_found")
    assert listed(other)[0]["name"] == ""


@pytest.mark.parametrize("path", [LOGIN, APP_LOGIN])
def test_a_login_may_name_its_session(server, user, path):
    body = {"username": user.username, "password": PASSWORD}
    ok(server.anonymous().post(path, {**body, "session_name": "Kitchen tablet"}))
    assert listed(user)[0]["name"] == "Kitchen tablet"
    assert_error(server.anonymous().post(path, {**body, "session_name": "x" * 65}), 400,
                 "validation_error", "session_name")


def test_names_are_shown_to_the_operator(server, user):
    ok(user.patch(f"{SESSIONS}{listed(user)[0]['id']}/", {"name": "Kitchen tablet"}))
    assert "Kitchen tablet" in server.cli("user", "show", user.username).stdout


# ---- Only hashes at rest ------------------------------------------------------------------------


def forms(secret):
    """Ways in which a secret might be written down: as it is, escaped, as hexadecimal, base64."""
    raw = secret.encode()
    yield raw
    yield urllib.parse.quote(secret, safe="").encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        yield encoded.rstrip(b"=")


def secrets_of(client, access, renewal):
    """Tokens, and the parts of them that are enough: signatures, and the random part of a cookie."""
    for token in (access, renewal):
        yield token
        yield token.split(".")[2]
    if client.cookie:
        yield client.cookie.split(".")[2]


def live(server, key):
    """Does all that takes or gives a secret, right and wrong; gives every one of them."""
    secrets = [key, "a first password", "a second password", "a third password", "a wrong password"]
    first, second, third, wrong = secrets[1:]
    person = server.user("keeper", password=first)
    secrets += secrets_of(person, person.access, person.refresh)
    client = browser(server, "keeper", first)
    secrets += secrets_of(client, client.spare_access, client.refresh)
    renewed = ok(refresh(person))
    secrets += secrets_of(person, renewed["access"], renewed["refresh"])
    refresh(person)
    for path in (LOGIN, APP_LOGIN, "/api/check/validate/"):
        server.anonymous().post(path, {"username": "keeper", "password": wrong})
        server.anonymous().post(path, form={"username": "keeper", "password": first})
    ok(client.get(SESSIONS))
    client.get(ME, headers={"Authorization": f"Bearer {renewed['access']}x"})
    ok(client.post(CHANGE, {"current_password": first, "new_password": second}))
    client.post(CHANGE, {"current_password": wrong, "new_password": third})
    client.request("DELETE", ME, {"password": wrong})
    server.cli("user", "passwd", "keeper", "--password-stdin", stdin=third + "\n")
    last = server.login("keeper", third)
    secrets += secrets_of(last, last.access, last.refresh)
    ok(last.post(LOGOUT, {"refresh": last.refresh}))
    return secrets


def test_no_secret_is_in_the_database_its_log_or_ours(tmp_path):
    key = "kq8ZvW3tYx0LpR6nHsJ4cBfD9gMuA2eTiO7rN5wV1aQh"
    (tmp_path / "key").write_text(key)
    options = QUICK + ["--signing-key-file", str(tmp_path / "key"), "--log-level", "debug",
                       "--refresh-rotation", "on"]
    with Server(tmp_path, options) as running:
        secrets = live(running, key)
        kept = running.stored() + running.output.encode()
    kept += running.stored() + running.output.encode()  # what is written down at the end, too
    assert b"keeper@example.com" in kept and len(set(secrets)) == len(secrets)
    assert not [secret for secret in secrets for form in forms(secret) if form in kept]
