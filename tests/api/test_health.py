"""What load balancers ask. That it is 503 while the database is away: tests/postgres/test_faults.py."""
from rollcall import Server, ok

SURFACES = ["careers", "app", "backend", "console", "docs"]


def test_it_says_that_it_works(anonymous):
    answer = anonymous.get("/health/")
    assert ok(answer) == {"status": "ok"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert anonymous.get("/health").status_code == 200


def test_it_does_not_matter_who_asks(anonymous):
    assert ok(anonymous.get("/health/", headers={"Authorization": "Bearer nonsense"})) == {"status": "ok"}


def test_every_listener_answers(tmp_path):
    with Server(tmp_path, listens=[f"127.0.0.1:0={name}" for name in SURFACES]) as server:
        for number in range(len(SURFACES)):
            assert ok(server.anonymous(listener=number).get("/health/")) == {"status": "ok"}
