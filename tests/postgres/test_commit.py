"""The answer to a COMMIT is lost. Whoever waits for it is told what is true, and nothing happens twice."""
import contextlib
import os
import signal

import psycopg2
import pytest

from proxy import FLUSH, Proxy
from rollcall import QUICK, Server, assert_error, cluster, ok, registration, wait_until

ME = "/careers/users/me/"


@pytest.fixture(scope="module")
def postgres(fragile):
    return fragile


@pytest.fixture
def proxy(postgres):
    with Proxy(postgres) as running:
        yield running


@pytest.fixture
def house(database, proxy, tmp_path):
    with Server(tmp_path, QUICK, database=proxy.url(database)) as running:
        yield running


@pytest.fixture
def crash(postgres, proxy, database):
    """While it lasts, whoever asks finds nobody there, as connections of the node's may."""
    def crash():
        postgres.down("immediate")
        with pytest.raises(psycopg2.OperationalError):
            cluster.connect(proxy.url(database))
        postgres.up()
    return crash


def register(person, body, **more):
    return person.post("/careers/users/register/", body, **more)


def last_recovery(postgres):
    """Its statistics begin anew then. None while it is at it."""
    with contextlib.suppress(psycopg2.OperationalError):
        return cluster.execute(postgres.url(), "SELECT stats_reset FROM pg_stat_wal")


def accounts(database, body):
    return cluster.execute(database, "SELECT count(*) FROM users WHERE username = ?",
                           body["username"])[0][0]


def test_what_stands_is_acknowledged(house, proxy, database):
    body = registration()
    proxy.cut("answer")
    answer = register(house.anonymous(), body)
    assert proxy.was_cut.is_set()
    wait_until(lambda: "it stands" in house.output)
    assert ok(answer, 201)["user"]["username"] == body["username"]
    assert accounts(database, body) == 1
    assert house.cli("check").stdout.startswith("OK")


@pytest.mark.parametrize("change", ["edit", "logout"])
def test_so_is_every_other_change(house, proxy, change):
    person = house.user()
    proxy.cut("answer")
    if change == "edit":
        assert ok(person.patch(ME + "update/", {"bio": "new"}))["bio"] == "new"
    else:
        ok(person.post("/careers/users/logout/", {"refresh": person.refresh}))
        assert person.get(ME).status_code == 401
    assert proxy.was_cut.is_set()
    assert house.cli("check").stdout.startswith("OK")


def follow(person, other):
    return person.post("/careers/users/follow/", {"following": other.id})


def unfollow(person, other):
    return person.delete(f"/careers/users/{other.username}/unfollow/")


def followers(person):
    return ok(person.get(ME))["followers_count"]


@pytest.mark.parametrize("at", ["request", "answer"])
def test_a_lost_flush_is_repeated(house, proxy, at):
    person, other = house.user(), house.user()
    proxy.cut(at, word=FLUSH)
    ok(follow(person, other), 201)
    assert proxy.was_cut.is_set()
    assert followers(other) == 1
    proxy.cut(at, word=FLUSH)
    ok(unfollow(person, other))
    assert proxy.was_cut.is_set()
    assert followers(other) == 0
    assert house.cli("check").stdout.startswith("OK")


def test_nobody_vouches_for_what_a_crash_may_have_taken(house, proxy, crash):
    person, other = house.user(), house.user()
    proxy.cut("answer", before=crash, word=FLUSH)
    assert_error(follow(person, other), 503, "unavailable")
    assert proxy.was_cut.wait(60)
    wait_until(lambda: person.get(ME).status_code == 200)
    assert followers(other) == 1
    assert house.cli("check").stdout.startswith("OK")


@pytest.mark.parametrize("act, word, stands", [
    (follow, b"follow_at_once\0", {"request": 0, "answer": 1}),
    (unfollow, b"follow_end_at_once\0", {"request": 1, "answer": 0})])
@pytest.mark.parametrize("at", ["request", "answer"])
def test_a_change_of_one_statement_is_not_said_twice(house, proxy, at, act, word, stands):
    """It has no COMMIT to ask about: 503, done or not, and never more than once."""
    person, other = house.user(), house.user()
    if act is unfollow:
        ok(follow(person, other), 201)
        ok(unfollow(person, other))
    ok(follow(person, house.user()), 201)  # all statements are known to the connection
    if act is unfollow:
        ok(follow(person, other), 201)
    proxy.cut(at, word=word)
    assert_error(act(person, other), 503, "unavailable")
    assert proxy.was_cut.is_set()
    assert followers(other) == stands[at]
    assert house.cli("check").stdout.startswith("OK")


def test_what_never_arrived_is_done_again(house, proxy, database):
    body = registration()
    proxy.cut("request")
    ok(register(house.anonymous(), body), 201)
    assert proxy.was_cut.is_set()
    wait_until(lambda: "nothing of it was kept" in house.output)
    assert accounts(database, body) == 1
    assert house.cli("check").stdout.startswith("OK")


def test_a_server_that_has_crashed_meanwhile_is_not_believed(house, proxy, database, crash):
    """It may have given the transaction's number to another one."""
    body = registration()
    proxy.cut("answer", before=crash)
    assert_error(register(house.anonymous(), body), 503, "unavailable")
    assert proxy.was_cut.wait(60)
    wait_until(lambda: "it may stand" in house.output)
    assert accounts(database, body) == 1
    wait_until(lambda: register(house.anonymous(), body).status_code != 503)  # it has been away
    assert_error(register(house.anonymous(), body), 400, "validation_error", "username")
    assert house.cli("check").stdout.startswith("OK")


def test_who_has_a_key_finds_out(house, proxy, database, crash):
    """Nobody can tell what became of it; the same request may be sent again and is answered."""
    body, key = registration(), {"Idempotency-Key": "the key"}
    proxy.cut("answer", before=crash)
    assert_error(register(house.anonymous(), body, headers=key), 503, "unavailable")
    assert proxy.was_cut.wait(60)
    wait_until(lambda: "it may stand" in house.output)
    wait_until(lambda: register(house.anonymous(), body, headers=key).status_code != 503)
    for _ in range(2):
        answer = register(house.anonymous(), body, headers=key)
        assert ok(answer, 201)["user"]["username"] == body["username"]
        assert answer.headers["Idempotency-Replayed"] == "true"
    assert accounts(database, body) == 1


@pytest.mark.parametrize("at", ["request", "answer"])
def test_a_key_takes_no_short_cut(house, proxy, at):
    """Following with a key is a transaction like any other, whose COMMIT is looked up."""
    person, other = house.user(), house.user()
    proxy.cut(at)
    answer = person.post("/careers/users/follow/", {"following": other.id},
                         headers={"Idempotency-Key": at})
    ok(answer, 201)
    assert proxy.was_cut.is_set()
    assert followers(other) == 1
    assert house.cli("check").stdout.startswith("OK")


def test_nor_one_of_whose_processes_has(house, proxy, database, postgres):
    """Its main process, which lives on, starts the others anew and recovers."""
    def crash():
        postmaster, before = postgres.postmaster(), last_recovery(postgres)
        with contextlib.closing(cluster.connect(postgres.url())) as victim:
            os.kill(victim.info.backend_pid, signal.SIGKILL)
        wait_until(lambda: last_recovery(postgres) not in (before, None))
        assert postgres.postmaster() == postmaster
    body = registration()
    proxy.cut("answer", before=crash)
    assert_error(register(house.anonymous(), body), 503, "unavailable")
    assert proxy.was_cut.wait(60)
    wait_until(lambda: "it may stand" in house.output)
    assert accounts(database, body) == 1
