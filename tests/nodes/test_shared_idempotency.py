"""An Idempotency-Key holds wherever it is asked: what one node has done no other does again."""
import pytest

from crowd import message, statuses, together
from rollcall import assert_error, edge_counts, ok, registration, unique

REGISTER = "/careers/users/register/"
FOLLOW = "/careers/users/follow/"
NOTIFY = "/api/user/notification/"
HISTORY = "/api/get/notifications/history/"


@pytest.fixture
def key():
    return [f"Idempotency-Key: {unique('key')}"]


def test_every_node_gives_the_first_answer(nodes, staff, person, key):
    body = {"user_id": person.id, "title": "T", "message": "M", "type": "t"}
    answers = [node.raw(message("POST", NOTIFY, body, staff.access, key)) for node in nodes * 2]
    assert [answer.status for answer in answers] == [200] * 6
    assert [answer.headers["Idempotency-Replayed"] for answer in answers] == [None] + ["true"] * 5
    assert len({answer.body for answer in answers}) == 1
    assert ok(person.post(HISTORY))["total"] == 1


def test_of_requests_at_once_one_is_done(nodes, person, key):
    fan = nodes[1].user()
    follow = message("POST", FOLLOW, {"following": person.id}, fan.access, key)
    join = message("POST", REGISTER, registration(), None, key)
    for request in (follow, join):
        answers = together(nodes, [request] * 30)
        assert statuses(answers) == {201: 30}
        assert len({answer.text for answer in answers}) == 1
        assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert edge_counts(person)[0] == 1


def test_of_two_that_differ_one_is_done(nodes, staff, person, key):
    sent = [message("POST", NOTIFY, {"user_id": person.id, "title": title, "message": "M",
                                     "type": "t"}, staff.access, key)
            for title in ("one", "two") for _ in range(12)]
    answers = together(nodes, sent)
    assert statuses(answers) == {200: 12, 422: 12}
    for answer in answers:
        if answer.status_code == 422:
            assert_error(answer, 422, "idempotency_key_reused")
    assert ok(person.post(HISTORY))["total"] == 1
