"""Three nodes count each thing once: daily figures are those of all of them together."""
from crowd import message, statuses, together
from rollcall import PASSWORD, ok, wait_until

STATS = "/api/users/stats/"


def today(staff, kind):
    row = ok(staff.post(f"{STATS}{kind}/"))["days"][-1]
    return [figure for key, figure in row.items() if key != "date"]


def settle(node):
    """Waits until all that was done is counted."""
    for waiting in ("audit WHERE seq IS NULL",
                    "credentials WHERE active_on IS NULL AND last_login IS NOT NULL"):
        wait_until(lambda: node.execute(f"SELECT COUNT(*) FROM {waiting}") == [(0,)])


def grow(staff, kind, before, by):
    wait_until(lambda: today(staff, kind) == [figure + more for figure, more in zip(before, by)])


def test_what_happens_at_three_nodes_at_once_counts_once(nodes, staff):
    star, *fans = [nodes[i % 3].user() for i in range(7)]
    settle(nodes[0])
    before = {kind: today(staff, kind) for kind in ("signups", "active", "logins", "follows")}
    # As if they had not been seen today; the node that knows better need not look again.
    nodes[0].execute("UPDATE credentials SET active_on = active_on - 1 WHERE user_id > ?", star.id)
    logins = [message("POST", "/careers/users/login/", {"username": fan.username, "password": PASSWORD})
              for fan in fans for _ in nodes]
    follows = [message("POST", "/careers/users/follow/", {"following": star.id}, fan.access)
               for fan in fans for _ in nodes]
    assert statuses(together(nodes, logins)) == {200: 18}
    assert statuses(together(nodes, follows)) == {201: 6, 400: 12}
    grow(staff, "logins", before["logins"], [18, 0])
    grow(staff, "follows", before["follows"], [6, 0])
    grow(staff, "active", before["active"], [6])
    assert today(staff, "signups") == before["signups"]
