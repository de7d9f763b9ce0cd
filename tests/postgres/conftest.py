"""These tests talk to the server in the words of the API tests. They belong to the run on PostgreSQL
and have clusters of their own to ill-treat."""
import os

import pytest

from rollcall import BINARY, QUICK, Server, cluster

collect_ignore_glob = [] if os.environ.get("ROLLCALL_TEST_DATABASE") else ["test_*.py"]


def cluster_with_template():
    with cluster.Cluster(cluster.CRASH_SAFE) as running:
        running.make_template(BINARY)
        yield running


@pytest.fixture(scope="session")
def postgres():
    yield from cluster_with_template()


@pytest.fixture(scope="module")
def fragile():
    """One with few databases in it, which is soon back after a crash."""
    yield from cluster_with_template()


@pytest.fixture
def database(postgres):
    return cluster.fresh_database(postgres.pattern(), postgres.template)


@pytest.fixture
def node(database, tmp_path):
    with Server(tmp_path, QUICK, database=database) as running:
        yield running
