"""The Idempotency-Key: what creates something does so once, however often it is asked for."""
import itertools
import re

import pytest

import tables
from crowd import message, statuses, together
from rollcall import QUICK, Server, assert_error, edge_counts, ok, registration, unique, wait_until

REGISTER = "/careers/users/register/"
APP_REGISTER = "/api/action/register/"
FOLLOW = "/careers/users/follow/"
SEND = "/api/user/notification/"
WALL = "/api/user/add-custom-social-wall/"
ACTIVITY = "/api/user/activity/"
HISTORY = "/api/get/notifications/history/"
DAY = 24 * 3600 * 1_000_000
_keys = itertools.count(1)


def keyed(key):
    return {"Idempotency-Key": key}


@pytest.fixture
def key():
    return unique("key")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("house"), QUICK) as running:
        running.desk = running.staff()
        yield running


@pytest.fixture
def person(house):
    return house.user()


def note(person, title="Hello"):
    return {"user_id": person.id, "title": title, "message": "M", "type": "t"}


def inbox(person):
    return ok(person.post(HISTORY))["total"]


class Act:
    """A request that creates something, who makes it, and how much of it there is."""

    def __init__(self, house, path):
        self.house, self.path = house, path
        self.target, self.who = house.user(), house.desk
        about = {"user_id": self.target.id}
        self.body = {
            REGISTER: registration(), APP_REGISTER: registration(),
            FOLLOW: {"following": self.target.id},
            SEND: note(self.target),
            WALL: {**about, "wall_url": "https://example.com/", "network": "x"},
            ACTIVITY: {**about, "event_id": unique("event"), "posts": 1}}[path]
        if path in (REGISTER, APP_REGISTER):
            self.who = house.anonymous()
        self.other = {**self.body, **({"username": unique()} if "username" in self.body else
                                      {next(iter(self.body)): house.desk.id})}

    def count(self):
        if "username" in self.body:
            return self.house.execute("SELECT COUNT(*) FROM users WHERE username = ?",
                                      self.body["username"])[0][0]
        return {FOLLOW: lambda: edge_counts(self.target)[0],
                SEND: lambda: inbox(self.target),
                WALL: lambda: len(ok(self.house.desk.post("/api/user/social-walls/", {
                    "user_id": self.target.id}))["social_walls"]),
                ACTIVITY: lambda: ok(self.target.get("/careers/users/me/"))["posts_count"],
                }[self.path]()

    def ask(self, key, body=None):
        return self.who.post(self.path, body or self.body, headers=keyed(key))


PATHS = [REGISTER, APP_REGISTER, FOLLOW, SEND, WALL, ACTIVITY]


def test_what_creates_something_knows_keys():
    assert sorted(route.path for route in tables.routes() if "ONCE" in route.lane) == sorted(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_the_first_answer_is_given_again(house, path, key):
    act = Act(house, path)
    first = act.ask(key)
    assert first.status_code in (200, 201), first.text
    assert "Idempotency-Replayed" not in first.headers
    act.who.cookie = None
    for _ in range(2):
        again = act.ask(key)
        assert (again.status_code, again.text) == (first.status_code, first.text)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.headers.get("Set-Cookie") == first.headers.get("Set-Cookie")
        assert again.headers["Content-Type"] == first.headers["Content-Type"]
        act.who.cookie = None
    assert act.count() == 1


@pytest.mark.parametrize("path", PATHS)
def test_a_key_is_good_for_one_request(house, path, key):
    act = Act(house, path)
    first = act.ask(key)
    act.who.cookie = None
    assert_error(act.ask(key, act.other), 422, "idempotency_key_reused")
    again = act.ask(key)
    assert (again.status_code, again.text) == (first.status_code, first.text)


def test_another_endpoint_is_another_request(house, key):
    body = registration()
    ok(house.anonymous().post(REGISTER, body, headers=keyed(key)), 201)
    assert_error(house.anonymous().post(APP_REGISTER, body, headers=keyed(key)), 422,
                 "idempotency_key_reused")


def test_everybody_has_keys_of_their_own(house, person, key):
    for fan in (house.user(), house.user()):
        edge = ok(fan.post(FOLLOW, {"following": person.id}, headers=keyed(key)), 201)
        assert edge["follower"] == fan.id
    assert edge_counts(person)[0] == 2
    ok(house.anonymous().post(REGISTER, registration(), headers=keyed(key)), 201)


def test_who_registers_is_nobody_yet(house, key):
    """The answer has made its reader somebody; the same request is still the same."""
    person, body = house.anonymous(), registration()
    first = person.post(APP_REGISTER, body, headers=keyed(key))
    assert person.cookie
    again = person.post(APP_REGISTER, body, headers=keyed(key))
    assert ok(again, 201) == ok(first, 201)


def test_credentials_given_again_are_good(house, key):
    body = registration()
    ok(house.anonymous().post(REGISTER, body, headers=keyed(key)), 201)
    again = ok(house.anonymous().post(REGISTER, body, headers=keyed(key)), 201)
    me = house.anonymous().get("/careers/users/me/",
                               headers={"Authorization": f"Bearer {again['access']}"})
    assert ok(me)["username"] == body["username"]


def test_a_refusal_is_not_remembered(house, person, key):
    fan = house.user()
    ok(person.post("/api/update/preferences/", {"profile_public": False}))
    follow = {"following": person.id}
    assert_error(fan.post(FOLLOW, follow, headers=keyed(key)), 404, "user_not_found")
    ok(person.post("/api/update/preferences/", {"profile_public": True}))
    answer = fan.post(FOLLOW, follow, headers=keyed(key))
    assert ok(answer, 201) and "Idempotency-Replayed" not in answer.headers


def test_who_may_call_comes_first(house, person, key):
    body = note(person)
    ok(house.desk.post(SEND, body, headers=keyed(key)))
    assert_error(person.post(SEND, body, headers=keyed(key)), 403, "permission_denied")
    assert_error(house.anonymous().post(SEND, body, headers=keyed(key)), 401,
                 "authentication_required")


def test_without_a_key_all_is_as_ever(house, person, key):
    for number in (1, 2):
        ok(house.desk.post(SEND, note(person)))
        assert inbox(person) == number
    ok(house.desk.post(SEND, note(person), headers=keyed(key)))
    ok(house.desk.post(SEND, note(person)))
    assert inbox(person) == 4


def test_what_is_not_delivered_is_an_answer_too(house, person, key):
    ok(person.post("/api/update/notifications/", {"post_status": False}))
    body = {**note(person), "code": "post_status"}
    assert ok(house.desk.post(SEND, body, headers=keyed(key)))["delivered"] is False
    ok(person.post("/api/update/notifications/", {"post_status": True}))
    assert ok(house.desk.post(SEND, body, headers=keyed(key)))["delivered"] is False
    assert inbox(person) == 0


@pytest.mark.parametrize("bad", ["", '""', "x" * 256, '"' + "x" * 256 + '"', "a\tb", "ä"])
def test_a_key_is_printable_and_not_too_long(house, person, bad):
    answer = house.desk.post(SEND, note(person), headers={"Idempotency-Key": bad.encode()})
    assert_error(answer, 400, "validation_error", field="Idempotency-Key")
    assert inbox(person) == 0


def test_two_keys_are_none(house, person):
    body = message("POST", SEND, note(person), house.desk.access,
                   ["Idempotency-Key: a", "idempotency-key: b"])
    assert house.raw(body).status == 400
    assert inbox(person) == 0


def test_quotes_are_no_part_of_it(house, person, key):
    for spelled in (key, f'"{key}"', key):
        ok(house.desk.post(SEND, note(person), headers=keyed(spelled)))
    longest = f"{next(_keys):0255}"
    for spelled in (longest, f'"{longest}"'):
        ok(house.desk.post(SEND, note(person), headers=keyed(spelled)))
    assert inbox(person) == 2


def test_elsewhere_it_means_nothing(house, person):
    for _ in range(2):
        answer = person.post(HISTORY, headers=keyed("x" * 300))
        assert ok(answer) and "Idempotency-Replayed" not in answer.headers


# ---- At the same moment --------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_of_many_at_once_one_is_done(house, path, key):
    act = Act(house, path)
    access = act.who.access
    answers = together(house, [message("POST", path, act.body, access,
                                       [f"Idempotency-Key: {key}"])] * 24)
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1, statuses(answers)
    assert answers[0].status_code in (200, 201), answers[0].text
    first = [answer for answer in answers if "Idempotency-Replayed" not in answer.headers]
    assert len(first) == 1
    assert act.count() == 1


def test_of_two_requests_with_one_key_one_is_done(house, person, key):
    sent = [message("POST", SEND, note(person, title), house.desk.access,
                    [f"Idempotency-Key: {key}"]) for title in ("one", "two")] * 12
    seen = statuses(together(house, sent))
    assert seen == {200: 12, 422: 12}
    assert inbox(person) == 1


# ---- How long, and what is kept ------------------------------------------------------------------


def kept(server):
    return server.execute("SELECT COUNT(*) FROM idempotency_keys")[0][0]


def test_a_restart_forgets_nothing(tmp_path, key):
    with Server(tmp_path, QUICK) as server:
        server.desk = server.staff()
        act = Act(server, SEND)
        first, body = act.ask(key), registration()
        joined = ok(server.anonymous().post(REGISTER, body, headers=keyed(key)), 201)
    with Server(tmp_path, [*QUICK[:-1], "2"], database=server.database) as again:
        act.who.server = again
        assert act.ask(key).text == first.text
        answer = again.anonymous().post(REGISTER, body, headers=keyed(key))
        assert ok(answer, 201) == joined


def test_a_day_later_it_is_a_new_key(tmp_path, key):
    with Server(tmp_path, QUICK) as server:
        server.desk = server.staff()
        act = Act(server, SEND)
        ok(act.ask(key))
        (expires,), = server.execute("SELECT expires_at FROM idempotency_keys")
        (now,), = server.execute("SELECT MAX(created_at) FROM notifications")
        assert expires == now + DAY
        server.execute("UPDATE idempotency_keys SET expires_at = expires_at - ?", DAY)
        answer = act.ask(key, act.other)
        assert ok(answer) and "Idempotency-Replayed" not in answer.headers
        server.execute("UPDATE idempotency_keys SET expires_at = expires_at - ?", DAY)
        wait_until(lambda: kept(server) == 0)


def test_who_is_erased_leaves_no_keys(house, person, key):
    other = house.user()
    before = kept(house)
    for fan in (person, other):
        ok(fan.post(FOLLOW, {"following": house.desk.id}, headers=keyed(key)), 201)
    ok(person.delete("/careers/users/me/", json={"password": person.password}))
    assert kept(house) == before + 1


def test_nothing_that_was_said_can_be_read(tmp_path):
    key, title = "a-key-nobody-may-see", "a title that nobody may see"
    with Server(tmp_path, QUICK) as server:
        desk, body = server.staff(), registration(first_name="Xaverius")
        one = ok(server.anonymous().post(REGISTER, body, headers=keyed(key)), 201)
        app = server.anonymous()
        ok(app.post(APP_REGISTER, registration(), headers=keyed(key + "2")), 201)
        ok(desk.post(WALL, {"user_id": desk.id, "wall_url": "https://example.com/x",
                            "network": "x", "description": title}, headers=keyed(key)))
        secrets = [key, body["password"], one["access"], one["refresh"], app.cookie]
        rows = server.execute("SELECT key_hash, fingerprint, answer FROM idempotency_keys")
        output = server.output
    assert len(rows) == 3
    fields = b"\0".join(bytes(field) for row in rows for field in row)
    stored = server.stored()
    for secret in secrets:
        assert secret.encode() not in stored and secret not in output
        assert secret.encode().hex().encode() not in stored
    for said in (title, body["username"], "Xaverius", "access", "user_id"):
        assert said.encode() not in fields
    assert not re.search(rb"\{\"", fields)
