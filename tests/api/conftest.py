"""Who there is in the API tests, on the server that all share."""
import pytest

from rollcall import Server
from npm import packages  # noqa: F401


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
