"""Who may ask what: every cell of the table in docs/authorisation.md is put to a real server. A route
without a row fails the build (tools/check_authorisation.py), and here."""
import re

import pytest

import tables
from rollcall import PASSWORD, QUICK, ROOT, Server, ok, registration, wait_until

COLUMNS = ["nobody", "user", "other", "staff", "super", "banned", "revoked"]
FOLLOW = "/careers/users/follow/"
PUBLIC = "/api/update/preferences/"


# ---- The table -----------------------------------------------------------------------------------


def read_table():
    """{row: {column: cell}}; a row is "METHOD path" and, if any, " (note)"."""
    table = {}
    for line in (ROOT / "docs" / "authorisation.md").read_text().splitlines():
        found = re.match(r"\| `(\w+ /[^`]*)`( \([^)]*\))? \| (.*) \|$", line)
        if found:
            row, cells = found[1] + (found[2] or ""), found[3].split(" | ")
            assert row not in table and len(cells) == len(COLUMNS), line
            table[row] = dict(zip(COLUMNS, map(str.strip, cells)))
    return table


TABLE = read_table()
ROWS = sorted(TABLE)
USUAL = {"401 nobody": "authentication_required", "401": "token_invalid", "403": "permission_denied"}


def endpoint(row):
    return row.partition(" (")[0]


def test_the_table_has_every_route_and_no_other():
    assert {endpoint(row) for row in ROWS} == {f"{route.method} {route.path}"
                                               for route in tables.routes()}


# ---- Who takes part ------------------------------------------------------------------------------


class Scene:
    """One request: the account it is about, and the caller."""

    def __init__(self, house, row, column):
        self.house, self.row, self.column = house, row, column
        self.target = house.staff() if "(of staff)" in row else house.user()
        self.caller = self.target if column == "user" else house.caller(column, row)
        if "(hidden)" in row:
            ok(self.target.post(PUBLIC, {"profile_public": False}))
        if "(after following)" in row and column not in ("nobody", "user", "banned", "revoked"):
            ok(self.caller.post(FOLLOW, {"following": self.target.id}), 201)

    def session(self):
        return ok(self.target.get("/careers/users/me/sessions/"))["results"][0]["id"]

    def wall(self):
        """The id of the target's wall, which staff have added."""
        desk, whose = self.house.desk, {"user_id": self.target.id}
        walls = ok(desk.post("/api/user/social-walls/", whose))["social_walls"]
        if walls:
            return walls[0]["id"]
        ok(desk.post("/api/user/add-custom-social-wall/",
                     {**whose, "wall_url": "https://example.com/", "network": "x"}))
        return self.wall()

    def login(self):
        """As whoever the row says: the target, or the caller themselves."""
        who = self.caller if "(their own" in self.row else self.target
        return {"username": (who or self.target).username, "password": PASSWORD}

    def refresh(self):
        if "(their own" not in self.row:
            return {"refresh": self.target.refresh}
        return {"refresh": self.caller.refresh if self.caller else "none"}

    def body(self):
        body = BODIES.get(endpoint(self.row))
        return body(self) if callable(body) else body

    def ask(self, caller=None):
        method, path = endpoint(self.row).split()
        path = path.replace("{username}", self.target.username).replace("{page}", "users")
        if "{id}" in path:
            path = path.replace("{id}", str(self.session()))
        if "{file}" in path:
            folder = path.partition("{")[0]
            page = self.house.anonymous().get(folder).text
            path = re.search(rf'src="({folder}[^"]+)"', page)[1]
        anonymous = caller is None or "no token)" in self.row
        client = self.house.anonymous() if anonymous else caller
        return client.request(method, path, json=self.body())


def about(**more):
    return lambda scene: {"user_id": scene.target.id, **more}


# The least that makes a request succeed.
BODIES = {
    "POST /careers/users/register/": lambda scene: registration(),
    "POST /careers/users/login/": Scene.login,
    "POST /careers/users/token/refresh/": Scene.refresh,
    "POST /careers/users/logout/": Scene.refresh,
    "PATCH /careers/users/me/update/": {"bio": "New"},
    "DELETE /careers/users/me/": {"password": PASSWORD},
    "POST /careers/users/me/password/": {"current_password": PASSWORD,
                                         "new_password": "another password"},
    "PATCH /careers/users/me/sessions/{id}/": {"name": "Phone"},
    "POST /careers/users/follow/": lambda scene: {"following": scene.target.id},
    "POST /api/get/profile/": about(),
    "POST /api/get/cities/": {"country": 1},
    "POST /api/check/validate/": Scene.login,
    "POST /api/check/email/": {"email": "somebody@example.com"},
    "POST /api/update/language/": {"language": "es"},
    "POST /api/update/profile/": {"first_name": "New"},
    "POST /api/update/preferences/": {"categories": ["art"]},
    "POST /api/update/notifications/": {"post_status": False},
    "POST /api/update/notifications/read/": {"all": True},
    "POST /api/action/register/": lambda scene: registration(),
    "POST /api/action/login/": Scene.login,
    "POST /api/action/setup/": lambda scene: {**registration(), "token": scene.house.setup},
    "POST /api/user/": about(),
    "POST /api/user/sessions/": about(),
    "POST /api/user/sessions/end/":
        lambda scene: {"user_id": scene.target.id, "session_id": scene.session()},
    "POST /api/user/followers/": about(),
    "POST /api/user/following/": about(),
    "POST /api/user/notifications/": about(),
    "POST /api/user/update/": about(first_name="New"),
    "POST /api/user/role/": about(is_staff=True),
    "POST /api/user/status/": about(),
    "POST /api/user/status/ban/": about(banned=True, reason="R"),
    "POST /api/user/notification/": about(title="T", message="M", type="t"),
    "POST /api/user/force-logout/": about(),
    "POST /api/user/add-custom-social-wall/": about(wall_url="https://example.com/", network="x"),
    "POST /api/user/social-walls/": about(),
    "POST /api/user/remove-custom-social-wall/":
        lambda scene: {"user_id": scene.target.id, "wall_id": scene.wall()},
    "POST /api/user/audit/": about(),
    "POST /api/user/activity/": about(event_id="event", posts=1),
}

# What ends the caller's session, or the caller.
SPENDS = re.compile(r"logout/|DELETE \S+/me/$|/me/password/")


class House(Server):
    """Those who outlive a request are asked for every row: they are dear to make."""

    def start(self, *arguments):
        super().start(*arguments)
        wait_until(lambda: "/console/setup/#" in self.output)
        self.setup = self.output.split("/console/setup/#")[1].split()[0]
        self.desk = self.staff()
        self.lasting = {column: self.make(column) for column in COLUMNS[2:]}
        return self

    def make(self, column):
        if column in ("staff", "super"):
            return self.staff(superuser=column == "super")
        person = self.user()
        if column == "banned":
            ok(self.desk.post("/api/user/status/ban/", {"user_id": person.id, "banned": True,
                                                        "reason": "R"}))
        if column == "revoked":
            ok(person.post("/careers/users/logout/", {"refresh": person.refresh}))
        return person

    def caller(self, column, row):
        if column == "nobody":
            return None
        return self.make(column) if SPENDS.search(row) else self.lasting[column]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with House(tmp_path_factory.mktemp("house"), QUICK) as running:
        yield running


# ---- Every cell ----------------------------------------------------------------------------------


def expected(cell, column):
    """Status, and what the answer must say: the error's code, or the field at fault."""
    status, _, word = cell.partition(" ")
    if int(status) >= 400 and not word:
        word = USUAL.get(f"{status} {column}") or USUAL[status]
    return int(status), word


def differs(scene, cell):
    """What is wrong with the answer, or None."""
    status, word = expected(cell, scene.column)
    answer = scene.ask(scene.caller)
    if answer.status_code != status:
        return answer.status_code, answer.text
    if status >= 400:
        body = answer.json()
        return None if word in (body["error"], body.get("field")) else (status, body)
    if word == "as nobody" and answer.text != scene.ask().text:
        return answer.status_code, answer.text
    return None


@pytest.mark.parametrize("row", ROWS)
def test_every_cell_is_what_it_says(house, row):
    wrong = {}
    for column, cell in TABLE[row].items():
        found = differs(Scene(house, row, column), cell)
        if found:
            wrong[column] = (cell, found)
    assert not wrong


STAFF = [row for row in ROWS if TABLE[row]["other"] == "403" and TABLE[row]["staff"] == "200"]


def everything_about(target):
    desk, whom = target.server.desk, {"user_id": target.id}
    return [ok(desk.post("/api/user/status/", whom)),
            ok(desk.post("/api/user/social-walls/", whom)),
            ok(target.get("/careers/users/me/")),
            ok(target.post("/api/get/notifications/history/"))]


@pytest.mark.parametrize("row", STAFF)
def test_who_is_refused_changes_nothing(house, row):
    for column in ("nobody", "user", "other", "banned", "revoked"):
        scene = Scene(house, row, column)
        scene.wall()
        before = everything_about(scene.target)
        assert scene.ask(scene.caller).status_code in (401, 403)
        assert everything_about(scene.target) == before


ENDPOINTS = sorted({endpoint(row) for row in ROWS})
# To these somebody with a bad token is nobody.
FORGIVING = {row for row in ENDPOINTS if TABLE.get(row, {}).get("revoked") == "200 as nobody"}


def plain_path(path):
    return path.replace("{username}", "target").replace("{id}", "1")


@pytest.mark.parametrize("row", ENDPOINTS)
def test_a_bad_token_is_refused_but_by_the_checks(house, row):
    method, path = row.split()
    answer = house.anonymous().request(method, plain_path(path),
                                       headers={"Authorization": "Bearer x.y.z"})
    if row in FORGIVING:
        assert answer.status_code in (200, 400, 404)
    else:
        assert (answer.status_code, answer.json()["error"]) == (401, "token_invalid")


@pytest.mark.parametrize("row", [row for row in ENDPOINTS
                                 if TABLE.get(row, {}).get("nobody") == "401"])
def test_nobody_learns_what_is_wrong_with_a_body_before_being_let_in(house, row):
    method, path = row.split()
    answer = house.anonymous().request(method, plain_path(path), form="{", headers={
        "Content-Type": "application/json"})
    assert answer.status_code == 401
