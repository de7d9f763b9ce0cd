"""A ban's end is seen by every node, and one of them lifts it."""
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
