"""Whether the trail holds, as staff are told: checked in the background, never while somebody waits."""
import pytest

from rollcall import QUICK, Server, ok, wait_until
from trail import exported, head

VERIFY = "/api/audit/verify/"
NOTHING = {"state": "checking", "records": 0, "head_seq": 0, "head_digest": "", "checked_at": None,
           "problems": []}


@pytest.fixture
def house(tmp_path):
    with Server(tmp_path, QUICK) as server:
        server.desk = server.staff()
        for _ in range(5):
            server.user()
        head(server)  # all of it is sealed
        yield server


def standing(server):
    """What the first check has found."""
    wait_until(lambda: ok(server.desk.post(VERIFY))["state"] != "checking")
    return ok(server.desk.post(VERIFY))


def test_nothing_is_known_before_somebody_asks(house):
    assert ok(house.desk.post(VERIFY)) == NOTHING


def test_a_trail_that_nobody_has_touched_holds(house):
    seq, digest = head(house).split(":")
    found = standing(house)
    assert (found["state"], found["problems"]) == ("ok", [])
    assert (found["records"], found["head_seq"], found["head_digest"]) == (int(seq), int(seq), digest)
    assert found["checked_at"]


@pytest.mark.parametrize("change, problem", [
    ("UPDATE audit SET outcome = 2 WHERE seq = 3", "record 3 "),
    ("UPDATE audit SET address = '192.0.2.9' WHERE seq = 3", "record 3 "),
    ("DELETE FROM audit WHERE seq = 3", "record 3 is missing")])
def test_one_that_was_changed_does_not(house, change, problem):
    house.execute(change)
    found = standing(house)
    assert found["state"] == "broken"
    assert any(text.startswith(problem) for text in found["problems"])
    assert "the audit trail is not what was sealed" in house.output


def test_twenty_problems_are_enough(house):
    for _ in range(20):
        house.user()
    head(house)
    house.execute("UPDATE audit SET outcome = 2")
    found = standing(house)
    assert found["state"] == "broken" and len(found["problems"]) == 20
    assert len(exported(house)) > 20


def test_a_server_that_ends_in_the_middle_ends_at_once(tmp_path):
    with Server(tmp_path, QUICK) as server:
        server.desk = server.staff()
        server.execute("INSERT INTO audit (user_id, id, event, outcome, via, actor_id, created_at, detail, "
                       "commitment, seq) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                       "WHERE i < 40000) SELECT 0, 1000000 + i, 2, 2, 1, 0, 1, '', cookie_hash, 1000 + i FROM "
                       "n, (SELECT cookie_hash FROM sessions LIMIT 1) s")
        assert ok(server.desk.post(VERIFY)) == NOTHING
