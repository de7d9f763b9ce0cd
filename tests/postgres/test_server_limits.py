"""The server is there, but will not or cannot do it now."""
import contextlib

import pytest

from crowd import message, together
from rollcall import QUICK, Server, assert_error, cluster, ok, wait_until

ME = "/careers/users/me/"
EDIT = ME + "update/"


@pytest.fixture
def hasty(database, tmp_path):
    """A node with a limit on statements of its own."""
    with Server(tmp_path, QUICK,
                database=database + "&options=-c%20statement_timeout%3D500") as running:
        yield running


def test_a_statement_that_takes_too_long_is_given_up(hasty, database):
    person, other = hasty.user(), hasty.user()
    with contextlib.closing(cluster.connect(database)) as blocker:
        blocker.autocommit = False
        cluster.query(blocker, "SELECT FROM users WHERE id = ? FOR UPDATE", (person.id,))
        requests = [message("PATCH", EDIT, {"bio": "x"}, person.access)] * 20
        for answer in together(hasty, requests):
            assert_error(answer, 503, "unavailable")
        ok(other.patch(EDIT, {"bio": "free"}))
        ok(person.get(ME))
    assert ok(person.patch(EDIT, {"bio": "free"}))["bio"] == "free"


def test_the_servers_own_limit_is_set(node, database):
    """Whatever a client gives up, the server stops doing."""
    with contextlib.closing(cluster.connect(database)) as blocker:
        blocker.autocommit = False
        person = node.user()
        cluster.query(blocker, "LOCK TABLE users")
        assert person.get(ME).status_code == 503
        blocker.rollback()
    wait_until(lambda: "canceling statement due to statement timeout" in node.output)


def test_a_database_that_takes_no_writes_is_read(node, database):
    person, other = node.user(), node.user()
    name = cluster.execute(database, "SELECT current_database()")[0][0]
    cluster.execute(database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    cluster.execute(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                              "WHERE application_name = 'rollcall'")
    for _ in range(3):
        assert_error(person.post("/careers/users/follow/", {"following": other.id}), 503,
                     "unavailable")
        assert_error(node.anonymous().post("/careers/users/login/", {
            "username": person.username, "password": person.password}), 503, "unavailable")
        assert ok(person.get(ME))["username"] == person.username
        ok(node.anonymous().get("/careers/users/"))
    with contextlib.closing(cluster.connect(database)) as writer:
        cluster.query(writer, "SET default_transaction_read_only = off")
        cluster.query(writer, f"ALTER DATABASE {name} RESET default_transaction_read_only")
    ok(person.post("/careers/users/follow/", {"following": other.id}), 201)


def test_a_server_without_room_for_another_connection(database, tmp_path):
    """Who has a connection goes on; the others are told to come back."""
    with contextlib.closing(cluster.connect(database)) as watcher:
        cluster.query(watcher, "CREATE ROLE few LOGIN CONNECTION LIMIT 6 IN ROLE pg_read_all_data, "
                               "pg_write_all_data")
        cluster.query(watcher, "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO few")
        with Server(tmp_path, QUICK, database=database.replace("postgres@", "few@")) as node:
            person = node.user()
            requests = [message("GET", ME, access=person.access),
                        message("PATCH", EDIT, {"bio": "x"}, person.access)] * 50
            statuses = {answer.status_code for answer in together(node, requests)}
            assert statuses <= {200, 503} and 200 in statuses
            wait_until(lambda: person.get(ME).status_code == 200)
