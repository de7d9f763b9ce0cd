"""A bit flips on the disk: that is reported, and what is not in order is not served."""
import contextlib
import random
import re
import shutil
import sqlite3
import subprocess

import pytest

from rollcall import BINARY, PASSWORD, QUICK, Server, ok, wait_until
from torture import count, report

CHANGES = 30
PEOPLE = 25
ME = "/careers/users/me/"
PAGE = 4096


def flip(path, offset, bit=0):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1 << bit]))


def check(folder):
    return Server(folder).cli("check", "--search", check=False)


# ---- The log ------------------------------------------------------------------------------------


@pytest.fixture
def crashed(tmp_path):
    """A folder with a log in which many changes of one account's bio stand, each on its own."""
    folder = tmp_path / "crashed"
    folder.mkdir()
    server = Server(folder, QUICK).start()
    person = server.user()
    for number in range(CHANGES):
        ok(person.patch(ME + "update/", {"bio": f"{number}"}))
    server.kill()
    return folder


def ends_of_transactions(log):
    """Offsets in the log, in order."""
    size = int.from_bytes(log[8:12], "big")
    starts = range(32, len(log) - 24 - size + 1, 24 + size)
    return [at + 24 + size for at in starts if log[at + 4:at + 8] != bytes(4)]


def bio(folder):
    database = sqlite3.connect(folder / "rollcall.db")
    (found,), = database.execute("SELECT bio FROM users").fetchall()
    database.close()
    return int(found)


def test_a_log_with_a_flipped_bit_is_reported(crashed, tmp_path):
    """In any transaction but the last: that one may as well have been torn, and is left out."""
    log = (crashed / "rollcall.db-wal").read_bytes()
    last = ends_of_transactions(log)[-2]
    numbers = random.Random(1)
    places = [0, 20, 32, 40, 48, 56, last - 1, last, len(log) - 1]
    places += [numbers.randrange(len(log)) for _ in range(count(6, 200))]
    damaged = 0
    for place in places:
        folder = tmp_path / "flipped"
        shutil.copytree(crashed, folder)
        flip(folder / "rollcall.db-wal", place, numbers.randrange(8))
        done = check(folder)
        if place < last:
            assert done.returncode == 1 and "is damaged" in done.stderr, (place, done)
            assert (folder / "rollcall.db-wal").stat().st_size == len(log)  # for who can mend it
            damaged += 1
        else:
            assert done.stdout.startswith("OK") and "is not whole" in done.stderr, (place, done)
            assert bio(folder) == CHANGES - 2
        shutil.rmtree(folder)
    report(flipped=len(places), reported=damaged)


def test_a_damaged_log_is_not_served(crashed):
    flip(crashed / "rollcall.db-wal", 5000)
    done = subprocess.run([BINARY, "serve", "--database", f"sqlite:{crashed / 'rollcall.db'}",
                           "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "rollcall.db-wal is damaged at frame 2" in done.stderr


def test_a_whole_log_is_not_found_fault_with(crashed):
    done = check(crashed)
    assert done.stdout.startswith("OK") and "warn" not in done.stderr
    assert bio(crashed) == CHANGES - 1


@pytest.fixture
def in_use(tmp_path):
    """A server in whose log a bit of somebody's address has flipped, which nothing but a checksum can
    tell, wherever it stands."""
    server = Server(tmp_path, QUICK).start()
    server.victim = server.user()
    log = tmp_path / "rollcall.db-wal"
    for found in re.finditer(re.escape(server.victim.email.encode()), log.read_bytes()):
        flip(log, found.start(), 1)
    yield server
    server.kill()


def is_told_by(server):
    return "rollcall.db-wal is damaged at frame" in server.output


def test_what_flips_in_the_log_of_a_server_is_not_served(in_use):
    body = {"username": in_use.victim.username, "password": PASSWORD}
    answer = in_use.anonymous().post("/careers/users/login/", body)
    assert answer.status_code == 503, answer.text
    wait_until(lambda: is_told_by(in_use))
    assert ok(in_use.anonymous().post("/api/get/countries/"))


def test_nor_is_it_moved_to_the_file(in_use):
    in_use.stop()
    assert is_told_by(in_use)
    check(in_use.directory)
    address = bytearray(in_use.victim.email.encode())
    address[0] ^= 2
    assert address not in (in_use.directory / "rollcall.db").read_bytes()


def test_a_log_that_another_process_has_written_to_is_not_found_fault_with(tmp_path):
    """Where frames of ours had been: the log has begun anew in between."""
    with Server(tmp_path, [*QUICK, "--wal-limit", "1"]) as server:
        people = [server.user() for _ in range(3)]
        for number in range(200):
            ok(people[0].patch(ME + "update/", {"bio": f"{number} " * 400}))
        for number, person in enumerate(people * 10):
            server.cli("user", "grant" if number % 2 else "revoke", person.username, "--staff")
            assert ok(person.get(ME))["username"] == person.username
        assert "is damaged" not in server.output
    assert check(tmp_path).stdout.startswith("OK")


# ---- The database -------------------------------------------------------------------------------


@pytest.fixture
def filled(tmp_path):
    """A folder with a database, and somebody who is in it."""
    folder = tmp_path / "filled"
    folder.mkdir()
    with Server(folder, QUICK) as server:
        people = [server.user(bio=f"Person {number} " + "b" * 300) for number in range(PEOPLE)]
        for person in people[1:]:
            ok(person.post("/careers/users/follow/", {"following": people[0].id}), 201)
    return folder, people[1]


def offset_of(folder, table):
    """Where its root page begins."""
    database = sqlite3.connect(folder / "rollcall.db")
    (page,), = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,))
    (size,), = database.execute("PRAGMA page_size")
    database.close()
    return (page - 1) * size


@pytest.mark.parametrize("table, byte", [("users", 0), ("users", 4), ("user_counts", 0)])
def test_a_page_that_is_no_page_any_more_is_not_served(filled, table, byte):
    folder, person = filled
    flip(folder / "rollcall.db", offset_of(folder, table) + byte, 2)
    with Server(folder, QUICK) as server:
        answer = server.anonymous().get(f"/careers/users/{person.username}/")
        assert answer.status_code == 503, answer.text
        wait_until(lambda: "is damaged" in server.output)
        assert ok(server.anonymous().post("/api/get/countries/"))
    assert check(folder).returncode == 1


# Of page 1: the counters that SQLite's own backup changes, which say nothing about what is kept.
COUNTERS = {*range(24, 28), *range(40, 44), *range(92, 100)}
RESERVED = 20  # where the header says that there is room for checksums


def test_every_flipped_bit_is_reported(filled, tmp_path):
    """Anywhere in the file; in the header, and in a checksum itself."""
    folder, _ = filled
    assert check(folder).stdout.startswith("OK")
    size = (folder / "rollcall.db").stat().st_size
    numbers = random.Random(2)
    places = [(RESERVED, bit) for bit in range(8)] + [(18, 1), (52, 0), (4095, 7), (size - 1, 0)]
    places += [(numbers.randrange(size), numbers.randrange(8)) for _ in range(count(12, 300))]
    places = [place for place in places if place[0] not in COUNTERS]
    flipped = tmp_path / "flipped"
    for offset, bit in places:
        shutil.copytree(folder, flipped)
        flip(flipped / "rollcall.db", offset, bit)
        done = check(flipped)
        assert done.returncode == 1, (offset, bit, done)
        assert f"error page {offset // PAGE + 1} of " in done.stderr, (offset, bit, done)
        shutil.rmtree(flipped)
    report(flipped=len(places), reported=len(places))


def test_every_damaged_page_is_named(filled):
    folder, _ = filled
    pages = (folder / "rollcall.db").stat().st_size // PAGE
    for number in (5, pages - 3, pages):
        flip(folder / "rollcall.db", number * PAGE - 1000)
    done = check(folder)
    assert f"3 of {pages} pages are damaged" in done.stdout
    for number in (5, pages - 3, pages):
        assert f"page {number} of {folder / 'rollcall.db'} is damaged" in done.stderr


def test_what_has_flipped_is_not_served(filled):
    """Nothing but the checksum can tell: it is the address that an account is shown with."""
    folder, person = filled
    path = folder / "rollcall.db"
    content = path.read_bytes()
    address = person.email.encode()
    for found in re.finditer(re.escape(address), content):
        flip(path, found.start(), 1)
    with Server(folder, QUICK) as server:
        answer = server.anonymous().post("/careers/users/login/", {
            "username": person.username, "password": PASSWORD})
        assert answer.status_code == 503, answer.text
        wait_until(lambda: "is damaged: its checksum does not add up" in server.output)
        assert ok(server.anonymous().post("/api/get/countries/"))


# ---- Programs that know nothing of checksums ----------------------------------------------------


def test_a_backup_by_sqlite_is_whole(filled, tmp_path):
    """Of a database that is served, some of which stands in the log."""
    folder, _ = filled
    copy = tmp_path / "copy"
    copy.mkdir()
    with Server(folder, QUICK) as server:
        server.user()
        with contextlib.closing(sqlite3.connect(folder / "rollcall.db")) as source, \
                contextlib.closing(sqlite3.connect(copy / "rollcall.db")) as target:
            source.backup(target)
            assert target.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert check(copy).stdout.startswith(f"OK: {PEOPLE + 1} accounts")


def test_a_log_that_another_program_has_moved_is_taken_as_it_is(crashed):
    """As SQLite's own command does when it closes what a crash has left."""
    assert bio(crashed) == CHANGES - 1
    assert not (crashed / "rollcall.db-wal").exists()
    done = check(crashed)
    assert done.stdout.startswith("OK") and "have no checksum" in done.stdout, done


def test_what_another_program_has_changed_counts_as_damaged_until_vacuum(filled):
    folder, _ = filled
    with contextlib.closing(sqlite3.connect(folder / "rollcall.db")) as database:
        database.execute("UPDATE users SET sex = 'X'")
        database.commit()
    done = check(folder)
    assert done.returncode == 1 and "is damaged" in done.stderr
    with contextlib.closing(sqlite3.connect(folder / "rollcall.db")) as database:
        database.execute("VACUUM")
    done = check(folder)
    assert "is damaged" not in done.stderr and "is damaged" not in done.stdout


def test_a_database_made_without_room_for_checksums_goes_on(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "rollcall.db")) as database:
        database.execute("PRAGMA application_id = 0x726F6C6C")
    with Server(tmp_path, QUICK) as server:
        server.user()
        assert "have no checksums" in check(tmp_path).stdout
    done = check(tmp_path)
    assert done.stdout.startswith("OK: 1 account,") and "rollcall copy" in done.stdout
    copy = tmp_path / "copy"
    copy.mkdir()
    subprocess.run([BINARY, "copy", "--from", f"sqlite:{tmp_path / 'rollcall.db'}", "--to",
                    f"sqlite:{copy / 'rollcall.db'}"], check=True, capture_output=True)
    done = check(copy)
    assert done.stdout.startswith("OK: 1 account,") and "checksum" not in done.stdout
