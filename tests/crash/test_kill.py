"""kill -9 while everybody writes. What was acknowledged is there after the restart, what was not is
there as a whole or not at all, and every number is right."""
import http.client
import itertools
import random
import socket
import sqlite3
import threading
from decimal import Decimal

import pytest

from crowd import message, read_answer
from rollcall import POSTGRES, QUICK, Server, cluster, ok, registration, unique

ROUNDS = 24
WRITERS = 6
ACKNOWLEDGED_PER_ROUND = 60

NEW, GONE = "there", "not there"


class Cut(Exception):
    """The server went away in the middle of this request."""


class Line:
    """A connection that ends with the server."""

    def __init__(self, server):
        try:
            self.socket = socket.create_connection(server.address, timeout=30)
        except OSError as error:
            raise Cut from error
        self.stream = self.socket.makefile("rb")

    def ask(self, method, path, body, access=None):
        try:
            self.socket.sendall(message(method, path, body, access))
            answer = read_answer(self.stream)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Cut from error
        if answer is None or len(answer.text) < int(answer.headers.get("Content-Length", 0)):
            raise Cut
        return answer

    def close(self):
        self.stream.close()
        self.socket.close()


class Ledger:
    """What the clients know. A value is certain once its change was acknowledged; while a change
    is under way, and for good when it is cut off, both the old and the new one will do."""

    def __init__(self):
        self.may_be = {}
        self.acknowledged = 0
        self.cut = 0

    def begin(self, what, value):
        self.may_be[what] = self.may_be.get(what, {None}) | {value}

    def acknowledge(self, what, value):
        self.may_be[what] = {value}
        self.acknowledged += 1


class Writer(threading.Thread):
    """Changes things of which it is the only writer, one after the other, until it is cut off."""

    def __init__(self, number, server, staff, me, others):
        super().__init__(daemon=True)
        self.server, self.staff, self.me, self.others = server, staff, me, others
        self.ledger = Ledger()
        self.random = random.Random(number)
        self.edges = {}
        self.registered = {}
        self.error = None
        self.enough = threading.Event()

    def run(self):
        try:
            line = Line(self.server)
            kinds = [self.register, self.follow, self.follow, self.update, self.notify,
                     self.activity, self.preferences]
            for _ in itertools.count():
                self.random.choice(kinds)(line)
        except Cut:
            self.ledger.cut += 1
        except Exception as error:  # for the main thread to raise
            self.error = error
        finally:
            self.enough.set()

    def change(self, line, what, value, status, request):
        self.ledger.begin(what, value)
        answer = line.ask(*request)
        assert answer.status_code == status, (request, answer.status_code, answer.text)
        self.ledger.acknowledge(what, value)
        if self.ledger.acknowledged >= ACKNOWLEDGED_PER_ROUND:
            self.enough.set()

    def register(self, line):
        body = registration(unique("kill"), bio="B")
        self.change(line, ("account", body["username"]), NEW, 201,
                    ("POST", "/careers/users/register/", body))

    def follow(self, line):
        """Follows somebody, or stops."""
        other = self.random.choice(self.others)
        edge = ("edge", self.me.id, other.id)
        if self.edges.get(edge) == NEW:
            wanted, status = GONE, 200
            request = ("DELETE", f"/careers/users/{other.username}/unfollow/", None)
        else:
            wanted, status = NEW, 201
            request = ("POST", "/careers/users/follow/", {"following": other.id})
        self.edges[edge] = wanted
        self.change(line, edge, wanted, status, (*request, self.me.access))

    def update(self, line):
        name = unique("name")
        self.change(line, ("name", self.me.id), name, 200,
                    ("PATCH", "/careers/users/me/update/", {"first_name": name, "last_name": name},
                     self.me.access))

    def notify(self, line):
        title = unique("news")
        self.change(line, ("news", self.me.id, title), NEW, 200,
                    ("POST", "/api/user/notification/",
                     {"user_id": self.me.id, "title": title, "message": "M", "type": "t"},
                     self.staff.access))

    def activity(self, line):
        event = unique("event")
        self.change(line, ("event", self.me.id, event), NEW, 200,
                    ("POST", "/api/user/activity/",
                     {"user_id": self.me.id, "event_id": event, "posts": 2, "earnings": 0.25},
                     self.staff.access))

    def preferences(self, line):
        chosen = tuple(sorted(self.random.sample(["beauty", "fashion", "food", "travel"], 2)))
        self.change(line, ("categories", self.me.id), chosen, 200,
                    ("POST", "/api/update/preferences/", {"categories": list(chosen)},
                     self.me.access))


def is_there(row):
    return NEW if row else GONE


class Disk:
    """What the database holds, read past the server."""

    def __init__(self, server):
        self.database = (cluster.connect(server.database) if POSTGRES else
                         sqlite3.connect(server.database.removeprefix("sqlite:")))

    def rows(self, sql, *parameters):
        if POSTGRES:
            return cluster.query(self.database, sql, parameters)
        return self.database.execute(sql, parameters).fetchall()

    def one(self, sql, *parameters):
        return next(iter(self.rows(sql, *parameters)), None)

    def account(self, username):
        """With all that belongs to one."""
        parts = self.one(
            "SELECT (SELECT COUNT(*) FROM credentials WHERE user_id = u.id), "
            "(SELECT COUNT(*) FROM user_counts WHERE user_id = u.id), "
            "(SELECT COUNT(*) FROM directory WHERE user_id = u.id), "
            "(SELECT COUNT(*) FROM sessions WHERE user_id = u.id) "
            "FROM users u WHERE username_key = ?", username.lower())
        assert parts in (None, (1, 1, 1, 1)), (username, parts)
        return is_there(parts)

    def edge(self, follower, following):
        return is_there(self.one("SELECT 1 FROM follows WHERE follower_id = ? AND "
                                 "following_id = ?", follower, following))

    def name(self, user):
        first, last = self.one("SELECT first_name, last_name FROM users WHERE id = ?", user)
        assert first == last
        return first or None

    def news(self, user, title):
        return is_there(self.one("SELECT 1 FROM notifications WHERE user_id = ? AND title = ?",
                                 user, title))

    def event(self, user, event):
        return is_there(self.one("SELECT 1 FROM activity_events WHERE user_id = ? AND "
                                 "event_id = ?", user, event))

    def categories(self, user):
        codes = ["fashion", "beauty", "technology", "food", "travel"]
        rows = self.rows("SELECT category FROM user_categories WHERE user_id = ?", user)
        return tuple(sorted(codes[row[0]] for row in rows)) or None

    def is_sound(self):
        return POSTGRES or self.rows("PRAGMA integrity_check") == [("ok",)]

    def close(self):
        self.database.close()


def compare(disk, ledger):
    """Settles what was cut off, too: from now on it is as it is."""
    for what, values in ledger.may_be.items():
        found = getattr(disk, what[0])(*what[1:])
        absent = found == GONE and None in values
        assert found in values or absent, (what, values, found)
        ledger.may_be[what] = {found}


def write_until_killed(server, staff, people, everything):
    crowd = [Writer(number, server, staff, people[number], people)
             for number in range(WRITERS)]
    for writer in crowd:
        writer.others = [other for other in people if other is not writer.me]
        writer.edges = {what: next(iter(values)) for what, values in everything.may_be.items()
                        if what[:2] == ("edge", writer.me.id)}
        writer.ledger.may_be = {what: set(values) for what, values in everything.may_be.items()
                                if what[1] == writer.me.id}
        writer.start()
    for writer in crowd:
        assert writer.enough.wait(60)
    server.kill()
    for writer in crowd:
        writer.join(60)
        if writer.error:
            raise writer.error
        everything.may_be.update(writer.ledger.may_be)
        everything.acknowledged += writer.ledger.acknowledged
        everything.cut += writer.ledger.cut


def check_totals(server, staff, person, everything):
    """Counters that the API shows are the sums of what is there."""
    events = sum(what[:2] == ("event", person.id) and values == {NEW}
                 for what, values in everything.may_be.items())
    stats = ok(person.get("/careers/users/me/stats/"))
    status = ok(staff.post("/api/user/status/", {"user_id": person.id}))
    assert stats["posts_count"] == 2 * events
    assert Decimal(str(status["total_earnings"])) == Decimal("0.25") * events


@pytest.fixture
def server(tmp_path):
    running = Server(tmp_path, QUICK)
    running.start()
    yield running
    assert running.stop() == 0, running.output


def test_no_acknowledged_write_is_lost(server):
    staff = server.staff()
    people = [server.user() for _ in range(WRITERS)]
    everything = Ledger()
    for number in range(ROUNDS):
        write_until_killed(server, staff, people, everything)
        server.start()  # first: recovery is the server's work, not this reader's
        disk = Disk(server)
        compare(disk, everything)
        assert disk.is_sound()
        disk.close()
        check_totals(server, staff, people[number % WRITERS], everything)
        if number % 4 == 3:
            assert server.cli("check", "--search").stdout.startswith("OK")
    assert everything.acknowledged >= ROUNDS * ACKNOWLEDGED_PER_ROUND
    assert everything.cut == ROUNDS * WRITERS
