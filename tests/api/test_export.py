"""What an account's owner may take away: everything that is kept about it, and no secret."""
import json

import pytest

import rows
from rollcall import PASSWORD, QUICK, Server, assert_error, ok

EXPORT = "/careers/users/me/export/"
SECTIONS = ["sessions", "following", "followers", "notifications", "social_walls",
            "activity_events", "audit_records"]


def pages(client):
    """All pages of an export."""
    path = EXPORT
    while path:
        page = ok(client.get(path))
        yield page
        path = page["next"]


def whole(client):
    """The pages put together, as the command line has them."""
    first, *rest = pages(client)
    for page in rest:
        assert page["account"] is None
        for section in SECTIONS:
            first[section] += page[section]
    return first


def full_account(server, staff):
    """Somebody about whom there is something everywhere."""
    someone = server.user(first_name="Erika", last_name="Muster", bio="Collects stamps",
                          sex="female", birth_date="1990-05-17", country=1, city=1)
    ok(someone.post("/api/update/profile/", {"phone": "+4915112345678",
                                             "timezone": "Europe/Berlin"}))
    ok(someone.post("/api/update/preferences/", {"categories": ["art", "film"],
                                                 "networks": ["x"], "show_earnings": True}))
    about = {"user_id": someone.id}
    ok(staff.post("/api/user/notification/", {**about, "title": "Hello", "message": "How are you?",
                                              "type": "greeting", "data": {"deep": [1]}}))
    ok(staff.post("/api/user/add-custom-social-wall/",
                  {**about, "wall_url": "https://walls.example.com/erika", "network": "x",
                   "description": "Her wall"}))
    ok(staff.post("/api/user/activity/", {**about, "event_id": "order-17", "earnings": 12.5,
                                          "posts": 3}))
    return someone


def test_everything_about_an_account_is_there(server, staff):
    someone, friend = full_account(server, staff), server.user()
    ok(someone.post("/careers/users/follow/", {"following": friend.id}), 201)
    ok(friend.post("/careers/users/follow/", {"following": someone.id}), 201)
    export = whole(someone)
    account = export["account"]
    assert {key: account[key] for key in (
        "id", "username", "email", "first_name", "last_name", "bio", "sex", "birth_date", "phone",
        "timezone", "status", "ban_reason", "posts_count", "followers_count", "total_earnings",
        "unread_count")} == {
            "id": someone.id, "username": someone.username, "email": someone.email,
            "first_name": "Erika", "last_name": "Muster", "bio": "Collects stamps",
            "sex": "female", "birth_date": "1990-05-17", "phone": "+4915112345678",
            "timezone": "Europe/Berlin", "status": "active", "ban_reason": None, "posts_count": 3,
            "followers_count": 1, "total_earnings": 12.5, "unread_count": 1}
    assert account["country"]["id"] == 1 and account["city"]["id"] == 1
    assert account["preferences"]["categories"] == ["art", "film"]
    assert account["preferences"]["privacy_settings"]["show_earnings"] is True
    assert account["password_changed_at"] and account["date_joined"]
    for section in ("following", "followers"):
        assert [(edge["user_id"], edge["username"]) for edge in export[section]] == [
            (friend.id, friend.username)]
    assert export["notifications"][0]["message"] == "How are you?"
    assert export["notifications"][0]["data"] == {"deep": [1]}
    assert export["social_walls"][0]["wall_url"] == "https://walls.example.com/erika"
    assert export["activity_events"][0]["event_id"] == "order-17"
    assert export["activity_events"][0]["earnings"] == 12.5
    assert export["sessions"][0]["ip_address"] == "127.0.0.1"
    first, *rest = export["audit_records"]
    assert (first["event"], first["outcome"], first["own"], first["ip_address"]) == (
        "account.register", "ok", True, "127.0.0.1")
    sent = next(row for row in rest if row["event"] == "notification.send")
    assert (sent["own"], sent["ip_address"], sent["user_agent"]) == (False, None, None)


def test_it_has_what_the_command_line_has(server, staff):
    someone = full_account(server, staff)
    printed = json.loads(server.cli("user", "export", someone.username).stdout)
    export = whole(someone)
    for key in ("account", *SECTIONS[1:]):
        assert printed[key] == export[key]
    assert len(printed["sessions"]) == len(export["sessions"])


def test_there_is_no_secret_in_it(server, user):
    text = json.dumps(whole(user)) + server.cli("user", "export", user.username).stdout
    for secret in (PASSWORD, user.access, user.refresh, user.refresh.split(".")[-1], "argon2",
                   "hash"):
        assert secret not in text


def test_who_hides_is_an_id_without_a_name(user, other):
    ok(user.post("/careers/users/follow/", {"following": other.id}), 201)
    ok(other.post("/api/update/preferences/", {"profile_public": False}))
    edge, = whole(user)["following"]
    assert edge["user_id"] == other.id and edge["username"] is None


@pytest.fixture(scope="module")
def popular(tmp_path_factory):
    """An account with 2,350 followers, 250 notifications and 130 events."""
    with Server(tmp_path_factory.mktemp("popular"), QUICK) as running:
        star = running.user()
        rows.add_followers(running, star.id, 2350)
        rows.add_notifications(running, star.id, 250)
        rows.add_events(running, star.id, 130)
        yield star


def test_a_large_account_comes_in_pages_and_nothing_is_missing_or_twice(popular):
    found = list(pages(popular))
    assert len(found) >= 3
    for page in found:
        assert sum(len(page[section]) for section in SECTIONS) <= 1200
    export = whole(popular)
    for section, key, count in (("followers", "user_id", 2350), ("notifications", "id", 250),
                                ("activity_events", "event_id", 130)):
        assert len(export[section]) == count
        assert len({row[key] for row in export[section]}) == count


def test_a_large_account_is_one_document_on_the_command_line(popular):
    printed = json.loads(popular.server.cli("user", "export", popular.username).stdout)
    assert len(printed["followers"]) == 2350 and len(printed["activity_events"]) == 130


def test_long_rows_make_short_pages(server, staff, user):
    """Bounded in bytes as well: 150 messages of 16,000 bytes do not fit into one answer."""
    rows.add_notifications(server, user.id, 150, message="\U0001f40c" * 4000)
    sizes = [len(json.dumps(page, ensure_ascii=False).encode()) for page in pages(user)]
    assert len(sizes) > 1 and max(sizes) < 2_000_000


def test_a_cursor_is_its_owners_alone(popular):
    cursor = next(pages(popular))["next"]
    stranger = popular.server.user()
    assert_error(stranger.get(cursor), 400, "validation_error", "cursor")
    followers = ok(popular.get(f"/careers/users/{popular.username}/followers/?limit=1"))["next"]
    assert_error(popular.get(EXPORT + "?" + followers.split("?")[1]), 400, "validation_error",
                 "cursor")


def test_exports_are_limited_by_where_they_are_asked_from(tmp_path):
    options = ["--register-burst", "2", "--register-per-minute", "1", "--hash-memory", "64",
               "--hash-passes", "1"]
    with Server(tmp_path, options) as server:
        user = server.user()
        assert [user.get(EXPORT).status_code for _ in range(3)] == [200, 200, 429]
        assert_error(user.get(EXPORT), 429, "rate_limited")
