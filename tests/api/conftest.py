"""Fixtures of the API tests. One server serves a whole worker process; a test that needs other
settings, a restart or an empty database starts its own `Server`."""
import pytest

from rollcall import Server
from npm import packages  # noqa: F401


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
