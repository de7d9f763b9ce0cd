"""Custom social walls."""
import random

import pytest

from rollcall import assert_error, ok

ADD = "/api/user/add-custom-social-wall/"
LIST = "/api/user/social-walls/"
REMOVE = "/api/user/remove-custom-social-wall/"
URL = "https://example.com/wall"


def add(staff, person, url=URL, network="instagram", **more):
    return staff.post(ADD, {"user_id": person.id, "wall_url": url, "network": network, **more})


def walls(staff, person):
    return ok(staff.post(LIST, {"user_id": person.id}))["social_walls"]


def kept(staff, person):
    return [(row["network"], row["wall_url"], row["description"]) for row in walls(staff, person)]


def test_there_are_none_at_first(staff, user):
    assert walls(staff, user) == []


def test_a_wall_is_kept(staff, user):
    ok(add(staff, user, description="Line one\nline two"))
    assert kept(staff, user) == [("instagram", URL, "Line one\nline two")]


def test_a_description_may_be_left_out(staff, user):
    ok(add(staff, user))
    assert kept(staff, user) == [("instagram", URL, "")]


def test_the_longest_of_urls_is_kept_whole(staff, user):
    letters = random.Random(1).choices("漢字仮名交じり文絵巻物語り歌謡曲調子良い日和見主義者", k=2048)
    url = ("https://example.com/" + "".join(letters))[:2048]
    for description in ("Old", "New"):
        ok(add(staff, user, url, description=description))
        assert kept(staff, user) == [("instagram", url, description)]


def test_the_same_wall_again_is_an_update(staff, user):
    ok(add(staff, user, description="Old"))
    before, = walls(staff, user)
    ok(add(staff, user, description="New"))
    after, = walls(staff, user)
    assert (after["id"], after["description"]) == (before["id"], "New")


@pytest.mark.parametrize("url, network", [(URL + "/2", "instagram"), (URL, "x"),
                                          (URL.upper(), "instagram")])
def test_another_address_or_network_is_another_wall(staff, user, url, network):
    ok(add(staff, user))
    ok(add(staff, user, url, network))
    assert sorted(kept(staff, user)) == sorted([("instagram", URL, ""), (network, url, "")])


def test_another_user_has_another_wall(staff, user, other):
    ok(add(staff, user, description="Mine"))
    ok(add(staff, other, description="Theirs"))
    assert (kept(staff, user), kept(staff, other)) == ([("instagram", URL, "Mine")],
                                                       [("instagram", URL, "Theirs")])


@pytest.mark.parametrize("network", [
    "instagram", "facebook", "tiktok", "youtube", "x", "linkedin", "pinterest", "snapchat",
    "twitch", "threads"])
def test_every_network_has_walls(staff, user, network):
    ok(add(staff, user, network=network))
    assert kept(staff, user) == [(network, URL, "")]


@pytest.mark.parametrize("field, value", [
    ("network", "myspace"), ("network", "Instagram"), ("network", ""), ("network", None),
    ("wall_url", "example.com"), ("wall_url", "ftp://example.com"), ("wall_url", ""),
    ("wall_url", "javascript:alert(1)"), ("wall_url", None), ("description", "x" * 2001)])
def test_a_wall_that_makes_no_sense_is_refused(staff, user, field, value):
    body = {"user_id": user.id, "wall_url": URL, "network": "x", field: value}
    assert_error(staff.post(ADD, body), 400, "validation_error", field)
    assert walls(staff, user) == []


def test_a_wall_can_be_removed(staff, user):
    ok(add(staff, user))
    ok(add(staff, user, network="x"))
    first, second = walls(staff, user)
    ok(staff.post(REMOVE, {"user_id": user.id, "wall_id": first["id"]}))
    assert walls(staff, user) == [second]


def test_a_wall_can_be_removed_once(staff, user):
    ok(add(staff, user))
    wall, = walls(staff, user)
    ok(staff.post(REMOVE, {"user_id": user.id, "wall_id": wall["id"]}))
    assert_error(staff.post(REMOVE, {"user_id": user.id, "wall_id": wall["id"]}), 404, "not_found")


def test_the_wall_of_another_is_not_removed(staff, user, other):
    ok(add(staff, other))
    wall, = walls(staff, other)
    assert_error(staff.post(REMOVE, {"user_id": user.id, "wall_id": wall["id"]}), 404, "not_found")
    assert walls(staff, other) == [wall]
