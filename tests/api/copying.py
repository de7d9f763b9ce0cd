"""Words for the tests of `rollcall copy`: places, copies, and a source that takes a while."""
import itertools
import os
import re
import sqlite3
import subprocess
from pathlib import Path

from rollcall import BINARY, POSTGRES, another_program, cluster

EDGES = 120_000  # of the source that takes a while …
LETTERS = 2_500  # … and its notifications, of 8 KB each
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "detect_leaks=1:exitcode=99",
               "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}
_numbers = itertools.count(1)


class SqlitePlace:
    """Where there is nothing yet."""

    def __init__(self, folder):
        self.folder = Path(folder) / f"place{next(_numbers)}"
        self.folder.mkdir()
        self.file = self.folder / "rollcall.db"
        self.url = f"sqlite:{self.file}"

    def is_empty(self):
        return not list(self.folder.iterdir())

    def has_nothing(self):
        """As is_empty, but for what a process that was killed could not remove."""
        return not self.file.exists()

    def query(self, sql):
        database = sqlite3.connect(self.file)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()


class PostgresPlace:
    def __init__(self, url):
        self.url = url

    def is_empty(self):
        return self.query("SELECT count(*) FROM pg_class"
                          " WHERE relnamespace = to_regnamespace('public')") == [(0,)]

    has_nothing = is_empty

    def query(self, sql):
        return cluster.execute(self.url, sql)


def new_place(engine, folder):
    if engine == "sqlite":
        return SqlitePlace(folder)
    return PostgresPlace(cluster.fresh_database(POSTGRES))


# What this run is about: from where to where.
ENGINES = ["sqlite", "postgresql"] if POSTGRES else ["sqlite"]
WAYS = [pair for pair in itertools.product(ENGINES, repeat=2)
        if not POSTGRES or "postgresql" in pair]


def command(source, target, *options):
    return [BINARY, "copy", "--from", source, "--to", target, *options]


def start_copy(source, target, *options, **more):
    return subprocess.Popen(command(source, target, *options), text=True, env=ENVIRONMENT,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)


def copy(source, target, *options, status=0, **more):
    done = subprocess.run(command(source, target, *options), text=True, capture_output=True,
                          timeout=300, env=ENVIRONMENT, **more)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def empty_schema(place, source):
    """Makes the schema in a PostgreSQL place, with nothing in it."""
    copy(source, place.url)
    tables = [name for name, in place.query("SELECT relname FROM pg_class WHERE relkind = 'r' AND"
                                            " relnamespace = to_regnamespace('public')")]
    place.query("TRUNCATE " + ", ".join(t for t in tables if t != "migrations"))
    return place


ROW = re.compile(r"^(\w+) +([\d,]+)  ([0-9a-f]{16}) +([\d,]+)  ([0-9a-f]{16})(  DIFFERS)?$",
                 re.MULTILINE)


def report(done):
    """The table that a copy ends with: rows and checksum of both sides, by table."""
    return {name: ((int(rows.replace(",", "")), sum_), (int(there.replace(",", "")), sum_there))
            for name, rows, sum_, there, sum_there, _ in ROW.findall(done.stdout)}


def make_short_source(folder):
    """One account."""
    url = f"sqlite:{Path(folder) / 'short.db'}"
    subprocess.run([BINARY, "user", "add", "alice", "--email", "alice@example.com",
                    "--password-stdin", "--database", url, "--log-level", "error"],
                   input="password123\n", text=True, check=True, env=ENVIRONMENT)
    return url


def make_long_source(folder):
    """One account, and so much else that there is time to do something while it is copied."""
    url = make_short_source(folder)
    with another_program(url.removeprefix("sqlite:")) as database:
        count = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        database.execute(f"{count} INSERT INTO follows SELECT i / 1000, i % 1000, i, i FROM n",
                         (EDGES,))
        database.execute(f"{count} INSERT INTO notifications (user_id, id, title, message, type,"
                         " created_at) SELECT 1, i, '', hex(randomblob(4096)), '', 0 FROM n",
                         (LETTERS,))
    return url
