"""Several nodes on one database. These tests talk to them in the words of the API tests, and belong
to the run on PostgreSQL."""
import pytest

from rollcall import POSTGRES, QUICK
from several import started

collect_ignore_glob = [] if POSTGRES else ["test_*.py"]


@pytest.fixture(scope="session")
def nodes(tmp_path_factory):
    """Queues hold everybody: what is tested is who wins, not who is turned away."""
    with started(tmp_path_factory.mktemp("nodes"), QUICK + ["--hash-queue", "2000"]) as running:
        yield running


@pytest.fixture(scope="session")
def staff(nodes):
    return nodes[0].staff(superuser=True)


@pytest.fixture
def person(nodes):
    return nodes[0].user()
