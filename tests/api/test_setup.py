"""The first run: the link that a new server prints, and the superuser that it makes."""
import re
import threading

import pytest

from rollcall import (PASSWORD, QUICK, Server, assert_error, ok, registration, unique, wait_until)
from test_validation import BAD

SETUP = "/api/action/setup/"
LINK = re.compile(r"(https?://\S+)/console/setup/#(\S+)")
USERS = ["127.0.0.1:0=careers,app,backend"]


def link(server):
    """The link that the server has printed."""
    wait_until(lambda: "user add olivia" in server.output)
    return LINK.search(server.output)


def token(server):
    return link(server)[2]


def first(server, **changes):
    return {**registration("olivia"), "token": token(server), **changes}


@pytest.fixture
def fresh(tmp_path):
    with Server(tmp_path, QUICK) as running:
        yield running


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    """A server whose link nobody ever uses."""
    with Server(tmp_path_factory.mktemp("waiting"), QUICK) as running:
        yield running


def assert_refused(answer):
    assert_error(answer, 403, "permission_denied")


def setup_records(server, outcome):
    wait_until(lambda: "account.setup" in server.cli("audit", "export").stdout)
    return server.cli("audit", "export").stdout.count(
        f'"event":"account.setup","outcome":"{outcome}"')


# ---- The one way ----------------------------------------------------------------------------------

def test_it_makes_a_superuser_who_is_signed_in(fresh):
    desk = fresh.anonymous()
    body = ok(desk.post(SETUP, first(fresh)), 201)
    assert body["status"] == "success" and desk.cookie
    roles = ok(desk.post("/api/check/login/"))
    assert roles == {"is_logged": True, "user_id": body["user_id"], "is_staff": False,
                     "is_superuser": True}
    ok(fresh.anonymous().get("/careers/users/me/",
                             headers={"Authorization": f"Bearer {body['access']}"}))
    assert fresh.login("olivia").id == body["user_id"]
    assert setup_records(fresh, "ok") == 1


def test_the_link_names_a_listener_that_has_the_console(tmp_path):
    with Server(tmp_path, QUICK, listens=[*USERS, "127.0.0.1:0=backend,console"]) as server:
        found = link(server)
        assert found[1] == server.urls[1]
        ok(server.anonymous(listener=1).post(SETUP, first(server)), 201)


def test_the_token_has_256_bits_and_only_its_hash_is_kept(waiting):
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token(waiting))
    stored = waiting.stored()
    assert token(waiting).encode() not in stored
    assert token(waiting).encode().hex().encode() not in stored


def test_it_works_once(fresh):
    ok(fresh.anonymous().post(SETUP, first(fresh)), 201)
    assert_refused(fresh.anonymous().post(SETUP, first(fresh, **registration())))
    # Not even when the superuser is none any more.
    fresh.cli("user", "revoke", "olivia", "--superuser")
    assert_refused(fresh.anonymous().post(SETUP, first(fresh, **registration())))


def test_of_many_at_once_one_wins(fresh):
    bodies = [first(fresh, **registration(unique())) for _ in range(8)]
    answers = [None] * len(bodies)

    def ask(at):
        answers[at] = fresh.anonymous().post(SETUP, bodies[at])

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(len(bodies))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201] + [403] * 7
    assert len(fresh.execute("SELECT id FROM users")) == 1


def test_a_name_that_is_no_good_leaves_it_as_good(fresh):
    assert_error(fresh.anonymous().post(SETUP, first(fresh, username="admin")), 400,
                 "validation_error", "username")
    fresh.user("olivia")
    assert_error(fresh.anonymous().post(SETUP, first(fresh)), 400,
                 "validation_error", "username")
    ok(fresh.anonymous().post(SETUP, first(fresh, **registration())), 201)


# ---- All others -----------------------------------------------------------------------------------

@pytest.mark.parametrize("other", ["x", "A" * 43, "setup"])
def test_another_token_is_none(waiting, other):
    assert_refused(waiting.anonymous().post(SETUP, first(waiting, token=other)))
    assert setup_records(waiting, "failed") >= 1


def test_without_the_token_nobody_learns_what_is_wrong_with_the_rest(waiting):
    for field in ("username", "email", "password", "password_confirm"):
        assert_refused(waiting.anonymous().post(SETUP, first(waiting, token="x", **{field: ""})))


@pytest.mark.parametrize("value", BAD["SETUP_TOKEN"], ids=str)
def test_a_token_is_a_text(waiting, value):
    assert_error(waiting.anonymous().post(SETUP, first(waiting, token=value)), 400,
                 "validation_error", "token")


@pytest.mark.parametrize("field", ["token", "username", "email", "password", "password_confirm"])
def test_every_field_must_be_there(waiting, field):
    body = first(waiting)
    del body[field]
    assert_error(waiting.anonymous().post(SETUP, body), 400, "validation_error", field)


def test_passwords_must_be_good_and_equal(waiting):
    assert_error(waiting.anonymous().post(SETUP, first(waiting, password="short")), 400,
                 "validation_error", "password")
    assert_error(waiting.anonymous().post(SETUP, first(waiting, password_confirm="other")), 400,
                 "validation_error", "password_confirm")


def test_a_superuser_from_the_command_line_ends_it(fresh):
    known = token(fresh)
    fresh.staff(superuser=True)
    assert_refused(fresh.anonymous().post(SETUP, first(fresh, token=known)))


def test_after_an_hour_it_is_over(tmp_path):
    with Server(tmp_path, QUICK) as server:
        [value] = server.execute("SELECT value FROM secrets WHERE name = 'setup'")[0]
        value = bytes(value)
        before = int.from_bytes(value[32:], "big") - 3600 * 1000 * 1000
        spoil(server, value[:32] + before.to_bytes(8, "big"))
        assert_refused(server.anonymous().post(SETUP, first(server)))


def test_a_clock_that_is_set_back_makes_it_no_younger(tmp_path):
    with Server(tmp_path, QUICK) as server:
        [value] = server.execute("SELECT value FROM secrets WHERE name = 'setup'")[0]
        value = bytes(value)
        after = int.from_bytes(value[32:], "big") + 600 * 1000 * 1000
        spoil(server, value[:32] + after.to_bytes(8, "big"))
        assert_refused(server.anonymous().post(SETUP, first(server)))


def spoil(server, value):
    server.execute("UPDATE secrets SET value = ? WHERE name = 'setup'", value)


# ---- When there is a link -------------------------------------------------------------------------

def test_a_restart_prints_another_and_voids_the_first(tmp_path):
    server = Server(tmp_path, QUICK)
    with server:
        old = token(server)
    with server:
        assert token(server) != old
        assert_refused(server.anonymous().post(SETUP, first(server, token=old)))
        ok(server.anonymous().post(SETUP, first(server)), 201)


def test_there_is_none_once_there_is_an_account(tmp_path):
    server = Server(tmp_path, QUICK)
    with server:
        old = token(server)
        server.user("alice")
    with server:
        assert link(server) is None
        assert_refused(server.anonymous().post(SETUP, {**registration(), "token": old}))


def test_there_is_none_without_the_console(tmp_path):
    with Server(tmp_path, QUICK, listens=USERS) as server:
        assert link(server) is None


def test_attempts_are_limited(tmp_path):
    options = [*QUICK[2:], "--register-burst", "2"]
    with Server(tmp_path, options) as server:
        for _ in range(2):
            assert_refused(server.anonymous().post(SETUP, first(server, token="x")))
        assert_error(server.anonymous().post(SETUP, first(server)), 429, "rate_limited")
