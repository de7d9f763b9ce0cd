"""A session that was ended through one node is dead on every other at the very next request. Each
is in use there until the moment it ends, and asked for on open connections the moment after, so that
anything remembered for as little as a round trip would show."""
import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from crowd import Line, message
from rollcall import PASSWORD, ok, unique

ME = "/careers/users/me/"
ROUNDS = 30


class Session:
    """One login and its three credentials."""

    def __init__(self, line, username, password):
        answer = line.ask(message("POST", "/api/action/login/",
                                  {"username": username, "password": password}))
        self.access, self.refresh = ok(answer)["access"], answer.json()["refresh"]
        cookie = "Cookie: " + answer.headers["Set-Cookie"].partition(";")[0]
        self.by_cookie = [cookie]
        self.uses = [message("GET", ME, access=self.access),
                     message("GET", ME, headers=[cookie]),
                     message("POST", "/careers/users/token/refresh/", {"refresh": self.refresh})]


class Victim:
    def __init__(self, node, lines, pool):
        self.lines, self.pool = lines, pool
        self.username, self.password = unique("victim"), PASSWORD
        self.id = node.user(self.username).id
        self.rounds = 0

    def login(self):
        return Session(self.lines[0], self.username, self.password)


@pytest.fixture(scope="module")
def lines(nodes):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(contextlib.closing(Line(node))) for node in nodes]


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(1) as threads:
        yield threads


@pytest.fixture
def victim(nodes, lines, pool):
    return Victim(nodes[0], lines, pool)


def statuses(lines, requests):
    return [line.ask(request).status_code for request in requests for line in lines]


def dies(victim, session, end):
    """`end` ends the session through a line; every credential works before and none afterwards."""
    victim.rounds += 1
    hot, *others = session.uses[victim.rounds % 3:] + session.uses[:victim.rounds % 3]
    turn = victim.rounds % len(victim.lines)
    through, *elsewhere = victim.lines[turn:] + victim.lines[:turn]
    assert statuses(victim.lines, session.uses) == [200] * 9
    ending = victim.pool.submit(end, through)
    while not ending.done():
        statuses(elsewhere, [hot])
    ending.result()
    assert statuses([*elsewhere, through], [hot, *others]) == [401] * 9


def asks(*arguments, **more):
    """An `end` that is one request."""
    return lambda line: ok(line.ask(message(*arguments, **more)))


def logout(session):
    return asks("POST", "/careers/users/logout/", {"refresh": session.refresh}, session.access)


def app_logout_by_token(session):
    return asks("POST", "/api/action/logout/", {}, session.access)


def app_logout_by_cookie(session):
    return asks("POST", "/api/action/logout/", {}, headers=session.by_cookie)


@pytest.mark.parametrize("end", [logout, app_logout_by_token, app_logout_by_cookie])
def test_logout(victim, end):
    for _ in range(ROUNDS):
        session = victim.login()
        dies(victim, session, end(session))


def test_an_entry_of_the_session_list(victim):
    own = victim.login()
    for _ in range(ROUNDS):
        other = victim.login()
        listed = ok(victim.lines[1].ask(message("GET", ME + "sessions/", access=own.access)))
        number = next(row["id"] for row in listed["results"] if not row["current"])
        dies(victim, other, asks("DELETE", f"{ME}sessions/{number}/", access=own.access))
    assert statuses(victim.lines, own.uses) == [200] * 9


def test_a_changed_password(victim):
    own = victim.login()
    for turn in range(ROUNDS):
        other, new = victim.login(), f"password {turn}"
        dies(victim, other, asks("POST", ME + "password/", {
            "current_password": victim.password, "new_password": new}, own.access))
        victim.password = new
    assert statuses(victim.lines, own.uses) == [200] * 9


def test_force_logout(victim, staff):
    for _ in range(ROUNDS):
        dies(victim, victim.login(),
             asks("POST", "/api/user/force-logout/", {"user_id": victim.id}, staff.access))


def test_ban(victim, staff):
    ban = "/api/user/status/ban/"
    for _ in range(ROUNDS):
        dies(victim, victim.login(), asks(
            "POST", ban, {"user_id": victim.id, "banned": True, "reason": "R"}, staff.access))
        ok(staff.post(ban, {"user_id": victim.id, "banned": False}))


def test_erasure(nodes, lines, pool):
    for _ in range(ROUNDS):
        victim = Victim(nodes[1], lines, pool)
        session = victim.login()
        dies(victim, session, asks("DELETE", ME, {"password": PASSWORD}, session.access))


@pytest.mark.parametrize("act", [["user", "logout"], ["user", "ban"], ["user", "passwd"]])
def test_the_command_line(nodes, victim, act):
    more, stdin = {"ban": (["--reason", "R"], None),
                   "passwd": (["--password-stdin"], PASSWORD + "\n")}.get(act[1], ([], None))
    for _ in range(3):
        dies(victim, victim.login(),
             lambda line: nodes[0].cli(*act, victim.username, *more, stdin=stdin))
        if act[1] == "ban":
            nodes[0].cli("user", "unban", victim.username)
