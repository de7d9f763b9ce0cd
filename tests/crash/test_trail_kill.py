"""kill -9 while staff work: every act that was acknowledged is on record, none that was not done, and
the chain holds, whatever the death of the sealer has left undone."""
import threading
from collections import Counter

from ledger import Cut, Line
from rollcall import ok
from trail import exported, head, verify

BAN = "/api/user/status/ban/"
ROUNDS = 8
CLERKS = 4
ACTS = 40  # of each clerk, before the server is killed


class Clerk(threading.Thread):
    """Bans and lets in again, notifies and fails to sign in, about a person of its own."""

    def __init__(self, server, staff, person):
        super().__init__(daemon=True)
        self.server, self.staff, self.person = server, staff, person
        self.done, self.begun = Counter(), Counter()
        self.enough = threading.Event()
        self.error = None

    def run(self):
        try:
            line = Line(self.server)
            while True:
                for act in self.acts():
                    self.ask(line, *act)
        except Cut:
            pass
        except Exception as error:  # for the main thread to raise
            self.error = error
        finally:
            self.enough.set()

    def acts(self):
        of = {"user_id": self.person.id}
        yield "account.ban", 200, BAN, {**of, "banned": True, "reason": "R"}
        yield "account.unban", 200, BAN, {**of, "banned": False}
        yield "notification.send", 200, "/api/user/notification/", {**of, "title": "T",
                                                                    "message": "M", "type": "t"}
        yield "login", 401, "/careers/users/login/", {"username": self.person.username,
                                                      "password": "guess"}

    def ask(self, line, event, status, path, body):
        self.begun[event] += 1
        answer = line.ask("POST", path, body, self.staff.access)
        assert answer.status_code == status, answer.text
        self.done[event] += 1
        if sum(self.done.values()) >= ACTS:
            self.enough.set()


def work_until_killed(server, staff, people):
    clerks = [Clerk(server, staff, person) for person in people]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        assert clerk.enough.wait(60)
    server.kill()
    for clerk in clerks:
        clerk.join(60)
        if clerk.error:
            raise clerk.error
    return clerks


def test_no_acknowledged_act_is_off_the_record(server):
    staff = server.staff()
    people = [server.user() for _ in range(CLERKS)]
    done, begun = Counter(), Counter()
    for _ in range(ROUNDS):
        noted = head(server)
        for clerk in work_until_killed(server, staff, people):
            of = clerk.person.id
            done.update({(of, event): n for event, n in clerk.done.items()})
            begun.update({(of, event): n for event, n in clerk.begun.items()})
        server.start()
        assert verify(server, "--expect", noted).startswith("OK")
        recorded = Counter((row["user_id"], row["event"]) for row in exported(server))
        for act, count in done.items():
            assert count <= recorded[act] <= begun[act], (act, count, recorded[act], begun[act])
        status = {person.id: ok(staff.post("/api/user/status/", {"user_id": person.id}))["status"]
                  for person in people}
        for person in people:
            banned = recorded[person.id, "account.ban"] - recorded[person.id, "account.unban"]
            assert (status[person.id] == "banned") == (banned == 1), (banned, status)
            if banned:
                ok(staff.post(BAN, {"user_id": person.id, "banned": False}))
                for counts in (begun, done):
                    counts[person.id, "account.unban"] += 1
    assert head(server)
