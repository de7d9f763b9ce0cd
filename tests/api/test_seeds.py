"""The two seed documents, example by example: what they print is what the server answers, key by key
and type by type. Each expected body below is the document's own."""
import pytest

from rollcall import ok, shape

PROFILE = {"id": 1, "username": "alice", "first_name": "Alice", "last_name": "Smith",
           "bio": "Software developer passionate about APIs",
           "avatar": "https://example.com/avatar.jpg", "created_at": "2024-01-15T10:30:00Z",
           "posts_count": 15, "followers_count": 42, "following_count": 28}
ME = {**PROFILE, "email": "alice@example.com", "updated_at": "2024-01-15T10:30:00Z"}
EDGE = {"id": 1, "follower": 1, "following": 2, "follower_username": "alice",
        "following_username": "bob", "created_at": "2024-01-15T10:30:00Z"}
ENTRY = {"id": 1, "username": "charlie", "first_name": "Charlie", "last_name": "Brown",
         "avatar": "https://example.com/avatar.jpg", "is_following": False}
SWITCHES = ["new_campaign", "end_campaign", "near_campaign", "cause_campaign", "profile_status",
            "post_status", "update_balance"]


@pytest.fixture
def alice(empty_server):
    """Alice as document B registers her, on an empty database: her id is 1."""
    client = empty_server.anonymous()
    body = ok(client.post("/careers/users/register/", {
        "username": "alice", "email": "alice@example.com", "password": "password123",
        "password_confirm": "password123", "first_name": "Alice", "last_name": "Smith",
        "bio": "Software developer passionate about APIs"}), 201)
    client.access, client.refresh, client.registered = body["access"], body["refresh"], body
    return client


@pytest.fixture
def bob(empty_server, alice):
    return empty_server.user("bob", first_name="Bob")


def test_register(alice):
    body = alice.registered
    created = body["user"].pop("created_at")
    assert shape(created) == "string" and len(created) == 20 and created.endswith("Z")
    assert body["user"] == {"id": 1, "username": "alice", "email": "alice@example.com",
                            "first_name": "Alice", "last_name": "Smith",
                            "bio": "Software developer passionate about APIs"}
    assert set(body) == {"user", "access", "refresh"}


def test_login(alice):
    body = ok(alice.post("/careers/users/login/", {"username": "alice", "password": "password123"}))
    assert set(body) == {"user", "access", "refresh"}
    assert body["user"] == {"id": 1, "username": "alice", "email": "alice@example.com",
                            "first_name": "Alice", "last_name": "Smith"}


def test_refresh_token(alice):
    body = ok(alice.post("/careers/users/token/refresh/", {"refresh": alice.refresh}))
    assert set(body) == {"access"}
    alice.access = body["access"]
    assert ok(alice.get("/careers/users/me/"))["username"] == "alice"


def test_logout(alice):
    body = ok(alice.post("/careers/users/logout/", {"refresh": alice.refresh}))
    assert body == {"message": "Successfully logged out"}
    assert alice.get("/careers/users/me/").status_code == 401


def test_list_users(alice, bob):
    body = ok(alice.get("/careers/users/?search=&batch_size=10&batch_number=0"))
    assert body["message"] == "Users retrieved successfully"
    assert body["batch_info"] == {"current_batch": 0, "batch_size": 10, "total_users": 2,
                                  "total_batches": 1, "users_in_current_batch": 2}
    assert set(body) == {"message", "users", "batch_info"}
    assert [shape(row) for row in body["users"]] == [shape(ENTRY)] * 2
    assert [row["username"] for row in body["users"]] == ["alice", "bob"]


def test_user_profile(alice):
    body = ok(alice.get("/careers/users/alice/"))
    assert shape(body) == shape(PROFILE)
    assert list(body) == list(PROFILE)


def test_my_profile(alice):
    assert shape(ok(alice.get("/careers/users/me/"))) == shape(ME)


def test_update_my_profile(alice):
    sent = {"first_name": "Alice", "last_name": "Johnson", "bio": "Updated bio",
            "avatar": "https://example.com/new-avatar.jpg", "email": "alice.johnson@example.com"}
    body = ok(alice.patch("/careers/users/me/update/", sent))
    assert shape(body.pop("updated_at")) == "string"
    assert body == {"id": 1, "username": "alice", **sent}


def test_follow_and_unfollow(alice, bob):
    edge = ok(alice.post("/careers/users/follow/", {"following": 2}), 201)
    assert {**edge, "created_at": EDGE["created_at"]} == EDGE
    mine = ok(alice.get("/careers/users/following/"))
    assert (mine["count"], mine["results"], mine["next"]) == (1, [edge], None)
    assert ok(alice.get("/careers/users/me/following/")) == mine
    followers = ok(alice.get("/careers/users/bob/followers/"))
    assert followers["count"] == 1 and shape(followers["results"]) == [shape(ENTRY)]
    following = ok(alice.get("/careers/users/alice/following/"))
    assert following["count"] == 1 and shape(following["results"]) == [shape(ENTRY)]
    assert following["results"][0]["is_following"] is True
    gone = ok(alice.delete("/careers/users/bob/unfollow/"))
    assert gone == {"message": "Stopped following bob"}


def test_my_statistics(alice):
    assert ok(alice.get("/careers/users/me/stats/")) == {
        "posts_count": 0, "followers_count": 0, "following_count": 0, "likes_received": 0,
        "comments_received": 0}


# ---- A, App Endpoints ---------------------------------------------------------------------------


def test_app_register(empty_server):
    client = empty_server.anonymous()
    body = ok(client.post("/api/action/register/", form={
        "username": "newuser", "email": "newuser@example.com", "password": "securepassword",
        "first_name": "John", "last_name": "Doe", "country": "1", "city": "1"}), 201)
    assert body == {"status": "success", "message": "Account created successfully", "user_id": 1}
    assert ok(client.post("/api/check/auth/")) == {
        "is_authenticated": True, "user_id": 1, "username": "newuser"}


def test_preferences(alice):
    body = ok(alice.post("/api/update/preferences/", form=[
        ("categories", "fashion"), ("categories", "beauty"), ("networks", "instagram"),
        ("networks", "facebook"), ("language", "en")]))
    assert body == {"status": "success", "message": "Preferences updated successfully"}
    body = ok(alice.post("/api/get/preferences/"))
    assert body == {"user_id": 1, "preferences": {
        "language": "en", "notifications": dict.fromkeys(SWITCHES, True),
        "categories": ["fashion", "beauty"], "networks": ["instagram", "facebook"],
        "privacy_settings": {"profile_public": True, "show_earnings": False,
                             "show_campaigns": True}}}


def test_notification_settings(alice):
    sent = {code: "false" if code == "end_campaign" else "true" for code in SWITCHES}
    body = ok(alice.post("/api/update/notifications/", form=sent))
    assert body == {"status": "success", "message": "Notification settings updated"}
    body = ok(alice.post("/api/get/notifications/"))
    names = ["New campaign", "End campaign", "Near campaign", "Causes", "Profile status",
             "Post status", "Update balance"]
    assert body == {"user_id": 1, "not_found_message": "No notifications to display",
                    "user_notifications": [
                        {"name": name, "code": code, "status": code != "end_campaign"}
                        for name, code in zip(names, SWITCHES)]}


def test_checks(alice):
    assert ok(alice.post("/api/check/auth/")) == {
        "is_authenticated": True, "user_id": 1, "username": "alice"}
    assert ok(alice.post("/api/check/validate/")) == {"is_logged": True, "user_id": 1}
    assert ok(alice.post("/api/check/email/", form={"email": "alice@example.com"})) == {
        "exists": True, "available": False}
    assert ok(alice.post("/api/check/login/")) == {
        "is_logged": True, "user_id": 1, "is_staff": False, "is_superuser": False}


def test_update_language_and_profile(alice):
    assert ok(alice.post("/api/update/language/", form={"language": "es"})) == {
        "status": "success", "message": "Language updated successfully"}
    # As printed: the '+' is not escaped, so a form decoder sees a space there.
    answer = alice.request("POST", "/api/update/profile/", form=(
        "first_name=John&last_name=Doe&email=john.doe@example.com&phone=+1234567890"
        "&country=1&city=1"), headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert ok(answer) == {"status": "success", "message": "Profile updated successfully"}
    body = ok(alice.post("/api/get/profile/"))
    model = {"id": 1, "username": "alice", "email": "john.doe@example.com", "first_name": "John",
             "last_name": "Doe", "is_active": True, "is_staff": False, "is_superuser": False,
             "country": {"id": 1, "name": "United States"}, "city": {"id": 1, "name": "New York"},
             "language": "es", "timezone": "UTC", "phone": "+1234567890"}
    assert {key: body[key] for key in model} == model
    assert shape(body["date_joined"]) == shape(body["last_login"]) == "string"


def test_app_logout(alice):
    assert ok(alice.post("/api/action/logout/")) == {
        "status": "success", "message": "Logged out successfully"}
    assert ok(alice.post("/api/check/auth/")) == {
        "is_authenticated": False, "user_id": None, "username": None}


# ---- A, Backend Endpoints -----------------------------------------------------------------------


@pytest.fixture
def desk(empty_server, alice):
    """Somebody on the staff."""
    return empty_server.staff()


def test_backend_checks(desk):
    body = ok(desk.post("/api/check/login/"))
    assert body == {"is_logged": True, "user_id": desk.id, "is_staff": True, "is_superuser": False}
    assert ok(desk.post("/api/check/validate/", form="username=alice&password=password123",
                        headers={"Content-Type": "application/x-www-form-urlencoded"})) == {
        "is_valid": True, "user_id": 1}
    assert ok(desk.post("/api/check/email/", {"email": "alice@example.com"})) == {
        "exists": True, "user_id": 1}


def test_statistics(desk):
    assert ok(desk.post("/api/users/stats/sex/")) == {"male": 0, "female": 0, "other": 0}
    assert ok(desk.post("/api/users/stats/age/")) == {"18-24": 0, "25-34": 0, "35-44": 0, "45+": 0}
    assert ok(desk.post("/api/users/stats/preferences/")) == {
        "fashion": 0, "beauty": 0, "technology": 0, "food": 0, "travel": 0, "other": 0}


def test_ban_and_status(desk, alice):
    assert ok(desk.post("/api/user/status/ban/", form={
        "user_id": "1", "banned": "true", "reason": "Violation of terms of service"})) == {
        "status": "success", "message": "User ban status updated"}
    assert alice.get("/careers/users/me/").status_code == 401
    banned = ok(desk.post("/api/user/status/", form={"user_id": "1"}))
    assert banned["status"] == "banned"
    assert banned["ban_reason"] == "Violation of terms of service"
    ok(desk.post("/api/user/status/ban/", form={"user_id": "1", "banned": "false"}))
    body = ok(desk.post("/api/user/status/", form={"user_id": "1"}))
    assert shape(body) == shape({"status": "active", "joined_date": "2024-01-01",
                                 "last_login": "2024-08-01T10:00:00Z", "total_campaigns": 10,
                                 "total_earnings": 500})
    assert body["status"] == "active" and len(body["joined_date"]) == 10


def test_notifications(desk, alice):
    assert ok(desk.post("/api/user/notification/", form={
        "user_id": "1", "title": "New Campaign", "type": "campaign",
        "message": "A new campaign is available for you"})) == {
        "status": "success", "message": "Notification sent successfully"}
    body = ok(alice.post("/api/get/notifications/history/", form={"page": "1", "limit": "20"}))
    assert (body["total"], body["page"], body["limit"], body["unread"]) == (1, 1, 20, 1)
    row = body["notifications"][0]
    assert {key: row[key] for key in ("title", "message", "type", "read")} == {
        "title": "New Campaign", "message": "A new campaign is available for you",
        "type": "campaign", "read": False}
    assert row["data"] == {} and shape(row["created_at"]) == "string"


def test_force_logout(desk, alice):
    assert ok(desk.post("/api/user/force-logout/", form={"user_id": "1"})) == {
        "status": "success", "message": "User logged out from all sessions"}
    assert alice.get("/careers/users/me/").status_code == 401


def test_social_wall(desk):
    assert ok(desk.post("/api/user/add-custom-social-wall/", form={
        "user_id": "1", "wall_url": "https://example.com/social-wall", "network": "instagram",
        "description": "Custom social wall for user"})) == {
        "status": "success", "message": "Custom social wall added successfully"}


# ---- A, Error Responses -------------------------------------------------------------------------


def test_error_responses(alice, desk):
    nobody = alice.server.anonymous()

    def error(answer, status):
        assert answer.status_code == status, answer.text
        return answer.json()

    assert error(nobody.get("/careers/users/me/"), 401) == {
        "error": "authentication_required",
        "message": "Authentication is required for this endpoint"}
    assert error(nobody.post("/careers/users/login/",
                             {"username": "alice", "password": "wrong-password"}), 401) == {
        "error": "invalid_credentials", "message": "Invalid username or password"}
    new = {"username": "carol", "email": "carol@example.com", "password": "password123",
           "password_confirm": "password123"}
    assert error(nobody.post("/careers/users/register/", {**new, "email": "carol"}), 400) == {
        "error": "validation_error", "message": "Invalid email format", "field": "email"}
    assert error(nobody.post("/careers/users/register/", {**new, "password": "short"}), 400) == {
        "error": "validation_error", "message": "Password must be at least 8 characters long",
        "field": "password"}
    assert error(alice.post("/api/user/status/", form={"user_id": "1"}), 403) == {
        "error": "permission_denied",
        "message": "You don't have permission to perform this action"}
    assert error(desk.post("/api/user/status/", form={"user_id": "999"}), 404) == {
        "error": "user_not_found", "message": "User not found"}
