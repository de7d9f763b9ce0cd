"""The disk fails: a write or a sync is refused, once or for a while. Nothing that may not be on disk is
acknowledged; SQLite says of a sync only once that it has failed, so nothing that rests on it may be
either. Who reads notices nothing, and when the disk is well again so is the server, without a restart."""
import pytest

from disk import DATABASE, EIO, ENOSPC, LOG, SYNC, WRITE, FaultyServer
from ledger import Disk as Rows
from ledger import Ledger, Writer, compare
from rollcall import QUICK, Server, ok, wait_until
from torture import count, report

WRITES = 8
EVERY = count(61, 3)  # of the calls that write; of those that sync it is all
ME = "/careers/users/me/"
SMALL_LOG = ["--wal-limit", "1"]


@pytest.fixture
def server(tmp_path):
    with FaultyServer(tmp_path, QUICK) as running:
        yield running


@pytest.fixture
def small(tmp_path):
    with FaultyServer(tmp_path, QUICK + SMALL_LOG) as running:
        yield running


def change(person, bio="B"):
    return person.patch(ME + "update/", {"bio": bio})


def assert_refused(answer):
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) >= 1


def write_some(server, staff, people, everything):
    """Changes of all kinds, one after the other; how many were refused."""
    writer = Writer(len(everything.may_be), server, staff, people[0], people, WRITES, patient=True)
    writer.go_on_from(everything)
    writer.edges = everything.__dict__.setdefault("edges", {})  # as they are for all to see
    writer.start()
    writer.finish()
    everything.add(writer.ledger)
    return writer.ledger.refused


def assert_kept(server, everything):
    """By what is left after a crash."""
    server.kill()
    with Server(server.directory, QUICK) as after:
        rows = Rows(after.database)
        compare(rows, everything)
        assert rows.is_sound()
        rows.close()
        assert after.cli("check", "--search").stdout.startswith("OK")
    server.start()


@pytest.mark.parametrize("calls, error, halves", [
    (SYNC, EIO, False), (SYNC, ENOSPC, False), (WRITE, EIO, False), (WRITE, ENOSPC, True)],
    ids=["sync-EIO", "sync-ENOSPC", "write-EIO", "write-ENOSPC"])
def test_every_call_may_fail(server, calls, error, halves):
    """The first, the second … until there are no more of them in so many changes."""
    staff, people = server.staff(), [server.user() for _ in range(4)]
    everything, step = Ledger(), EVERY if calls == WRITE else 1
    spared = failures = 0
    while True:
        server.disk.fail(calls, error, LOG, spared, failing=1, halves=halves)
        refused = write_some(server, staff, people, everything)
        failed = server.disk.get("failed")
        server.disk.heal()
        assert failed or not refused, (spared, refused)
        ok(people[0].get(ME))
        if not failed:
            break
        failures += bool(refused)  # else it was the server's own: it seals the audit trail meanwhile
        wait_until(lambda: change(people[3]).status_code == 200, timeout=5)
        spared += step
    assert failures > 0
    assert_kept(server, everything)
    report(failures=failures, acknowledged_writes=everything.acknowledged,
           refused_writes=everything.refused)


@pytest.mark.parametrize("calls, error", [(WRITE, ENOSPC), (WRITE, EIO), (SYNC, EIO)],
                         ids=["full", "unwritable", "unsyncable"])
def test_while_the_disk_is_bad_one_reads_and_then_all_is_well(server, calls, error):
    staff, people = server.staff(), [server.user() for _ in range(4)]
    everything = Ledger()
    for _ in range(count(2, 20)):
        server.disk.fail(calls, error, halves=True)
        assert write_some(server, staff, people, everything) == WRITES
        assert_refused(change(people[0]))
        ok(people[0].get(ME))
        ok(people[0].get("/careers/users/?search=user"))
        assert server.disk.get("failed") > 0
        server.disk.heal()
        wait_until(lambda: change(people[3]).status_code == 200, timeout=5)
        assert write_some(server, staff, people, everything) == 0
    assert_kept(server, everything)


def fill_log(person, writes=2000):
    """Changes until one is refused; how many were not."""
    for number in range(writes):
        answer = change(person, f"{number:04d} " + "x" * 1900)
        if answer.status_code != 200:
            assert_refused(answer)
            return number
    raise AssertionError("the log has no end")


@pytest.mark.parametrize("error", [ENOSPC, EIO], ids=["full", "unwritable"])
def test_a_database_that_cannot_be_written_is_still_safe_in_its_log(small, error):
    person = small.user()
    small.disk.fail(WRITE, error, DATABASE, halves=True)
    written = fill_log(person)
    assert ok(person.get(ME))["bio"].startswith(f"{written - 1:04d}")
    small.disk.heal()
    wait_until(lambda: change(person, "well").status_code == 200, timeout=10)
    assert_kept(small, Ledger())
    assert ok(person.get(ME))["bio"] == "well"


def test_a_database_that_could_not_be_synced_is_made_whole_by_a_restart(small):
    """What of it is on disk nobody knows any more; the log has all of it, and is kept."""
    person = small.user()
    small.disk.fail(SYNC, EIO, DATABASE, failing=1)
    written = fill_log(person)
    assert "restart soon" in small.output
    assert ok(person.get(ME))["bio"].startswith(f"{written - 1:04d}")
    assert small.stop() == 0
    assert (small.directory / "rollcall.db-wal").stat().st_size > 0
    small.start()
    assert ok(person.get(ME))["bio"].startswith(f"{written - 1:04d}")
    assert change(person, "well").status_code == 200
    assert small.cli("check").stdout.startswith("OK")
