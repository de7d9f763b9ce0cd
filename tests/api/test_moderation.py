"""What staff see of accounts and do to them."""
import pytest

from rollcall import QUICK, Server, assert_error, ok, unique

STATUS = "/api/user/status/"
BAN = "/api/user/status/ban/"
LOGOUT = "/api/user/force-logout/"
USERS = "/api/users/"


def ban(staff, person, banned=True, reason="Spam"):
    return staff.post(BAN, {"user_id": person.id, "banned": banned, "reason": reason})


def status(staff, person):
    return ok(staff.post(STATUS, {"user_id": person.id}))


# ---- Status -------------------------------------------------------------------------------------


def test_an_account_is_active_at_first(staff, user):
    assert status(staff, user)["status"] == "active"


def test_last_login_is_null_before_the_first(server, staff):
    name = unique()
    server.cli("user", "add", name, "--email", f"{name}@example.com", "--password-stdin",
               stdin="password123\n")
    person = ok(staff.post(USERS, {"q": name}))["users"][0]
    assert ok(staff.post(STATUS, {"user_id": person["id"]}))["last_login"] is None


def test_a_registration_is_a_login(staff, user):
    assert status(staff, user)["last_login"].endswith("Z")


def test_an_inactive_account(server, staff, user):
    server.cli("user", "revoke", user.username, "--active")
    assert status(staff, user)["status"] == "inactive"


def test_a_banned_account_has_a_reason(staff, user):
    ok(ban(staff, user, reason="Line one\nline two"))
    body = status(staff, user)
    assert (body["status"], body["ban_reason"]) == ("banned", "Line one\nline two")


def test_only_a_banned_account_has_a_reason(staff, user):
    assert "ban_reason" not in status(staff, user)
    ok(ban(staff, user))
    ok(ban(staff, user, banned=False))
    assert "ban_reason" not in status(staff, user)


# ---- Banning ------------------------------------------------------------------------------------


@pytest.mark.parametrize("banned, word", [(True, "banned"), (False, "active")])
def test_a_ban_goes_both_ways(staff, user, banned, word):
    ok(ban(staff, user, banned=not banned))
    ok(ban(staff, user, banned=banned))
    assert status(staff, user)["status"] == word


def test_a_ban_can_be_repeated_with_another_reason(staff, user):
    ok(ban(staff, user, reason="First"))
    ok(ban(staff, user, reason="Second"))
    assert status(staff, user)["ban_reason"] == "Second"


def test_lifting_what_is_not_there_is_no_failure(staff, user):
    ok(ban(staff, user, banned=False))
    assert status(staff, user)["status"] == "active"


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_a_ban_needs_a_reason(staff, user, reason):
    assert_error(ban(staff, user, reason=reason), 400, "validation_error", "reason")
    assert status(staff, user)["status"] == "active"


@pytest.mark.parametrize("body", [{"banned": False}, {"banned": False, "reason": ""},
                                  {"banned": False, "reason": None}])
def test_lifting_one_does_not(staff, user, body):
    ok(ban(staff, user))
    ok(staff.post(BAN, {"user_id": user.id, **body}))


def test_a_ban_says_which_way(staff, user):
    assert_error(staff.post(BAN, {"user_id": user.id, "reason": "R"}), 400, "validation_error",
                 "banned")


# ---- Force logout -------------------------------------------------------------------------------


def test_a_forced_logout_ends_every_session(server, staff, user):
    second = server.login(user.username)
    ok(staff.post(LOGOUT, {"user_id": user.id}))
    for client in (user, second):
        assert_error(client.get("/careers/users/me/"), 401, "token_invalid")


def test_a_forced_logout_is_no_ban(server, staff, user):
    ok(staff.post(LOGOUT, {"user_id": user.id}))
    assert server.login(user.username).id == user.id


def test_a_forced_logout_of_nobody_signed_in_is_no_failure(staff, user):
    for _ in range(2):
        ok(staff.post(LOGOUT, {"user_id": user.id}))


def test_a_forced_logout_ends_nobody_elses(staff, user, other):
    ok(staff.post(LOGOUT, {"user_id": user.id}))
    ok(other.get("/careers/users/me/"))


# ---- Who may act on whom ------------------------------------------------------------------------


@pytest.fixture(params=["ban", "unban", "logout"])
def act(request):
    return {"ban": ban, "unban": lambda by, person: ban(by, person, banned=False),
            "logout": lambda by, person: by.post(LOGOUT, {"user_id": person.id})}[request.param]


@pytest.mark.parametrize("target", ["staff", "superuser"])
def test_staff_do_not_act_on_staff(server, staff, act, target):
    person = server.staff(superuser=target == "superuser")
    assert_error(act(staff, person), 403, "permission_denied")
    ok(person.get("/careers/users/me/"))


@pytest.mark.parametrize("target", ["user", "staff", "superuser"])
def test_a_superuser_acts_on_everybody_else(server, superuser, act, target):
    person = server.user() if target == "user" else server.staff(superuser=target == "superuser")
    ok(act(superuser, person))


@pytest.mark.parametrize("role", ["staff", "superuser"])
def test_nobody_acts_on_oneself(server, act, role):
    person = server.staff(superuser=role == "superuser")
    assert_error(act(person, person), 403, "permission_denied")
    ok(person.get("/careers/users/me/"))


def test_users_act_on_nobody(user, other, act):
    assert_error(act(user, other), 403, "permission_denied")


def test_a_superuser_is_staff_enough(superuser, user):
    assert status(superuser, user)["status"] == "active"


# ---- Unknown users ------------------------------------------------------------------------------

ABOUT_ONE = [
    (STATUS, {}), (BAN, {"banned": True, "reason": "R"}), (LOGOUT, {}),
    ("/api/user/notification/", {"title": "T", "message": "M", "type": "t"}),
    ("/api/user/social-walls/", {}),
    ("/api/user/add-custom-social-wall/", {"wall_url": "https://a.example", "network": "x"}),
    ("/api/user/remove-custom-social-wall/", {"wall_id": 1}),
    ("/api/user/activity/", {"event_id": "e", "posts": 1}),
]


@pytest.mark.parametrize("path, body", ABOUT_ONE)
def test_an_unknown_user_is_not_found(staff, path, body):
    assert_error(staff.post(path, {"user_id": 9223372036854775807, **body}), 404,
                 "user_not_found", message="User not found")


@pytest.mark.parametrize("path, body", ABOUT_ONE)
@pytest.mark.parametrize("user_id", [None, 0, -1, 9223372036854775808, "x", 1.5, True, [1]])
def test_an_id_is_a_positive_number(staff, path, body, user_id):
    answer = staff.post(path, {"user_id": user_id, **body})
    assert answer.status_code == 400, answer.text


# ---- The list -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """Six accounts: staff, and five users of whom one is banned and one inactive."""
    with Server(tmp_path_factory.mktemp("register"), QUICK) as running:
        running.desk = running.staff()
        for name, first in [("anna", "Anna"), ("bruno", "Bruno"), ("carol", "Ånna"),
                            ("dave", ""), ("erin", "")]:
            running.user(name, first_name=first, bio=f"bio of {name}", email=f"{name}@mail.example")
        running.cli("user", "ban", "dave", "--reason", "Spam")
        running.cli("user", "revoke", "erin", "--active")
        yield running


def found(register, **query):
    body = ok(register.desk.post(USERS, query))
    return [user["username"] for user in body["users"]], body["total"]


@pytest.mark.parametrize("query, names", [
    ({"q": "anna"}, ["carol", "anna"]), ({"q": "ANNA"}, ["carol", "anna"]),
    ({"q": "bio of b"}, ["bruno"]), ({"q": "an"}, ["carol", "anna"]),
    ({"q": "erin@mail.example"}, ["erin"]), ({"q": "nobody"}, []), ({"q": "%"}, []),
    ({"status": "banned"}, ["dave"]), ({"status": "inactive"}, ["erin"]),
    ({"q": "bio", "status": "active"}, ["carol", "bruno", "anna"]),
    ({"q": "bio", "status": "banned"}, ["dave"]), ({"q": "anna", "status": "banned"}, []),
])
def test_the_list_is_searched_by_text_and_status(register, query, names):
    assert found(register, **query) == (names, len(names))


def test_the_list_holds_everybody(register):
    names, total = found(register)
    assert names[:5] == ["erin", "dave", "carol", "bruno", "anna"] and total == 6


@pytest.mark.parametrize("page, limit, size", [(1, 4, 4), (2, 4, 2), (3, 4, 0), (1, 100, 6)])
def test_pages(register, page, limit, size):
    body = ok(register.desk.post(USERS, {"page": page, "limit": limit}))
    assert (len(body["users"]), body["total"], body["page"], body["limit"]) == (size, 6, page,
                                                                                limit)


def test_pages_put_together_are_the_whole_list(register):
    whole, _ = found(register)
    assert whole == [name for page in (1, 2, 3) for name in found(register, page=page, limit=2)[0]]


def test_a_row_is_a_user_profile_with_a_status(register):
    row, = ok(register.desk.post(USERS, {"q": "dave"}))["users"]
    model = {"username": "dave", "email": "dave@mail.example", "is_active": True,
             "is_staff": False, "is_superuser": False, "country": None, "city": None,
             "language": "en", "timezone": "UTC", "status": "banned"}
    assert {key: row[key] for key in model} == model
    assert {"id", "first_name", "last_name", "date_joined", "last_login"} <= set(row)


@pytest.mark.parametrize("field, value", [("status", "deleted"), ("status", 1), ("page", 0),
                                          ("limit", 0), ("limit", 101), ("q", "x" * 201)])
def test_a_question_that_makes_no_sense_is_refused(staff, field, value):
    assert_error(staff.post(USERS, {field: value}), 400, "validation_error", field)
