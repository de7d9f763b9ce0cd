"""The database goes away, comes back, and says nothing for a while."""
import threading
import time

from crowd import message, together
from rollcall import ok, wait_until

FOLLOW = "/careers/users/follow/"
ME = "/careers/users/me/"


def assert_unavailable(answer):
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) >= 1


def test_while_it_is_down_everybody_is_told_to_come_back(node, postgres):
    person = node.user()
    postgres.down("immediate")
    try:
        start = time.monotonic()
        requests = [message("GET", ME, access=person.access),
                    message("GET", "/careers/users/"),
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


class Follower(threading.Thread):
    """Follows and unfollows; knows which of its edges were acknowledged last, if any."""

    def __init__(self, node, person, others):
        super().__init__()
        self.client, self.others = person, others
        self.known = {}
        self.refused = 0
        self.stop = threading.Event()

    def run(self):
        while not self.stop.is_set():
            for other in self.others:
                answer = self.client.post(FOLLOW, {"following": other.id})
                if answer.status_code == 201:
                    self.known[other.id] = True
                    continue
                assert answer.status_code in (400, 503), answer.text
                if answer.status_code == 503:
                    self.refused += 1
                    self.known.pop(other.id, None)
                answer = self.client.delete(f"/careers/users/{other.username}/unfollow/")
                if answer.status_code == 200:
                    self.known[other.id] = False
                else:
                    self.known.pop(other.id, None)


def test_nothing_acknowledged_is_lost_when_it_crashes(node, postgres):
    others = [node.user() for _ in range(5)]
    crowd = [Follower(node, node.user(), others) for _ in range(4)]
    for one in crowd:
        one.start()
    try:
        for _ in range(3):
            time.sleep(0.7)
            postgres.down("immediate")
            time.sleep(0.5)
            postgres.up()
            wait_until(lambda: others[0].get(ME).status_code == 200, timeout=5)
    finally:
        for one in crowd:
            one.stop.set()
        for one in crowd:
            one.join(60)
    assert sum(one.refused for one in crowd) > 0
    for one in crowd:
        followed = {row["id"] for row in ok(one.client.get(
            f"/careers/users/{one.client.username}/following/"))["results"]}
        assert one.known
        for other, there in one.known.items():
            assert (other in followed) == there
    assert node.cli("check").stdout.startswith("OK")


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
