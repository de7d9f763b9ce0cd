"""A ban's end is seen by every node, and one of them lifts it."""
from locks import transaction
from rollcall import ok, wait_until
from trail import about

BAN = "/api/user/status/ban/"
STATUS = "/api/user/status/"


def test_of_three_nodes_one_lifts_each_ban(nodes, staff):
    people = [nodes[i % 3].user() for i in range(30)]
    for person in people:
        ok(staff.post(BAN, {"user_id": person.id, "banned": True, "reason": "R",
                            "until": "2099-01-01T00:00:00Z"}))
    ids = ", ".join(str(person.id) for person in people)
    nodes[0].execute(f"UPDATE users SET banned_until = 1 WHERE id IN ({ids})")
    wait_until(lambda: all(ok(staff.post(STATUS, {"user_id": person.id}))["status"] == "active"
                           for person in people))
    for person in people:
        rows = about(nodes[0], person.id, "account.unban")
        assert [(row["via"], row["outcome"]) for row in rows] == [("server", "ok")]


WAITING = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() " \
          "AND wait_event_type = 'Lock'"


def test_who_comes_to_a_ban_that_has_just_been_lifted_leaves_it(nodes, staff, person):
    ok(staff.post(BAN, {"user_id": person.id, "banned": True, "reason": "R",
                        "until": "2099-01-01T00:00:00Z"}))
    with transaction(nodes[0]) as run:  # all three are under way to it before one can be done
        run(f"SELECT 1 FROM directory WHERE user_id = {person.id} FOR UPDATE")
        nodes[0].execute(f"UPDATE users SET banned_until = 1 WHERE id = {person.id}")
        wait_until(lambda: nodes[0].execute(WAITING)[0][0] >= 3)
    wait_until(lambda: ok(staff.post(STATUS, {"user_id": person.id}))["status"] == "active")
    wait_until(lambda: nodes[0].execute(WAITING)[0][0] == 0)
    assert len(about(nodes[0], person.id, "account.unban")) == 1
