"""The command line as an operator's tool: every rule holds there too, every change counts at the
next request, every setting is checked. Its words and its dialogue are in test_terminal.py."""
import base64
import json
import subprocess

import pytest

from rollcall import (BINARY, PASSWORD, POSTGRES, QUICK, Server, assert_error, ok, unique,
                      wait_until)

ME = "/careers/users/me/"


def run(*arguments, stdin=None, environment=None, directory=None):
    clean = {"PATH": "/usr/bin:/bin", **(environment or {})}
    return subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, text=True,
                          timeout=60, env=clean, cwd=directory)


def add(server, *flags, name=None, email=None, password=PASSWORD, check=True):
    name = unique() if name is None else name
    done = server.cli("user", "add", name, "--email", email or f"{name}@example.com",
                      "--password-stdin", *flags, stdin=password + "\n", check=check)
    return name if check else done


def show(server, name):
    return json.loads(server.cli("user", "show", name, "--json").stdout)


# ---- user add -----------------------------------------------------------------------------------


@pytest.mark.parametrize("flags, roles", [
    ((), (False, False)), (("--staff",), (True, False)), (("--superuser",), (False, True)),
    (("--staff", "--superuser"), (True, True))])
def test_an_added_account_can_log_in_with_its_roles(server, flags, roles):
    client = server.login(add(server, *flags))
    body = ok(client.post("/api/check/login/"))
    assert (body["is_staff"], body["is_superuser"]) == roles


@pytest.mark.parametrize("password", ["with spaces in it ", "päßwörter🦊", "'\"\\$(x)`"])
def test_a_password_is_taken_as_it_is(server, password):
    assert server.login(add(server, password=password), password)


def refused(done):
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("rollcall ") and not done.stdout


@pytest.mark.parametrize("name", ["me", "Admin", "a b", "", ".x", "ä"])
def test_a_name_that_cannot_be_registered_cannot_be_added(server, name):
    refused(add(server, name=name, email=f"{unique()}@example.com", check=False))


def test_a_name_that_is_taken_cannot_be_added(server, user):
    refused(add(server, name=user.username.upper(), email=f"{unique()}@example.com", check=False))


def test_an_email_that_is_taken_cannot_be_added(server, user):
    refused(add(server, email=user.email.upper(), check=False))


@pytest.mark.parametrize("email", ["x", "@example.com", "a@b@example.com"])
def test_an_email_that_is_none_cannot_be_added(server, email):
    refused(add(server, email=email, check=False))


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_a_password_that_cannot_be_registered_cannot_be_added(server, password):
    refused(add(server, password=password, check=False))


def test_a_refused_account_is_not_there(server):
    name = unique()
    add(server, name=name, password="short", check=False)
    assert_error(server.anonymous().get(f"/careers/users/{name}/"), 404, "user_not_found")


def test_the_first_administrator_needs_no_server(tmp_path):
    database = f"sqlite:{tmp_path / 'new.db'}"
    done = run("user", "add", "olivia", "--email", "olivia@example.com", "--superuser",
               "--password-stdin", "--database", database, stdin=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr
    with Server(tmp_path, QUICK, database=database) as running:
        assert ok(running.login("olivia").post("/api/check/login/"))["is_superuser"]


# ---- user show, user list -----------------------------------------------------------------------


def test_show_tells_everything(server, user):
    body = show(server, user.username)
    assert (body["id"], body["username"], body["email"], body["status"]) == (
        user.id, user.username, user.email, "active")


def test_show_finds_by_email_too(server, user):
    assert show(server, user.email.upper())["id"] == user.id


def test_show_names_no_secret(server, user):
    text = server.cli("user", "show", user.username, "--json").stdout
    assert "argon2" not in text and "password" not in text


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("house"), QUICK) as running:
        for name in ("anna", "bruno", "carol", "dave"):
            running.user(name, bio="of the house")
        running.cli("user", "ban", "carol", "--reason", "Spam")
        running.cli("user", "revoke", "dave", "--active")
        yield running


def listed(server, *arguments):
    rows = json.loads(server.cli("user", "list", *arguments, "--json").stdout)
    return [row["username"] for row in rows]


@pytest.mark.parametrize("arguments, names", [
    ([], ["dave", "carol", "bruno", "anna"]), (["anna"], ["anna"]), (["ANNA"], ["anna"]),
    (["of the house"], ["dave", "carol", "bruno", "anna"]), (["nobody"], []), (["%"], []),
    (["bruno@example.com"], ["bruno"]), (["--status", "active"], ["bruno", "anna"]),
    (["--status", "banned"], ["carol"]), (["--status", "inactive"], ["dave"]),
    (["--limit", "1"], ["dave"]), (["--limit", "1", "--page", "2"], ["carol"]),
    (["--limit", "3", "--page", "2"], ["anna"]), (["house", "--status", "banned"], ["carol"])])
def test_list(house, arguments, names):
    assert listed(house, *arguments) == names


# ---- A change counts at the next request --------------------------------------------------------


@pytest.mark.parametrize("command", [["ban", "--reason", "Spam"], ["logout"],
                                     ["passwd", "--password-stdin"], ["revoke", "--active"]])
def test_what_ends_sessions_ends_every_credential_at_once(server, user, command):
    client = server.anonymous()
    body = ok(client.post("/api/action/login/", {"username": user.username, "password": PASSWORD}))
    ok(client.get(ME))
    server.cli("user", *command, user.username, stdin="another password\n")
    assert_error(client.get(ME), 401, "authentication_required")
    assert_error(server.anonymous().post("/careers/users/token/refresh/",
                                         {"refresh": body["refresh"]}), 401, "token_invalid")
    assert_error(user.get(ME), 401, "token_invalid")


@pytest.mark.parametrize("role", ["--staff", "--superuser"])
def test_a_role_counts_at_the_next_request(server, user, role):
    assert_error(user.post("/api/users/"), 403, "permission_denied")
    server.cli("user", "grant", user.username, role)
    ok(user.post("/api/users/"))
    server.cli("user", "revoke", user.username, role)
    assert_error(user.post("/api/users/"), 403, "permission_denied")


def test_one_role_goes_and_the_other_stays(server, user):
    server.cli("user", "grant", user.username, "--staff", "--superuser")
    server.cli("user", "revoke", user.username, "--superuser")
    body = ok(user.post("/api/check/login/"))
    assert (body["is_staff"], body["is_superuser"]) == (True, False)


def test_deactivation_counts_at_the_next_request(server, user):
    server.cli("user", "revoke", user.username, "--active")
    assert_error(user.get(ME), 401, "token_invalid")
    server.cli("user", "grant", user.username, "--active")
    assert_error(user.get(ME), 401, "token_invalid")
    assert server.login(user.username).id == user.id


def test_an_operator_acts_on_everybody(server):
    boss = server.staff(superuser=True)
    server.cli("user", "ban", boss.username, "--reason", "R")
    assert_error(boss.get(ME), 401, "token_invalid")


# ---- key ----------------------------------------------------------------------------------------


def kid(token):
    header = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]


def test_a_rotated_key_signs_within_seconds_and_the_old_tokens_live_on(server):
    before = server.user()
    assert "new key signs" in server.cli("key", "rotate").stdout
    wait_until(lambda: kid(server.login(before.username).access) != kid(before.access))
    after = server.login(before.username)
    assert before.get(ME).status_code == after.get(ME).status_code == 200


# ---- check --------------------------------------------------------------------------------------


def test_check_finds_nothing_wrong(house):
    done = house.cli("check", "--search")
    assert done.returncode == 0 and "OK" in done.stdout


@pytest.mark.parametrize("damage", [
    "UPDATE user_counts SET followers = followers + 1 WHERE user_id = 1",
    "UPDATE user_counts SET following = following + 1 WHERE user_id = 1",
    "UPDATE user_counts SET posts = posts + 1 WHERE user_id = 1",
    "UPDATE user_counts SET earnings = earnings + 1 WHERE user_id = 1",
    "UPDATE user_counts SET unread = unread + 1 WHERE user_id = 1",
    "DELETE FROM user_counts WHERE user_id = 1",
    "UPDATE statistics SET total = total + 1 WHERE kind = 'accounts' AND item = 1",
    "INSERT INTO statistics (kind, item, total) VALUES ('sex', 2, 1)",
    "INSERT INTO statistics (kind, item, total) VALUES ('birth_date', 7000, 1)",
    "INSERT INTO statistics (kind, item, total) VALUES ('category', 3, 1)",
    "INSERT INTO follows (follower_id, following_id, id, created_at) VALUES (1, 2, 99, 1)",
    "INSERT INTO user_categories (user_id, category) VALUES (1, 3)",
    "UPDATE users SET sex = 1 WHERE id = 1",
    "UPDATE users SET flags = flags & ~1 WHERE id = 1",
    "UPDATE users SET banned_until = 1 WHERE id = 1",
    "UPDATE directory SET listed = 0 WHERE user_id = 1",
    "UPDATE directory SET created_at = 1 WHERE user_id = 1",
    pytest.param("INSERT INTO directory_trigrams (directory_trigrams) VALUES ('delete-all')",
                 marks=pytest.mark.skipif(bool(POSTGRES), reason="an index of SQLite's")),
    "DELETE FROM credentials WHERE user_id = 1",
])
def test_check_finds_what_is_wrong(tmp_path, damage):
    server = Server(tmp_path, QUICK)
    for name in ("anna", "bruno"):
        add(server, name=name)
    server.execute(damage)
    done = server.cli("check", "--search", check=False)
    assert done.returncode == 1 and done.stdout.strip()


# ---- Wrong usage --------------------------------------------------------------------------------

USAGE = [
    [], ["nonsense"], ["user"], ["user", "nonsense"], ["--nonsense"], ["serve", "--nonsense"],
    ["serve", "surplus"], ["serve", "--listen"], ["serve", "--listen", "nowhere"],
    ["serve", "--listen", "127.0.0.1:99999"], ["serve", "--listen", "127.0.0.1:0=nonsense"],
    ["serve", "--listen", "127.0.0.1:0="], ["serve", "--rate-limit", "maybe"],
    ["serve", "--refresh-rotation", "1"], ["serve", "--password-policy", "lax"],
    ["serve", "--hash-memory", "0"], ["serve", "--hash-passes", "x"], ["serve", "--loops", "0"],
    ["serve", "--idle-timeout", "soon"], ["serve", "--trusted-proxy", "everybody"],
    ["serve", "--trusted-proxy", "10.0.0.0/33"], ["serve", "--origin", "example.com"],
    ["serve", "--origin", "https://example.com/"], ["serve", "--signing-key-file", "/nonexistent"],
    ["serve", "--database-replica", "postgresql://standby/users"],
    ["serve", "--database", "postgresql://a/users", "--database-replica", "sqlite:users.db"],
    ["serve", "--database", "postgresql://a/users", "--database-replica", "postgresql://b,c/users"],
    ["serve", "--log-level", "loud"], ["serve", "--issuer", ""], ["serve", "--database", ""],
    ["user", "add"], ["user", "add", "name"], ["user", "add", "name", "surplus", "--email", "e"],
    ["user", "show"], ["user", "ban", "name"], ["user", "ban", "name", "--reason", ""],
    ["user", "grant", "name"], ["user", "revoke", "name"], ["user", "list", "--status", "deleted"],
    ["user", "list", "--limit", "0"], ["user", "list", "--page", "x"], ["check", "surplus"],
    ["version", "surplus"],
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_wrong_usage_says_so_and_exits_with_2(arguments, tmp_path):
    done = run(*arguments, directory=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "--help" in done.stderr and not done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("variable, value", [
    ("ROLLCALL_LISTEN", "nowhere"), ("ROLLCALL_RATE_LIMIT", "maybe"), ("ROLLCALL_LOOPS", "x"),
    ("ROLLCALL_HASH_MEMORY", "0"), ("ROLLCALL_ORIGIN", "example.com"),
    ("ROLLCALL_TRUSTED_PROXY", "10.0.0.0/8,everybody"), ("ROLLCALL_LOG_LEVEL", "loud")])
def test_wrong_settings_in_the_environment_are_wrong_usage(tmp_path, variable, value):
    done = run("serve", environment={variable: value}, directory=tmp_path)
    assert done.returncode == 2 and variable in done.stderr


# ---- The environment ----------------------------------------------------------------------------


def test_the_database_can_stand_in_the_environment(house):
    done = run("user", "show", "anna", "--json", environment={"ROLLCALL_DATABASE": house.database})
    assert json.loads(done.stdout)["username"] == "anna"


def test_the_command_line_wins_over_the_environment(house, tmp_path):
    other = {"ROLLCALL_DATABASE": f"sqlite:{tmp_path / 'other.db'}"}
    done = run("user", "show", "anna", "--database", house.database, "--json", environment=other)
    assert json.loads(done.stdout)["username"] == "anna"


def test_an_empty_variable_says_nothing(house):
    environment = {"ROLLCALL_LOG_LEVEL": "", "ROLLCALL_DATABASE": house.database}
    assert run("user", "show", "anna", environment=environment).returncode == 0


def test_a_server_takes_its_settings_from_the_environment(tmp_path):
    environment = {"ROLLCALL_REFRESH_ROTATION": "on", "ROLLCALL_ISSUER": "elsewhere",
                   "ROLLCALL_RATE_LIMIT": "off", "ROLLCALL_HASH_MEMORY": "64",
                   "ROLLCALL_ORIGIN": "https://a.example https://b.example"}
    with Server(tmp_path, environment=environment) as running:
        client = running.user()
        body = ok(client.post("/careers/users/token/refresh/", {"refresh": client.refresh}))
        assert "refresh" in body
        answer = client.get(ME, headers={"Origin": "https://b.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "https://b.example"


def test_a_server_takes_its_listeners_from_the_environment(tmp_path):
    environment = {"ROLLCALL_LISTEN": "127.0.0.1:0=careers 127.0.0.1:0=backend"}
    with Server(tmp_path, QUICK, environment=environment, listens=[]) as running:
        assert running.anonymous(0).get("/careers/users/").status_code == 200
        assert running.anonymous(1).get("/careers/users/").status_code == 404


# ---- Refusing to start --------------------------------------------------------------------------


@pytest.mark.parametrize("database", ["sqlite:/nonexistent/rollcall.db", "mysql://localhost/x",
                                      "sqlite:"])
@pytest.mark.parametrize("command", [["serve", "--listen", "127.0.0.1:0"], ["check"],
                                     ["user", "list"]])
def test_a_database_that_cannot_be_had_fails(command, database, tmp_path):
    done = run(*command, "--database", database, directory=tmp_path)
    assert done.returncode in (1, 2) and done.stderr
