"""The pages in Debian's Chromium, on the real server. A scene (NAME.mjs) does what a person would and
prints what it saw as JSON; the tests judge that. What a browser sees does not hang on the database, so
this belongs to the run on SQLite."""
import datetime
import json
import subprocess
from pathlib import Path

import pytest

from npm import packages  # noqa: F401
from rollcall import BINARY, POSTGRES, QUICK, Server, new_database

HERE = Path(__file__).resolve().parent
collect_ignore_glob = ["test_*.py"] if POSTGRES else []


@pytest.fixture(scope="session")
def crowd(tmp_path_factory):
    """A server with 10,000 made-up people and a superuser, olivia."""
    folder = tmp_path_factory.mktemp("crowd")
    database = new_database(folder)
    today = str(datetime.date.today())
    subprocess.run([BINARY, "dev-data", "--database", database, "--accounts", "10000", "--superuser",
                    "olivia", "--until", today, *QUICK[2:]],
                   check=True, capture_output=True, timeout=180)
    with Server(folder, QUICK, database=database) as running:
        yield running


@pytest.fixture(scope="session")
def scene(packages):  # noqa: F811
    """Plays a scene and gives what it saw."""
    [node] = packages.glob("node-linux-*/bin/node")

    def play(name, *arguments, timeout=180):
        done = subprocess.run([node, HERE / f"{name}.mjs", *map(str, arguments)], capture_output=True,
                              text=True, timeout=timeout)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return play
