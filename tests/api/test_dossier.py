"""What staff see of one account: itself, its sessions, its edges, its inbox."""
import pytest

from rollcall import PASSWORD, assert_error, ok, unique

ACCOUNT = "/api/user/"
SESSIONS = "/api/user/sessions/"
END = "/api/user/sessions/end/"
FOLLOWERS = "/api/user/followers/"
FOLLOWING = "/api/user/following/"
INBOX = "/api/user/notifications/"
BAN = "/api/user/status/ban/"
ME = "/careers/users/me/"


def about(staff, person, path=ACCOUNT, **more):
    return ok(staff.post(path, {"user_id": person.id, **more}))


# ---- The account ---------------------------------------------------------------------------------


def test_it_has_what_the_profile_has(staff, user):
    profile = ok(staff.post("/api/get/profile/", {"user_id": user.id}))
    body = about(staff, user)
    assert {key: body[key] for key in profile} == profile


def test_it_has_the_numbers_of_the_account(staff, user, other):
    ok(other.post("/careers/users/follow/", {"following": user.id}), 201)
    ok(staff.post("/api/user/activity/", {"user_id": user.id, "event_id": "e", "campaigns": 2,
                                          "earnings": 10.25, "posts": 3, "likes_received": 4,
                                          "comments_received": 5}))
    for _ in range(2):
        ok(staff.post("/api/user/notification/", {"user_id": user.id, "title": "T", "message": "M",
                                                  "type": "t"}))
    newest = ok(user.post("/api/get/notifications/history/"))["notifications"][0]["id"]
    ok(user.post("/api/update/notifications/read/", {"id": [newest]}))
    numbers = {"total_campaigns": 2, "total_earnings": 10.25, "posts_count": 3,
               "likes_received": 4, "comments_received": 5, "followers_count": 1,
               "following_count": 0, "notifications_count": 2, "unread_count": 1,
               "sessions_count": 1}
    body = about(staff, user)
    assert {key: body[key] for key in numbers} == numbers


def test_it_has_what_the_owner_wants(staff, user):
    ok(user.post("/api/update/preferences/", {"categories": ["art", "food"], "networks": ["x"],
                                              "profile_public": False, "show_earnings": True}))
    ok(user.post("/api/update/notifications/", {"post_status": False}))
    body = about(staff, user)
    assert body["preferences"] == {"categories": ["food", "art"], "networks": ["x"],
                                   "profile_public": False, "show_earnings": True,
                                   "show_campaigns": True}
    assert body["notifications"] == ok(
        user.post("/api/get/notifications/"))["user_notifications"]


def test_it_says_how_it_stands(staff, user):
    body = about(staff, user)
    assert body["status"] == "active" and body["created_at"].startswith(body["joined_date"])
    assert [body[key] for key in ("ban_reason", "banned_at", "banned_until")] == [None] * 3
    ok(staff.post(BAN, {"user_id": user.id, "banned": True, "reason": "Spam"}))
    body = about(staff, user)
    assert (body["status"], body["ban_reason"], body["banned_until"]) == ("banned", "Spam", None)
    assert body["banned_at"].endswith("Z") and body["sessions_count"] == 0


def test_it_is_found_by_name_in_any_case(staff, user):
    assert ok(staff.post(ACCOUNT, {"username": user.username.upper()})) == about(staff, user)


def test_id_and_name_are_of_one_account(staff, user, other):
    ok(staff.post(ACCOUNT, {"user_id": user.id, "username": user.username}))
    for body in ({"user_id": user.id, "username": other.username}, {"username": unique("nobody")},
                 {"user_id": 2**62}):
        assert_error(staff.post(ACCOUNT, body), 404, "user_not_found")


def test_it_is_somebodys(staff):
    assert_error(staff.post(ACCOUNT), 400, "validation_error", "user_id")


def test_a_script_in_a_name_stays_text(staff, server):
    name = "<script>alert(1)</script>"
    person = server.user(first_name=name, bio=name)
    body = about(staff, person)
    assert (body["first_name"], body["bio"]) == (name, name)


# ---- Sessions ------------------------------------------------------------------------------------


def test_sessions_are_as_their_owner_sees_them(server, staff, user):
    server.login(user.username)
    own = ok(user.get("/careers/users/me/sessions/"))["results"]
    rows = about(staff, user, SESSIONS)["sessions"]
    assert rows == [{**row, "current": False} for row in own] and len(rows) == 2


def test_the_session_that_asks_is_marked(server):
    desk = server.staff()
    server.login(desk.username)
    rows = about(desk, desk, SESSIONS)["sessions"]
    assert [row["current"] for row in rows] == [False, True]


def test_one_session_is_ended_and_no_other(server, staff, user):
    second = server.login(user.username)
    newest = about(staff, user, SESSIONS)["sessions"][0]["id"]
    ok(staff.post(END, {"user_id": user.id, "session_id": newest}))
    assert_error(second.get(ME), 401, "token_invalid")
    ok(user.get(ME))
    assert_error(staff.post(END, {"user_id": user.id, "session_id": newest}), 404, "not_found")


def test_a_session_is_ended_by_its_owner_alone(server, staff, user, other):
    session = about(staff, other, SESSIONS)["sessions"][0]["id"]
    assert_error(staff.post(END, {"user_id": user.id, "session_id": session}), 404, "not_found")
    ok(other.get(ME))


@pytest.mark.parametrize("target", ["staff", "superuser"])
def test_staff_do_not_end_sessions_of_staff(server, staff, superuser, target):
    colleague = server.staff(superuser=target == "superuser")
    whom = {"user_id": colleague.id,
            "session_id": about(staff, colleague, SESSIONS)["sessions"][0]["id"]}
    assert_error(staff.post(END, whom), 403, "permission_denied")
    ok(colleague.get(ME))
    ok(superuser.post(END, whom))
    assert_error(colleague.get(ME), 401, "token_invalid")


def test_ones_own_session_may_be_ended_and_takes_the_cookie_along(server):
    desk = server.staff()
    browser = server.anonymous()
    ok(browser.post("/api/action/login/", {"username": desk.username, "password": PASSWORD}))
    own, = (row["id"] for row in ok(browser.post(SESSIONS, {"user_id": desk.id}))["sessions"]
            if row["current"])
    ok(browser.post(END, {"user_id": desk.id, "session_id": own}))
    assert browser.cookie is None
    assert_error(browser.post(SESSIONS, {"user_id": desk.id}), 401, "authentication_required")
    ok(desk.get(ME))


def test_the_end_of_a_session_is_on_record(server, superuser, user):
    session = about(superuser, user, SESSIONS)["sessions"][0]["id"]
    ok(superuser.post(END, {"user_id": user.id, "session_id": session}))
    lines = server.cli("audit", "export", "--user", user.username).stdout.splitlines()
    record, = (line for line in lines if '"session.end"' in line)
    assert f'"actor_id":{superuser.id},' in record and f'"session={session}"' in record


# ---- Followers and following ---------------------------------------------------------------------


def follow(fan, star):
    return ok(fan.post("/careers/users/follow/", {"following": star.id}), 201)


def test_both_directions_say_since_when(staff, server):
    fan, star = server.user(first_name="Jo", last_name="Poe"), server.user()
    since = follow(fan, star)["created_at"]
    assert about(staff, star, FOLLOWERS) == {"count": 1, "next_cursor": None, "results": [{
        "user_id": fan.id, "username": fan.username, "first_name": "Jo", "last_name": "Poe",
        "avatar": "", "status": "active", "followed_at": since}]}
    body = about(staff, fan, FOLLOWING)
    assert [(row["user_id"], row["followed_at"]) for row in body["results"]] == [(star.id, since)]


def test_hidden_and_banned_accounts_are_listed(staff, server, user):
    hidden, banned = server.user(), server.user()
    for fan in (hidden, banned):
        follow(fan, user)
    ok(hidden.post("/api/update/preferences/", {"profile_public": False}))
    ok(staff.post(BAN, {"user_id": banned.id, "banned": True, "reason": "R"}))
    rows = about(staff, user, FOLLOWERS)["results"]
    assert [(row["user_id"], row["status"]) for row in rows] == [(banned.id, "banned"),
                                                                 (hidden.id, "active")]


def test_a_banned_account_has_followers_too(staff, user, other):
    follow(other, user)
    ok(staff.post(BAN, {"user_id": user.id, "banned": True, "reason": "R"}))
    assert about(staff, user, FOLLOWERS)["count"] == 1


def test_pages_put_together_are_the_whole_list(staff, server, user):
    fans = [server.user() for _ in range(5)]
    for fan in fans:
        follow(fan, user)
    seen, cursor = [], {}
    while cursor is not None:
        body = about(staff, user, FOLLOWERS, limit=2, **cursor)
        assert body["count"] == 5 and len(body["results"]) <= 2
        seen += [row["user_id"] for row in body["results"]]
        cursor = {"cursor": body["next_cursor"]} if body["next_cursor"] else None
    assert seen == [fan.id for fan in reversed(fans)]


@pytest.mark.parametrize("field, value", [("limit", 0), ("limit", "x"), ("cursor", "forged"),
                                          ("cursor", 1)])
@pytest.mark.parametrize("path", [FOLLOWERS, FOLLOWING])
def test_a_page_that_makes_no_sense_is_refused(staff, user, path, field, value):
    assert_error(staff.post(path, {"user_id": user.id, field: value}), 400, "validation_error",
                 field)


# ---- The inbox -----------------------------------------------------------------------------------


def send(staff, person, title):
    ok(staff.post("/api/user/notification/", {"user_id": person.id, "title": title,
                                              "message": "M", "type": "t"}))


def test_the_inbox_is_as_its_owner_sees_it_and_says_what_was_read(staff, user):
    for title in ("one", "two"):
        send(staff, user, title)
    own = ok(user.post("/api/get/notifications/history/"))
    first = own["notifications"][1]["id"]
    ok(user.post("/api/update/notifications/read/", {"id": [first]}))
    body = about(staff, user, INBOX)
    two, one = body["notifications"]
    assert (two["title"], two["read"], two["read_at"]) == ("two", False, None)
    assert (one["title"], one["read"]) == ("one", True) and one["read_at"] >= one["created_at"]
    assert {key: two[key] for key in own["notifications"][0]} == own["notifications"][0]
    assert (body["total"], body["unread"], body["page"], body["limit"]) == (2, 1, 1, 20)


def test_the_inbox_has_pages(staff, user):
    for title in ("one", "two", "three"):
        send(staff, user, title)
    pages = [[row["title"] for row in about(staff, user, INBOX, page=page, limit=2)
              ["notifications"]] for page in (1, 2, 3)]
    assert pages == [["three", "two"], ["one"], []]


def test_looking_marks_nothing_read(staff, user):
    send(staff, user, "one")
    about(staff, user, INBOX)
    assert ok(user.post("/api/get/notifications/history/"))["unread"] == 1


# ---- Unknown users -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [SESSIONS, END, FOLLOWERS, FOLLOWING, INBOX])
def test_an_unknown_user_is_not_found(staff, path):
    body = {"user_id": 2**63 - 1, "session_id": 1}
    assert_error(staff.post(path, body), 404, "user_not_found")


@pytest.mark.parametrize("path", [ACCOUNT, SESSIONS, END, FOLLOWERS, FOLLOWING, INBOX])
@pytest.mark.parametrize("user_id", [0, -1, 2**63, "x", 1.5, True, [1]])
def test_an_id_is_a_positive_number(staff, path, user_id):
    answer = staff.post(path, {"user_id": user_id, "session_id": 1})
    assert_error(answer, 400, "validation_error", "user_id")
