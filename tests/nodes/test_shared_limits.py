"""What one node allows, all of them allow together. The limits count on the database server's clock;
here it is the tests': it stands still until it is moved."""
import contextlib

import pytest

from crowd import Line, message, statuses, together
from rollcall import PASSWORD, POSTGRES, Server, assert_error, cluster, ok, registration, unique, \
    wait_until
from several import TEMPLATE, started

LOGIN = "/careers/users/login/"
REGISTER = "/careers/users/register/"
EMAIL = "/api/check/email/"
BURST = 5
REGISTER_BURST = 12
LIMITED = ["--trusted-proxy", "127.0.0.1", "--login-burst", str(BURST),
           "--register-burst", str(REGISTER_BURST), "--hash-queue", "2000"]
CHEAP = ["--hash-memory", "64", "--hash-passes", "1"]
DEAR = ["--hash-memory", "65536", "--hash-passes", "10"]
RESERVED = "SELECT COALESCE(MAX(reserved), 0) FROM throttle_guesses"

@contextlib.contextmanager
def limited(folder, options):
    database = cluster.fresh_database(POSTGRES, TEMPLATE)
    cluster.stop_clock(database)
    with started(folder, LIMITED + options, database) as running:
        yield running


@pytest.fixture(scope="module")
def houses(tmp_path_factory):
    with limited(tmp_path_factory.mktemp("limits"), CHEAP) as running:
        yield running


@pytest.fixture
def victim(houses):
    house = houses[0]
    answer = ask(house, REGISTER, registration())
    return ok(answer, 201)["user"]["username"]


_addresses = iter(f"198.18.{i // 256}.{i % 256}" for i in range(65536))


def request(path, body, client=None):
    return message("POST", path, body, headers=[f"X-Forwarded-For: {client or next(_addresses)}"])


def ask(house, path, body, client=None):
    return together(house, [request(path, body, client)])[0]


def attempt(name, password="wrong password", client=None):
    return request(LOGIN, {"username": name, "password": password}, client)


def log_in(house, name, password, client=None):
    return together(house, [attempt(name, password, client)])[0]


def move_clock(houses, seconds):
    cluster.move_clock(houses[0].database, seconds)


def waits(answers):
    for answer in answers:
        if answer.status_code == 429:
            assert_error(answer, 429, "rate_limited")
    return {int(a.headers["Retry-After"]) for a in answers if a.status_code == 429}


def test_guesses_at_one_account_are_counted_once_for_all(houses, victim):
    answers = together(houses, [attempt(victim) for _ in range(60)])
    assert statuses(answers) == {401: BURST, 429: 60 - BURST}
    assert waits(answers) == {1}
    for seconds in (1, 2, 4, 8, 16, 32, 60, 60):
        answers = together(houses, [attempt(victim) for _ in range(9)])
        assert statuses(answers) == {429: 9} and waits(answers) == {seconds}
        move_clock(houses, seconds - 0.001)
        assert statuses(together(houses, [attempt(victim) for _ in range(3)])) == {429: 3}
        move_clock(houses, 0.001)
        answers = together(houses, [attempt(victim) for _ in range(30)])
        assert statuses(answers) == {401: 1, 429: 29}


def test_guesses_from_one_address_are_counted_once_for_all(houses):
    home = next(_addresses)
    answers = together(houses, [attempt(unique(), client=home) for _ in range(30 * BURST)])
    assert statuses(answers) == {401: 10 * BURST, 429: 20 * BURST}
    assert statuses(together(houses, [attempt(unique()) for _ in range(9)])) == {401: 9}


def test_right_ones_among_the_wrong_are_not_lost(houses):
    """Everybody has a name and an address of their own: nobody is in anybody's way."""
    people = [ok(ask(houses[0], REGISTER, registration()), 201)["user"]["username"]
              for _ in range(6)]
    requests = [attempt(name, PASSWORD) for name in people]
    answers = together(houses, requests + [attempt(unique()) for _ in range(12)])
    assert statuses(answers) == {200: 6, 401: 12}


def test_success_on_one_node_clears_on_all(houses, victim):
    for _ in range(3):
        assert statuses(together(houses, [attempt(victim) for _ in range(BURST - 1)])) == \
            {401: BURST - 1}
        assert log_in(houses[1], victim, PASSWORD).status_code == 200
    answers = together(houses, [attempt(victim) for _ in range(30)])
    assert statuses(answers) == {401: BURST, 429: 30 - BURST}


def test_an_address_known_to_one_node_is_known_to_all(houses, victim):
    home = next(_addresses)
    assert log_in(houses[0], victim, PASSWORD, home).status_code == 200
    for house in houses:
        together(houses, [attempt(victim) for _ in range(30)])
        assert log_in(house, victim, PASSWORD).status_code == 429
        assert log_in(house, victim, PASSWORD, home).status_code == 200


@pytest.mark.parametrize("make, good, bad", [
    (lambda home: request(REGISTER, registration(), home), 201, 429),
    (lambda home: request(EMAIL, {"email": "a@example.com"}, home), 200, 429)])
def test_floods_are_counted_once_for_all(houses, make, good, bad):
    home = next(_addresses)
    answers = together(houses, [make(home) for _ in range(60)])
    assert statuses(answers) == {good: REGISTER_BURST, bad: 60 - REGISTER_BURST}
    assert waits(answers) == {3}
    move_clock(houses, 3)
    answers = together(houses, [make(home) for _ in range(15)])
    assert statuses(answers) == {good: 1, bad: 14}
    assert ask(houses[0], EMAIL, {"email": "a@example.com"}).status_code == 200


def test_what_a_killed_node_had_begun_counts_for_two_minutes(tmp_path):
    """Its attempts may have been right or wrong; nobody will tell."""
    with limited(tmp_path, DEAR + ["--login-burst", "2"]) as houses:
        name = ok(ask(houses[0], REGISTER, registration()), 201)["user"]["username"]
        with contextlib.ExitStack() as stack:
            for _ in range(2):
                connection = stack.enter_context(houses[2].connect())
                connection.sendall(attempt(name))
            wait_until(lambda: houses[1].execute(RESERVED) == [(2,)])
            houses[2].kill()
        for house in houses[:2]:
            answer = log_in(house, name, PASSWORD)
            assert answer.status_code == 429 and waits([answer]) == {1}
        move_clock(houses, 120)
        assert log_in(houses[0], name, PASSWORD).status_code == 429
        move_clock(houses, 1)
        assert log_in(houses[0], name, PASSWORD).status_code == 200
        houses[2].start()
        assert log_in(houses[2], name, PASSWORD).status_code == 200


@contextlib.contextmanager
def away(database):
    """Nobody gets to the database, and who was there is thrown out."""
    server, name = POSTGRES % "postgres", database.partition("?")[0].rpartition("/")[2]
    cluster.execute(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    cluster.execute(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                            f"WHERE datname = '{name}'")
    try:
        yield
    finally:
        cluster.execute(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@pytest.fixture
def lone(tmp_path):
    database = cluster.fresh_database(POSTGRES, TEMPLATE)
    cluster.stop_clock(database)
    with Server(tmp_path, LIMITED + DEAR, database=database) as running:
        yield running


def test_nothing_goes_unlimited_while_the_counts_are_away(lone):
    person = lone.user()
    with away(lone.database):
        requests = [request(EMAIL, {"email": "a@example.com"}, "198.51.100.1"),
                    request(REGISTER, registration(), "198.51.100.1"),
                    attempt(person.username, PASSWORD), attempt(person.username)]
        for answer in together(lone, requests * 10):
            assert_error(answer, 503, "unavailable")
    wait_until(lambda: log_in(lone, person.username, PASSWORD).status_code == 200)


@pytest.mark.parametrize("password", [PASSWORD, "wrong password"])
def test_nobody_hears_of_an_attempt_that_could_not_be_counted(lone, password):
    person = lone.user()
    with contextlib.closing(Line(lone)) as line:
        line.send(attempt(person.username, password))
        wait_until(lambda: lone.execute(RESERVED) == [(1,)])
        with away(lone.database):
            assert_error(line.receive(), 503, "unavailable")


def test_housekeeping_removes_what_no_longer_matters(tmp_path):
    database = cluster.fresh_database(POSTGRES, TEMPLATE)
    cluster.execute(database, "INSERT INTO throttle_floods SELECT n, n FROM generate_series(1, 9) n")
    with Server(tmp_path, LIMITED + CHEAP, database=database):
        pass  # who stops tidies up
    assert cluster.execute(database, "SELECT COUNT(*) FROM throttle_floods") == [(0,)]


def test_nobody_can_read_who_was_counted(houses, victim):
    home = next(_addresses)
    log_in(houses[0], victim, "wrong password", home)
    rows = houses[0].execute("SELECT t::text FROM throttle_guesses t "
                             "UNION ALL SELECT t::text FROM throttle_floods t")
    assert rows
    for row, in rows:
        assert victim not in row and home not in row
