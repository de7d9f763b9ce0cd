"""Everybody does things at the same moment through different nodes: one wins, every number stays
right. (tests/api/test_races.py has more of them, on one node.)"""
import random
from collections import Counter

from crowd import message, statuses, together
from rollcall import PASSWORD, assert_error, edge_counts, ok, registration, unique

ME = "/careers/users/me/"
FOLLOW = "/careers/users/follow/"
NOTIFY = "/api/user/notification/"
READ = "/api/update/notifications/read/"
HISTORY = "/api/get/notifications/history/"


def test_of_a_thousand_registrations_of_one_name_one_wins(nodes, staff):
    name = unique("Contested")
    spellings = [str.lower, str.upper, str.swapcase, str]
    bodies = [registration(spellings[i % 4](name), email=f"{i}.{name}@example.com")
              for i in range(1000)]
    answers = together(nodes, [message("POST", "/careers/users/register/", body)
                               for body in bodies])
    assert statuses(answers) == {201: 1, 400: 999}
    for answer in answers:
        if answer.status_code == 400:
            assert_error(answer, 400, "validation_error", "username")
    winner = next(answer.json()["user"] for answer in answers if answer.status_code == 201)
    for node in nodes:
        stored = ok(node.anonymous().get(f"/careers/users/{name}/"))
        assert (stored["id"], stored["username"]) == (winner["id"], winner["username"])
    assert [row["id"] for row in ok(staff.post("/api/users/", {"q": name}))["users"]] == \
        [winner["id"]]


def test_one_address_is_given_out_once(nodes):
    email = f"{unique()}@example.com"
    requests = [message("POST", "/careers/users/register/", registration(email=email))
                for _ in range(60)]
    assert statuses(together(nodes, requests)) == {201: 1, 400: 59}


def test_followers_are_counted_right(nodes):
    """Edges come and go through all nodes at once; what was acknowledged adds up, edge by edge."""
    crowd = [nodes[i % 3].user() for i in range(6)]
    pairs = [(a, b) for a in crowd for b in crowd if a is not b]
    edges, chance = Counter(), random.Random(7)
    for _ in range(4):
        acts = [(pair, ends) for pair in pairs for ends in (False, True, False)]
        chance.shuffle(acts)
        answers = together(nodes, [
            message("DELETE", f"/careers/users/{b.username}/unfollow/", None, a.access) if ends
            else message("POST", FOLLOW, {"following": b.id}, a.access) for (a, b), ends in acts])
        assert set(statuses(answers)) <= {200, 201, 400}
        for ((a, b), ends), answer in zip(acts, answers):
            if answer.status_code != 400:
                edges[a.id, b.id] += -1 if ends else 1
        assert set(edges.values()) <= {0, 1}
    for one in crowd:
        assert edge_counts(one) == (sum(edges[other.id, one.id] for other in crowd),
                               sum(edges[one.id, other.id] for other in crowd))


def test_an_event_counts_once(nodes, staff, person):
    def event(number):
        return message("POST", "/api/user/activity/",
                       {"user_id": person.id, "event_id": f"event {number}", "posts": 1,
                        "earnings": 0.25}, staff.access)
    answers = together(nodes, [event(i % 10) for i in range(90)])
    assert statuses(answers) == {200: 90}
    assert Counter(a.json()["message"] for a in answers)["Activity already recorded"] == 80
    assert ok(person.get(ME))["posts_count"] == 10
    assert ok(staff.post("/api/user/status/", {"user_id": person.id}))["total_earnings"] == 2.5


def test_what_is_unread_is_counted_right(nodes, staff, person):
    send = message("POST", NOTIFY, {"user_id": person.id, "title": "T", "message": "M",
                                    "type": "t"}, staff.access)
    assert statuses(together(nodes, [send] * 30)) == {200: 30}
    rows = ok(person.post(HISTORY, {"limit": 100}))["notifications"]
    ids = [row["id"] for row in rows]
    reads = [message("POST", READ, {"id": some}, person.access)
             for some in (ids[:20], ids[19::-1], ids[10:5:-1], ids[5:15], ids[:1])]
    everything = message("POST", READ, {"all": True}, person.access)
    answers = together(nodes, reads * 3)
    assert statuses(answers) == {200: 15}
    assert sum(answer.json()["updated"] for answer in answers) == 20
    answers = together(nodes, [send, everything, *reads] * 6)
    assert statuses(answers) == {200: 42}
    body = ok(person.post(HISTORY, {"limit": 100}))
    assert body["total"] == len(body["notifications"]) == 36
    assert body["unread"] == sum(not row["read"] for row in body["notifications"])


def test_logins_while_banned_leave_no_session(nodes, staff, person):
    login = message("POST", "/careers/users/login/",
                    {"username": person.username, "password": PASSWORD})
    about = {"user_id": person.id}
    ban = message("POST", "/api/user/status/ban/", {**about, "banned": True, "reason": "R"},
                  staff.access)
    for _ in range(5):
        answers = together(nodes, [login] * 5 + [ban] + [login] * 5)
        assert set(statuses(answers)) <= {200, 403}
        assert nodes[0].execute("SELECT COUNT(*) FROM sessions WHERE user_id = ?",
                                person.id) == [(0,)]
        ok(staff.post("/api/user/status/ban/", {**about, "banned": False}))
