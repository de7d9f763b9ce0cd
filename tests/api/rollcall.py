"""The program under test, as a client sees it: a real process, a real database, HTTP over TCP."""
import contextlib
import functools
import http.client
import itertools
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
import cluster  # noqa: E402
from contract import Contract  # noqa: E402

# The engine under test: a PostgreSQL cluster's URL with %s for a database, or SQLite.
POSTGRES = os.environ.get("ROLLCALL_TEST_DATABASE")
# What makes such a URL go through a pooler instead: "&port=6432".
POOLER = os.environ.get("ROLLCALL_TEST_POOLER", "")
BINARY = os.environ.get("ROLLCALL_BINARY", str(ROOT / "build" / "asan" / "src" / "rollcall"))
PASSWORD = "password123"
# For servers of one's own: limits off, and password hashes that cost next to nothing.
QUICK = ["--rate-limit", "off", "--hash-memory", "64", "--hash-passes", "1"]
_numbers = itertools.count(1)


@functools.lru_cache(maxsize=None)
def contract():
    """The API as the program itself documents it."""
    return Contract(json.loads(subprocess.check_output([BINARY, "openapi"])))


def unique(stem="user"):
    """A name that no other test of this run uses, not even in another worker process."""
    return f"{stem}{os.getpid()}x{next(_numbers)}"


def registration(username=None, **changes):
    """What document B's registration takes at the least. A change to None leaves the field out."""
    username = username or unique()
    body = {"username": username, "email": f"{username}@example.com", "password": PASSWORD,
            "password_confirm": PASSWORD, **changes}
    return {key: value for key, value in body.items() if value is not None}


_databases = {}


def new_database(directory):
    """The URL of the database that belongs to a folder; empty when it is first asked for."""
    if not POSTGRES:
        return f"sqlite:{directory / 'rollcall.db'}"
    if directory not in _databases:
        _databases[directory] = cluster.fresh_database(
            POSTGRES, os.environ.get("ROLLCALL_TEST_TEMPLATE"))
    return _databases[directory]


class Server:
    """One `rollcall serve`. Started by start() or `with`; every wait is for a condition."""

    authority = True  # or the file with the certificates that clients trust
    prefix = ()  # what is put before the command, to run it under

    def __init__(self, directory=None, options=(), database=None, environment=None, listens=None):
        """`listens` are the --listen options; with none, ROLLCALL_LISTEN has the listeners."""
        self.directory = Path(directory or tempfile.mkdtemp(prefix="rollcall-"))
        self.database = database or new_database(self.directory) + POOLER
        self.options = list(options)
        self.environment = environment or {}
        self.listens = ["127.0.0.1:0"] if listens is None else listens
        self.expected = len(self.listens or self.environment["ROLLCALL_LISTEN"].split())
        self.process = None
        self.lines = []
        self._session = cluster.Session(self.database)

    def start(self, timeout=120):
        command = [*self.prefix, BINARY, "serve", "--database", self.database]
        for listen in self.listens:
            command += ["--listen", listen]
        self.lines = []
        self.process = subprocess.Popen(
            command + self.options, env=self._environment(), cwd=self.directory,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.urls = []
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._ready.wait(timeout) or len(self.urls) < self.expected:
            raise RuntimeError("the server did not start:\n" + "".join(self.lines))
        self.url = self.urls[0]
        return self

    def _environment(self):
        return {**os.environ, "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99",
                "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1", **self.environment}

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)
            found = re.search(r"serving (https?://\S+|(?:tls:)?unix:\S+)", line)
            if found:
                self.urls.append(found.group(1).rstrip("/"))
                if len(self.urls) == self.expected:
                    self._ready.set()
        self._ready.set()

    def stop(self, timeout=120):
        """Ends it as an operator would; the exit status tells of leaks too."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout)
        self._reader.join(timeout)
        self._session.close()
        return status

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._reader.join(10)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        status = self.stop()
        assert status == 0, f"exit status {status}:\n" + "".join(self.lines[-60:])

    def serves_all(self, listener):
        """Whether that listener has all surfaces."""
        if self.listens:
            return "=" not in self.listens[listener]
        return "=" not in self.environment["ROLLCALL_LISTEN"].split()[listener]

    @property
    def output(self):
        return "".join(self.lines)

    @property
    def address(self):
        host, port = self.url.split("//")[1].rsplit(":", 1)
        return host.strip("[]"), int(port)

    def connect(self, timeout=10):
        """A bare socket, for what no HTTP library would send."""
        return socket.create_connection(self.address, timeout=timeout)

    def raw(self, request, method="GET"):
        """Sends these bytes and reads one response: .status, .headers, .body."""
        with self.connect() as connection:
            connection.sendall(request)
            answer = http.client.HTTPResponse(connection, method=method)
            answer.begin()
            answer.body = answer.read()
            return answer

    def execute(self, sql, *parameters):
        """Changes the database behind the server's back: how a test moves the clock."""
        if POSTGRES:
            if self._session.url != self.database:
                self._session = cluster.Session(self.database)
            return self._session.execute(sql, *parameters)
        with another_program(self.database.removeprefix("sqlite:")) as database:
            return database.execute(sql, parameters).fetchall()

    def stored(self):
        """All that is kept, as bytes; on PostgreSQL a dump, which has bytes in hexadecimal."""
        if POSTGRES:
            return cluster.dump(self.database)
        return b"".join(path.read_bytes() for path in self.directory.glob("rollcall.db*"))

    def cli(self, *arguments, stdin=None, check=True):
        """Runs a subcommand on the same database."""
        command, rest = arguments[0], arguments[1:]
        if command in ("user", "key", "audit"):
            command, rest = f"{arguments[0]} {arguments[1]}", arguments[2:]
        done = subprocess.run([BINARY, *command.split(), "--database", self.database, *rest],
                              input=stdin, capture_output=True, text=True, timeout=120,
                              env=self._environment(), cwd=self.directory)
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    # ---- People ---------------------------------------------------------------------------------

    def anonymous(self, listener=0):
        return Client(self, listener=listener)

    def user(self, username=None, password=PASSWORD, **fields):
        """A registered user with a live token."""
        body = registration(username, password=password, password_confirm=password, **fields)
        answer = Client(self).post("/careers/users/register/", body)
        assert answer.status_code == 201, answer.text
        return self._signed_in(answer.json(), password)

    def login(self, username, password=PASSWORD):
        answer = Client(self).post("/careers/users/login/",
                                   {"username": username, "password": password})
        assert answer.status_code == 200, answer.text
        return self._signed_in(answer.json(), password)

    def _signed_in(self, body, password):
        client = Client(self, body["access"])
        client.refresh = body["refresh"]
        client.id = body["user"]["id"]
        client.username = body["user"]["username"]
        client.email = body["user"]["email"]
        client.password = password
        return client

    def staff(self, superuser=False):
        """A staff account (or superuser), made on the command line as an operator would."""
        username = unique("staff")
        self.cli("user", "add", username, "--email", f"{username}@example.com",
                 "--superuser" if superuser else "--staff", "--password-stdin",
                 stdin=PASSWORD + "\n")
        return self.login(username)


class Client:
    """Somebody who talks to the server: JSON by default, `form=` for form bodies."""

    def __init__(self, server, access=None, listener=0):
        self.server = server
        self.access = access
        self.listener = listener
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = server.authority

    def request(self, method, path, json=None, form=None, headers=None, **more):
        headers = dict(headers or {})
        if self.access and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.access}"
        url = self.server.urls[self.listener] + path
        answer = self.http.request(method, url, json=json, data=form, headers=headers, timeout=60,
                                   allow_redirects=False, **more)
        contract().check(method, path, answer.status_code, answer.headers, answer.content,
                         all_surfaces=self.server.serves_all(self.listener))
        return answer

    def at(self, listener):
        """The same somebody at another listener."""
        return Client(self.server, self.access, listener)

    @property
    def cookie(self):
        return self.http.cookies.get("sessionid")

    @cookie.setter
    def cookie(self, value):
        self.http.cookies.clear()
        if value is not None:
            self.http.cookies.set("sessionid", value)

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, json=None, **more):
        return self.request("POST", path, json=json, **more)

    def patch(self, path, json=None, **more):
        return self.request("PATCH", path, json=json, **more)

    def delete(self, path, **more):
        return self.request("DELETE", path, **more)


def ok(answer, status=200):
    """The body of an answer that must be a success."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    return answer.json()


def assert_error(answer, status, code, field=None, message=None):
    """The contract's error shape, exactly."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    body = answer.json()
    assert body["error"] == code, body
    assert isinstance(body["message"], str) and body["message"]
    assert set(body) == {"error", "message"} | ({"field"} if field else set()), body
    if field:
        assert body["field"] == field, body
    if message:
        assert body["message"] == message, body


def edge_counts(client):
    """How many follow somebody, and how many they follow."""
    body = ok(client.get("/careers/users/me/stats/"))
    return body["followers_count"], body["following_count"]


def shape(value):
    """Keys and types of a JSON value, to compare an answer with a seed's example."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "null" if value is None else "string"


def forget_checksums(path):
    """What stands in the pages of the file is taken as it is: they are left without a checksum."""
    with open(path, "r+b") as file:
        header = file.read(100)
        size, reserved = int.from_bytes(header[16:18], "big"), header[20]
        for end in range(size, Path(path).stat().st_size + 1, size) if reserved else ():
            file.seek(end - reserved)
            file.write(bytes(reserved))


@contextlib.contextmanager
def another_program(path):
    """A connection of a program that knows nothing of checksums. When a server has the database open,
    it makes them; else what has been changed would be taken for damaged (docs/durability.md)."""
    database = sqlite3.connect(path, timeout=60)
    try:
        with database:
            yield database
    finally:
        database.close()
    if not Path(f"{path}-wal").exists():
        forget_checksums(path)


def wait_until(condition, timeout=120):
    """Waits for something that happens soon; fails when it does not."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.01)
