"""The follow graph: edges, counts, and lists by cursor."""
from concurrent.futures import ThreadPoolExecutor

import pytest

from hiding import WAYS, hide
from rollcall import QUICK, Server, assert_error, edge_counts, ok, unique

FOLLOW = "/careers/users/follow/"
MINE = "/careers/users/following/"


def follow(client, person):
    return client.post(FOLLOW, {"following": person.id})


def unfollow(client, person):
    return client.delete(f"/careers/users/{person.username}/unfollow/")


def followers(client, person, query=""):
    return ok(client.get(f"/careers/users/{person.username}/followers/{query}"))


def following(client, person, query=""):
    return ok(client.get(f"/careers/users/{person.username}/following/{query}"))


# ---- Edges --------------------------------------------------------------------------------------


def test_following_counts_on_both_sides(user, other):
    ok(follow(user, other), 201)
    assert (edge_counts(user), edge_counts(other)) == ((0, 1), (1, 0))


def test_every_profile_shows_the_counts(user, other, anonymous):
    ok(follow(user, other), 201)
    public = ok(anonymous.get(f"/careers/users/{other.username}/"))
    own = ok(other.get("/careers/users/me/"))
    assert (public["followers_count"], own["followers_count"]) == (1, 1)


def test_unfollowing_takes_both_counts_back(user, other):
    ok(follow(user, other), 201)
    ok(unfollow(user, other))
    assert (edge_counts(user), edge_counts(other)) == ((0, 0), (0, 0))


def test_two_can_follow_each_other(user, other):
    ok(follow(user, other), 201)
    ok(follow(other, user), 201)
    assert (edge_counts(user), edge_counts(other)) == ((1, 1), (1, 1))


def test_an_edge_can_be_made_again(user, other):
    first = ok(follow(user, other), 201)
    ok(unfollow(user, other))
    assert ok(follow(user, other), 201)["id"] != first["id"]
    assert edge_counts(user) == (0, 1)


def test_nobody_follows_oneself(user):
    assert_error(follow(user, user), 400, "validation_error", "following")
    assert edge_counts(user) == (0, 0)


def test_nobody_follows_twice(user, other):
    ok(follow(user, other), 201)
    assert_error(follow(user, other), 400, "validation_error", "following")
    assert (edge_counts(user), edge_counts(other)) == ((0, 1), (1, 0))


def test_nobody_follows_whom_there_is_not(user):
    assert_error(user.post(FOLLOW, {"following": 9223372036854775807}), 404, "user_not_found")


@pytest.mark.parametrize("following", [0, -1, 9223372036854775808, "x", 1.5, True, [1], {}, None])
def test_an_id_is_a_positive_number(user, following):
    answer = user.post(FOLLOW, {"following": following})
    assert answer.status_code == 400, answer.text


def test_who_does_not_follow_cannot_stop(user, other):
    assert_error(unfollow(user, other), 400, "not_following")
    assert edge_counts(other) == (0, 0)


def test_nobody_stops_following_whom_there_is_not(user):
    assert_error(user.delete("/careers/users/nobody_is_called_this/unfollow/"), 404,
                 "user_not_found")


def test_unfollowing_ignores_case_and_names_the_account_as_stored(server, user):
    idol = server.user(unique("MixedCase"))
    ok(follow(user, idol), 201)
    answer = user.delete(f"/careers/users/{idol.username.upper()}/unfollow/")
    assert ok(answer) == {"message": f"Stopped following {idol.username}"}


def test_of_many_follows_at_once_one_counts(server, user, other):
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: follow(user, other).status_code, range(12)))
    assert sorted(answers) == [201] + 11 * [400]
    assert (edge_counts(user), edge_counts(other)) == ((0, 1), (1, 0))


def test_of_many_unfollows_at_once_one_counts(server, user, other):
    ok(follow(user, other), 201)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: unfollow(user, other).status_code, range(12)))
    assert sorted(answers) == [200] + 11 * [400]
    assert (edge_counts(user), edge_counts(other)) == ((0, 0), (0, 0))


# ---- Lists --------------------------------------------------------------------------------------


def test_lists_are_newest_first(server, user):
    idols = [server.user() for _ in range(4)]
    for idol in idols:
        ok(follow(user, idol), 201)
    expected = [idol.id for idol in idols[::-1]]
    assert [edge["following"] for edge in ok(user.get(MINE))["results"]] == expected
    assert [row["id"] for row in following(user, user)["results"]] == expected
    assert followers(user, idols[0])["results"][0]["id"] == user.id


def test_an_edge_names_both_sides(user, other):
    edge = ok(follow(user, other), 201)
    assert ok(user.get(MINE))["results"] == [edge]
    assert (edge["follower"], edge["following"]) == (user.id, other.id)
    assert (edge["follower_username"], edge["following_username"]) == (user.username,
                                                                       other.username)


def test_a_new_account_has_empty_lists(user):
    empty = {"count": 0, "results": [], "next": None}
    assert [ok(user.get(MINE)), followers(user, user), following(user, user)] == [empty] * 3


def test_is_following_is_the_view_of_the_caller(server, user, other):
    star = server.user()
    ok(follow(user, star), 201)
    ok(follow(other, star), 201)
    ok(follow(user, other), 201)

    def view(client):
        return {row["username"]: row["is_following"] for row in followers(client, star)["results"]}

    nobody = {user.username: False, other.username: False}
    assert view(user) == {**nobody, other.username: True}
    assert view(other) == view(star) == view(server.anonymous()) == nobody


@pytest.fixture(params=WAYS)
def unseen(request, server, staff, user):
    """Somebody hidden, whom `user` follows and who follows `user`."""
    person = server.user()
    ok(follow(user, person), 201)
    ok(follow(person, user), 201)
    request.param(person, staff)
    return person


def test_who_is_hidden_is_absent_from_lists_but_counted(user, unseen):
    seen = {"count": 1, "results": [], "next": None}
    assert [ok(user.get(MINE)), followers(user, user), following(user, user)] == [seen] * 3
    assert edge_counts(user) == (1, 1)


def test_who_is_hidden_is_in_the_lists_of_staff(staff, user, unseen):
    assert [row["id"] for row in followers(staff, user)["results"]] == [unseen.id]


def test_who_is_hidden_cannot_be_followed(other, unseen):
    assert_error(follow(other, unseen), 404, "user_not_found")


def test_who_has_been_hidden_since_can_be_left(user, unseen):
    ok(unfollow(user, unseen))
    assert edge_counts(user) == (1, 0)


def test_who_hides_is_in_lists_for_oneself(user, other, staff):
    ok(follow(user, other), 201)
    hide(user, staff)
    assert [row["id"] for row in followers(user, other)["results"]] == [user.id]


# ---- Pages --------------------------------------------------------------------------------------

FANS = 260


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A star that FANS people follow, and who follows them all, in turn."""
    with Server(tmp_path_factory.mktemp("crowd"), QUICK) as running:
        running.star = running.user("star")
        running.fans = [running.user(f"fan{number}") for number in range(FANS)]
        for fan in running.fans:
            ok(follow(fan, running.star), 201)
            ok(follow(running.star, fan), 201)
        yield running


LISTS = ["/careers/users/star/followers/", "/careers/users/star/following/", MINE,
         "/careers/users/me/following/"]


def who(row):
    return row.get("following", row["id"])


def pages(client, path):
    while path:
        body = ok(client.get(path))
        assert body["count"] == FANS
        yield [who(row) for row in body["results"]]
        path = body["next"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [7, 100, 130, 259, 260, 261, 1000])
def test_pages_put_together_are_the_whole_list(crowd, path, limit):
    found = list(pages(crowd.star, f"{path}?limit={limit}"))
    expected = [fan.id for fan in crowd.fans[::-1]]
    assert found == [expected[at:at + limit] for at in range(0, FANS, limit)]


@pytest.mark.parametrize("path", LISTS)
def test_a_page_can_hold_a_single_row(crowd, path):
    first = ok(crowd.star.get(path + "?limit=1"))
    second = ok(crowd.star.get(first["next"]))
    assert [who(row) for row in first["results"] + second["results"]] == [
        fan.id for fan in crowd.fans[:-3:-1]]


@pytest.mark.parametrize("path", LISTS)
def test_a_page_has_a_hundred_by_default(crowd, path):
    assert [len(page) for page in pages(crowd.star, path)] == [100, 100, 60]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["1001", "9223372036854775807"])
def test_more_than_a_thousand_is_a_thousand(crowd, path, limit):
    assert len(ok(crowd.star.get(f"{path}?limit={limit}"))["results"]) == FANS


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5", "9223372036854775808"])
def test_a_limit_that_is_no_number_is_refused(crowd, path, limit):
    assert_error(crowd.star.get(f"{path}?limit={limit}"), 400, "validation_error", "limit")


def cursor(crowd, path):
    return ok(crowd.star.get(f"{path}?limit=10"))["next"].split("cursor=")[1].split("&")[0]


def tampered(good):
    for at in range(0, len(good), 5):
        yield good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1:]
    yield from (good[:-1], good + "A", good[1:], good + good, good.lower(), "1", "0", "MQ", "%00")


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_that_was_tampered_with_is_refused(crowd, path):
    for bad in tampered(cursor(crowd, path)):
        answer = crowd.star.get(f"{path}?cursor={bad}")
        assert answer.status_code == 400, bad
        assert answer.json()["error"] in ("validation_error", "malformed_request")


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_tells_no_id(crowd, path):
    edges = {str(edge["id"]) for edge in ok(crowd.star.get(MINE + "?limit=1000"))["results"]}
    assert not any(edge in cursor(crowd, path) for edge in edges if len(edge) > 3)


def test_a_list_that_grows_meanwhile_repeats_nothing(server, user):
    idols = [server.user() for _ in range(6)]
    for idol in idols[:5]:
        ok(follow(user, idol), 201)
    first = ok(user.get(MINE + "?limit=3"))
    ok(follow(user, idols[5]), 201)
    second = ok(user.get(first["next"]))
    found = [edge["following"] for edge in first["results"] + second["results"]]
    assert found == [idol.id for idol in idols[4::-1]]
    assert (first["count"], second["count"], second["next"]) == (5, 6, None)


def test_a_list_that_shrinks_meanwhile_loses_nothing(server, user):
    idols = [server.user() for _ in range(5)]
    for idol in idols:
        ok(follow(user, idol), 201)
    first = ok(user.get(MINE + "?limit=2"))
    ok(unfollow(user, idols[3]))
    second = ok(user.get(first["next"]))
    assert [edge["following"] for edge in second["results"]] == [idols[2].id, idols[1].id]


def test_hidden_accounts_leave_no_gap_between_pages(server, user, staff):
    idols = [server.user() for _ in range(8)]
    for idol in idols:
        ok(follow(user, idol), 201)
    for idol in idols[1::2]:
        hide(idol, staff)
    body, found = ok(user.get(MINE + "?limit=2")), []
    while True:
        found += [edge["following"] for edge in body["results"]]
        if not body["next"]:
            break
        body = ok(user.get(body["next"]))
    assert found == [idol.id for idol in idols[::2][::-1]]
