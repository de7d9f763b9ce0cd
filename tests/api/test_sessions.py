"""Sessions: opening, refreshing, listing and ending them; cookies; requests from other sites."""
import re

import pytest

from rollcall import PASSWORD, QUICK, Server, assert_error, ok, registration, unique, wait_until
from trail import last

LOGIN = "/careers/users/login/"
APP_LOGIN = "/api/action/login/"
REFRESH = "/careers/users/token/refresh/"
LOGOUT = "/careers/users/logout/"
ME = "/careers/users/me/"
SESSIONS = "/careers/users/me/sessions/"
CHANGE = "/careers/users/me/password/"
SECOND = 1000000


def refresh(client, token=None):
    return client.server.anonymous().post(REFRESH, {"refresh": token or client.refresh})


def browser(server, username, password=PASSWORD, **more):
    """Somebody who has logged in to the app and has nothing but the cookie."""
    client = server.anonymous()
    body = ok(client.post(APP_LOGIN, {"username": username, "password": password}, **more))
    client.spare_access, client.refresh = body["access"], body["refresh"]
    return client


def dead(client):
    """Whether no credential of that login is good for anything."""
    bearer = client.access or client.spare_access
    answers = [client.server.anonymous().get(ME, headers={"Authorization": f"Bearer {bearer}"}),
               refresh(client)]
    if client.cookie:
        cookie = client.server.anonymous()
        cookie.cookie = client.cookie
        answers.append(cookie.get(ME))
    return [answer.status_code for answer in answers] == [401] * len(answers)


# ---- Logging in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [LOGIN, APP_LOGIN])
@pytest.mark.parametrize("change", [str.lower, str.upper, str.swapcase])
@pytest.mark.parametrize("what", ["username", "email"])
def test_name_and_email_open_the_door_in_any_case(anonymous, user, path, change, what):
    ok(anonymous.post(path, {"username": change(getattr(user, what)), "password": PASSWORD}))


def test_an_internationalised_email_opens_the_door_as_it_was_typed(server, anonymous):
    email = f"{unique()}@bücher.example"
    server.user(email=email)
    ok(anonymous.post(LOGIN, {"username": email, "password": PASSWORD}))


def test_the_app_answers_with_both_tokens(user, anonymous):
    body = ok(anonymous.post(APP_LOGIN, {"username": user.username, "password": PASSWORD}))
    assert set(body) == {"status", "message", "user_id", "access", "refresh"}
    assert (body["status"], body["user_id"]) == ("success", user.id)


@pytest.mark.parametrize("path", [LOGIN, APP_LOGIN])
def test_a_failed_login_tells_nothing(server, user, path):
    retired = server.user()
    server.cli("user", "revoke", retired.username, "--active")
    attempts = [(user.username, "wrong password"), (unique("nobody"), PASSWORD),
                (f"{unique()}@example.com", PASSWORD), (retired.username, PASSWORD),
                (retired.username, "wrong password"), (user.username + " ", PASSWORD)]
    answers = [server.anonymous().post(path, {"username": name, "password": password})
               for name, password in attempts]
    for answer in answers:
        assert_error(answer, 401, "invalid_credentials", message="Invalid username or password")
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize("path", [LOGIN, APP_LOGIN])
def test_the_right_password_of_a_banned_account_is_told(server, staff, user, anonymous, path):
    ok(staff.post("/api/user/status/ban/", {"user_id": user.id, "banned": True, "reason": "R"}))
    assert_error(anonymous.post(path, {"username": user.username, "password": PASSWORD}), 403,
                 "account_banned")


def test_the_wrong_password_of_a_banned_account_is_just_wrong(staff, user, anonymous):
    ok(staff.post("/api/user/status/ban/", {"user_id": user.id, "banned": True, "reason": "R"}))
    assert_error(anonymous.post(LOGIN, {"username": user.username, "password": "wrong password"}),
                 401, "invalid_credentials")


@pytest.mark.parametrize("given, typed", [
    ("Zoë's pass", "Zoe\u0308's pass"), ("Zoe\u0308's pass", "Zoë's pass"),
    ("パスワードだよね", "ハ\u309aスワート\u3099た\u3099よね"), ("🦊" * 8, "🦊" * 8)])
def test_passwords_are_compared_as_unicode(server, given, typed):
    person = server.user(password=given)
    assert server.login(person.username, typed).id == person.id


@pytest.mark.parametrize("given, typed", [
    (" password123", "password123"), ("password123 ", "password123"),
    ("password123", " password123"), ("Password123", "password123"),
    ("x" * 72 + "A", "x" * 72 + "B"), ("x" * 1023 + "A", "x" * 1023 + "B"),
    ("x" * 1024, "x" * 1023), ("ｐassword123", "password123")], ids=range(8))
def test_passwords_are_neither_trimmed_nor_cut_nor_folded(server, anonymous, given, typed):
    person = server.user(password=given)
    assert_error(anonymous.post(LOGIN, {"username": person.username, "password": typed}), 401,
                 "invalid_credentials")
    assert server.login(person.username, given).id == person.id


@pytest.mark.parametrize("path, status", [(LOGIN, 200), (APP_LOGIN, 200)])
def test_last_login_moves_at_every_login(server, staff, user, anonymous, path, status):
    server.execute("UPDATE credentials SET last_login = last_login - 86400000000 "
                   "WHERE user_id = ?", user.id)
    before = ok(staff.post("/api/user/status/", {"user_id": user.id}))["last_login"]
    ok(anonymous.post(path, {"username": user.username, "password": PASSWORD}), status)
    assert ok(staff.post("/api/user/status/", {"user_id": user.id}))["last_login"] > before


def test_a_failed_login_does_not_move_it(server, staff, user, anonymous):
    server.execute("UPDATE credentials SET last_login = 1000000 WHERE user_id = ?", user.id)
    anonymous.post(LOGIN, {"username": user.username, "password": "wrong password"})
    assert ok(staff.post("/api/user/status/", {"user_id": user.id}))["last_login"] == \
        "1970-01-01T00:00:01Z"


# ---- Refreshing ---------------------------------------------------------------------------------


def test_a_refreshed_token_works(user):
    fresh = user.server.anonymous()
    fresh.access = ok(refresh(user))["access"]
    assert ok(fresh.get(ME))["id"] == user.id


def test_by_default_a_refresh_token_can_be_used_again(user):
    assert [set(ok(refresh(user))) for _ in range(3)] == [{"access"}] * 3


def test_the_old_access_token_lives_on(user):
    ok(refresh(user))
    ok(user.get(ME))


def test_an_access_token_does_not_refresh(user):
    assert_error(refresh(user, user.access), 401, "token_invalid")


@pytest.mark.parametrize("token", ["x", "a.b.c", "..", "ä", "x" * 4000])
def test_nonsense_does_not_refresh(user, token):
    assert_error(refresh(user, token), 401, "token_invalid")


@pytest.fixture(scope="module")
def rotating(tmp_path_factory):
    options = QUICK + ["--refresh-rotation", "on"]
    with Server(tmp_path_factory.mktemp("rotating"), options) as running:
        yield running


def test_with_rotation_each_refresh_gives_a_new_token(rotating):
    person = rotating.user()
    body = ok(refresh(person))
    assert set(body) == {"access", "refresh"} and body["refresh"] != person.refresh


def test_with_rotation_the_new_token_refreshes(rotating):
    person = rotating.user()
    assert ok(refresh(person, ok(refresh(person))["refresh"]))["access"]


def test_within_the_grace_a_rotated_token_still_refreshes(rotating):
    person = rotating.user()
    ok(refresh(person))
    ok(refresh(person))
    ok(person.get(ME))


def test_of_two_refreshes_at_once_both_lead_on(rotating):
    person = rotating.user()
    first, second = ok(refresh(person))["refresh"], ok(refresh(person))["refresh"]
    newest = ok(refresh(person, second))["refresh"]
    assert ok(refresh(person, first))["access"] and ok(refresh(person, newest))["access"]


def later(server, person, seconds):
    server.execute("UPDATE sessions SET refreshed_at = refreshed_at - ? WHERE user_id = ?",
                   seconds * SECOND, person.id)


def test_a_replay_after_the_grace_is_refused(rotating):
    person = rotating.user()
    ok(refresh(person))
    later(rotating, person, 11)
    assert_error(refresh(person), 401, "token_invalid")


def test_a_replay_after_the_grace_ends_the_session(rotating):
    person = rotating.user()
    newest = ok(refresh(person))
    later(rotating, person, 11)
    refresh(person)
    assert_error(refresh(person, newest["refresh"]), 401, "token_invalid")
    assert_error(person.get(ME), 401, "token_invalid")


def test_a_replay_ends_no_other_session(rotating):
    person = rotating.user()
    second = rotating.login(person.username)
    ok(refresh(person))
    later(rotating, person, 11)
    refresh(person)
    ok(second.get(ME))


def test_without_a_replay_time_does_no_harm(rotating):
    person = rotating.user()
    newest = ok(refresh(person))["refresh"]
    later(rotating, person, 11)
    ok(refresh(person, newest))


def test_a_rotated_token_can_log_out(rotating):
    person = rotating.user()
    newest = ok(refresh(person))["refresh"]
    ok(person.post(LOGOUT, {"refresh": newest}))
    assert_error(person.get(ME), 401, "token_invalid")


# ---- Logging out --------------------------------------------------------------------------------


def test_a_careers_logout_kills_all_credentials_at_once(server, user):
    client = browser(server, user.username)
    client.access = client.spare_access
    ok(client.post(LOGOUT, {"refresh": client.refresh}))
    assert dead(client)


def test_an_app_logout_by_cookie_kills_all_credentials_at_once(server, user):
    client = browser(server, user.username)
    cookie = client.cookie
    ok(client.post("/api/action/logout/"))
    client.cookie = cookie
    assert dead(client)


def test_an_app_logout_by_token_kills_all_credentials_at_once(server, user):
    client = browser(server, user.username)
    cookie, client.access = client.cookie, client.spare_access
    ok(client.post("/api/action/logout/"))
    client.cookie = cookie
    assert dead(client)


def test_an_app_logout_clears_the_cookie(server, user):
    client = browser(server, user.username)
    ok(client.post("/api/action/logout/"))
    assert client.cookie is None


def test_a_logout_everywhere_ends_all_sessions_and_nobody_elses(server, user, other):
    client, phone = browser(server, user.username), server.login(user.username)
    cookie = client.cookie
    ok(client.post("/api/action/logout/", {"everywhere": True}))
    assert client.cookie is None
    client.cookie = cookie
    assert dead(client)
    for gone in (user, phone):
        assert_error(gone.get(ME), 401, "token_invalid")
    ok(other.get(ME))
    assert last(server, user.id, "logout")["detail"] == "sessions=3"


@pytest.mark.parametrize("body", [{}, {"everywhere": False}, {"everywhere": None}])
def test_a_logout_ends_one_session_unless_all_are_meant(server, user, body):
    client = browser(server, user.username)
    ok(client.post("/api/action/logout/", body))
    ok(user.get(ME))


def test_everywhere_is_true_or_false(user):
    assert_error(user.post("/api/action/logout/", {"everywhere": "maybe"}), 400,
                 "validation_error", "everywhere")
    ok(user.get(ME))


@pytest.mark.parametrize("path", [LOGOUT, "/api/action/logout/"])
def test_a_logout_ends_no_other_session(user, path):
    second = user.server.login(user.username)
    ok(user.post(path, {"refresh": user.refresh}))
    ok(second.get(ME))
    ok(refresh(second))


def test_a_logout_ends_the_session_of_the_refresh_token(user):
    second = user.server.login(user.username)
    ok(user.post(LOGOUT, {"refresh": second.refresh}))
    assert_error(second.get(ME), 401, "token_invalid")
    ok(user.get(ME))


def test_a_logout_with_the_refresh_token_of_another_is_refused(user, other):
    assert_error(user.post(LOGOUT, {"refresh": other.refresh}), 400, "validation_error", "refresh")
    ok(other.get(ME))
    ok(user.get(ME))


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_a_logout_with_nonsense_is_refused(user, token):
    assert_error(user.post(LOGOUT, {"refresh": token}), 400, "validation_error", "refresh")


def test_a_logout_with_an_access_token_is_refused(user):
    assert_error(user.post(LOGOUT, {"refresh": user.access}), 400, "validation_error", "refresh")


def test_a_logout_needs_a_refresh_token(user):
    assert_error(user.post(LOGOUT, {}), 400, "validation_error", "refresh")


def test_who_is_logged_out_logs_in_again(user):
    ok(user.post(LOGOUT, {"refresh": user.refresh}))
    assert user.server.login(user.username).id == user.id


# ---- The list -----------------------------------------------------------------------------------


def listed(client):
    return ok(client.get(SESSIONS))["results"]


def test_a_registration_opens_one_session(user):
    assert len(listed(user)) == 1


def test_every_login_opens_one(user):
    user.server.login(user.username)
    browser(user.server, user.username)
    assert len(listed(user)) == 3


def test_a_failed_login_opens_none(user, anonymous):
    anonymous.post(LOGIN, {"username": user.username, "password": "wrong password"})
    assert len(listed(user)) == 1


def test_a_refresh_opens_none(user):
    ok(refresh(user))
    assert len(listed(user)) == 1


def test_a_session_says_where_it_came_from(server, user):
    client = browser(server, user.username, headers={"User-Agent": "Fox/1.0 (tested)"})
    session = listed(client)[0]
    assert "Fox/1.0 (tested)" in session.values() and "127.0.0.1" in session.values()


def test_a_list_holds_nobody_elses(user, other):
    ids = {session["id"] for session in listed(user)}
    assert not ids & {session["id"] for session in listed(other)}


def test_a_list_holds_no_secret(server, user):
    client = browser(server, user.username)
    text = client.get(SESSIONS).text
    assert not any(secret in text for secret in (client.refresh, client.spare_access,
                                                 client.cookie.split(".")[-1]))


def test_an_ended_session_is_dead_and_off_the_list(user):
    second = user.server.login(user.username)
    session = max(row["id"] for row in listed(user))
    ok(user.delete(f"{SESSIONS}{session}/"))
    assert_error(second.get(ME), 401, "token_invalid")
    assert_error(refresh(second), 401, "token_invalid")
    assert [row["id"] for row in listed(user)] == [row["id"] for row in listed(user)
                                                   if row["id"] != session]


def test_one_can_end_the_session_one_is_in(user):
    session = listed(user)[0]["id"]
    ok(user.delete(f"{SESSIONS}{session}/"))
    assert_error(user.get(ME), 401, "token_invalid")


def test_nobody_ends_the_session_of_another(user, other):
    session = listed(other)[0]["id"]
    assert_error(user.delete(f"{SESSIONS}{session}/"), 404, "not_found")
    ok(other.get(ME))


@pytest.mark.parametrize("session, status", [
    ("9223372036854775807", 404), ("0", 400), ("9223372036854775808", 400),
    ("18446744073709551617", 400)])
def test_an_id_that_is_nobodys(user, session, status):
    assert user.delete(f"{SESSIONS}{session}/").status_code == status


def test_an_expired_session_is_dead(server, user):
    client = browser(server, user.username)
    server.execute("UPDATE sessions SET expires_at = 1 WHERE user_id = ?", user.id)
    assert dead(client)


def test_an_expired_session_is_off_the_list(server, user):
    server.login(user.username)
    server.execute("UPDATE sessions SET expires_at = 1 WHERE user_id = ? AND id < "
                   "(SELECT MAX(id) FROM sessions WHERE user_id = ?)", user.id, user.id)
    assert len(listed(server.login(user.username))) == 2


# ---- Changing the password ----------------------------------------------------------------------


def change(client, current=PASSWORD, new="another password"):
    return client.post(CHANGE, {"current_password": current, "new_password": new})


def test_a_new_password_opens_the_door_and_the_old_one_does_not(user, anonymous):
    ok(change(user))
    assert user.server.login(user.username, "another password").id == user.id
    assert_error(anonymous.post(LOGIN, {"username": user.username, "password": PASSWORD}), 401,
                 "invalid_credentials")


def test_a_new_password_ends_all_other_sessions(server, user):
    others = [server.login(user.username), browser(server, user.username)]
    ok(change(user))
    assert all(dead(client) for client in others)


def test_a_new_password_spares_the_session_it_was_set_in(user):
    ok(change(user))
    ok(user.get(ME))
    ok(refresh(user))


def test_the_wrong_current_password_changes_nothing(user):
    second = user.server.login(user.username)
    assert_error(change(user, current="wrong password"), 400, "validation_error",
                 "current_password")
    ok(second.get(ME))
    assert user.server.login(user.username).id == user.id


def test_a_new_password_obeys_the_policy(user):
    assert_error(change(user, new="short"), 400, "validation_error", "new_password",
                 "Password must be at least 8 characters long")


# ---- Bans ---------------------------------------------------------------------------------------


def test_a_ban_kills_all_credentials_at_once(server, staff, user):
    clients = [server.login(user.username), browser(server, user.username)]
    ok(staff.post("/api/user/status/ban/", {"user_id": user.id, "banned": True, "reason": "R"}))
    assert all(dead(client) for client in clients)


def test_a_lifted_ban_brings_no_credential_back(server, staff, user):
    client = browser(server, user.username)
    for banned in (True, False):
        ok(staff.post("/api/user/status/ban/", {"user_id": user.id, "banned": banned,
                                                "reason": "R"}))
    assert dead(client)
    assert server.login(user.username).id == user.id


def test_an_inactive_account_has_no_working_credential(server, user):
    client = browser(server, user.username)
    server.cli("user", "revoke", user.username, "--active")
    assert dead(client)


# ---- The cookie ---------------------------------------------------------------------------------


def set_cookie(answer):
    return answer.headers["Set-Cookie"]


@pytest.fixture(params=["login", "registration"])
def opening(request, anonymous, user):
    if request.param == "login":
        return anonymous.post(APP_LOGIN, {"username": user.username, "password": PASSWORD})
    return anonymous.post("/api/action/register/", registration(password_confirm=None))


@pytest.mark.parametrize("attribute", ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1209600"])
def test_the_cookie_is_kept_close(opening, attribute):
    assert attribute in set_cookie(opening).split("; ")


def test_the_cookie_is_named_sessionid_and_random(opening):
    assert re.match(r"sessionid=(\S*\.)?[A-Za-z0-9_-]{43};", set_cookie(opening))


def test_over_plain_http_the_cookie_is_not_secure(opening):
    assert "secure" not in set_cookie(opening).lower()


def test_a_proxy_that_nobody_trusts_is_not_believed(user, anonymous):
    answer = anonymous.post(APP_LOGIN, {"username": user.username, "password": PASSWORD},
                            headers={"X-Forwarded-Proto": "https"})
    assert "secure" not in set_cookie(answer).lower()


@pytest.fixture(scope="module")
def fronted(tmp_path_factory):
    """A server behind a proxy that it trusts, with one other origin."""
    options = QUICK + ["--trusted-proxy", "127.0.0.1/32", "--origin", "https://app.example.com"]
    with Server(tmp_path_factory.mktemp("fronted"), options) as running:
        yield running


@pytest.mark.parametrize("protocol, secure", [("https", True), ("http", False), (None, False)])
def test_a_trusted_proxy_makes_the_cookie_secure(fronted, protocol, secure):
    person = fronted.user()
    headers = {"X-Forwarded-Proto": protocol} if protocol else {}
    answer = fronted.anonymous().post(
        APP_LOGIN, {"username": person.username, "password": PASSWORD}, headers=headers)
    assert ("Secure" in set_cookie(answer).split("; ")) == secure


def test_a_trusted_proxy_tells_the_address_of_the_session(fronted):
    person = fronted.user()
    client = browser(fronted, person.username, headers={"X-Forwarded-For": "203.0.113.7"})
    assert "203.0.113.7" in listed(client)[0].values()


def test_an_untrusted_one_does_not(server, user):
    client = browser(server, user.username, headers={"X-Forwarded-For": "203.0.113.7"})
    assert "203.0.113.7" not in listed(client)[0].values()


def test_the_cookie_is_a_credential_on_every_surface(server, user):
    client = browser(server, user.username)
    assert ok(client.get(ME))["id"] == user.id
    assert ok(client.post("/api/get/preferences/"))["user_id"] == user.id
    assert ok(client.post("/api/check/login/"))["user_id"] == user.id


def test_the_cookie_stands_among_others(server, user, anonymous):
    value = browser(server, user.username).cookie
    header = f'theme="dark"; sessionid={value}; other=1'
    assert ok(anonymous.get(ME, headers={"Cookie": header}))["id"] == user.id


def wrong_cookies(value):
    yield ""
    yield "x"
    yield value[:-1]
    yield value + "x"
    yield value[:-1] + ("A" if value[-1] != "A" else "B")
    yield value.swapcase()
    yield "9" * 400


def test_a_dead_cookie_is_no_credential(server, user, anonymous):
    for wrong in wrong_cookies(browser(server, user.username).cookie):
        headers = {"Cookie": f"sessionid={wrong}"}
        assert_error(anonymous.get(ME, headers=headers), 401, "authentication_required")
        ok(anonymous.get("/careers/users/?batch_size=1", headers=headers))


def test_the_secret_of_one_account_is_not_anothers(server, user, other, anonymous):
    mine, theirs = (browser(server, person.username).cookie for person in (user, other))
    mixed = ".".join(theirs.split(".")[:-1] + mine.split(".")[-1:])
    assert_error(anonymous.get(ME, headers={"Cookie": f"sessionid={mixed}"}), 401,
                 "authentication_required")


def test_the_cookie_slides(server, user):
    client = browser(server, user.username)
    day = 86400 * SECOND
    server.execute("UPDATE sessions SET used_at = used_at - ?, expires_at = used_at - ? + ? "
                   "WHERE user_id = ?", 13 * day, 13 * day, 14 * day, user.id)
    end = server.execute("SELECT MAX(expires_at) FROM sessions WHERE user_id = ?", user.id)
    assert "Max-Age=1209600" in set_cookie(client.get(ME))
    wait_until(lambda: server.execute("SELECT MAX(expires_at) FROM sessions WHERE user_id = ?",
                                      user.id)[0][0] >= end[0][0] + 12 * day)


def test_a_header_wins_over_a_cookie(server, user, other):
    client = browser(server, other.username)
    client.access = user.access
    assert ok(client.get(ME))["id"] == user.id


def test_a_bad_header_is_not_saved_by_a_good_cookie(server, user):
    client = browser(server, user.username)
    client.access = "nonsense"
    assert_error(client.get(ME), 401, "token_invalid")


@pytest.mark.parametrize("header", ["Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "Token x", ""])
def test_a_header_that_is_no_bearer_token_is_refused(server, anonymous, header):
    answer = anonymous.get(ME, headers={"Authorization": header})
    assert answer.status_code == 401


# ---- Other sites --------------------------------------------------------------------------------

OWN = "http://{host}"
REFUSED = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": OWN},
    {"Sec-Fetch-Site": "same-site", "Origin": OWN},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://{host}.evil.example"},
    {"Origin": "http://evil.example/{host}"},
    {"Origin": "http://app.example.com"},
    {"Origin": "https://app.example.com.evil.example"},
    {"Origin": "https://sub.app.example.com"},
    {"Origin": "https://app.example.com:8443"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "none", "Origin": "https://evil.example"},
]
ALLOWED = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": OWN},
    {"Sec-Fetch-Site": "same-origin", "Origin": OWN},
    {"Origin": "https://app.example.com"},
]


def filled(headers, server):
    host = server.url.removeprefix("http://")
    return {name: value.format(host=host) for name, value in headers.items()}


@pytest.fixture(scope="module")
def visitor(fronted):
    return browser(fronted, fronted.user().username)


def change_with(client, method, headers):
    if method == "PATCH":
        return client.patch("/careers/users/me/update/", {"bio": "x"}, headers=headers)
    return client.post("/api/update/language/", {"language": "en"}, headers=headers)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("headers", REFUSED, ids=str)
def test_a_change_from_another_site_is_refused(fronted, visitor, headers, method):
    assert_error(change_with(visitor, method, filled(headers, fronted)), 403, "permission_denied")


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("headers", ALLOWED, ids=str)
def test_a_change_from_the_own_site_is_not(fronted, visitor, headers, method):
    ok(change_with(visitor, method, filled(headers, fronted)))


def test_a_refused_change_changes_nothing(fronted, visitor):
    visitor.patch("/careers/users/me/update/", {"first_name": "Forged"},
                  headers={"Sec-Fetch-Site": "cross-site"})
    assert ok(visitor.get(ME))["first_name"] == ""


@pytest.mark.parametrize("headers", REFUSED, ids=str)
def test_reading_is_no_change(fronted, visitor, headers):
    ok(visitor.get(ME, headers=filled(headers, fronted)))


@pytest.mark.parametrize("headers", REFUSED, ids=str)
def test_a_token_cannot_be_ridden_on(fronted, headers):
    person = fronted.user()
    ok(change_with(person, "POST", filled(headers, fronted)))


def test_without_a_credential_there_is_nothing_to_ride_on(fronted, anonymous):
    person = fronted.user()
    ok(fronted.anonymous().post(LOGIN, {"username": person.username, "password": PASSWORD},
                                headers={"Sec-Fetch-Site": "cross-site"}))


@pytest.mark.parametrize("headers, cookie", [*((headers, False) for headers in REFUSED),
                                             *((headers, True) for headers in ALLOWED)], ids=str)
def test_another_site_signs_nobody_in_and_the_own_site_does(fronted, headers, cookie):
    person = fronted.user()
    answer = fronted.anonymous().post(APP_LOGIN, form={"username": person.username, "password": PASSWORD},
                                      headers=filled(headers, fronted))
    assert ok(answer)["user_id"] == person.id
    assert ("sessionid=" in answer.headers.get("Set-Cookie", "")) == cookie


def test_nor_does_another_site_by_asking_again(fronted):
    body = registration()
    key = {"Idempotency-Key": unique()}
    first = fronted.anonymous().post("/api/action/register/", body, headers=key)
    again = fronted.anonymous().post("/api/action/register/", body,
                                     headers={**key, "Sec-Fetch-Site": "cross-site"})
    assert ok(first, 201) == ok(again, 201) and again.headers["Idempotency-Replayed"] == "true"
    assert "Set-Cookie" in first.headers and "Set-Cookie" not in again.headers
