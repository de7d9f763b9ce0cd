"""Preferences: language, categories, networks, privacy, notification switches."""
import pytest

from rollcall import assert_error, ok

CATEGORIES = [
    "fashion", "beauty", "technology", "food", "travel", "music", "sports", "fitness", "health",
    "gaming", "photography", "art", "books", "film", "education", "business", "finance", "family",
    "pets", "home", "garden", "automotive", "science", "environment", "events"]
NETWORKS = ["instagram", "facebook", "tiktok", "youtube", "x", "linkedin", "pinterest", "snapchat",
            "twitch", "threads"]
SWITCHES = ["new_campaign", "end_campaign", "near_campaign", "cause_campaign", "profile_status",
            "post_status", "update_balance"]
UPDATE = "/api/update/preferences/"


def preferences(client):
    return ok(client.post("/api/get/preferences/"))["preferences"]


def test_a_new_account_wants_every_notification_and_nothing_else(user):
    assert preferences(user) == {
        "language": "en", "notifications": dict.fromkeys(SWITCHES, True), "categories": [],
        "networks": [], "privacy_settings": {"profile_public": True, "show_earnings": False,
                                             "show_campaigns": True}}


# ---- Categories and networks --------------------------------------------------------------------


@pytest.mark.parametrize("field, codes", [("categories", CATEGORIES), ("networks", NETWORKS)])
def test_every_item_of_the_catalogue_can_be_chosen(user, field, codes):
    ok(user.post(UPDATE, {field: codes}))
    assert preferences(user)[field] == codes


@pytest.mark.parametrize("code", CATEGORIES)
def test_each_category_stands_for_itself(user, code):
    ok(user.post(UPDATE, {"categories": [code]}))
    assert preferences(user)["categories"] == [code]


@pytest.mark.parametrize("code", NETWORKS)
def test_each_network_stands_for_itself(user, code):
    ok(user.post(UPDATE, form={"networks": code}))
    assert preferences(user)["networks"] == [code]


@pytest.mark.parametrize("field, old, new", [("categories", ["fashion", "art"], ["art", "food"]),
                                             ("networks", ["x", "twitch"], ["instagram"])])
def test_a_list_replaces_the_old_one(user, field, old, new):
    ok(user.post(UPDATE, {field: old}))
    ok(user.post(UPDATE, {field: new}))
    assert sorted(preferences(user)[field]) == sorted(new)


@pytest.mark.parametrize("field, code", [("categories", "art"), ("networks", "x")])
@pytest.mark.parametrize("how", ["json", "form"])
def test_an_empty_list_clears(user, field, code, how):
    ok(user.post(UPDATE, {field: [code]}))
    ok(user.post(UPDATE, {field: []}) if how == "json" else user.post(UPDATE, form={field: ""}))
    assert preferences(user)[field] == []


@pytest.mark.parametrize("field, code", [("categories", "art"), ("networks", "x")])
def test_once_is_enough(user, field, code):
    ok(user.post(UPDATE, {field: [code, code]}))
    assert preferences(user)[field] == [code]


@pytest.mark.parametrize("field, code", [
    ("categories", "cooking"), ("categories", "Fashion"), ("categories", "other"),
    ("categories", ""), ("categories", "instagram"), ("networks", "myspace"),
    ("networks", "Instagram"), ("networks", "fashion")])
def test_an_unknown_code_is_refused(user, field, code):
    known = {"categories": "art", "networks": "x"}[field]
    assert_error(user.post(UPDATE, {field: [known, code]}), 400, "validation_error", field)
    assert preferences(user)[field] == []


@pytest.mark.parametrize("kept", ["categories", "networks", "language", "privacy_settings",
                                  "notifications"])
def test_what_is_not_named_stays(user, kept):
    change = {"categories": ["art"], "networks": ["x"], "language": "es", "show_earnings": True}
    ok(user.post(UPDATE, change))
    ok(user.post("/api/update/notifications/", {"post_status": False}))
    before = preferences(user)[kept]
    other = {"categories": ["food"], "networks": ["twitch"], "language": "fr",
             "show_earnings": False}
    other.pop("show_earnings" if kept == "privacy_settings" else kept, None)
    ok(user.post(UPDATE, other))
    assert preferences(user)[kept] == before


def test_a_refused_update_changes_nothing(user):
    before = preferences(user)
    assert_error(user.post(UPDATE, {"categories": ["art"], "networks": ["x"], "language": "xx-!"}),
                 400, "validation_error", "language")
    assert preferences(user) == before


# ---- Privacy ------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["profile_public", "show_earnings", "show_campaigns"])
@pytest.mark.parametrize("value", [True, False])
def test_each_privacy_setting_stands_for_itself(user, setting, value):
    before = preferences(user)["privacy_settings"]
    ok(user.post(UPDATE, {setting: value}))
    assert preferences(user)["privacy_settings"] == {**before, setting: value}


# ---- Language -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/update/language/", UPDATE])
@pytest.mark.parametrize("tag", ["es", "en", "de-AT", "zh-Hant-TW", "pt-BR", "haw", "es-419"])
def test_a_language_is_a_tag_of_a_known_one(user, path, tag):
    ok(user.post(path, {"language": tag}))
    assert preferences(user)["language"] == tag


@pytest.mark.parametrize("path", ["/api/update/language/", UPDATE])
@pytest.mark.parametrize("tag", ["xx", "e", "english", "en_US", "en-", "-en", "en-US-", "12",
                                 "es es", "qqqq", "en--US", "e\u0300s"])
def test_anything_else_is_refused(user, path, tag):
    assert_error(user.post(path, {"language": tag}), 400, "validation_error", "language")


def test_the_language_is_in_the_profile(user):
    ok(user.post("/api/update/language/", {"language": "es"}))
    assert ok(user.post("/api/get/profile/"))["language"] == "es"


# ---- Switches -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", SWITCHES)
@pytest.mark.parametrize("off, on", [({"json": False}, {"json": True}),
                                     ({"form": "false"}, {"form": "true"}),
                                     ({"form": "0"}, {"form": "1"}),
                                     ({"form": "off"}, {"form": "on"})])
def test_each_switch_turns_itself_off_and_on(user, code, off, on):
    for switch, value in ((off, False), (on, True)):
        sent = {how: {code: word} for how, word in switch.items()}
        ok(user.post("/api/update/notifications/", **sent))
        expected = {**dict.fromkeys(SWITCHES, True), code: value}
        assert preferences(user)["notifications"] == expected


def test_both_views_of_the_switches_agree(user):
    ok(user.post("/api/update/notifications/", {"end_campaign": False, "post_status": False}))
    rows = ok(user.post("/api/get/notifications/"))["user_notifications"]
    assert {row["code"]: row["status"] for row in rows} == preferences(user)["notifications"]


@pytest.mark.parametrize("value", ["yes", "TRUE", "", "2", "null"])
def test_a_form_switch_is_one_of_six_words(user, value):
    assert_error(user.post("/api/update/notifications/", form={"post_status": value}), 400,
                 "validation_error", "post_status")
