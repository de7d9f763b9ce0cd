"""Staff change somebody's profile, and superusers their roles."""
import threading

import pytest

from rollcall import Server, QUICK, assert_error, ok, unique
from trail import about, last

UPDATE = "/api/user/update/"
ROLE = "/api/user/role/"
ACCOUNT = "/api/user/"
USERS = "/api/users/"
ME = "/careers/users/me/"


def change(staff, person, **fields):
    return staff.post(UPDATE, {"user_id": person.id, **fields})


def account(staff, person):
    return ok(staff.post(ACCOUNT, {"user_id": person.id}))


# ---- The profile ---------------------------------------------------------------------------------


def test_every_field_of_a_profile(staff, user):
    fields = {"first_name": "Zoë", "last_name": "Roe", "email": f"{unique()}@example.com",
              "phone": "+34600000000", "sex": "female", "birth_date": "1990-05-17",
              "timezone": "Europe/Madrid", "bio": "Line one\nline two",
              "avatar": "https://example.com/a.png"}
    ok(change(staff, user, **fields, country=1, city=1))
    body = account(staff, user)
    assert {key: body[key] for key in fields} == fields
    assert (body["country"]["id"], body["city"]["id"]) == (1, 1)


def test_what_is_not_sent_stays(staff, server):
    person = server.user(first_name="Ann", bio="Words")
    ok(change(staff, person, last_name="Roe"))
    body = account(staff, person)
    assert (body["first_name"], body["last_name"], body["bio"]) == ("Ann", "Roe", "Words")


@pytest.mark.parametrize("field", ["phone", "sex", "birth_date", "bio", "avatar", "country"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_what_can_be_empty_is_cleared(staff, user, field, nothing):
    full = {"phone": "+34600000000", "sex": "other", "birth_date": "1990-05-17", "bio": "B",
            "avatar": "https://example.com/a.png", "country": 1}
    ok(change(staff, user, **full))
    ok(change(staff, user, **{field: nothing}))
    assert account(staff, user)[field] in (None, "")


@pytest.mark.parametrize("field, value", [
    ("email", "no address"), ("phone", "12"), ("country", 99999), ("city", 0), ("sex", "x"),
    ("birth_date", "2999-01-01"), ("timezone", "Mars/Base"), ("avatar", "javascript:alert(1)"),
    ("first_name", "n" * 151), ("bio", "b" * 2001), ("last_name", "two\nlines")])
def test_the_rules_are_those_of_the_owner(staff, user, field, value):
    before = account(staff, user)
    assert_error(change(staff, user, **{field: value}), 400, "validation_error", field)
    assert account(staff, user) == before


def test_a_city_lies_in_its_country(staff, user):
    ok(change(staff, user, country=1, city=1))
    assert_error(change(staff, user, country=2, city=1), 400, "validation_error", "city")
    ok(change(staff, user, country=2))
    assert account(staff, user)["city"] is None


def test_an_address_is_one_accounts(staff, user, other):
    assert_error(change(staff, user, email=other.email.upper()), 400, "validation_error", "email",
                 "A user with this email already exists")
    assert_error(change(staff, user, email=staff.email), 400, "validation_error", "email")
    ok(change(staff, user, email=user.email))
    moved = f"{unique()}@example.com"
    ok(change(staff, user, email=moved))
    assert ok(user.get(ME))["email"] == moved


def test_a_new_name_is_found_at_once(staff, user):
    name = unique("Zoë")
    ok(change(staff, user, first_name=name))
    assert [row["id"] for row in ok(staff.post(USERS, {"q": name}))["users"]] == [user.id]


def test_roles_and_names_are_no_fields(staff, user):
    ok(change(staff, user, username="other", is_staff=True, is_superuser=True, is_active=False,
              flags=7, banned_until="2099-01-01T00:00:00Z"))
    body = account(staff, user)
    assert (body["username"], body["is_staff"], body["is_active"]) == (user.username, False, True)


@pytest.mark.parametrize("target", ["staff", "superuser"])
def test_staff_do_not_edit_staff_but_themselves(server, staff, superuser, target):
    colleague = server.staff(superuser=target == "superuser")
    assert_error(change(staff, colleague, bio="B"), 403, "permission_denied")
    ok(change(superuser, colleague, bio="By a superuser"))
    ok(change(colleague, colleague, bio="By oneself"))
    assert account(staff, colleague)["bio"] == "By oneself"
    assert last(server, colleague.id, "account.update")["actor_id"] == colleague.id


def test_the_trail_names_fields_and_no_values(server, staff, user):
    ok(change(staff, user, first_name="Secretive", country=1, city=1, bio="Private"))
    record = last(server, user.id, "account.update")
    assert (record["detail"], record["actor_id"]) == ("fields=first_name,country,city,bio",
                                                      staff.id)
    assert "Secretive" not in str(record) and "Private" not in str(record)


def test_what_changes_nothing_is_not_on_record(server, staff, user):
    ok(change(staff, user, bio="B"))
    for fields in ({}, {"bio": "B"}, {"first_name": ""}):
        ok(change(staff, user, **fields))
    assert len(about(server, user.id, "account.update")) == 1


def test_a_new_address_is_on_record_as_one(server, staff, user):
    ok(change(staff, user, email=f"{unique()}@example.com"))
    assert last(server, user.id, "email.change")["actor_id"] == staff.id
    assert last(server, user.id, "account.update")["detail"] == "fields=email"


def test_who_may_not_is_on_record(server, staff, superuser):
    assert_error(change(staff, superuser, bio="B"), 403, "permission_denied")
    record = last(server, superuser.id, "account.update")
    assert (record["outcome"], record["actor_id"], record["detail"]) == ("denied", staff.id, "")


# ---- Roles ---------------------------------------------------------------------------------------


def set_role(by, person, **roles):
    return by.post(ROLE, {"user_id": person.id, **roles})


def roles(staff, person):
    body = account(staff, person)
    return body["is_staff"], body["is_superuser"]


def test_roles_are_given_and_taken(superuser, user):
    for given, wanted in [({"is_staff": True}, (True, False)),
                          ({"is_superuser": True}, (True, True)),
                          ({"is_staff": False}, (False, True)),
                          ({}, (False, True)),
                          ({"is_staff": True, "is_superuser": False}, (True, False)),
                          ({"is_staff": None, "is_superuser": None}, (True, False)),
                          ({"is_staff": False, "is_superuser": False}, (False, False))]:
        ok(set_role(superuser, user, **given))
        assert roles(superuser, user) == wanted, given


def test_a_role_is_good_at_once_and_gone_at_once(superuser, user):
    assert_error(user.post(USERS), 403, "permission_denied")
    ok(set_role(superuser, user, is_staff=True))
    ok(user.post(USERS))
    ok(set_role(superuser, user, is_staff=False))
    assert_error(user.post(USERS), 403, "permission_denied")
    ok(user.get(ME))


def test_only_superusers_give_roles(server, staff, user):
    for person in (user, server.staff(), staff):
        assert_error(set_role(staff, person, is_staff=True), 403, "permission_denied")
    assert roles(staff, user) == (False, False)


@pytest.mark.parametrize("given", [{"is_superuser": False}, {"is_staff": True}, {}])
def test_nobody_changes_their_own(server, given):
    boss = server.staff(superuser=True)
    assert_error(set_role(boss, boss, **given), 403, "permission_denied")
    assert roles(boss, boss) == (False, True)


def test_an_unknown_user_has_no_role(superuser):
    for path in (ROLE, UPDATE):
        assert_error(superuser.post(path, {"user_id": 2**63 - 1, "is_staff": True}), 404,
                     "user_not_found")


@pytest.mark.parametrize("field", ["is_staff", "is_superuser"])
def test_a_role_is_true_or_false(superuser, user, field):
    assert_error(set_role(superuser, user, **{field: "maybe"}), 400, "validation_error", field)


def test_the_trail_says_what_was_given_and_what_taken(server, superuser, user):
    ok(set_role(superuser, user, is_staff=True))
    ok(set_role(superuser, user, is_superuser=True, is_staff=False))
    ok(set_role(superuser, user, is_superuser=True))
    rows = [row for row in about(server, user.id) if row["event"].startswith("role.")]
    assert [(row["event"], row["detail"], row["actor_id"]) for row in rows] == [
        ("role.grant", "staff", superuser.id), ("role.grant", "superuser", superuser.id),
        ("role.revoke", "staff", superuser.id)]


def demote(person, other):
    return set_role(person, other, is_superuser=False)


def ban(person, other):
    return person.post("/api/user/status/ban/", {"user_id": other.id, "banned": True, "reason": "x"})


@pytest.mark.parametrize("act, lost", [(demote, 403), (ban, 401)])
def test_of_many_who_do_away_with_each_other_one_remains(tmp_path, act, lost):
    """Each does it to the next one, all at once: somebody is left to undo it."""
    with Server(tmp_path, QUICK) as server:
        for _ in range(3):
            people = [server.staff(superuser=True) for _ in range(4)]
            barrier = threading.Barrier(len(people))
            said = []

            def try_it(number):
                barrier.wait()
                said.append(act(people[number], people[number - 1]).status_code)
            threads = [threading.Thread(target=try_it, args=[n]) for n in range(len(people))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert set(said) <= {200, 403, lost}, said
            assert any(person.post(USERS).status_code == 200 for person in people)
