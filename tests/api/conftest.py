"""Fixtures of the API tests. One server serves a whole worker process; a test that needs other
settings, a restart or an empty database starts its own `Server`."""
import fcntl
import subprocess

import pytest

from rollcall import ROOT, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    options = ["--rate-limit", "off"]
    with Server(tmp_path_factory.mktemp("server"), options) as running:
        yield running


@pytest.fixture(scope="session")
def superuser(server):
    return server.staff(superuser=True)


@pytest.fixture(scope="session")
def staff(server):
    return server.staff()


@pytest.fixture
def anonymous(server):
    return server.anonymous()


@pytest.fixture
def user(server):
    return server.user()


@pytest.fixture
def other(server):
    return server.user()


@pytest.fixture
def empty_server(tmp_path):
    """A server of one's own on an empty database."""
    with Server(tmp_path, ["--rate-limit", "off"]) as running:
        yield running


@pytest.fixture(scope="session")
def packages():
    """The folder with what package-lock.json names, put there once however many workers ask for it."""
    with open(ROOT / "package-lock.json") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run([ROOT / "tools" / "npm.sh", "--version"], check=True, capture_output=True,
                       timeout=300)
    return ROOT / "node_modules"
