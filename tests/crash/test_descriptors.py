"""Out of file descriptors: who is new waits outside, whoever is in goes on, and it passes."""
import os
import resource
import signal
import subprocess

import pytest

from crowd import Line, message, read_answers
from rollcall import BINARY, POSTGRES, QUICK, Server, ok, registration, unique, wait_until

FEW = 4  # descriptors that are left
TOO_MANY = "connections wait: too many open files"  # what is said, once a second


@pytest.fixture
def house(tmp_path):
    with Server(tmp_path, QUICK) as running:
        running.desk = running.staff()
        yield running


def leave(house, count):
    """The server may have so many descriptors more than it has; None: as many as ever."""
    _, highest = resource.prlimit(house.process.pid, resource.RLIMIT_NOFILE)
    numbers = [int(name) for name in os.listdir(f"/proc/{house.process.pid}/fd")]
    soft = highest if count is None else max(numbers) + 1 + count
    resource.prlimit(house.process.pid, resource.RLIMIT_NOFILE, (soft, highest))


def or_busy(request, status):
    """Who could not follow cannot stop, and the other way round."""
    return {status, 503} | ({400} if b"follow/ HTTP" in request else set())


def requests(house, person, star):
    """One of every kind, and what they answer."""
    desk, me = house.desk.access, person.access
    return [
        (message("GET", "/careers/users/me/", None, me), 200),
        (message("GET", "/careers/users/?search=user", None, me), 200),
        (message("POST", "/careers/users/register/", registration()), 201),
        (message("POST", "/careers/users/login/", {"username": person.username,
                                                   "password": person.password}), 200),
        (message("POST", "/careers/users/follow/", {"following": star.id}, me), 201),
        (message("DELETE", f"/careers/users/{star.username}/unfollow/", None, me), 200),
        (message("PATCH", "/careers/users/me/update/", {"bio": unique()}, me), 200),
        (message("POST", "/api/user/notification/", {"user_id": person.id, "title": "T",
                                                     "message": "M", "type": "t"}, desk), 200),
        (message("POST", "/api/users/stats/age/", {}, desk), 200),
    ]


def test_who_is_in_goes_on_and_who_is_not_waits(house):
    person, star = house.user(), house.user()
    lines = [Line(house) for _ in range(8)]  # on every loop some
    for line in lines:
        for request, status in requests(house, person, star):
            assert line.ask(request).status_code == status
    for client in (person, star, house.desk):
        client.http.close()
    leave(house, FEW)
    others = [house.connect(timeout=None) for _ in range(FEW + 40)]
    wait_until(lambda: TOO_MANY in house.output)
    for line in lines:
        for request, status in requests(house, person, star):
            # A thread that has not been connected to PostgreSQL yet cannot be now.
            assert line.ask(request).status_code in (or_busy(request, status) if POSTGRES
                                                     else {status})
    assert len(house.lines) < 100  # nothing is said over and over
    leave(house, None)
    for other in others:  # those who waited are served too
        other.settimeout(60)
        other.sendall(message("GET", "/careers/users/"))
        assert read_answers(other, 1)[0].status_code == 200
        other.close()
    for line in lines:
        line.close()
    assert house.cli("check").stdout.startswith("OK")


def test_what_needs_a_file_says_that_it_is_busy(house):
    """Nothing is told that is not so, whatever could not be opened."""
    person, star = house.user(), house.user()
    line = Line(house)
    assert line.ask(message("GET", "/careers/users/")).status_code == 200
    leave(house, 0)
    for request, status in requests(house, person, star):
        assert line.ask(request).status_code in or_busy(request, status)
    leave(house, None)
    wait_until(lambda: line.ask(message("PATCH", "/careers/users/me/update/", {"bio": "x"},
                                        person.access)).status_code == 200)
    line.close()
    assert house.cli("check").stdout.startswith("OK")


def test_a_server_that_has_too_few_to_start_says_so(tmp_path):
    """And ends in order, whichever it lacked; but for the pipe that libuv will not live without."""
    started, limit = False, 16
    while not started:
        limit += 1
        process = subprocess.Popen(
            ["prlimit", f"--nofile={limit}:{limit}", BINARY, "serve", "--listen", "127.0.0.1:0", "--loops",
             "2", "--database", f"sqlite:{tmp_path}/{limit}.db", *QUICK],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started = "serving" in process.stdout.readline()
        if started:
            process.terminate()
        said = process.communicate(timeout=60)[1]
        assert process.returncode in ([0] if started else [1, -signal.SIGABRT]), (limit, said)
        assert "Sanitizer" not in said, (limit, said)
