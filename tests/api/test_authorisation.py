"""Who may ask what: every row of src/api/routes.def, asked by nobody, by a plain user and by staff.
A new row fails the first test until it stands in the table."""
import pytest

import tables
from rollcall import PASSWORD, QUICK, Server, ok, registration


class Scene:
    """Who takes part in one request: the account it is about, and the caller (None: nobody)."""

    def __init__(self, target, caller):
        self.target, self.caller = target, caller

    def follow(self):
        """The caller has something to stop doing."""
        if self.caller:
            self.caller.post("/careers/users/follow/", {"following": self.target.id})

    def session(self):
        if not self.caller:
            return 1
        return self.caller.get("/careers/users/me/sessions/").json()["results"][0]["id"]

    def wall(self):
        """The id of the target's wall, which staff have added."""
        staff, about = self.target.server.desk, {"user_id": self.target.id}
        walls = staff.post("/api/user/social-walls/", about).json()["social_walls"]
        if walls:
            return walls[0]["id"]
        staff.post("/api/user/add-custom-social-wall/",
                   {**about, "wall_url": "https://example.com/", "network": "x"})
        return self.wall()


def refresh_token(scene):
    return {"refresh": (scene.caller or scene.target).refresh}


def about(**more):
    return lambda scene: {"user_id": scene.target.id, **more}


def new_account(scene):
    return registration()


def login(scene):
    return {"username": scene.target.username, "password": PASSWORD}


ANYBODY, USERS, STAFF = (2, 2, 2), (401, 2, 2), (401, 403, 2)

# Row: who may (nobody, a user, staff: 2 for success), and the least that makes it succeed.
TABLE = {
    "POST /careers/users/register/": (ANYBODY, new_account),
    "POST /careers/users/login/": (ANYBODY, login),
    "POST /careers/users/token/refresh/": (ANYBODY, refresh_token),
    "POST /careers/users/logout/": (USERS, refresh_token),
    "GET /careers/users/": (ANYBODY, None),
    "GET /careers/users/{username}/": (ANYBODY, None),
    "GET /careers/users/me/": (USERS, None),
    "PATCH /careers/users/me/update/": (USERS, {"bio": "New"}),
    "DELETE /careers/users/me/": (USERS, {"password": PASSWORD}),
    "POST /careers/users/me/password/": (USERS, {"current_password": PASSWORD,
                                                 "new_password": "another password"}),
    "GET /careers/users/me/sessions/": (USERS, None),
    "DELETE /careers/users/me/sessions/{id}/": (USERS, None),
    "GET /careers/users/me/export/": (USERS, None),
    "GET /careers/users/me/stats/": (USERS, None),
    "POST /careers/users/follow/": (USERS, lambda scene: {"following": scene.target.id}),
    "DELETE /careers/users/{username}/unfollow/": (USERS, lambda scene: scene.follow()),
    "GET /careers/users/following/": (USERS, None),
    "GET /careers/users/me/following/": (USERS, None),
    "GET /careers/users/{username}/followers/": (ANYBODY, None),
    "GET /careers/users/{username}/following/": (ANYBODY, None),
    "POST /api/get/preferences/": (USERS, None),
    "POST /api/get/notifications/": (USERS, None),
    "POST /api/get/notifications/history/": (USERS, None),
    "POST /api/get/profile/": (USERS, None),
    "POST /api/get/countries/": (ANYBODY, None),
    "POST /api/get/cities/": (ANYBODY, {"country": 1}),
    "POST /api/check/auth/": (ANYBODY, None),
    "POST /api/check/validate/": (ANYBODY, login),
    "POST /api/check/email/": (ANYBODY, {"email": "somebody@example.com"}),
    "POST /api/update/language/": (USERS, {"language": "es"}),
    "POST /api/update/profile/": (USERS, {"first_name": "New"}),
    "POST /api/update/preferences/": (USERS, {"categories": ["art"]}),
    "POST /api/update/notifications/": (USERS, {"post_status": False}),
    "POST /api/update/notifications/read/": (USERS, {"all": True}),
    "POST /api/action/register/": (ANYBODY, new_account),
    "POST /api/action/login/": (ANYBODY, login),
    "POST /api/action/logout/": (USERS, None),
    "POST /api/check/login/": (ANYBODY, None),
    "POST /api/users/": (STAFF, None),
    "POST /api/users/stats/sex/": (STAFF, None),
    "POST /api/users/stats/age/": (STAFF, None),
    "POST /api/users/stats/preferences/": (STAFF, None),
    "POST /api/user/status/": (STAFF, about()),
    "POST /api/user/status/ban/": (STAFF, about(banned=True, reason="R")),
    "POST /api/user/notification/": (STAFF, about(title="T", message="M", type="t")),
    "POST /api/user/force-logout/": (STAFF, about()),
    "POST /api/user/add-custom-social-wall/": (
        STAFF, about(wall_url="https://example.com/", network="x")),
    "POST /api/user/social-walls/": (STAFF, about()),
    "POST /api/user/remove-custom-social-wall/": (
        STAFF, lambda scene: {**about()(scene), "wall_id": scene.wall()}),
    "POST /api/user/activity/": (STAFF, about(event_id="event", posts=1)),
}

ROWS = [f"{route.method} {route.path}" for route in tables.routes()]


def test_the_table_has_every_row_and_no_other():
    assert sorted(TABLE) == sorted(ROWS)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("house"), QUICK) as running:
        running.desk = running.staff()
        yield running


@pytest.fixture
def target(house):
    return house.user()


@pytest.fixture(params=["nobody", "user", "staff"])
def who(request):
    return request.param


@pytest.fixture
def caller(house, who):
    """Somebody new, whom the request may end, ban or erase."""
    return {"nobody": lambda: None, "user": house.user, "staff": house.staff}[who]()


def ask(row, scene):
    """Sends the least that makes the row succeed, for those it is for."""
    body = TABLE[row][1]
    if callable(body):
        body = body(scene)
    method, path = row.split()
    path = path.replace("{username}", scene.target.username).replace("{id}", str(scene.session()))
    client = scene.caller or scene.target.server.anonymous()
    return client.request(method, path, json=body)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_answers_those_it_is_for(row, who, target, caller):
    expected = TABLE[row][0][["nobody", "user", "staff"].index(who)]
    answer = ask(row, Scene(target, caller))
    if expected == 2:
        assert answer.status_code in (200, 201), answer.text
    else:
        assert answer.status_code == expected, answer.text
        assert answer.json()["error"] == {401: "authentication_required",
                                          403: "permission_denied"}[expected]


def everything_about(target):
    desk, about = target.server.desk, {"user_id": target.id}
    return [ok(desk.post("/api/user/status/", about)),
            ok(desk.post("/api/user/social-walls/", about)),
            ok(target.get("/careers/users/me/")),
            ok(target.post("/api/get/notifications/history/"))]


@pytest.mark.parametrize("row", [row for row in ROWS if TABLE[row][0] == STAFF])
@pytest.mark.parametrize("who", ["nobody", "user"])
def test_who_is_refused_changes_nothing(house, row, who, target):
    scene = Scene(target, house.user() if who == "user" else None)
    if "remove" in row:
        scene.wall()
    before = everything_about(target)
    assert ask(row, scene).status_code in (401, 403)
    assert everything_about(target) == before


@pytest.mark.parametrize("row", ROWS)
def test_a_bad_token_is_refused_but_by_the_checks(house, row):
    method, path = row.split()
    path = path.replace("{username}", "target").replace("{id}", "1")
    answer = house.anonymous().request(method, path, headers={"Authorization": "Bearer x.y.z"})
    if path.startswith("/api/check/"):
        assert answer.status_code in (200, 400)
    else:
        assert (answer.status_code, answer.json()["error"]) == (401, "token_invalid")


@pytest.mark.parametrize("row", [row for row in ROWS if TABLE[row][0] != ANYBODY])
def test_nobody_learns_what_is_wrong_with_a_body_before_being_let_in(house, row):
    method, path = row.split()
    path = path.replace("{username}", "target").replace("{id}", "1")
    answer = house.anonymous().request(method, path, form="{", headers={
        "Content-Type": "application/json"})
    assert answer.status_code == 401
