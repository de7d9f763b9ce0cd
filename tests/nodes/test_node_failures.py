"""A node that is killed takes nothing acknowledged with it, and the others do not notice."""
import contextlib
import http.client
import os
import signal
import threading
from collections import Counter

import pytest

from crowd import Line, message
from locks import asked, transaction
from rollcall import QUICK, ok, wait_until
from several import started

FOLLOW = "/careers/users/follow/"
ME = "/careers/users/me/"
STANDING = ("SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND state = 'idle in transaction' AND query LIKE '%users%'")


class Follower(threading.Thread):
    """Follows and unfollows through one node; knows which edges were acknowledged last, and which
    it cannot know of because its node died before the answer."""

    def __init__(self, node, person, others):
        super().__init__()
        self.node, self.person, self.others = node, person, others
        self.edges, self.lost, self.statuses = {}, set(), Counter()
        self.done = threading.Event()

    def run(self):
        with contextlib.closing(Line(self.node)) as line:
            with contextlib.suppress(OSError, IndexError, http.client.HTTPException):
                while not self.done.is_set():
                    for other in self.others:
                        self.turn(line, other)

    def turn(self, line, other):
        follows = not self.edges.get(other.id, False)
        self.lost.add(other.id)
        answer = line.ask(
            message("POST", FOLLOW, {"following": other.id}, self.person.access) if follows else
            message("DELETE", f"/careers/users/{other.username}/unfollow/", None,
                    self.person.access))
        if answer is None:
            raise ConnectionResetError
        self.lost.discard(other.id)
        self.statuses[answer.status_code] += 1
        if answer.status_code in (200, 201):
            self.edges[other.id] = follows


@pytest.fixture
def trio(tmp_path):
    with started(tmp_path, QUICK) as running:
        yield running


def test_a_killed_node_is_not_missed(trio):
    others = [trio[0].user() for _ in range(4)]
    crowd = [Follower(trio[i % 3], trio[i % 3].user(), others) for i in range(9)]
    for one in crowd:
        one.start()
    for _ in range(3):
        wait_until(lambda: all(sum(one.statuses.values()) > 50 for one in crowd))
        trio[2].kill()
        for one in crowd[2::3]:
            one.join(30)
        alive = crowd[0::3] + crowd[1::3]
        before = [sum(one.statuses.values()) for one in alive]
        wait_until(lambda: all(sum(one.statuses.values()) > count + 20
                               for one, count in zip(alive, before)))
        trio[2].start()
        crowd[2::3] = [again(one) for one in crowd[2::3]]
    for one in crowd:
        one.done.set()
        one.join(30)
    for one in crowd:
        assert set(one.statuses) <= {200, 201}, one.statuses
        path = f"/careers/users/{one.person.username}/following/"
        listed = {row["id"] for row in ok(trio[0].anonymous().get(path))["results"]}
        for other, there in one.edges.items():
            if other not in one.lost:
                assert (other in listed) == there


def again(follower):
    """The same person at the node that has been started again, as far as it is known what stands."""
    one = Follower(follower.node, follower.person, follower.others)
    path = f"/careers/users/{one.person.username}/following/"
    listed = {row["id"] for row in ok(one.node.anonymous().get(path))["results"]}
    for other, there in follower.edges.items():
        assert other in follower.lost or (other in listed) == there
    one.edges = {other.id: other.id in listed for other in one.others}
    one.start()
    return one


def test_a_frozen_node_holds_nobody_up(trio):
    """It stands still with an account locked; nobody will ever end that connection but the server."""
    staff, person, answers = trio[0].staff(superuser=True), trio[2].user(bio="Old"), []
    seen = Counter()

    def logged_out():
        answer = staff.post("/api/user/force-logout/", {"user_id": person.id})
        seen[answer.status_code] += 1
        return answer.status_code == 200

    try:
        with transaction(trio[0]) as ours:
            ours("SELECT 1 FROM users WHERE id = ? FOR UPDATE", person.id)
            asking = asked(trio[2], message("PATCH", ME + "update/", {"bio": "New"}, person.access),
                           answers)
            trio[2].process.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, trio[2].process.pid, os.WSTOPPED)  # every thread of it
        wait_until(lambda: trio[0].execute(STANDING))
        wait_until(logged_out)
    finally:
        trio[2].process.send_signal(signal.SIGCONT)
        asking.join()
    assert set(seen) <= {200, 503}
    assert answers[0].status_code == 503
    again = trio[2].login(person.username)
    assert ok(again.get(ME))["bio"] == "Old"
