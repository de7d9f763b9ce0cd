"""A bit flips on the disk. Whatever of it can be known is reported, and what is not in order is not
served; docs/durability.md says what cannot be known."""
import random
import shutil
import sqlite3
import subprocess

import pytest

import schema
from rollcall import BINARY, QUICK, Server, ok, wait_until
from torture import count, report

CHANGES = 30
PEOPLE = 25
ME = "/careers/users/me/"
# What the database has twice, or can count again. Of names and bio the copy is a folded one.
KNOWN_TWICE = {"username", "first_name", "last_name", "bio", "followers", "following", "posts",
               "follower_id", "following_id", "user_id", "username_key", "email_key"}


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
        wait_until(lambda: "malformed" in server.output)
        assert ok(server.anonymous().post("/api/get/countries/"))
    assert check(folder).returncode == 1


def content(folder):
    """{table: (columns, rows)}, or None when it cannot be read."""
    tables = schema.Tables(f"sqlite:{folder / 'rollcall.db'}")
    try:
        return tables.content()
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # the latter quoting the schema
        return None
    finally:
        tables.close()


def differences(before, after):
    """table.column of what has changed; without the table when that is in the case of letters alone."""
    found = set()
    for table, (columns, rows) in before.items():
        for old, new in zip(rows, after[table][1]):
            for name, one, other in zip(columns, old, new):
                if one != other:
                    same = str(one).casefold() == str(other).casefold()
                    found.add("a letter's case" if same else f"{table}.{name}")
    return found


def test_what_is_there_twice_does_not_change_unnoticed(filled, tmp_path):
    """Anywhere in the file. The rest, such as a date of birth, nothing but a backup can tell."""
    folder, _ = filled
    assert check(folder).returncode == 0
    before = content(folder)
    size = (folder / "rollcall.db").stat().st_size
    numbers = random.Random(2)
    reported = harmless = 0
    unnoticed = {}
    for _ in range(count(12, 300)):
        flipped = tmp_path / "flipped"
        shutil.copytree(folder, flipped)
        flip(flipped / "rollcall.db", numbers.randrange(size), numbers.randrange(8))
        after = content(flipped)
        if check(flipped).returncode != 0:
            reported += 1
        elif after == before:
            harmless += 1
        else:
            assert after is not None
            for name in differences(before, after):
                unnoticed[name] = unnoticed.get(name, 0) + 1
        shutil.rmtree(flipped)
    assert not {name.split(".")[-1] for name in unnoticed} & KNOWN_TWICE, unnoticed
    report(flipped=reported + harmless + sum(unnoticed.values()), reported=reported,
           without_effect=harmless, unnoticed=sum(unnoticed.values()))
    if unnoticed:
        print("    unnoticed in", unnoticed)
