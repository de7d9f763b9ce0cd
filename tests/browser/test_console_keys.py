"""The console by keyboard alone (console_keys.mjs)."""
import pytest

from rollcall import PASSWORD


@pytest.fixture(scope="module")
def seen(crowd, scene):
    crowd.user("keyboard-target", first_name="Kay", last_name="Board")
    return scene("console_keys", crowd.url, "olivia", PASSWORD, "keyboard-target")


def test_nothing_is_asked_of_others_and_nothing_goes_wrong(seen):
    assert seen["outside"] == []
    assert seen["trouble"] == []


def test_somebody_is_found_opened_and_banned(seen):
    assert "Kay Board" in seen["row"]
    assert seen["heading"] == "Kay Board"
    assert "By keyboard" in seen["banned"]


def test_keys_go_to_every_page_and_put_the_focus_on_its_title(seen):
    assert [path.rstrip("/") for path in seen["pages"]] == \
        ["/console/stats", "/console/audit", "/console/system", "/console"]
    assert seen["keys"] >= 10


def test_whatever_has_the_focus_shows_it(seen):
    assert seen["hidden"] == []


def test_the_navigation_can_be_skipped(seen):
    assert seen["skip"] == "Skip to the content"
