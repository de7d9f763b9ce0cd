"""Accounts: registering, one's own profile, changing it, erasing it."""
from concurrent.futures import ThreadPoolExecutor

import pytest

from rollcall import (PASSWORD, POSTGRES, QUICK, Server, assert_error, edge_counts, ok,
                      registration, unique)

REGISTER = "/careers/users/register/"
APP_REGISTER = "/api/action/register/"
UPDATE = "/careers/users/me/update/"
ME = "/careers/users/me/"


# ---- Registering --------------------------------------------------------------------------------


@pytest.mark.parametrize("surface", [REGISTER, APP_REGISTER])
def test_every_optional_field_is_kept(anonymous, surface):
    extra = {"first_name": "Ana", "last_name": "Gómez", "bio": "Line one\nline two",
             "avatar": "https://example.com/a.png", "sex": "female", "birth_date": "1990-02-28",
             "country": 1, "city": 1, "language": "es"}
    body = registration(**extra)
    ok(anonymous.post(surface, body), 201)
    reader = anonymous.server.login(body["username"])
    profile = ok(reader.post("/api/get/profile/"))
    expected = {**extra, "country": {"id": 1, "name": "United States"},
                "city": {"id": 1, "name": "New York"}}
    assert {key: profile[key] for key in extra} == expected


@pytest.mark.parametrize("surface", [REGISTER, APP_REGISTER])
@pytest.mark.parametrize("field", ["username", "email", "password"])
def test_the_three_that_must_be_there(anonymous, surface, field):
    body = registration()
    del body[field]
    assert_error(anonymous.post(surface, body), 400, "validation_error", field)


def test_password_confirm_must_be_there(anonymous):
    assert_error(anonymous.post(REGISTER, registration(password_confirm=None)), 400,
                 "validation_error", "password_confirm")


def test_password_confirm_must_be_the_same(anonymous):
    assert_error(anonymous.post(REGISTER, registration(password_confirm="password124")), 400,
                 "validation_error", "password_confirm")


def test_the_app_asks_for_no_confirmation(anonymous):
    ok(anonymous.post(APP_REGISTER, registration(password_confirm=None)), 201)


@pytest.mark.parametrize("surface", [REGISTER, APP_REGISTER])
@pytest.mark.parametrize("change", [str.lower, str.upper, str.swapcase])
def test_a_username_is_taken_in_any_case(anonymous, user, surface, change):
    body = registration(change(user.username), email=f"{unique()}@example.com")
    assert_error(anonymous.post(surface, body), 400, "validation_error", "username")


@pytest.mark.parametrize("surface", [REGISTER, APP_REGISTER])
@pytest.mark.parametrize("change", [str.lower, str.upper, str.swapcase])
def test_an_email_is_taken_in_any_case(anonymous, user, surface, change):
    assert_error(anonymous.post(surface, registration(email=change(user.email))), 400,
                 "validation_error", "email")


def test_a_username_is_stored_as_given(server):
    name = unique("MixedCase")
    assert server.user(name).username == name


@pytest.mark.parametrize("change", [str.lower, str.upper, str.swapcase])
def test_paths_ignore_the_case_of_a_username(server, anonymous, change):
    name = server.user(unique("MixedCase")).username
    assert ok(anonymous.get(f"/careers/users/{change(name)}/"))["username"] == name


@pytest.mark.parametrize("tail", ["", "_", ".", "-", "+", ".a-b_c+d", "9"])
def test_every_allowed_character_makes_a_username(server, anonymous, tail):
    name = unique("_a") + tail
    server.user(name, email=f"{unique()}@example.com")
    assert ok(anonymous.get(f"/careers/users/{name}/"))["username"] == name


@pytest.mark.parametrize("surface", [REGISTER, APP_REGISTER])
@pytest.mark.parametrize("name", [
    "me", "ME", "login", "Login", "logout", "register", "token", "follow", "following", "admin",
    "Admin", "root", "system", "SUPPORT"])
def test_reserved_names_are_refused(anonymous, surface, name):
    body = registration(name, email=f"{unique()}@example.com")
    assert_error(anonymous.post(surface, body), 400, "validation_error", "username")


def test_the_domain_of_an_email_is_lowered(server):
    name = unique("Mail")
    assert server.user(name, email=f"{name}@EXAMPLE.Com").email == f"{name}@example.com"


def test_an_internationalised_domain_is_accepted(anonymous):
    name = unique()
    body = ok(anonymous.post(REGISTER, registration(name, email=f"{name}@bücher.example")), 201)
    assert body["user"]["email"] in (f"{name}@xn--bcher-kva.example", f"{name}@bücher.example")


def test_an_internationalised_domain_is_one_domain_in_both_spellings(anonymous):
    name = unique()
    ok(anonymous.post(REGISTER, registration(email=f"{name}@bücher.example")), 201)
    assert_error(anonymous.post(REGISTER, registration(email=f"{name}@xn--bcher-kva.example")), 400,
                 "validation_error", "email")


@pytest.mark.parametrize("surface", [REGISTER, APP_REGISTER])
def test_nobody_registers_as_staff(anonymous, surface):
    body = registration(is_staff=True, is_superuser=True, staff=True, flags=7, role="admin")
    ok(anonymous.post(surface, body), 201)
    login = anonymous.server.login(body["username"])
    answer = ok(login.post("/api/check/login/"))
    assert (answer["is_staff"], answer["is_superuser"]) == (False, False)


def test_nobody_chooses_an_id_or_a_date(anonymous):
    body = registration(id=1, user_id=1, created_at="2001-01-01T00:00:00Z")
    user = ok(anonymous.post(REGISTER, body), 201)["user"]
    assert user["id"] != 1 and not user["created_at"].startswith("2001")


def test_one_account_serves_all_surfaces(anonymous):
    body = registration(password_confirm=None)
    user_id = ok(anonymous.post(APP_REGISTER, body), 201)["user_id"]
    assert anonymous.server.login(body["username"]).id == user_id


@pytest.mark.parametrize("surface", [REGISTER, APP_REGISTER])
def test_of_many_that_want_one_name_at_once_one_gets_it(server, surface):
    name = unique("Wanted")

    def register(number):
        wanted = name.upper() if number % 2 else name.lower()
        body = registration(wanted, email=f"{unique()}@example.com")
        return server.anonymous().post(surface, body).status_code

    with ThreadPoolExecutor(24) as pool:
        assert sorted(pool.map(register, range(24))) == [201] + 23 * [400]


def test_of_many_that_want_one_email_at_once_one_gets_it(server):
    email = f"{unique('wanted')}@example.com"

    def register(_):
        return server.anonymous().post(REGISTER, registration(email=email)).status_code

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(register, range(16))) == [201] + 15 * [400]


# ---- One's own profile --------------------------------------------------------------------------


def test_a_new_account_starts_from_nothing(user):
    body = ok(user.get(ME))
    assert {key: body[key] for key in ("bio", "avatar", "first_name", "last_name", "posts_count",
                                       "followers_count", "following_count")} == {
        "bio": "", "avatar": "", "first_name": "", "last_name": "", "posts_count": 0,
        "followers_count": 0, "following_count": 0}


@pytest.mark.parametrize("field, value", [
    ("first_name", "Alice"), ("last_name", "Johnson"), ("bio", "New\nbio"),
    ("avatar", "https://example.com/new.jpg")])
def test_an_update_changes_what_it_names_and_nothing_else(user, field, value):
    before = ok(user.get(ME))
    ok(user.patch(UPDATE, {field: value}))
    after = ok(user.get(ME))
    assert {**after, "updated_at": ""} == {**before, field: value, "updated_at": ""}


def test_an_update_of_nothing_changes_nothing(user):
    before = ok(user.get(ME))
    ok(user.patch(UPDATE, {}))
    assert ok(user.get(ME)) == before


@pytest.mark.parametrize("field, value", [
    ("username", "somebody_else"), ("id", 1), ("is_staff", True), ("is_superuser", True),
    ("followers_count", 99), ("posts_count", 99), ("created_at", "2001-01-01T00:00:00Z"),
    ("password", "another password"), ("is_active", False)])
def test_an_update_passes_over_what_is_not_its_own(user, field, value):
    before = ok(user.get(ME))
    ok(user.patch(UPDATE, {field: value}))
    assert ok(user.get(ME)) == before
    assert user.server.login(user.username).id == user.id
    assert ok(user.post("/api/check/login/")) == {
        "is_logged": True, "user_id": user.id, "is_staff": False, "is_superuser": False}


@pytest.mark.parametrize("field, value", [
    ("bio", "Something"), ("avatar", "https://example.com/a.png")])
@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_the_empty_text_clear_avatar_and_bio(user, field, value, nothing):
    ok(user.patch(UPDATE, {field: value}))
    assert ok(user.patch(UPDATE, {field: nothing}))[field] == ""
    assert ok(user.get(ME))[field] == ""


def test_a_changed_email_must_be_free(user, other):
    assert_error(user.patch(UPDATE, {"email": other.email.upper()}), 400, "validation_error",
                 "email")


def test_ones_own_email_is_free_to_oneself(user):
    changed = user.email.upper().replace("EXAMPLE.COM", "example.com")
    assert ok(user.patch(UPDATE, {"email": user.email.upper()}))["email"] == changed


def test_the_old_email_is_free_again(user, other):
    old = user.email
    ok(user.patch(UPDATE, {"email": f"{unique()}@example.com"}))
    assert ok(other.patch(UPDATE, {"email": old}))["email"] == old


def test_a_refused_update_changes_nothing(user):
    before = ok(user.get(ME))
    assert_error(user.patch(UPDATE, {"first_name": "New", "email": "no address"}), 400,
                 "validation_error", "email", "Invalid email format")
    assert ok(user.get(ME)) == before


# ---- Erasing ------------------------------------------------------------------------------------


def test_erasing_wants_the_password(user):
    assert_error(user.delete(ME, json={"password": "wrong password"}), 400, "validation_error",
                 "password")
    assert ok(user.get(ME))["username"] == user.username


def test_erasing_without_a_password_is_refused(user):
    assert_error(user.delete(ME), 400, "validation_error", "password")


@pytest.fixture
def erased(server):
    person = server.user()
    person.second = server.login(person.username)
    ok(person.delete(ME, json={"password": PASSWORD}))
    return person


def test_an_erased_account_has_no_token(erased):
    assert_error(erased.get(ME), 401, "token_invalid")


def test_an_erased_account_has_no_other_session(erased):
    assert_error(erased.second.get(ME), 401, "token_invalid")


def test_an_erased_account_cannot_refresh(erased):
    anonymous = erased.server.anonymous()
    assert_error(anonymous.post("/careers/users/token/refresh/", {"refresh": erased.refresh}), 401,
                 "token_invalid")


def test_an_erased_account_cannot_log_in(erased):
    answer = erased.server.anonymous().post(
        "/careers/users/login/", {"username": erased.username, "password": PASSWORD})
    assert_error(answer, 401, "invalid_credentials")


def test_an_erased_account_is_not_there(erased):
    answer = erased.server.anonymous().get(f"/careers/users/{erased.username}/")
    assert_error(answer, 404, "user_not_found")


def test_name_and_email_of_an_erased_account_are_free(erased):
    again = erased.server.user(erased.username, email=erased.email)
    assert again.id != erased.id


def test_a_new_account_of_an_old_name_inherits_nothing(erased, staff):
    again = erased.server.user(erased.username, email=erased.email)
    assert_error(erased.get(ME), 401, "token_invalid")
    assert_error(staff.post("/api/user/status/", {"user_id": erased.id}), 404, "user_not_found")
    assert ok(again.get(ME))["followers_count"] == 0


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("accounts"), QUICK) as running:
        yield running


def test_erasing_takes_the_edges_along(quick):
    leaver, fan, idol, friend = (quick.user() for _ in range(4))
    for follower, following in [(fan, leaver), (leaver, idol), (leaver, friend), (friend, leaver),
                                (fan, idol)]:
        ok(follower.post("/careers/users/follow/", {"following": following.id}), 201)
    ok(leaver.delete(ME, json={"password": PASSWORD}))
    assert [edge_counts(person) for person in (fan, idol, friend)] == [(0, 1), (1, 0), (0, 0)]
    assert ok(fan.get("/careers/users/following/"))["count"] == 1
    assert ok(friend.get(f"/careers/users/{friend.username}/followers/"))["results"] == []


def test_erasing_fixes_every_count(quick):
    desk = quick.staff()
    leaver = quick.user(sex="female", birth_date="1990-01-01", country=1, city=1)
    stays = quick.user(sex="male", birth_date="1985-01-01")
    ok(leaver.post("/api/update/preferences/", {"categories": ["fashion", "music"],
                                                "networks": ["x"]}))
    ok(leaver.post("/careers/users/follow/", {"following": stays.id}), 201)
    ok(desk.post("/api/user/notification/", {"user_id": leaver.id, "title": "T", "message": "M",
                                             "type": "campaign"}))
    ok(desk.post("/api/user/activity/", {"user_id": leaver.id, "event_id": "e", "posts": 3}))
    ok(desk.post("/api/user/add-custom-social-wall/", {
        "user_id": leaver.id, "wall_url": "https://example.com/w", "network": "x"}))
    ok(leaver.delete(ME, json={"password": PASSWORD}))
    assert ok(desk.post("/api/users/stats/sex/")) == {"male": 1, "female": 0, "other": 0}
    assert ok(desk.post("/api/users/stats/preferences/"))["fashion"] == 0
    assert quick.cli("check").returncode == 0


# The tables with a column user_id.
OWNED = ("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%user_id%' "
         "AND sql NOT LIKE 'CREATE VIRTUAL%'")
if POSTGRES:
    OWNED = ("SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
             "WHERE a.attname = 'user_id' AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
             "AND c.relnamespace = 'public'::regnamespace")


def test_nothing_of_an_erased_account_is_left(quick):
    leaver = quick.user()
    ok(leaver.post("/api/update/preferences/", {"categories": ["art"], "networks": ["x"]}))
    ok(leaver.delete(ME, json={"password": PASSWORD}))
    owned = {"users": "id"}
    for table, in quick.execute(OWNED):
        owned[table] = "user_id"
    assert owned.pop("erasures")  # that there was such an id is what is left
    left = {table for table, key in owned.items()
            if quick.execute(f"SELECT 1 FROM {table} WHERE {key} = ?", leaver.id)}
    assert len(owned) > 8 and left == {"audit"}  # who was erased stays known by the id alone
    assert quick.execute("SELECT DISTINCT salt, address, user_agent, note FROM audit "
                         "WHERE user_id = ?", leaver.id) == [(None, None, None, None)]
