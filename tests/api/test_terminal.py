"""What a person at a terminal sees: help, hints, prompts, tables, and what the server says first."""
import json
import os
import pty
import subprocess

import pytest

from rollcall import BINARY, PASSWORD, POSTGRES, Server, ok, unique, wait_until

ME = "/careers/users/me/"


def run(*arguments, environment=None, **more):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **(environment or {})}, **more)


# ---- Help and usage ------------------------------------------------------------------------------

def test_help_lists_the_commands():
    done = run("--help")
    assert done.returncode == 0 and done.stderr == ""
    for command in ("serve", "check", "copy", "version", "user add", "user list", "user show",
                    "user ban|unban", "user logout", "user passwd", "user grant|revoke", "key rotate"):
        assert f"\n  {command} " in done.stdout
    assert run("-h").stdout == done.stdout


@pytest.mark.parametrize("command", [
    ["serve"], ["check"], ["copy"], ["version"], ["user"], ["user", "add"], ["user", "list"],
    ["user", "show"], ["user", "ban"], ["user", "unban"], ["user", "logout"], ["user", "passwd"],
    ["user", "grant"], ["user", "revoke"], ["key"], ["key", "rotate"]])
def test_every_command_has_help(command):
    done = run(*command, "--help")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith(f"Usage: rollcall {' '.join(command)}")
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


def test_help_names_the_defaults():
    done = run("serve", "--help")
    text = " ".join(done.stdout.split())
    for default in ("sqlite:rollcall.db", "localhost:8000", "19456", "75s", "one per core"):
        assert f"(default: {default})" in text
    assert "Exit status:" in text and "Examples:" in text and "ROLLCALL_HASH_MEMORY" in text


def test_version_is_one_number():
    assert run("version").stdout.splitlines()[0] == run("--version").stdout.strip()


@pytest.mark.parametrize("arguments, hint", [
    (["srve"], 'there is no command "srve": there are serve, user, key, audit, check, copy, dev-data, openapi and version'),
    ([], "the command is missing"),
    (["user"], "the action is missing"),
    (["user", "rename"], 'there is no action "rename": there are add,'),
    (["user", "add", "--email", "a@example.com"], "NAME is missing"),
    (["user", "add", "someone"], "--email is missing"),
    (["user", "ban", "someone"], "--reason is missing"),
    (["user", "grant", "someone"], "name a role"),
    (["user", "show", "one", "two"], "Too many arguments"),
    (["user", "list", "--limit", "0"], '--limit: "0" is not a number from 1'),
    (["user", "list", "--status", "gone"], '--status: "gone" is not active, banned or inactive'),
    (["serve", "--loops", "none"], '--loops: "none" is not a number from 1 to 256, or auto'),
    (["serve", "--listen", "8000"], '--listen: "8000" is not HOST:PORT'),
    (["serve", "--signing-key-file", "/dev/null"], '--signing-key-file: "/dev/null" is not'),
    (["serve", "--fast"], "unrecognized option '--fast'"),
    (["check", "everything"], "Too many arguments"),
    (["copy"], "--from is missing"),
    (["copy", "--from", "sqlite:a"], "--to is missing"),
    (["copy", "--from", "sqlite:a", "--to", "sqlite:b", "c"], "Too many arguments"),
])
def test_wrong_usage_exits_2_and_says_why(arguments, hint):
    done = run(*arguments)
    assert done.returncode == 2 and done.stdout == ""
    assert hint in done.stderr
    assert "--help" in done.stderr


def test_a_bad_value_in_the_environment_is_named_as_such():
    done = run("serve", environment={"ROLLCALL_IDLE_TIMEOUT": "soon"})
    assert done.returncode == 2
    assert 'ROLLCALL_IDLE_TIMEOUT: "soon" is not a time from' in done.stderr


# ---- serve ---------------------------------------------------------------------------------------

SCHEME = "postgresql" if POSTGRES else "sqlite"


def test_serve_says_where_and_how_to_go_on(tmp_path):
    listens = ["127.0.0.1:0=careers,app", "127.0.0.1:0=backend"]
    with Server(tmp_path, listens=listens) as server:
        assert f"(careers, app) on {SCHEME}:" in server.output
        assert f"(backend) on {SCHEME}:" in server.output
        wait_until(lambda: "user add olivia" in server.output)
        server.staff(superuser=True)
    with Server(tmp_path, listens=listens) as server:
        ok(server.anonymous().get("/careers/users/"))
        assert "user add" not in server.output


def test_serve_fails_when_the_address_is_taken(server, tmp_path):
    host, port = server.address
    done = run("serve", "--listen", f"{host}:{port}", "--database", f"sqlite:{tmp_path}/x.db",
               cwd=tmp_path)
    assert done.returncode == 1
    assert f"{port}" in done.stderr


def test_serve_fails_on_a_file_that_is_no_database(tmp_path):
    (tmp_path / "notes.txt").write_text("shopping list\n" * 1000)
    done = run("serve", "--listen", "127.0.0.1:0", "--database", f"sqlite:{tmp_path}/notes.txt")
    assert done.returncode == 1
    assert "cannot open the database" in done.stderr
    assert (tmp_path / "notes.txt").read_text().startswith("shopping list")


@pytest.mark.parametrize("key, why", [
    (b"9f3c1be07d52a8e64b07c9d1f35ae28", "32"),
    (b"k" * 48, "well-known"),
    (b"correct-horse-battery-staple-SECRET-key", "well-known"),
    (b"09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", "well-known")])
def test_serve_refuses_a_signing_key_that_others_know(tmp_path, key, why):
    (tmp_path / "key").write_bytes(key)
    done = run("serve", "--listen", "127.0.0.1:0", "--database", f"sqlite:{tmp_path}/x.db",
               "--signing-key-file", f"{tmp_path}/key")
    assert done.returncode != 0
    assert why in done.stderr and key.decode() not in done.stderr


def test_a_signing_key_file_signs(tmp_path):
    key = tmp_path / "key"
    key.write_bytes(b"9f3c1be07d52a8e64b07c9d1f35ae286\n")
    with Server(tmp_path, ["--signing-key-file", str(key)]) as server:
        token = server.user("alice").access
    # The same key elsewhere verifies the signature; the session is another database's.
    with Server(tmp_path, ["--signing-key-file", str(key)]) as server:
        client = server.anonymous()
        client.access = token
        assert ok(client.get(ME))["username"] == "alice"


@pytest.mark.parametrize("command", [["check"], ["user", "list"], ["user", "show", "alice"]])
def test_a_database_that_is_not_there_is_not_made_to_look_into_it(tmp_path, command):
    done = run(*command, "--database", f"sqlite:{tmp_path}/typo.db")
    assert done.returncode == 1 and done.stdout == ""
    assert "cannot open the database sqlite:" in done.stderr
    assert not (tmp_path / "typo.db").exists()


# ---- user ----------------------------------------------------------------------------------------

def on_a_terminal(server, answers, *arguments):
    """Runs a subcommand on a pseudo-terminal, typing one answer per prompt; status and screen."""
    process, terminal = pty.fork()
    if process == 0:
        os.execv(BINARY, [BINARY, *arguments, "--database", server.database])
    screen = b""
    for answer in answers:
        prompts = screen.count(b": ")
        while screen.count(b": ") == prompts:
            screen += os.read(terminal, 1000)
        os.write(terminal, answer)
    try:
        while chunk := os.read(terminal, 1000):
            screen += chunk
    except OSError:  # the other side is closed
        pass
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), screen.decode()


def test_passwords_are_asked_for_twice_without_echo(server):
    name = unique()
    add = ["user", "add", name, "--email", f"{name}@example.com"]
    status, screen = on_a_terminal(server, [b"password123\n", b"password124\n"], *add)
    assert status == 1 and "the two passwords differ" in screen
    status, screen = on_a_terminal(server, [b"password123\n", b"password123\n"], *add)
    assert status == 0, screen
    assert "password123" not in screen
    server.login(name, "password123")


def test_ctrl_c_at_the_prompt_changes_nothing(server):
    name = unique()
    status, screen = on_a_terminal(server, [b"\x03"], "user", "add", name, "--email",
                                   f"{name}@example.com")
    assert status == 1 and "interrupted" in screen
    assert server.cli("user", "show", name, check=False).returncode == 1


@pytest.mark.parametrize("action", [
    ["show"], ["ban", "--reason", "x"], ["unban"], ["logout"], ["grant", "--staff"],
    ["revoke", "--staff"], ["passwd", "--password-stdin"]])
def test_nobody_of_that_name(server, action):
    done = server.cli("user", *action, "nobody-here", stdin=PASSWORD, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == f'rollcall user {action[0]}: there is no account "nobody-here"\n'


def test_list_is_a_table(empty_server):
    for name in ("ann", "bartholomew"):
        empty_server.user(name)
    empty_server.cli("user", "ban", "ann", "--reason", "x")
    lines = empty_server.cli("user", "list").stdout.splitlines()
    assert lines[0].split() == ["ID", "USERNAME", "EMAIL", "ROLE", "STATUS", "JOINED", "LAST",
                                "LOGIN"]
    assert [line.split()[1] for line in lines[1:3]] == ["bartholomew", "ann"]
    assert len({line.index(word) for line, word in
                zip(lines, ("STATUS", "active", "banned"))}) == 1
    assert lines[3] == "2 of 2 accounts"
    assert empty_server.cli("user", "list", "--limit", "1").stdout.endswith(
        "1 of 2 accounts; --page 2 has more\n")
    assert "ann@example.com" in empty_server.cli("user", "list", "--limit", "1", "--page", "2").stdout
    assert empty_server.cli("user", "list", "--status", "inactive").stdout == "0 of 0 accounts\n"
    assert empty_server.cli("user", "list", "BARTH").stdout.endswith("1 of 1 account\n")


def test_list_and_show_as_json(empty_server):
    empty_server.user("ann", first_name="Änn")
    empty_server.cli("user", "ban", "ann", "--reason", "x")
    [listed] = json.loads(empty_server.cli("user", "list", "--json").stdout)
    shown = json.loads(empty_server.cli("user", "show", "ann", "--json").stdout)
    assert listed == shown
    assert shown["username"] == "ann" and shown["first_name"] == "Änn"
    assert (shown["status"], shown["ban_reason"]) == ("banned", "x")
    assert json.loads(empty_server.cli("user", "list", "--json", "nobody").stdout) == []


def test_show_is_readable(server):
    user, follower = server.user(first_name="Jane", last_name="Doe"), server.user()
    ok(follower.post("/careers/users/follow/", {"following": user.id}), 201)
    shown = dict(line.split(None, 1) for line in
                 server.cli("user", "show", user.username.upper()).stdout.splitlines()[:6])
    assert shown["username"] == user.username and shown["name"] == "Jane Doe"
    text = server.cli("user", "show", user.username).stdout
    assert "followers     1\n" in text and "sessions      1\n" in text and "127.0.0.1" in text
