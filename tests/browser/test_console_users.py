"""Looking after users in the console (console_users.mjs): what is done there happens."""
import pytest

from rollcall import PASSWORD


@pytest.fixture(scope="module")
def seen(crowd, scene):
    crowd.user("shoeseller", first_name="Vic", last_name="Tim")
    for i in range(5):
        crowd.user(f"farm-account{i}")
    return scene("console_users", crowd.url, "olivia", PASSWORD, "shoeseller", "farm-account")


def test_nothing_is_asked_of_others_and_nothing_goes_wrong(seen):
    assert seen["outside"] == []
    assert seen["trouble"] == []


def test_a_wrong_password_is_told(seen):
    assert seen["wrong"] == "User name or password is wrong."


def test_users_are_found_as_one_types(seen):
    assert seen["total"] >= 10_000
    count, names = seen["found"]
    assert 0 < count < 1000
    assert all("martinez" in name.lower().replace("í", "i") for name in names)


def test_filters_combine(seen):
    assert 0 < seen["filtered"] < 500


def test_a_ban_needs_a_reason_and_kills_the_token_at_once(seen):
    assert seen["noReason"].startswith("Say why")
    assert "until" in seen["note"] and "Sells <b>fake</b> shoes" in seen["note"]
    assert seen["before"] == 200
    assert seen["banned"] == [401, "account_banned"]


def test_a_ban_can_be_undone(seen):
    assert seen["undone"] == 200


def test_a_message_is_in_the_inbox(seen):
    assert seen["inbox"] == "Shoes"


def test_whoever_is_signed_out_is_out_at_once(seen):
    assert seen["signedOut"] == 401


def test_many_are_banned_at_once(seen):
    assert seen["chosen"] == "5 selected"
    assert seen["asked"] == "Ban 5 users?"
    assert "5 users: done." in seen["report"]
    assert seen["many"] == [401] * 5


def test_every_act_is_in_the_trail(seen):
    assert seen["trail"][:6] == ["All of one farm"] * 5 + ["Sells <b>fake</b> shoes"]


def test_signing_out_leaves_no_cookie(seen):
    assert seen["cookies"] == 0
