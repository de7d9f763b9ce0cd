"""The console's audit trail in a browser (console_audit.mjs, console_chain.mjs)."""
import csv
import io

import pytest

from rollcall import PASSWORD, QUICK, Server, ok, wait_until

SPAM = "=1+1 <img src=x onerror='stolen=1'> <script>stolen=1</script>"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A server on which something has happened: sixty sign-ins, one of them failed, and two bans."""
    with Server(tmp_path_factory.mktemp("told"), QUICK) as server:
        server.cli("user", "add", "olivia", "--email", "olivia@example.com", "--superuser",
                   "--password-stdin", stdin=PASSWORD + "\n")
        olivia = server.login("olivia")
        users = [server.user(name) for name in ("mallory", "trudy")]
        for _ in range(57):
            server.login("mallory")
        server.anonymous().post("/careers/users/login/", {"username": "trudy", "password": "wrong"})
        for user in users:
            ok(olivia.post("/api/user/status/ban/", {"user_id": user.id, "banned": True, "reason": SPAM}))
        server.banned = users
        wait_until(lambda: server.execute("SELECT count(*) FROM audit WHERE seq IS NULL") == [(0,)])
        yield server


@pytest.fixture(scope="module")
def seen(told, scene):
    return scene("console_audit", told.url, "olivia", PASSWORD, "mallory")


def test_nothing_is_asked_of_others_and_nothing_goes_wrong(seen):
    assert seen["outside"] == []
    assert [line for line in seen["trouble"] if "404" not in line] == []


def test_the_newest_record_comes_first(seen):
    assert seen["first"][:3] == ["Sign-in", "olivia", "olivia"]
    assert seen["first"][4] == "127.0.0.1"


def test_the_badge_says_that_the_chain_verifies(seen):
    assert "none was changed, removed or moved" in seen["chain"]
    assert "Its digest" in seen["chain"]


def test_filters_stand_in_the_address(seen):
    address, rows = seen["bans"]
    assert address == "?event=account.ban"
    assert rows == [["Ban", "olivia", "trudy", SPAM], ["Ban", "olivia", "mallory", SPAM]]
    assert seen["unknown"] == "?event=account.ban&actor=nobody-has-this-name"
    assert seen["byActor"] == seen["back"] == "?event=account.ban&actor=olivia"
    assert seen["cleared"] == ""


def test_there_are_pages(seen):
    assert 5 <= seen["older"] <= 50


def test_a_record_is_opened_by_keyboard_alone(seen):
    for words in ("olivia", "trudy", SPAM, "127.0.0.1", "Place in the chain"):
        assert words in seen["record"], words
    assert seen["focus"] == "Ban"


def test_accounts_are_links(seen, told):
    assert seen["link"] == f"/console/users/{told.banned[0].id}"


def test_what_is_shown_can_be_taken_away(seen, told):
    name, text = seen["export"]
    assert name.startswith("rollcall-audit-") and name.endswith(".csv")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [(row["event"], row["actor"], row["user_id"], row["note"]) for row in rows] == \
        [("account.ban", "olivia", str(user.id), "'" + SPAM) for user in reversed(told.banned)]


def test_words_of_others_stay_words(seen):
    assert seen["scripts"] is None


def test_it_fits_a_telephone_and_everybody_can_use_it(seen):
    assert seen["narrow"] == 360
    assert seen["faults"] == []


def test_a_trail_that_was_changed_is_not_overlooked(tmp_path, scene):
    with Server(tmp_path, QUICK) as server:
        server.cli("user", "add", "olivia", "--email", "olivia@example.com", "--superuser",
                   "--password-stdin", stdin=PASSWORD + "\n")
        wait_until(lambda: server.execute("SELECT count(*) FROM audit WHERE seq = 1") == [(1,)])
        server.execute("UPDATE audit SET outcome = 2 WHERE seq = 1")
        seen = scene("console_chain", server.url, "olivia", PASSWORD)
    assert "tampered" in seen["problems"] and "1" in seen["problems"]
    assert seen["trouble"] == seen["outside"] == seen["faults"] == []
