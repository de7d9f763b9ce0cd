"""Profiles: what others see, what staff see, and what one says of oneself."""
import datetime

import pytest

from hiding import WAYS, hide
from rollcall import assert_error, ok, unique

GET = "/api/get/profile/"
UPDATE = "/api/update/profile/"
SECRET = {"email", "phone", "birth_date"}
PARIS, BERLIN, FRANCE, GERMANY = 141, 82, 76, 58


@pytest.fixture
def told(server):
    """Somebody who has said everything there is to say."""
    person = server.user(first_name="Ana", sex="female", birth_date="1990-05-17", country=1, city=1)
    ok(person.post(UPDATE, {"phone": "+34123456789"}))
    return person


# ---- What strangers see -------------------------------------------------------------------------


def test_a_public_profile_names_no_secret(anonymous, told):
    answer = anonymous.get(f"/careers/users/{told.username}/")
    assert not SECRET & set(ok(answer))
    assert not any(secret in answer.text for secret in (told.email, "34123456789", "1990-05-17"))


def test_not_even_to_those_who_are_signed_in(user, told):
    answer = user.post(GET, {"user_id": told.id})
    assert not SECRET & set(ok(answer))
    assert not any(secret in answer.text for secret in (told.email, "34123456789", "1990-05-17"))


@pytest.mark.parametrize("path", ["/careers/users/nobody_is_called_this/",
                                  "/careers/users/nobody_is_called_this/followers/",
                                  "/careers/users/nobody_is_called_this/following/"])
def test_an_unknown_name_is_not_found(anonymous, path):
    assert_error(anonymous.get(path), 404, "user_not_found", message="User not found")


@pytest.mark.parametrize("name", ["%F0%9F%A6%8A", "a%20b", "'%20OR%201=1", "%25", "x" * 300])
def test_a_name_that_nobody_can_have_is_not_found(anonymous, name):
    assert anonymous.get(f"/careers/users/{name}/").status_code == 404


# ---- /api/get/profile/ --------------------------------------------------------------------------


def test_ones_own_profile_holds_everything(told):
    body = ok(told.post(GET))
    assert {key: body[key] for key in SECRET} == {
        "email": told.email, "phone": "+34123456789", "birth_date": "1990-05-17"}


def test_ones_own_profile_has_the_totals(user):
    body = ok(user.post(GET))
    assert (body["total_campaigns"], body["total_earnings"]) == (0, 0)


@pytest.mark.parametrize("by", ["id", "name", "both"])
def test_another_account_is_found(user, other, by):
    asked = {"id": {"user_id": other.id}, "name": {"username": other.username.upper()},
             "both": {"user_id": other.id, "username": other.username}}[by]
    assert ok(user.post(GET, asked))["username"] == other.username


@pytest.mark.parametrize("asked", [{"user_id": 9223372036854775807},
                                   {"username": "nobody_is_called_this"}])
def test_an_unknown_account_is_not_found(user, asked):
    assert_error(user.post(GET, asked), 404, "user_not_found")


@pytest.mark.parametrize("user_id", [0, -1, 9223372036854775808, 18446744073709551617])
def test_ids_outside_the_range_are_nobodys(user, user_id):
    answer = user.post(GET, {"user_id": user_id})
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("setting, total", [("show_campaigns", "total_campaigns"),
                                            ("show_earnings", "total_earnings")])
@pytest.mark.parametrize("shown", [True, False])
def test_others_see_totals_where_the_owner_lets_them(user, other, setting, total, shown):
    ok(other.post("/api/update/preferences/", {setting: shown}))
    assert (total in ok(user.post(GET, {"user_id": other.id}))) == shown


def test_by_default_campaigns_are_shown_and_earnings_are_not(user, other):
    body = ok(user.post(GET, {"user_id": other.id}))
    assert "total_campaigns" in body and "total_earnings" not in body


@pytest.mark.parametrize("total", ["total_campaigns", "total_earnings"])
def test_staff_see_every_total(staff, other, total):
    ok(other.post("/api/update/preferences/", {"show_campaigns": False, "show_earnings": False}))
    assert total in ok(staff.post(GET, {"user_id": other.id}))


# ---- Visibility ---------------------------------------------------------------------------------


@pytest.fixture(params=WAYS)
def unseen(request, other, staff):
    request.param(other, staff)
    return other


@pytest.mark.parametrize("path", ["", "followers/", "following/"])
def test_who_is_hidden_is_not_found_by_strangers(anonymous, unseen, path):
    assert_error(anonymous.get(f"/careers/users/{unseen.username}/{path}"), 404, "user_not_found")


@pytest.mark.parametrize("path", ["", "followers/", "following/"])
def test_who_is_hidden_is_not_found_by_users(user, unseen, path):
    assert_error(user.get(f"/careers/users/{unseen.username}/{path}"), 404, "user_not_found")


def test_who_is_hidden_has_no_profile_for_users(user, unseen):
    assert_error(user.post(GET, {"user_id": unseen.id}), 404, "user_not_found")
    assert_error(user.post(GET, {"username": unseen.username}), 404, "user_not_found")


@pytest.mark.parametrize("path", ["", "followers/", "following/"])
def test_who_is_hidden_is_found_by_staff(staff, unseen, path):
    ok(staff.get(f"/careers/users/{unseen.username}/{path}"))


def test_who_is_hidden_has_a_profile_for_staff(staff, unseen):
    assert ok(staff.post(GET, {"user_id": unseen.id}))["email"] == unseen.email


@pytest.mark.parametrize("path", ["", "followers/", "following/"])
def test_who_hides_finds_oneself(user, staff, path):
    hide(user, staff)
    ok(user.get(f"/careers/users/{user.username}/{path}"))
    assert ok(user.post(GET))["id"] == ok(user.post(GET, {"user_id": user.id}))["id"] == user.id


def test_who_stops_hiding_is_found_again(anonymous, user, staff):
    hide(user, staff)
    ok(user.post("/api/update/preferences/", {"profile_public": True}))
    ok(anonymous.get(f"/careers/users/{user.username}/"))


# ---- /api/update/profile/ -----------------------------------------------------------------------


@pytest.mark.parametrize("field, given, kept", [
    ("first_name", "Zoë", "Zoë"),
    ("last_name", "O'Brien", "O'Brien"),
    ("phone", "+34 123-456.789", "+34123456789"),
    ("country", FRANCE, {"id": FRANCE, "name": "France"}),
    ("city", PARIS, {"id": PARIS, "name": "Paris"}),
    ("sex", "male", "male"),
    ("sex", "female", "female"),
    ("sex", "other", "other"),
    ("birth_date", "2000-02-29", "2000-02-29"),
    ("birth_date", "1900-01-01", "1900-01-01"),
    ("timezone", "America/New_York", "America/New_York"),
    ("bio", "One\nTwo", "One\nTwo"),
    ("avatar", "http://example.com/a.png?x=1#y", "http://example.com/a.png?x=1#y"),
])
def test_an_update_is_kept(user, field, given, kept):
    ok(user.post(UPDATE, {field: given}))
    assert ok(user.post(GET))[field] == kept


@pytest.mark.parametrize("field, value", [
    ("phone", "+34123456789"), ("country", FRANCE), ("sex", "male"), ("birth_date", "1990-01-01"),
    ("bio", "Text"), ("avatar", "https://example.com/a.png")])
def test_null_takes_a_datum_away(user, field, value):
    before = ok(user.post(GET))[field]
    ok(user.post(UPDATE, {field: value}))
    ok(user.post(UPDATE, {field: None}))
    assert ok(user.post(GET))[field] == before


def test_what_is_not_named_stays(told):
    before = ok(told.post(GET))
    ok(told.post(UPDATE, {"last_name": "New"}))
    assert ok(told.post(GET)) == {**before, "last_name": "New"}


def test_somebody_born_today_is_accepted(user):
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    ok(user.post(UPDATE, {"birth_date": today}))
    assert ok(user.post(GET))["birth_date"] == today


def test_the_email_must_be_free(user, other):
    assert_error(user.post(UPDATE, {"email": other.email}), 400, "validation_error", "email")


def test_a_new_email_opens_the_door(user):
    email = f"{unique()}@example.com"
    ok(user.post(UPDATE, {"email": email}))
    assert user.server.login(email).id == user.id


@pytest.mark.parametrize("country, city", [(FRANCE, BERLIN), (GERMANY, PARIS), (1, PARIS)])
def test_a_city_must_lie_in_the_country_given_with_it(user, country, city):
    assert_error(user.post(UPDATE, {"country": country, "city": city}), 400, "validation_error",
                 "city")


def test_a_city_must_lie_in_the_country_that_is_set(user):
    ok(user.post(UPDATE, {"country": FRANCE}))
    assert_error(user.post(UPDATE, {"city": BERLIN}), 400, "validation_error", "city")


def test_a_city_never_lies_outside_its_country(user):
    ok(user.post(UPDATE, {"country": FRANCE, "city": PARIS}))
    ok(user.post(UPDATE, {"country": GERMANY}))
    assert ok(user.post(GET))["city"] is None


def test_a_registration_obeys_the_same_rule(anonymous):
    name = unique()
    body = {"username": name, "email": f"{name}@example.com", "password": "password123",
            "country": FRANCE, "city": BERLIN}
    assert_error(anonymous.post("/api/action/register/", body), 400, "validation_error", "city")


@pytest.mark.parametrize("field, value", [
    ("is_staff", True), ("is_superuser", True), ("is_active", False), ("id", 1),
    ("username", "someone"), ("total_earnings", 1000000), ("language", "fr"), ("password", "x")])
def test_an_update_passes_over_what_is_not_its_own(user, field, value):
    before = ok(user.post(GET))
    ok(user.post(UPDATE, {field: value}))
    assert ok(user.post(GET)) == before
