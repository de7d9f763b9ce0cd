"""A server with a synchronous standby: the server dies or is demoted, the standby takes over, and the
nodes find it by the hosts of their URL."""
import contextlib
import threading

import pytest

from rollcall import QUICK, Server, assert_error, cluster, ok, registration, wait_until
from writers import Crowd

ME = "/careers/users/me/"


@pytest.fixture
def primary():
    with cluster.Cluster({"fsync": "off"}) as running:  # nobody pulls the plug of this machine
        yield running


@pytest.fixture
def standby(primary):
    with cluster.Standby(primary) as running:
        primary.set("synchronous_standby_names", "'*'")
        wait_until(lambda: cluster.execute(
            primary.url(), "SELECT sync_state FROM pg_stat_replication") == [("sync",)])
        yield running


@pytest.fixture
def database(primary, standby):
    url = cluster.fresh_database(primary.pattern())
    return f"{url},{standby.folder}&target_session_attrs=read-write"


@pytest.fixture
def nodes(database, tmp_path):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Server(tmp_path, QUICK, database=database)) for _ in range(2)]


def test_a_standby_takes_over_from_a_dead_server(nodes, primary, standby, database):
    with Crowd(*nodes) as crowd:
        crowd.await_writes()
        primary.kill()
        crowd.await_refusals()
        standby.promote()
        crowd.await_writes(timeout=5)
    crowd.compare(database)


def test_a_demoted_server_is_left(nodes, primary, standby, database):
    """It still answers, and takes no more writes: whoever would go on reading there reads the past."""
    with Crowd(*nodes) as crowd:
        crowd.await_writes()
        primary.set("default_transaction_read_only", "on")
        crowd.await_refusals()
        standby.promote()
        crowd.await_writes(timeout=5)
    crowd.compare(database)


def test_what_the_standby_has_not_is_not_acknowledged(nodes, primary, standby, database):
    """A commit that waits for the standby and whose process is ended has been made on the one server
    alone; it would be gone with it."""
    node, body, answers = nodes[0], registration(), []
    standby.down("immediate")
    request = threading.Thread(target=lambda: answers.append(
        node.anonymous().post("/careers/users/register/", body)))
    request.start()
    waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    wait_until(lambda: cluster.execute(primary.url(), f"SELECT count(*) {waiting}") == [(1,)])
    cluster.execute(primary.url(), f"SELECT pg_terminate_backend(pid) {waiting}")
    request.join(60)
    primary.kill()
    standby.up()
    standby.promote()
    assert_error(answers[0], 503, "unavailable")
    wait_until(lambda: node.anonymous().get("/careers/users/").status_code == 200, timeout=5)
    ok(node.anonymous().post("/careers/users/register/", body), 201)
