"""The database goes away, comes back, and says nothing for a while."""
import time

import pytest

from crowd import message, together
from rollcall import wait_until
from writers import Crowd

ME = "/careers/users/me/"


@pytest.fixture(scope="module")
def postgres(fragile):
    return fragile


def assert_unavailable(answer):
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) >= 1


def test_while_it_is_down_everybody_is_told_to_come_back(node, postgres):
    person = node.user()
    postgres.down("immediate")
    try:
        start = time.monotonic()
        requests = [message("GET", ME, access=person.access),
                    message("GET", "/careers/users/"), message("GET", "/health/"),
                    message("PATCH", ME + "update/", {"bio": "x"}, person.access),
                    message("POST", "/careers/users/login/",
                            {"username": person.username, "password": person.password})] * 50
        for answer in together(node, requests):
            assert_unavailable(answer)
        assert time.monotonic() - start < 10
    finally:
        postgres.up()
    wait_until(lambda: person.get(ME).status_code == 200, timeout=5)
    assert node.cli("check").stdout.startswith("OK")


def test_nothing_acknowledged_is_lost_when_it_crashes(node, postgres, database):
    with Crowd(node) as crowd:
        for _ in range(3):
            crowd.await_writes()
            postgres.down("immediate")
            crowd.await_refusals()
            postgres.up()
            crowd.await_writes(timeout=5)
    crowd.compare(database)


def test_a_frozen_server_costs_seconds_not_threads(node, postgres):
    person = node.user()
    postgres.pause()
    try:
        requests = [message("GET", ME, access=person.access)] * 20
        start = time.monotonic()
        answers = together(node, requests, timeout=60)
        took = time.monotonic() - start
    finally:
        postgres.resume()
    for answer in answers:
        assert_unavailable(answer)
    assert took < 20
    wait_until(lambda: person.get(ME).status_code == 200, timeout=5)
