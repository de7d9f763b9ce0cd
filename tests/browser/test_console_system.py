"""The console's system page in a browser (console_system.mjs)."""
import re

import pytest

from rollcall import PASSWORD, ok


@pytest.fixture(scope="module")
def told(crowd):
    return ok(crowd.login("olivia").post("/api/system/"))


@pytest.fixture(scope="module")
def seen(crowd, scene):
    return scene("console_system", crowd.url, "olivia", PASSWORD)


def test_nothing_is_asked_of_others_and_nothing_goes_wrong(seen):
    assert seen["outside"] == []
    assert seen["trouble"] == []


def test_it_says_what_runs_and_how_big_it_is(seen, told):
    facts = seen["facts"]
    assert facts["Version"] == told["version"]
    assert facts["Database"] == f"{told['engine']} {told['engine_version']}"
    assert facts["Accounts"] == f"{told['accounts']:,}"
    assert re.fullmatch(r"[\d.]+ MB", facts["Database size"])


def test_each_warning_says_what_to_do(seen, told):
    codes = [warning["code"] for warning in told["warnings"]]
    assert {"password_policy_basic", "rate_limit_off"} <= set(codes)
    assert len(seen["warnings"]) == len(codes)
    [guessed] = [words for words in seen["warnings"] if words.startswith("Passwords may be guessed")]
    assert "--rate-limit off" in guessed


def test_queues_say_how_full_they_are(seen, told):
    assert len(seen["queues"]) == len(told["queues"])
    assert all(re.search(r"\d+ of [\d,]+", words) for words in seen["queues"])


def test_the_rate_is_drawn_as_it_is(seen):
    assert re.fullmatch(r"\d\d:\d\d:\d\d: Requests per second [\d.]+", seen["rate"])


def test_it_fits_a_telephone_and_everybody_can_use_it(seen):
    assert seen["narrow"] == 360
    assert seen["faults"] == []


def test_it_speaks_spanish(seen, told):
    title, warnings = seen["spanish"]
    assert title == "Sistema"
    assert len(warnings) == len(told["warnings"])
    assert not set(warnings) & set(seen["warnings"])
