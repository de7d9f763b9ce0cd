"""Reading from a streaming standby: what is read there, and that nobody misses there what they wrote."""
import random
import re
import statistics
import threading
import time

import pytest

from rollcall import QUICK, Client, Server, cluster, ok, unique, wait_until

ME = "/careers/users/me/"
USERS = "/careers/users/"
FOLLOW = USERS + "follow/"
PROFILE = "/api/get/profile/"
LEASE = 0.2  # seconds, STANDBY_LEASE
LOUD = {"log_statement": "'all'", "log_min_messages": "'log'"}
IN_USE, OUT_OF_USE = "reading from replica=", "not reading from replica="
OWN_STATEMENTS = re.compile(r"standby_\w+|postgres_\w+")


@pytest.fixture
def standby(postgres):
    with cluster.Standby(postgres, LOUD) as running:
        yield running


def start(folder, database, standbys, primary=None):
    folder.mkdir()
    name = database.split("/")[3].partition("?")[0]
    options = [word for one in standbys for word in ("--database-replica", one.url(name))]
    return Server(folder, QUICK + options, database=primary or database).start()


def said(node, what):
    return sum(f" {what}" in line for line in list(node.lines))


def said_use(node):
    return sum(f"info {IN_USE}" in line for line in list(node.lines))


@pytest.fixture
def nodes(standby, database, tmp_path):
    running = [start(tmp_path / name, database, [standby]) for name in "ab"]
    for node in running:
        wait_until(lambda: said_use(node))
    yield running
    for node in running:
        assert node.stop() == 0, node.output


def busy(node, one, path):
    """Reads until every thread has a connection to the standby and has been told that it may use it."""
    for _ in range(60):
        ok(one.get(path) if path.startswith(USERS) else one.post(path, {}))


def statements(server, mark):
    """The names of the statements that a cluster was told since `mark`, without those of the driver."""
    text = (server.folder / "log").read_bytes()[mark:].decode()
    return [name for name in re.findall(r"LOG:  execute (\w+):", text)
            if not OWN_STATEMENTS.fullmatch(name)]


def size(server):
    return (server.folder / "log").stat().st_size


# ---- What is read where ---------------------------------------------------------------------------

def test_lists_profiles_and_statistics_are_read_there(nodes, standby):
    node, _ = nodes
    one, staff = node.user(), node.staff()
    public = [(node.anonymous().get, USERS), (node.anonymous().get, USERS + "?search=user"),
              (node.anonymous().get, f"{USERS}{one.username}/"),
              (node.anonymous().get, f"{USERS}{one.username}/followers/"),
              (one.get, f"{USERS}{one.username}/following/"), (one.post, PROFILE),
              (staff.post, "/api/users/"), (staff.post, "/api/users/stats/sex/"),
              (staff.post, "/api/users/stats/age/"), (staff.post, "/api/users/stats/preferences/")]
    for ask, path in public:
        def is_read_there():
            mark = size(standby)
            ok(ask(path))
            return statements(standby, mark)
        wait_until(is_read_there)
    assert not [name for name in statements(standby, 0)
                if name.startswith(("session", "token", "login"))]


def test_all_else_is_not(nodes, standby):
    node, _ = nodes
    one, staff = node.user(), node.staff()
    busy(node, node.anonymous(), USERS)
    mark = size(standby)
    for path in [ME, ME + "sessions/", ME + "stats/", USERS + "following/"]:
        ok(one.get(path))
    for path in ["/api/get/preferences/", "/api/get/notifications/", "/api/check/auth/"]:
        ok(one.post(path, {}))
    ok(staff.post("/api/user/status/", {"user_id": one.id}))
    ok(one.patch(ME + "update/", {"bio": "x"}))
    assert statements(standby, mark) == []


# ---- What one has written is there ----------------------------------------------------------------

class Life(threading.Thread):
    """Writes through one node and at once reads through another, anonymously and signed in."""

    def __init__(self, nodes, rounds, seed):
        super().__init__()
        self.nodes, self.rounds, self.random = nodes, rounds, random.Random(seed)
        self.missed = []
        self.done = 0

    def node(self):
        return self.random.choice(self.nodes)

    def reads(self, path, access):
        """The same through every node, signed in and not."""
        for node in self.random.sample(self.nodes, len(self.nodes)):
            yield ok(Client(node, self.random.choice([access, None])).get(path))

    def must(self, what, holds):
        if not holds:
            self.missed.append(f"round {self.done}: {what}")

    def run(self):
        try:
            for _ in range(self.rounds):
                self.round()
                self.done += 1
        except Exception as error:  # noqa: BLE001 - the test shows it
            self.missed.append(repr(error))

    def round(self):
        star, one = self.node().user(), self.node().user()
        at = lambda: Client(self.node(), one.access)  # noqa: E731
        mine, stars = f"{USERS}{one.username}/", f"{USERS}{star.username}/"
        for page in self.reads(USERS + f"?search={one.username}", one.access):
            self.must("registered", [row["id"] for row in page["users"]] == [one.id])
        bio = unique("bio")
        ok(at().patch(ME + "update/", {"bio": bio}))
        for profile in self.reads(mine, one.access):
            self.must("changed", profile["bio"] == bio)
        self.must("changed, own profile", ok(at().post(PROFILE, {}))["bio"] == bio)
        ok(at().post(FOLLOW, {"following": star.id}), 201)
        for page in self.reads(stars + "followers/", one.access):
            self.must("followed", [row["id"] for row in page["results"]] == [one.id])
        ok(at().delete(f"{stars}unfollow/"))
        for profile in self.reads(stars, one.access):
            self.must("unfollowed", profile["followers_count"] == 0)


class Moods(threading.Thread):
    """Holds the standby's replay up at random, and lets it go on."""

    def __init__(self, standby):
        super().__init__()
        self.standby, self.stop, self.pauses = standby, threading.Event(), 0

    def run(self):
        fate = random.Random(7)
        while not self.stop.is_set():
            cluster.execute(self.standby.url(), "SELECT pg_wal_replay_pause()")
            self.pauses += 1
            self.stop.wait(fate.uniform(0, 0.4))
            cluster.execute(self.standby.url(), "SELECT pg_wal_replay_resume()")
            self.stop.wait(fate.uniform(0, 0.6))


def live(nodes, lives=8, rounds=40):
    crowd = [Life(nodes, rounds, seed) for seed in range(lives)]
    for one in crowd:
        one.start()
    return crowd


def assert_nothing_was_missed(crowd):
    for one in crowd:
        one.join(300)
    assert [missed for one in crowd for missed in one.missed] == []
    assert all(one.done == one.rounds for one in crowd)


def test_nobody_misses_their_own_writes(nodes, standby):
    moods = Moods(standby)
    crowd = live(nodes)
    moods.start()
    try:
        assert_nothing_was_missed(crowd)
    finally:
        moods.stop.set()
        moods.join()
    assert moods.pauses > 5
    assert statements(standby, 0)


def test_a_write_waits_for_the_standby_and_not_for_the_lease(nodes):
    one = nodes[0].user()
    times = []
    for turn in range(60):
        began = time.monotonic()
        ok(one.patch(ME + "update/", {"bio": str(turn)}))
        times.append(time.monotonic() - began)
    assert statistics.median(times) < LEASE / 2


def test_a_write_is_answered_while_the_standby_stands_still(nodes, standby):
    node, other = nodes
    one = node.user()
    cluster.execute(standby.url(), "SELECT pg_wal_replay_pause()")
    for turn in range(5):
        ok(one.patch(ME + "update/", {"bio": str(turn)}))
        for at in (node, other):
            assert ok(at.anonymous().get(f"{USERS}{one.username}/"))["bio"] == str(turn)
    for at in nodes:
        wait_until(lambda: said(at, OUT_OF_USE))
    cluster.execute(standby.url(), "SELECT pg_wal_replay_resume()")
    for at in nodes:
        wait_until(lambda: said_use(at) == 2)


# ---- When something happens to it -----------------------------------------------------------------

def gone(nodes):
    for node in nodes:
        wait_until(lambda: said(node, OUT_OF_USE))


def back(nodes, standby):
    for node in nodes:
        wait_until(lambda: said_use(node) == 2)
    mark = size(standby)
    busy(nodes[0], nodes[0].anonymous(), USERS)
    assert statements(standby, mark)
    for node in nodes:
        assert said(node, OUT_OF_USE) == 1 and said_use(node) == 2


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_a_standby_that_goes_is_not_missed(nodes, standby, how):
    crowd = live(nodes, lives=4, rounds=12)
    time.sleep(1)
    standby.down("immediate" if how == "killed" else "fast")
    gone(nodes)
    assert_nothing_was_missed(crowd)
    standby.up()
    back(nodes, standby)


def test_a_frozen_standby_is_not_waited_for(nodes, standby):
    crowd = live(nodes, lives=4, rounds=8)
    time.sleep(1)
    standby.pause()
    try:
        gone(nodes)
        assert_nothing_was_missed(crowd)
    finally:
        standby.resume()
    back(nodes, standby)


def test_connections_to_it_that_end_are_not_missed(nodes, standby):
    crowd = live(nodes, lives=4, rounds=15)
    while any(one.is_alive() for one in crowd):
        cluster.execute(standby.url(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                                       "backend_type = 'client backend' AND pid <> pg_backend_pid()")
        time.sleep(0.05)
    assert_nothing_was_missed(crowd)


def test_a_standby_that_restarts_all_the_time_shows_nothing_old(nodes, standby):
    crowd = live(nodes, lives=4, rounds=20)
    while any(one.is_alive() for one in crowd):
        standby.down("immediate")
        standby.up()
        time.sleep(0.3)
    assert_nothing_was_missed(crowd)


def test_a_promoted_standby_is_a_replica_no_more(nodes, standby):
    crowd = live(nodes, lives=4, rounds=15)
    time.sleep(1)
    standby.promote()
    gone(nodes)
    assert_nothing_was_missed(crowd)
