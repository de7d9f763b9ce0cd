"""Clients that change things and know what they were told, and a look at what the database has of it."""
import http.client
import itertools
import random
import socket
import sqlite3
import threading
import time

from crowd import message, read_answer
from rollcall import POSTGRES, cluster, registration, unique

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

    def ask(self, method, path, body, access=None, name=None):
        """`name` is an X-Request-Id, which the answer repeats. `sent` is the moment at which the last
        request had gone out whole."""
        headers = [f"X-Request-Id: {name}"] if name else []
        self.sent = None
        try:
            self.socket.sendall(message(method, path, body, access, headers))
            self.sent = time.monotonic()
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
        self.refused = 0
        self.cut = 0

    def add(self, ledger):
        self.may_be.update(ledger.may_be)
        self.acknowledged += ledger.acknowledged
        self.refused += ledger.refused
        self.cut += ledger.cut

    def begin(self, what, value):
        self.may_be[what] = self.may_be.get(what, {None}) | {value}

    def acknowledge(self, what, value):
        self.may_be[what] = {value}
        self.acknowledged += 1


class Writer(threading.Thread):
    """Changes things of which it is the only writer, one after the other, until it is cut off or has
    done `limit` of them. A 503 is an error unless the writer is `patient`: what was refused has not
    happened as far as anybody can see, and may have after a crash."""

    def __init__(self, number, server, staff, me, others, limit=None, patient=False):
        super().__init__(daemon=True)
        self.number, self.server, self.staff, self.me = number, server, staff, me
        self.others = [other for other in others if other is not me]
        self.limit, self.patient = limit, patient
        self.ledger = Ledger()
        self.history = []  # (name of the request, what, value)
        self.random = random.Random(number)
        self.edges = {}
        self.error = None
        self.answered = threading.Semaphore(0)

    def run(self):
        try:
            line = self.line = Line(self.server)
            kinds = [self.register, self.follow, self.follow, self.update, self.notify,
                     self.activity, self.preferences]
            for _ in range(self.limit) if self.limit else itertools.count():
                self.random.choice(kinds)(line)
            line.close()
        except Cut:
            self.ledger.cut += 1
        except Exception as error:  # for the main thread to raise
            self.error = error
            self.answered.release(1000000)

    def go_on_from(self, everything):
        """With what is known of one's own by now."""
        self.ledger.may_be = {what: set(values) for what, values in everything.may_be.items()
                              if what[1] == self.me.id and what[0] not in ("news", "event")}
        self.edges = {what: next(iter(values)) for what, values in self.ledger.may_be.items()
                      if what[0] == "edge"}

    def await_answers(self, count):
        """Acknowledgements, that is, and what a patient one is refused."""
        for _ in range(count):
            assert self.answered.acquire(timeout=60)

    def finish(self):
        """Waits for its end and raises what it has met."""
        self.join(120)
        assert not self.is_alive()
        if self.error:
            raise self.error

    def change(self, line, what, value, status, request):
        """Whether it was acknowledged."""
        name = unique("write")
        self.history.append((name, what, value))
        self.ledger.begin(what, value)
        answer = line.ask(*request, name=name)
        if self.patient and answer.status_code == 503:
            self.ledger.refused += 1
            self.answered.release()
            return False
        assert answer.status_code == status, (request, answer.status_code, answer.text)
        self.ledger.acknowledge(what, value)
        self.answered.release()
        return True

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
        if self.change(line, edge, wanted, status, (*request, self.me.access)):
            self.edges[edge] = wanted

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

    def __init__(self, url):
        self.database = (cluster.connect(url) if POSTGRES else
                         sqlite3.connect(url.removeprefix("sqlite:")))

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
