"""The first run in a browser (console_first.mjs)."""
import re

import pytest

from rollcall import PASSWORD, QUICK, Server, ok, wait_until


@pytest.fixture(scope="module")
def seen(tmp_path_factory, scene):
    with Server(tmp_path_factory.mktemp("first"), QUICK) as server:
        wait_until(lambda: "/console/setup/#" in server.output)
        link = re.search(r"http://\S+/console/setup/#\S+", server.output)[0]
        seen = scene("console_first", server.url, link, "olivia", PASSWORD)
        seen["roles"] = ok(server.login("olivia").post("/api/check/login/"))
        return seen


def test_nothing_is_asked_of_others_and_nothing_goes_wrong(seen):
    assert seen["outside"] == []
    assert seen["trouble"] == []


def test_the_link_makes_a_superuser_who_is_signed_in(seen):
    assert seen["mismatch"] == "The two passwords are not the same."
    assert ["olivia" in name for name in seen["users"]] == [True]
    assert "Superuser" in seen["role"]
    assert seen["roles"]["is_superuser"] is True


def test_the_token_leaves_the_address(seen):
    assert seen["token"] is False


def test_it_works_once(seen):
    assert seen["used"]


def test_everybody_can_use_it(seen):
    assert seen["faults"] == []
