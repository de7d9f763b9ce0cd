"""/api/check/…: who is signed in, whose password it is, whether an address is known; and which of
two answers a path that two surfaces share gives (contract, section 1)."""
import pytest

from rollcall import PASSWORD, QUICK, Server, assert_error, ok, unique

VALIDATE = "/api/check/validate/"
EMAIL = "/api/check/email/"
LISTENS = {"all": "127.0.0.1:0", "both": "127.0.0.1:0=app,backend", "app": "127.0.0.1:0=app",
           "backend": "127.0.0.1:0=backend", "careers": "127.0.0.1:0=careers"}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A server with a listener for each choice of surfaces."""
    with Server(tmp_path_factory.mktemp("house"), QUICK, listens=list(LISTENS.values())) as running:
        running.alice = running.user("alice")
        running.desk = running.staff()
        running.retired, running.banned = running.user("retired"), running.user("banned")
        running.cli("user", "revoke", "retired", "--active")
        running.cli("user", "ban", "banned", "--reason", "R")
        yield running


@pytest.fixture
def callers(house):
    return {"nobody": house.anonymous(), "user": house.alice, "staff": house.desk}


def at(client, listener):
    return client.at(list(LISTENS).index(listener))


# ---- validate -----------------------------------------------------------------------------------

RIGHT = {"username": "alice", "password": PASSWORD}
WRONG = {"username": "alice", "password": "wrong password"}


@pytest.mark.parametrize("listener", ["all", "both", "app"])
@pytest.mark.parametrize("caller", ["nobody", "user", "staff"])
def test_without_a_password_the_app_answers(callers, listener, caller):
    client = callers[caller]
    user_id = getattr(client, "id", None)
    assert ok(at(client, listener).post(VALIDATE)) == {"is_logged": user_id is not None,
                                                       "user_id": user_id}


@pytest.mark.parametrize("listener", ["all", "both", "backend"])
@pytest.mark.parametrize("caller", ["nobody", "user", "staff"])
def test_with_a_password_the_backend_answers(house, callers, listener, caller):
    client = at(callers[caller], listener)
    assert ok(client.post(VALIDATE, RIGHT)) == {"is_valid": True, "user_id": house.alice.id}
    assert ok(client.post(VALIDATE, WRONG)) == {"is_valid": False, "user_id": None}


@pytest.mark.parametrize("body", [RIGHT, WRONG, {"username": "alice"}])
def test_where_the_app_is_alone_it_answers_anyway(house, body):
    assert ok(at(house.desk, "app").post(VALIDATE, body)) == {"is_logged": True,
                                                              "user_id": house.desk.id}


@pytest.mark.parametrize("listener, body, field", [
    ("both", {"username": "alice"}, "password"), ("both", {"password": PASSWORD}, "username"),
    ("backend", {"username": "alice"}, "password"), ("backend", {}, "username"),
    ("backend", {"password": PASSWORD}, "username")])
def test_the_backend_wants_both_name_and_password(house, listener, body, field):
    assert_error(at(house.desk, listener).post(VALIDATE, body), 400, "validation_error", field)


@pytest.mark.parametrize("name", ["alice", "ALICE", "alice@example.com", "ALICE@Example.COM"])
def test_name_and_email_are_validated_in_any_case(house, name):
    answer = at(house.anonymous(), "backend").post(VALIDATE, {"username": name,
                                                              "password": PASSWORD})
    assert ok(answer) == {"is_valid": True, "user_id": house.alice.id}


@pytest.mark.parametrize("name", ["nobody", "retired", "banned", "nobody@example.com", "alice "])
def test_what_does_not_open_the_door_is_not_valid(house, name):
    answer = at(house.anonymous(), "backend").post(VALIDATE, {"username": name,
                                                              "password": PASSWORD})
    assert ok(answer) == {"is_valid": False, "user_id": None}


def test_validating_opens_nothing(house):
    before = ok(house.alice.get("/careers/users/me/sessions/"))["count"]
    login = ok(house.desk.post("/api/user/status/", {"user_id": house.alice.id}))["last_login"]
    house.execute("UPDATE credentials SET last_login = last_login - 60000000 WHERE user_id = ?",
                  house.alice.id)
    moved = ok(house.desk.post("/api/user/status/", {"user_id": house.alice.id}))["last_login"]
    answer = at(house.anonymous(), "backend").post(VALIDATE, RIGHT)
    assert ok(answer)["is_valid"] and "Set-Cookie" not in answer.headers
    assert ok(house.alice.get("/careers/users/me/sessions/"))["count"] == before
    after = ok(house.desk.post("/api/user/status/", {"user_id": house.alice.id}))["last_login"]
    assert login > moved == after


# ---- email --------------------------------------------------------------------------------------


@pytest.mark.parametrize("listener, caller", [
    ("all", "nobody"), ("all", "user"), ("both", "nobody"), ("both", "user"), ("app", "nobody"),
    ("app", "user"), ("app", "staff")])
@pytest.mark.parametrize("email, exists", [("alice@example.com", True),
                                           ("ALICE@EXAMPLE.COM", True),
                                           ("nobody@example.com", False)])
def test_the_app_tells_whether_an_address_is_free(callers, listener, caller, email, exists):
    assert ok(at(callers[caller], listener).post(EMAIL, {"email": email})) == {
        "exists": exists, "available": not exists}


@pytest.mark.parametrize("listener", ["all", "both", "backend"])
@pytest.mark.parametrize("email, name", [("alice@example.com", "alice"),
                                         ("ALICE@EXAMPLE.COM", "alice"),
                                         ("nobody@example.com", None)])
def test_the_backend_tells_staff_whose_it_is(house, listener, email, name):
    assert ok(at(house.desk, listener).post(EMAIL, form={"email": email})) == {
        "exists": name is not None, "user_id": house.alice.id if name else None}


def test_the_backend_alone_is_for_staff(house, callers):
    body = {"email": "alice@example.com"}
    assert_error(at(callers["nobody"], "backend").post(EMAIL, body), 401,
                 "authentication_required")
    assert_error(at(callers["user"], "backend").post(EMAIL, body), 403, "permission_denied")


@pytest.mark.parametrize("listener", ["all", "both", "app"])
@pytest.mark.parametrize("email", ["alice", "", "@example.com", "a b@example.com"])
def test_a_malformed_address_is_refused(callers, listener, email):
    assert_error(at(callers["nobody"], listener).post(EMAIL, {"email": email}), 400,
                 "validation_error", "email")


def test_both_spellings_of_a_domain_are_one_address(server, anonymous):
    name = unique()
    server.user(email=f"{name}@bücher.example")
    for domain in ("bücher.example", "BÜCHER.example", "xn--bcher-kva.example"):
        assert ok(anonymous.post(EMAIL, {"email": f"{name}@{domain}"}))["exists"] is True


# ---- auth and login -----------------------------------------------------------------------------


def test_signed_out(anonymous):
    assert ok(anonymous.post("/api/check/auth/")) == {
        "is_authenticated": False, "user_id": None, "username": None}
    assert ok(anonymous.post("/api/check/login/")) == {
        "is_logged": False, "user_id": None, "is_staff": False, "is_superuser": False}


@pytest.mark.parametrize("role, flags", [("user", (False, False)), ("staff", (True, False)),
                                         ("superuser", (False, True))])
def test_login_tells_the_roles(server, role, flags):
    client = server.user() if role == "user" else server.staff(superuser=role == "superuser")
    body = ok(client.post("/api/check/login/"))
    assert body["is_logged"] and (body["is_staff"], body["is_superuser"]) == flags


@pytest.mark.parametrize("path", ["/api/check/auth/", "/api/check/login/", VALIDATE])
@pytest.mark.parametrize("headers", [
    {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"},
    {"Cookie": "sessionid=nonsense"}])
def test_a_bad_credential_counts_as_signed_out(anonymous, path, headers):
    assert ok(anonymous.post(path, headers=headers)) == ok(anonymous.post(path))


def test_a_bad_token_may_ask_for_an_address(anonymous):
    answer = anonymous.post(EMAIL, {"email": f"{unique()}@example.com"},
                            headers={"Authorization": "Bearer nonsense"})
    assert ok(answer) == {"exists": False, "available": True}


def test_a_token_of_an_ended_session_counts_as_signed_out(user):
    ok(user.post("/api/action/logout/"))
    assert ok(user.post("/api/check/auth/"))["is_authenticated"] is False


# ---- What a listener does not serve -------------------------------------------------------------


@pytest.mark.parametrize("listener, method, path", [
    ("app", "POST", "/api/check/login/"), ("app", "POST", "/api/user/status/"),
    ("app", "GET", "/careers/users/"), ("backend", "POST", "/api/check/auth/"),
    ("backend", "POST", "/api/action/login/"), ("backend", "GET", "/careers/users/"),
    ("both", "GET", "/careers/users/me/"), ("careers", "POST", "/api/check/auth/"),
    ("careers", "POST", "/api/users/"), ("careers", "POST", VALIDATE), ("careers", "POST", EMAIL)])
def test_a_listener_answers_404_for_what_it_does_not_serve(house, listener, method, path):
    assert_error(at(house.desk, listener).request(method, path), 404, "not_found")


@pytest.mark.parametrize("listener, path", [
    ("app", "/api/check/auth/"), ("backend", "/api/check/login/"), ("both", "/api/check/auth/"),
    ("both", "/api/check/login/"), ("all", "/api/check/auth/"), ("all", "/api/check/login/")])
def test_one_login_counts_on_every_listener(house, listener, path):
    assert ok(at(house.alice, listener).post(path))["user_id"] == house.alice.id
