"""kill -9 while everybody writes with Idempotency-Keys. Who was cut off asks again after the restart,
and everything has been done once: never an act without its key, nor a key without its act."""
import http.client
import threading

from crowd import message, read_answer
from rollcall import ok, registration, unique

ROUNDS = 6
WRITERS = 6
ENOUGH = 40
NOTIFY = "/api/user/notification/"
REGISTER = "/careers/users/register/"
HISTORY = "/api/get/notifications/history/"


class Writer(threading.Thread):
    """Asks one thing after the other until the server is gone; what was last asked is left over."""

    def __init__(self, server, staff, person):
        super().__init__(daemon=True)
        self.server, self.staff, self.person = server, staff, person
        self.sent = 0
        self.left_over = None
        self.enough = threading.Event()

    def next_request(self):
        key = [f"Idempotency-Key: {unique('key')}"]
        if self.sent % 4 == 3:
            return message("POST", REGISTER, registration(unique("once")), None, key), 201
        return message("POST", NOTIFY, {"user_id": self.person.id, "title": unique("title"),
                                        "message": "M", "type": "t"}, self.staff.access, key), 200

    def run(self):
        try:
            with self.server.connect(timeout=60) as connection:
                stream = connection.makefile("rb")
                while True:
                    self.left_over = request, status = self.next_request()
                    self.sent += 1
                    connection.sendall(request)
                    answer = read_answer(stream)
                    if answer is None or not answer.text.endswith("}"):
                        return
                    assert answer.status_code == status, answer.text
                    if self.sent >= ENOUGH:
                        self.enough.set()
        except (OSError, ValueError, http.client.HTTPException):
            pass
        finally:
            self.enough.set()


def ask_again(server, writer):
    request, status = writer.left_over
    answers = [server.raw(request, "POST") for _ in range(2)]
    assert [answer.status for answer in answers] == [status] * 2, answers[0].body
    assert answers[0].body == answers[1].body
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    return answers[0].headers["Idempotency-Replayed"] == "true"


def test_what_is_asked_again_is_done_once(server):
    staff, sent, done_before = server.staff(), 0, 0
    people = [server.user() for _ in range(WRITERS)]
    joined = server.execute("SELECT COUNT(*) FROM users")[0][0]
    titles = {person.id: 0 for person in people}
    for _ in range(ROUNDS):
        crowd = [Writer(server, staff, person) for person in people]
        for writer in crowd:
            writer.start()
        for writer in crowd:
            assert writer.enough.wait(60)
        server.kill()
        for writer in crowd:
            writer.join(60)
            assert writer.sent >= ENOUGH
        server.start()
        for writer in crowd:
            done_before += ask_again(server, writer)
            sent += writer.sent
            joined += writer.sent // 4
            titles[writer.person.id] += writer.sent - writer.sent // 4
    for person in people:
        assert ok(person.post(HISTORY))["total"] == titles[person.id]
    assert server.execute("SELECT COUNT(*) FROM users")[0][0] == joined
    assert server.execute("SELECT COUNT(*) FROM idempotency_keys")[0][0] == sent
    assert server.cli("check").stdout.startswith("OK")
