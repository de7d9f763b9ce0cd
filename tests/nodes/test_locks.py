"""Transactions that meet wait for each other, never in a circle; and where one is chosen to give way
nobody hears of it."""
from crowd import message, statuses, together
from locks import asked, transaction
from rollcall import PASSWORD, POSTGRES, QUICK, cluster, ok, wait_until
from several import TEMPLATE, started

ME = "/careers/users/me/"
FOLLOW = "/careers/users/follow/"
READ = "/api/update/notifications/read/"


def unfollow(who, whom):
    return message("DELETE", f"/careers/users/{whom.username}/unfollow/", None, who.access)


def deadlocks(nodes):
    """How many of their transactions the server has had to end."""
    return sum(node.output.count("deadlock detected") for node in nodes)


def test_erasing_waits_for_edges_that_end(nodes, person):
    before = deadlocks(nodes)
    crowd = [nodes[i % 3].user() for i in range(6)]
    for _ in range(8):
        victim = nodes[0].user()
        edges = [(victim, one) for one in crowd] + [(one, victim) for one in crowd]
        made = together(nodes, [message("POST", FOLLOW, {"following": b.id}, a.access)
                                for a, b in edges])
        assert statuses(made) == {201: 12}
        ends = [unfollow(a, b) for a, b in edges]
        ends.insert(5, message("DELETE", ME, {"password": PASSWORD}, victim.access))
        seen = statuses(together(nodes, ends))
        assert seen[200] >= 1 and set(seen) <= {200, 400, 401, 404}
    for one in crowd:
        assert ok(one.get(ME))["followers_count"] == 0
    assert deadlocks(nodes) == before


def test_erasing_waits_for_an_inbox_that_is_read(nodes, staff):
    before = deadlocks(nodes)
    for _ in range(8):
        victim = nodes[0].user()
        send = message("POST", "/api/user/notification/",
                       {"user_id": victim.id, "title": "T", "message": "M", "type": "t"},
                       staff.access)
        together(nodes, [send] * 12)
        ids = [row["id"] for row in ok(victim.post("/api/get/notifications/history/", {}))[
            "notifications"]]
        acts = [message("POST", READ, {"id": ids}, victim.access),
                message("POST", READ, {"id": ids[::-1]}, victim.access),
                message("POST", READ, {"all": True}, victim.access), send] * 3
        acts.insert(4, message("DELETE", ME, {"password": PASSWORD}, victim.access))
        seen = statuses(together(nodes, acts))
        assert seen[200] >= 1 and set(seen) <= {200, 401, 404}
    assert deadlocks(nodes) == before


def test_who_has_to_give_way_tries_again(nodes, person):
    """We hold the counts; the request holds an edge and waits for them; we wait for all edges. The
    server ends who has waited for a second: the request."""
    other, answers, before = nodes[1].user(), [], deadlocks(nodes)
    ok(person.post(FOLLOW, {"following": other.id}), 201)
    with transaction(nodes[0]) as ours:
        ours("SELECT 1 FROM user_counts WHERE user_id IN (?, ?) FOR UPDATE", person.id, other.id)
        asking = asked(nodes[0], unfollow(person, other), answers)
        ours("LOCK TABLE follows IN SHARE ROW EXCLUSIVE MODE")
    asking.join()
    ok(answers[0])
    wait_until(lambda: deadlocks(nodes) == before + 1)
    assert ok(other.get(ME))["followers_count"] == 0


def test_sessions_end_in_the_order_of_their_ids(tmp_path):
    """As housekeeping notes them, however the server finds them. Who waits for the first holds none
    of the others."""
    database = cluster.fresh_database(POSTGRES, TEMPLATE)
    name = cluster.execute(database, "SELECT current_database()")[0][0]
    for way in ("indexscan", "bitmapscan"):
        cluster.execute(database, f"ALTER DATABASE {name} SET enable_{way} = off")
    with started(tmp_path, QUICK, database, count=1) as (node,):
        staff, person = node.staff(superuser=True), node.user()
        for _ in range(5):
            node.login(person.username)
        ids = [row[0] for row in node.execute(
            "SELECT id FROM sessions WHERE user_id = ? ORDER BY id", person.id)]
        for number in ids[::-1]:  # now they lie in another order than that of their ids
            node.execute("UPDATE sessions SET used_at = used_at + 1 WHERE id = ?", number)
        answers = []
        with transaction(node) as ours:
            ours("SELECT 1 FROM sessions WHERE id = ? FOR UPDATE", ids[0])
            asking = asked(node, message("POST", "/api/user/force-logout/",
                                         {"user_id": person.id}, staff.access), answers)
            free = ours("SELECT 1 FROM sessions WHERE user_id = ? FOR UPDATE SKIP LOCKED",
                        person.id)
            assert len(free) == len(ids)
        asking.join()
        ok(answers[0])
        assert person.get(ME).status_code == 401
