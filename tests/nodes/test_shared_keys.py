"""What one node has signed or sealed is good on all, at once."""
from concurrent.futures import ThreadPoolExecutor

import pytest

from crowd import message, statuses, together
from rollcall import POSTGRES, QUICK, ROOT, Server, assert_error, cluster, ok
from several import started

ME = "/careers/users/me/"
REFRESH = "/careers/users/token/refresh/"


def test_a_key_that_is_rotated_in_is_known_everywhere_at_once(nodes, person, tmp_path):
    """A node that starts signs with the newest key; those that run have never seen it."""
    for _ in range(3):
        nodes[1].cli("key", "rotate")
        with Server(tmp_path, QUICK, database=nodes[0].database) as fresh:
            token = fresh.login(person.username).access
            assert token.split(".")[0] != person.access.split(".")[0]
            answers = together(nodes, [message("GET", ME, access=token)] * 60)
            assert statuses(answers) == {200: 60}
            assert statuses(together(fresh, [message("GET", ME, access=person.access)])) == {200: 1}


def test_a_list_goes_on_through_other_nodes(nodes, person):
    fans = [node.user() for node in nodes for _ in range(2)]
    for fan in fans:
        ok(fan.post("/careers/users/follow/", {"following": person.id}), 201)
    path, seen = f"/careers/users/{person.username}/followers/?limit=1", []
    while path:
        page = ok(nodes[len(seen) % 3].anonymous().get(path))
        seen += [row["id"] for row in page["results"]]
        path = page["next"]
    assert seen == [fan.id for fan in reversed(fans)]


@pytest.fixture(scope="module")
def rotating(tmp_path_factory):
    with started(tmp_path_factory.mktemp("rotating"),
                 QUICK + ["--refresh-rotation", "on"]) as running:
        yield running


def refresh(token):
    return message("POST", REFRESH, {"refresh": token})


def test_refreshing_through_two_nodes_at_once_gives_the_same(rotating):
    for _ in range(10):
        person = rotating[0].user()
        answers = together(rotating, [refresh(person.refresh)] * 9)
        assert statuses(answers) == {200: 9}
        assert len({answer.json()["refresh"] for answer in answers}) == 1
        successor = answers[0].json()["refresh"]
        assert successor != person.refresh
        tokens = [answer.json()["access"] for answer in answers]
        assert statuses(together(rotating, [message("GET", ME, access=one)
                                            for one in tokens])) == {200: 9}
        assert statuses(together(rotating, [refresh(successor)] * 3)) == {200: 3}


def test_a_replay_through_another_node_ends_the_session(rotating):
    person = rotating[0].user()
    fresh = ok(together(rotating[1], [refresh(person.refresh)])[0])
    rotating[0].execute("UPDATE sessions SET refreshed_at = refreshed_at - 11000000 "
                        "WHERE user_id = ?", person.id)
    answers = together(rotating, [refresh(person.refresh)] * 6)
    assert statuses(answers) == {401: 6}
    dead = [refresh(fresh["refresh"]), refresh(person.refresh),
            message("GET", ME, access=fresh["access"]), message("GET", ME, access=person.access)]
    for request in dead:
        for answer in together(rotating, [request] * 3):
            assert_error(answer, 401, "token_invalid")


def test_ten_nodes_started_at_once_make_one_house(tmp_path):
    database = cluster.fresh_database(POSTGRES)
    crowd = [Server(tmp_path, QUICK, database=database) for _ in range(10)]
    try:
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(Server.start, crowd))
        person = crowd[0].user()
        requests = [message("GET", ME, access=person.access)] * 30
        assert statuses(together(crowd, requests)) == {200: 30}
        versions = crowd[0].execute("SELECT version FROM migrations ORDER BY version")
        files = len(list((ROOT / "migrations").glob("*.sql")))
        assert versions == [(n,) for n in range(1, files + 1)]
        assert crowd[0].cli("check").stdout.startswith("OK")
    finally:
        with ThreadPoolExecutor(10) as pool:
            ends = list(pool.map(Server.stop, [one for one in crowd if one.process]))
    assert ends == [0] * 10
