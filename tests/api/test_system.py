"""How the service fares, as staff are told."""
import pytest

from rollcall import POSTGRES, QUICK, Server, contract, ok, wait_until

SYSTEM = "/api/system/"
# All that can be set right; that tests may run as root is left.
GOOD = ["--password-policy", "strict", "--erasure-journal", "journal"]
GOOD_PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("system"), QUICK) as server:
        server.desk = server.staff()
        yield server


def system(server):
    return ok(server.desk.post(SYSTEM))


def codes(server):
    return {warning["code"] for warning in system(server)["warnings"]} - {"runs_as_root"}


# ---- Figures --------------------------------------------------------------------------------------

def test_it_says_what_runs_here(house):
    found = system(house)
    assert found["version"] == contract().document["info"]["version"]
    assert found["engine"] == ("PostgreSQL" if POSTGRES else "SQLite")
    assert found["engine_version"][0].isdigit()
    assert found["accounts"] == house.execute("SELECT COUNT(*) FROM users")[0][0]
    assert found["uptime_seconds"] < 3600


def test_it_says_how_large_the_database_is(house):
    if POSTGRES:
        expected = house.execute("SELECT pg_database_size(current_database())")[0][0]
    else:
        expected = house.execute("PRAGMA page_count")[0][0] * house.execute("PRAGMA page_size")[0][0]
    assert 0.5 < system(house)["database_bytes"] / expected < 2


def test_every_request_is_counted(house):
    before = system(house)["requests_total"]
    for _ in range(20):
        house.anonymous().get("/careers/users/")
    house.anonymous().get("/nowhere/")
    assert system(house)["requests_total"] == before + 22


def test_the_rate_is_that_of_the_last_ten_seconds(house):
    for _ in range(50):
        house.desk.get("/careers/users/me/")
    wait_until(lambda: system(house)["requests_per_second"] >= 5)
    assert system(house)["requests_per_second"] <= system(house)["requests_total"] / 10 + 0.01


def test_connections_come_and_go(house):
    before = system(house)["connections"]
    assert before >= 1
    with house.connect(), house.connect():
        wait_until(lambda: system(house)["connections"] == before + 2)
    wait_until(lambda: system(house)["connections"] == before)


def test_each_queue_has_its_limit(tmp_path):
    with Server(tmp_path, [*QUICK, "--hash-queue", "7"]) as server:
        server.desk = server.staff()
        queues = {row["lane"]: row for row in system(server)["queues"]}
        assert {"scan", "write", "hash"} <= set(queues)
        assert queues["hash"] == {"lane": "hash", "depth": 0, "limit": 7}
        assert ("read" in queues) == bool(POSTGRES)


def test_what_is_written_is_committed(house):
    before = system(house)["commits"]
    person = house.user()
    for number in range(10):
        ok(person.patch("/careers/users/me/update/", {"bio": f"{number}"}))
    after = system(house)["commits"]
    assert after["total"] >= before["total"] + 10
    assert after["last_ms"] > 0
    wait_until(lambda: system(house)["commits"]["per_second"] >= 1)
    assert 0.5 <= system(house)["commits"]["writes_per_commit"] <= 20


# ---- Warnings -------------------------------------------------------------------------------------

def found_with(directory, options, listens=None):
    """The codes of a server that has these options beside those that are good."""
    with Server(directory, options, listens=listens) as server:
        server.cli("user", "add", "olivia", "--email", "o@example.com", "--staff", "--password-stdin",
                   stdin=GOOD_PASSWORD + "\n")
        server.desk = server.login("olivia", GOOD_PASSWORD)
        return codes(server)


@pytest.mark.parametrize("options, expected", [
    ([], set()), (["--password-policy", "basic"], {"password_policy_basic"}),
    (["--rate-limit", "off"], {"rate_limit_off"}), (["--hash-memory", "64"], {"password_hash_weak"}),
    (["--hash-passes", "1"], {"password_hash_weak"})], ids=str)
def test_a_setting_that_has_a_price_is_named(tmp_path, options, expected):
    assert found_with(tmp_path, [*GOOD, *options]) == expected


@pytest.mark.parametrize("listens, warned", [
    (["0.0.0.0:0"], True), (["127.0.0.1:0", "[::]:0=backend"], True),
    (["127.0.0.1:0", "0.0.0.0:0=app,console"], True),
    (["127.0.0.1:0", "0.0.0.0:0=careers,app,docs"], False), (["[::1]:0", "localhost:0"], False)], ids=str)
def test_staff_should_not_work_on_plain_http(tmp_path, listens, warned):
    assert found_with(tmp_path, GOOD, listens) == ({"plain_http"} if warned else set())


def test_without_a_journal_erased_accounts_may_come_back(house):
    """A database that is a file has one beside it."""
    assert ("erasure_journal_off" in codes(house)) == bool(POSTGRES)


def test_a_trail_that_does_not_hold_is_said_here_too(tmp_path):
    with Server(tmp_path, QUICK) as server:
        server.desk = server.staff()
        assert "audit_broken" not in codes(server)
        wait_until(lambda: server.execute("SELECT COUNT(*) FROM audit WHERE seq IS NULL") == [(0,)])
        server.execute("UPDATE audit SET outcome = 2 WHERE seq = 1")
        ok(server.desk.post("/api/audit/verify/"))
        wait_until(lambda: "audit_broken" in codes(server))
