"""A new release brings an old database up to date and is killed on the way, at every write and sync of
its file, or at every message to its server. The next start does the rest, and nothing is missing."""
import contextlib
import shutil

import pytest

import schema
from disk import DEATH, SEND, SYNC, TRUNCATE, WRITE, FaultyServer
from rollcall import POSTGRES, QUICK, Server, cluster, ok
from torture import count, report

CALLS = SEND if POSTGRES else WRITE | SYNC | TRUNCATE
PEOPLE = 12
TRIES = count(4, 120)


class Old:
    """A database of the first release, copied for each try."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "source").mkdir()
        with Server(folder / "source", QUICK) as server:
            self.staff = server.staff()
            self.people = [server.user(bio=f"Person {number}") for number in range(PEOPLE)]
            for person in self.people[1:]:
                ok(person.post("/careers/users/follow/", {"following": self.people[0].id}), 201)
                ok(self.staff.post("/api/user/activity/", {
                    "user_id": person.id, "event_id": "first", "posts": 2, "earnings": 0.5}))
            self.source = server.database
        self.kept = schema.make_first(self.source)

    def make(self, name):
        """A folder, and the URL of such a database."""
        folder = self.folder / name
        folder.mkdir()
        return folder, schema.copy(self.source, folder)


@pytest.fixture
def old(tmp_path):
    return Old(tmp_path)


def start_and_die(folder, url, spared, halves):
    """Whether it was killed, or had nothing left to be killed at."""
    server = FaultyServer(folder, QUICK, database=url)
    server.disk.fail(CALLS, DEATH, spared=spared, failing=1, halves=halves)
    with contextlib.suppress(RuntimeError):
        server.start()
        server.disk.heal()
    killed = server.disk.get("failed") > 0
    status = server.stop()
    assert status == (-9 if killed else 0), server.output
    return killed


def assert_complete(old, server):
    tables = schema.Tables(server.database)
    assert [row[0] for row in tables.query("SELECT name FROM migrations ORDER BY version")] \
        == [path.name for path in schema.MIGRATIONS]
    for table, (columns, rows) in old.kept.items():
        if table != "sessions":  # when they were last used is written down now and then
            assert tables.rows(table, columns) == rows, table
    tables.close()
    assert server.cli("check", "--search").stdout.startswith("OK")


def assert_works(old, server):
    first = server.login(old.people[0].username)
    assert ok(first.get("/careers/users/me/stats/"))["followers_count"] == PEOPLE - 1
    found = ok(first.get(f"/careers/users/?search={old.people[1].username}"))
    assert [one["username"] for one in found["users"]] == [old.people[1].username]
    server.user()


def die_at_every_call(make, look):
    """`make` gives a folder and the URL of a new copy of a database, `look` is what is asserted of the
    server after the next start."""
    folder, url = make("whole")
    server = FaultyServer(folder, QUICK, database=url)
    server.disk.count(CALLS)
    server.start()
    calls = server.disk.get("seen")
    look(server)
    assert server.stop() == 0, server.output
    killed = 0
    for spared in range(0, calls, max(1, 2 * calls // TRIES)):
        for halves in (False, True):
            folder, url = make(f"{spared}-{halves}")
            killed += start_and_die(folder, url, spared, halves)
            with Server(folder, QUICK, database=url) as server:
                look(server)
            shutil.rmtree(folder)
    assert killed > 0
    report(calls_of_a_start=calls, killed=killed)


def test_the_next_start_completes_it(old):
    def look(server):
        assert_complete(old, server)
        assert_works(old, server)

    die_at_every_call(old.make, look)


def test_so_it_does_with_a_database_that_was_being_made(tmp_path):
    def make(name):
        folder = tmp_path / name
        folder.mkdir()
        return folder, (cluster.fresh_database(POSTGRES) if POSTGRES
                        else f"sqlite:{folder / 'rollcall.db'}")

    def look(server):
        server.user()
        assert server.cli("check", "--search").stdout.startswith("OK: 1 account,")

    die_at_every_call(make, look)
