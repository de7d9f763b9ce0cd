"""The database goes away, comes back, and says nothing for a while."""
import time

import pytest

from crowd import message, together
from rollcall import cluster, wait_until
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


def test_a_server_that_goes_by_another_name_is_known_again(node, database):
    """Who watches a server may reset its statistics, by which a crash would be noticed: doubt about what
    was on its way then is right, but has an end."""
    person, other = node.user(), node.user()
    flush = "query LIKE '%pg_logical_emit_message%' AND pid <> pg_backend_pid()"

    def follow():
        return person.post("/careers/users/follow/", {"following": other.id}).status_code

    def unfollow():
        return person.delete(f"/careers/users/{other.username}/unfollow/").status_code
    assert follow() == 201
    cluster.execute(database, "SELECT pg_stat_reset_shared('wal')")
    [(ended,)] = cluster.execute(database, "SELECT count(pg_terminate_backend(pid)) "
                                           f"FROM pg_stat_activity WHERE {flush}")
    assert ended
    wait_until(lambda: unfollow() in (200, 404))
    for _ in range(3):
        assert follow() < 300
        assert unfollow() < 300
