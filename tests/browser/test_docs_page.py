"""The API's page in a browser (docs.mjs)."""
import json

import pytest

from rollcall import PASSWORD, contract


@pytest.fixture(scope="module")
def person(server):
    return server.user()


@pytest.fixture(scope="module")
def seen(server, person, scene):
    return scene("docs", server.url, person.username, PASSWORD)


def test_nothing_is_asked_of_others_and_nothing_goes_wrong(seen):
    assert seen["outside"] == []
    assert seen["trouble"] == []


def test_every_operation_is_listed(seen):
    paths = contract().document["paths"].values()
    assert seen["introduction"] == "rollcall API"
    assert seen["listed"] == sum(len(methods) for methods in paths)


def test_an_operation_is_found_by_keyboard_alone(seen):
    assert "Refresh the access token" in seen["found"][0]
    assert len(seen["found"]) < seen["listed"]
    assert seen["opened"] == "Refresh the access token"
    assert seen["stepped"] == "#register"
    assert seen["back"] == "rollcall API"


def test_what_is_tried_is_answered_by_the_server(seen, person):
    assert seen["login"] == "200 OK"
    assert seen["me"]["status"] == "200 OK"
    assert seen["me"]["body"]["username"] == person.username
    assert [row["username"] for row in seen["listing"]["body"]["users"]] == [person.username]


def test_a_token_is_neither_shown_nor_kept(seen):
    assert '"Authorization: Bearer $TOKEN"' in seen["command"]
    assert set(json.loads(seen["stored"])) == {"theme"}


def test_everybody_can_use_it(seen):
    assert seen["faults"] == []


def test_it_fits_from_telephone_to_wall(seen):
    for title, needed, width in seen["wide"]:
        assert (title, needed) == ("Register", width)
    assert seen["hidden"] is False
    assert seen["small"] == [False, "Ban, or lift a ban"]
