"""Reading from a streaming standby: what is read there, and that nobody misses there what they wrote."""
import contextlib
import random
import re
import statistics
import threading
import time

import bouncer
import pytest

from rollcall import BINARY, QUICK, Client, Server, cluster, ok, unique, wait_until

ME = "/careers/users/me/"
USERS = "/careers/users/"
FOLLOW = USERS + "follow/"
PROFILE = "/api/get/profile/"
LEASE = 0.2  # seconds, STANDBY_LEASE
LOUD = {"log_statement": "'all'", "log_min_messages": "'log'"}
IN_USE, OUT_OF_USE = "info reading from replica=", "warn not reading from replica="
OWN_STATEMENTS = re.compile(r"standby_\w+|postgres_\w+")


@pytest.fixture(scope="module")
def standby(postgres):
    with cluster.Standby(postgres, LOUD) as running:
        yield running


def said(node, what):
    return sum(what in line for line in list(node.lines))


@contextlib.contextmanager
def serving(folder, database, standbys, through=""):
    """Two nodes that read from these standbys."""
    name = database.split("/")[3].partition("?")[0]
    options = [word for one in standbys for word in ("--database-replica", one.url(name) + through)]
    with contextlib.ExitStack() as running:
        nodes = [running.enter_context(Server(folder, QUICK + options, database=database + through))
                 for _ in range(2)]
        for node in nodes:
            wait_until(lambda: said(node, IN_USE) == len(standbys))
        yield nodes


@pytest.fixture
def nodes(standby, database, tmp_path):
    with serving(tmp_path, database, [standby]) as running:
        yield running


def statements(server, mark):
    """The names of the statements that a cluster was told since `mark`, without those of the driver."""
    text = (server.folder / "log").read_bytes()[mark:].decode()
    return [name for name in re.findall(r"LOG:  execute (\w+):", text)
            if not OWN_STATEMENTS.fullmatch(name)]


def size(server):
    return (server.folder / "log").stat().st_size


def is_read_at(server, ask, path):
    mark = size(server)
    ok(ask(path))
    return bool(statements(server, mark))


# ---- What is read where ---------------------------------------------------------------------------

def test_lists_profiles_and_statistics_are_read_there(nodes, standby):
    node, _ = nodes
    beginning = size(standby)
    one, staff = node.user(), node.staff()
    public = [(node.anonymous().get, USERS), (node.anonymous().get, USERS + "?search=user"),
              (node.anonymous().get, f"{USERS}{one.username}/"),
              (node.anonymous().get, f"{USERS}{one.username}/followers/"),
              (one.get, f"{USERS}{one.username}/following/"), (one.post, PROFILE),
              (staff.post, "/api/users/"), (staff.post, "/api/users/stats/sex/"),
              (staff.post, "/api/users/stats/age/"), (staff.post, "/api/users/stats/preferences/")]
    for ask, path in public:
        wait_until(lambda: is_read_at(standby, ask, path))
    assert not [name for name in statements(standby, beginning)
                if name.startswith(("session", "token", "login"))]


def test_all_else_is_not(nodes, standby):
    node, _ = nodes
    one, staff = node.user(), node.staff()
    wait_until(lambda: is_read_at(standby, one.get, USERS))
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


@contextlib.contextmanager
def moody(standby):
    moods = Moods(standby)
    moods.start()
    try:
        yield moods
    finally:
        moods.stop.set()
        moods.join()


def live(nodes, lives=8, rounds=30):
    crowd = [Life(nodes, rounds, seed) for seed in range(lives)]
    for one in crowd:
        one.start()
    wait_until(lambda: all(one.done or one.missed for one in crowd))
    return crowd


def assert_nothing_was_missed(crowd):
    for one in crowd:
        one.join(300)
    assert [missed for one in crowd for missed in one.missed] == []
    assert all(one.done == one.rounds for one in crowd)


def test_nobody_misses_their_own_writes(nodes, standby):
    beginning = size(standby)
    with moody(standby) as moods:
        assert_nothing_was_missed(live(nodes))
    assert moods.pauses > 5
    assert statements(standby, beginning)


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
        wait_until(lambda: said(at, IN_USE) == 2)


def test_who_asks_again_sees_what_was_done_as_well(nodes, standby, database):
    """The first answer still waits for the standby when the second one is asked for."""
    node, other = nodes
    one, two = node.user(), node.user()
    key = {"Idempotency-Key": unique()}

    def follow():
        return one.post(FOLLOW, {"following": two.id}, headers=key)
    cluster.execute(standby.url(), "SELECT pg_wal_replay_pause()")
    first = threading.Thread(target=follow)
    first.start()
    wait_until(lambda: cluster.execute(database, "SELECT 1 FROM follows WHERE following_id = ?", two.id))
    again = follow()
    followers = other.anonymous().get(f"{USERS}{two.username}/followers/")
    cluster.execute(standby.url(), "SELECT pg_wal_replay_resume()")
    first.join()
    assert ok(again, 201) and one.username in str(ok(followers))


def test_nobody_misses_their_own_writes_on_two_standbys(postgres, standby, database, tmp_path):
    with cluster.Standby(postgres, LOUD) as other:
        beginning = size(standby)
        with serving(tmp_path, database, [standby, other]) as nodes:
            with moody(standby), moody(other):
                assert_nothing_was_missed(live(nodes, rounds=10))
            assert statements(standby, beginning) and statements(other, 0)


def test_nobody_misses_their_own_writes_behind_poolers(postgres, standby, database, tmp_path):
    beginning = size(standby)
    with bouncer.before(postgres, size=40), bouncer.before(standby, size=40):
        with serving(tmp_path, database, [standby], bouncer.PORT) as nodes:
            with moody(standby):
                assert_nothing_was_missed(live(nodes, rounds=8))
            assert b"FROM users" in (standby.folder / "log").read_bytes()[beginning:]
            crowd = live(nodes, lives=4, rounds=4)
            while any(one.is_alive() for one in crowd):
                standby.down("immediate")
                standby.up()
                time.sleep(0.3)
            assert_nothing_was_missed(crowd)


def test_what_the_command_line_wrote_is_there_too(nodes, standby):
    node, _ = nodes
    one = node.user()
    with moody(standby):
        for _ in range(5):
            for command, status in [("ban", 404), ("unban", 200)]:
                reason = ["--reason", "spam"] if command == "ban" else []
                node.cli("user", command, one.username, *reason)
                for at in nodes:
                    assert at.anonymous().get(f"{USERS}{one.username}/").status_code == status


# ---- When something happens to it -----------------------------------------------------------------

def gone(nodes):
    for node in nodes:
        wait_until(lambda: said(node, OUT_OF_USE))


def back(nodes, standby):
    for node in nodes:
        wait_until(lambda: said(node, IN_USE) == 2)
        wait_until(lambda: is_read_at(standby, node.anonymous().get, USERS))
        assert said(node, OUT_OF_USE) == 1 and said(node, IN_USE) == 2


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_a_standby_that_goes_is_not_missed(nodes, standby, how):
    crowd = live(nodes, lives=4, rounds=6)
    standby.down("immediate" if how == "killed" else "fast")
    gone(nodes)
    assert_nothing_was_missed(crowd)
    standby.up()
    back(nodes, standby)


def test_a_frozen_standby_is_not_waited_for(nodes, standby):
    crowd = live(nodes, lives=4, rounds=8)
    standby.pause()
    try:
        gone(nodes)
        assert_nothing_was_missed(crowd)
    finally:
        standby.resume()
    back(nodes, standby)


@pytest.mark.parametrize("what", ["pg_terminate_backend", "pg_cancel_backend"])
def test_what_ends_in_the_middle_is_not_missed(nodes, standby, what):
    crowd = live(nodes, lives=4, rounds=10)
    while any(one.is_alive() for one in crowd):
        cluster.execute(standby.url(), f"SELECT {what}(pid) FROM pg_stat_activity WHERE "
                                       "backend_type = 'client backend' AND pid <> pg_backend_pid()")
        time.sleep(0.02)
    assert_nothing_was_missed(crowd)


def test_a_standby_that_restarts_all_the_time_shows_nothing_old(nodes, standby):
    crowd = live(nodes, lives=4, rounds=8)
    while any(one.is_alive() for one in crowd):
        standby.down("immediate")
        standby.up()
        time.sleep(0.3)
    assert_nothing_was_missed(crowd)


def test_a_promoted_standby_is_a_replica_no_more(postgres, database, tmp_path):
    with cluster.Standby(postgres) as standby, serving(tmp_path, database, [standby]) as nodes:
        crowd = live(nodes, lives=4, rounds=6)
        standby.promote()
        gone(nodes)
        assert_nothing_was_missed(crowd)


def follow(standby, primary):
    cluster.execute(standby.url(), "ALTER SYSTEM SET primary_conninfo = "
                                   f"'host={primary.folder} user=postgres'")
    cluster.execute(standby.url(), "SELECT pg_reload_conf()")


@pytest.fixture
def three():
    """A primary and two that follow it."""
    with contextlib.ExitStack() as running:
        first = running.enter_context(cluster.Cluster())
        first.make_template(BINARY)
        yield [first] + [running.enter_context(cluster.Standby(first, LOUD)) for _ in range(2)]


def test_a_standby_is_read_from_again_when_it_follows_the_next_primary(three, tmp_path):
    first, second, third = three
    database = cluster.fresh_database(first.pattern(), first.template)
    several = (database.replace(str(first.folder), f"{first.folder},{second.folder}")
               + "&target_session_attrs=read-write")
    with serving(tmp_path, several, [third]) as nodes:
        assert_nothing_was_missed(live(nodes, lives=2, rounds=3))
        one = nodes[0].user()
        first.down()
        second.promote()
        for node in nodes:
            wait_until(lambda: Client(node, one.access).get(ME).status_code == 200)
        crowd = live(nodes, lives=4, rounds=10)
        follow(third, second)
        assert_nothing_was_missed(crowd)
        for node in nodes:
            wait_until(lambda: is_read_at(third, node.anonymous().get, USERS))
