"""Out of memory. One allocation after the other fails, in a request of every kind. Either the request
is answered as if nothing had been (what failed could be done without), or it is a 503 and nothing of it
is kept, or the server says that it is out of memory and ends. Nobody is told anything wrong."""
import http.client

import pytest

from crowd import message, read_answer
from memory import ForgetfulServer
from rollcall import PASSWORD, QUICK, ok, registration, unique, wait_until
from torture import count, report

NO_MEMORY = 71  # the exit status
TRIES = count(5, 400)  # allocations that fail, per kind of request


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    running = ForgetfulServer(tmp_path_factory.mktemp("memory"), QUICK)
    running.start()
    running.desk = running.staff()
    yield running
    assert running.stop() == 0, running.output
    assert running.cli("check", "--search").stdout.startswith("OK")


class Kind:
    """A request, new each time, and the statuses that are right when it is done."""

    def __init__(self, make, *right):
        self.make, self.right = make, right or (200,)


def keyed():
    return [f"Idempotency-Key: {unique('key')}"]


def post(path, body, who=None, headers=()):
    return message("POST", path, body, who and who.access, headers)


def kinds(house):
    """By name. What creates something has a key, so that it can be asked again."""
    desk, person, star = house.desk, house.user(), house.user()
    ok(person.post("/api/update/profile/", {"bio": "Ünïcode"}))
    note = {"user_id": person.id, "title": "T", "message": "M", "type": "t"}
    return {
        "read": Kind(lambda: message("GET", "/careers/users/me/", None, person.access)),
        "search": Kind(lambda: message("GET", "/careers/users/?search=user&batch_size=3")),
        "statistics": Kind(lambda: post("/api/users/stats/age/", {}, desk)),
        "login": Kind(lambda: post("/careers/users/login/",
                                   {"username": person.username, "password": PASSWORD})),
        "refresh": Kind(lambda: post("/careers/users/token/refresh/", {"refresh": person.refresh})),
        "update": Kind(lambda: message("PATCH", "/careers/users/me/update/",
                                       {"first_name": unique("Zoë"), "bio": "B" * 900,
                                        "email": f"{unique()}@müller.example"}, person.access)),
        "register": Kind(lambda: post("/careers/users/register/", registration(), None, keyed()),
                         201),
        "follow": Kind(lambda: post("/careers/users/follow/", {"following": star.id}, person,
                                    keyed()), 201, 400),
        "notify": Kind(lambda: post("/api/user/notification/",
                                    {**note, "data": {"a": [1, 9.99, {"b": "ü"}]}}, desk, keyed())),
        "activity": Kind(lambda: post("/api/user/activity/", {
            "user_id": person.id, "event_id": unique("event"), "earnings": 9.99}, desk)),
        "form": Kind(lambda: b"POST /api/get/cities/ HTTP/1.1\r\nHost: x\r\nContent-Type: "
                             b"application/x-www-form-urlencoded\r\nContent-Length: 14\r\n\r\n"
                             b"country=1&q=ne"),
        "lists": Kind(lambda: post("/api/update/preferences/", {"categories": ["art", "food"],
                                                                "networks": ["x"]}, person)),
    }


NAMES = ["read", "search", "statistics", "login", "refresh", "update", "register", "follow", "notify",
         "activity", "form", "lists"]


def ask(house, request):
    """The answer; None when the server ended instead."""
    try:
        with house.connect(timeout=60) as connection:
            connection.sendall(request)
            return read_answer(connection.makefile("rb"))
    except (OSError, ValueError, http.client.HTTPException):
        return None


def has_ended(house):
    """It ended, and said why; a connection that is cut tells no more than that."""
    assert house.process.wait(60) == NO_MEMORY, house.output[-3000:]
    house._reader.join(30)
    assert "out of memory" in house.lines[-1], house.lines[-5:]
    assert "Sanitizer" not in house.output and "runtime error" not in house.output
    house.start()


def is_right(answer, kind):
    if answer.status_code == 503:
        return answer.json()["error"] == "unavailable"
    return answer.status_code in kind.right and answer.text.endswith(("}", "]"))


def fail_one(house, kind, spared, failing=1):
    """Whether there was anything to fail, so far into the request."""
    request = kind.make()
    house.memory.fail(spared, failing)
    answer = ask(house, request)
    house.memory.enough()
    failed = house.memory.get("failed") > 0
    if answer is None:
        has_ended(house)
    else:
        assert is_right(answer, kind), (spared, answer.text, house.lines[-5:])
    again = ask(house, request)
    assert again is not None and is_right(again, kind), (spared, again and again.text)
    if again.status_code == 503:
        wait_until(lambda: ask(house, request).status_code in kind.right)
    return failed


def allocations(house, kind):
    """How many a request takes at the least: who asks for the first time prepares statements too."""
    counts = []
    for _ in range(5):
        house.memory.fail(0, failing=0)
        assert ask(house, kind.make()).status_code in kind.right
        house.memory.enough()
        counts.append(house.memory.get("seen"))
    return min(counts)


@pytest.mark.parametrize("name", NAMES)
def test_no_allocation_that_fails_makes_a_wrong_answer(house, name):
    kind = kinds(house)[name]
    total = allocations(house, kind)
    assert total > 0
    step = max(1, total // TRIES)
    failed = sum(fail_one(house, kind, spared) for spared in range(step // 2, total, step))
    assert failed > 0
    report(allocations_that_failed=failed)
    for spared in range(0, total, max(1, total // (TRIES // 4))):  # and all that come after it
        fail_one(house, kind, spared, failing=1000)


def test_a_password_that_cannot_be_compared_is_not_wrong(house):
    """The large block that Argon2id works in is the one that is most likely not to be had."""
    person = house.user()
    request = post("/careers/users/login/", {"username": person.username, "password": PASSWORD})
    total = allocations(house, Kind(lambda: request))
    for spared in range(0, total, max(1, total // count(8, 1000))):
        house.memory.fail(spared, failing=1)
        answer = ask(house, request)
        house.memory.enough()
        if answer is None:
            has_ended(house)
        else:
            assert answer.status_code in (200, 503), answer.text
