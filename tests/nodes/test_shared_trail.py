"""Three nodes have one audit trail: whoever seals, it is one chain, and nobody's record is left out."""
import contextlib
import threading

from crowd import message, statuses, together
from rollcall import PASSWORD, cluster, ok, wait_until
from trail import about, exported, head, verify

BAN = "/api/user/status/ban/"
LOGIN = "/careers/users/login/"


def test_three_that_seal_at_once_make_one_chain(nodes, staff):
    people = [nodes[i % 3].user() for i in range(12)]
    noted = head(nodes[0])
    requests = []
    for person in people:
        of = {"user_id": person.id}
        requests += [message("POST", LOGIN, {"username": person.username, "password": PASSWORD}),
                     message("POST", LOGIN, {"username": person.username, "password": "guess"}),
                     message("POST", "/api/user/notification/",
                             {**of, "title": "T", "message": "M", "type": "t"}, staff.access)] * 4
        requests += [message("POST", "/api/user/force-logout/", of, staff.access)]
    stop = threading.Event()
    said = []

    def watch():  # what is sealed holds at any moment
        while not stop.is_set():
            said.append(verify(nodes[1]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(3):
        assert set(statuses(together(nodes, requests))) == {200, 401}
    stop.set()
    watcher.join()
    assert said and all(text.startswith("OK") for text in said)
    head(nodes[2])
    assert verify(nodes[2], "--expect", noted).startswith("OK")
    rows = exported(nodes[0])
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    for person in people:
        events = [row["event"] for row in about(nodes[0], person.id)]
        assert events.count("login") == 24 and events.count("notification.send") == 12
        assert events.count("account.logout") == 3


def test_what_a_node_that_dies_has_written_is_sealed_by_another(nodes, staff, person):
    nodes[2].kill()
    try:
        ok(staff.post(BAN, {"user_id": person.id, "banned": True, "reason": "R"}))
        wait_until(lambda: all(row["seq"] for row in about(nodes[0], person.id)))
        assert verify(nodes[1]).startswith("OK")
    finally:
        nodes[2].start()


def test_a_record_that_an_erasure_holds_comes_later(nodes):
    """Who seals waits for nobody: a record that is locked is passed over, the others are not."""
    person, other = nodes[0].user(), nodes[0].user()
    head(nodes[0])
    with contextlib.closing(cluster.connect(nodes[0].database)) as connection:
        connection.autocommit = False
        ok(person.post("/api/action/logout/"))
        cluster.query(connection, "SELECT id FROM audit WHERE user_id = ? ORDER BY id DESC LIMIT 1 "
                                  "FOR UPDATE", (person.id,))
        ok(other.post("/api/action/logout/"))
        wait_until(lambda: all(row["seq"] for row in about(nodes[0], other.id)))
        connection.rollback()
    wait_until(lambda: all(row["seq"] for row in about(nodes[0], person.id)))
    assert verify(nodes[0]).startswith("OK")
