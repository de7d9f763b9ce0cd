"""People who change things all the time, remember what they were told, and compare in the end."""
import random
import threading
import time

from rollcall import PASSWORD, Client, cluster, ok, registration, unique, wait_until

ME = "/careers/users/me/"


class Writer(threading.Thread):
    """Changes what nobody else does. A value is certain once its change was acknowledged; after a 503
    both the old and the new one will do."""

    def __init__(self, number, nodes, staff, others):
        super().__init__(daemon=True)
        self.nodes, self.staff, self.others = nodes, staff, others
        self.random = random.Random(number)
        self.me = self.random.choice(nodes).user()
        self.may_be = {}
        self.acknowledged = self.refused = 0
        self.enough = threading.Event()
        self.error = None

    def run(self):
        kinds = [self.follow, self.follow, self.look, self.register, self.notify, self.login,
                 self.logout]
        try:
            while not self.enough.is_set():
                self.random.choice(kinds)()
        except Exception as error:  # for the main thread to raise
            self.error = error

    def ask(self, who, method, path, body=None):
        server = self.random.choice(self.nodes)
        return Client(server, who.access if who else None).request(method, path, body)

    def change(self, what, before, after, answer, good, known=()):
        """`good` is the status of success, `known` those that tell that it was so before."""
        possible = self.may_be.setdefault(what, {before})
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) >= 1
            possible.add(after)
            self.refused += 1
            return False
        assert answer.status_code == good or (answer.status_code in known and after in possible), (
            what, possible, answer.status_code, answer.text)
        self.may_be[what] = {after}
        self.acknowledged += 1
        return True

    def follow(self):
        """Or stops."""
        other = self.random.choice(self.others)
        edge = ("edge", self.me.id, other.id)
        if self.may_be.get(edge) == {True}:
            answer = self.ask(self.me, "DELETE", f"/careers/users/{other.username}/unfollow/")
            self.change(edge, False, False, answer, 200, known=[400])
        else:
            answer = self.ask(self.me, "POST", "/careers/users/follow/", {"following": other.id})
            self.change(edge, False, True, answer, 201, known=[400])

    def look(self):
        """Sees all of one's own changes, whichever node answers."""
        answer = self.ask(self.me, "GET", f"/careers/users/{self.me.username}/following/")
        if answer.status_code == 503:
            self.refused += 1
            return
        followed = {row["id"] for row in ok(answer)["results"]}
        for (kind, *what), values in self.may_be.items():
            assert kind != "edge" or (what[1] in followed) in values, (what, values, followed)

    def register(self):
        body = registration(unique("new"))
        answer = self.ask(None, "POST", "/careers/users/register/", body)
        self.change(("account", body["username"]), 0, 1, answer, 201)

    def notify(self):
        title = unique("news")
        answer = self.ask(self.staff, "POST", "/api/user/notification/",
                          {"user_id": self.me.id, "title": title, "message": "M", "type": "t"})
        self.change(("news", self.me.id, title), 0, 1, answer, 200)

    def login(self):
        answer = self.ask(None, "POST", "/careers/users/login/",
                          {"username": self.me.username, "password": PASSWORD})
        if answer.status_code == 503:
            self.refused += 1
            return
        session = (ok(answer)["access"], answer.json()["refresh"])
        self.may_be["session", session] = {"live"}
        self.acknowledged += 1

    def logout(self):
        live = [what for what, values in self.may_be.items()
                if what[0] == "session" and "live" in values]
        if not live:
            return
        what = self.random.choice(live)
        caller = Client(self.nodes[0], what[1][0])
        answer = self.ask(caller, "POST", "/careers/users/logout/", {"refresh": what[1][1]})
        self.change(what, "live", "ended", answer, 200, known=[401])


class Crowd:
    """Use as `with Crowd(nodes) as crowd:`; they write until the end of the block."""

    def __init__(self, *nodes, size=6):
        self.nodes = nodes
        staff = nodes[0].staff()
        others = [nodes[0].user() for _ in range(5)]
        self.writers = [Writer(number, nodes, staff, others) for number in range(size)]

    def __enter__(self):
        for one in self.writers:
            one.start()
        return self

    def __exit__(self, *_):
        for one in self.writers:
            one.enough.set()
        for one in self.writers:
            one.join(60)

    def _await(self, count, more, timeout):
        before = [count(one) for one in self.writers]
        wait_until(lambda: self.failed() or all(count(one) >= start + more for one, start
                                                in zip(self.writers, before)), timeout)
        if self.failed():
            raise self.failed()

    def failed(self):
        return next((one.error for one in self.writers if one.error), None)

    def await_writes(self, timeout=60):
        """Until everybody has had several writes acknowledged from now on, and no node is behind."""
        start = time.monotonic()
        self._await(lambda one: one.acknowledged, 3, timeout)
        wait_until(lambda: all(node.anonymous().get("/careers/users/").status_code == 200
                               for node in self.nodes), start + timeout - time.monotonic())

    def await_refusals(self, timeout=60):
        self._await(lambda one: one.refused, 1, timeout)

    def compare(self, database):
        """What the database holds, and the nodes answer, is what the writers were told."""
        if self.failed():
            raise self.failed()
        connection = cluster.connect(database)
        for one in self.writers:
            for what, values in one.may_be.items():
                assert self.found(connection, *what) in values, (what, values)
        connection.close()
        for node in self.nodes:
            assert node.cli("check").stdout.startswith("OK")

    def found(self, connection, kind, *what):
        if kind == "session":
            status = {node: Client(node, what[0][0]).get(ME).status_code for node in self.nodes}
            assert set(status.values()) in ({200}, {401}), status
            return "live" if 200 in status.values() else "ended"
        sql = {"edge": "SELECT count(*) FROM follows WHERE follower_id = ? AND following_id = ?",
               "account": "SELECT count(*) FROM users WHERE username = ?",
               "news": "SELECT count(*) FROM notifications WHERE user_id = ? AND title = ?"}
        return cluster.query(connection, sql[kind], what)[0][0]
