"""Behind PgBouncer in transaction mode: every transaction may have another session of the server's."""
import bouncer
import pytest

from copying import copy, make_short_source, new_place, report
from crowd import message, together
from rollcall import PASSWORD, QUICK, Server, cluster, ok, unique, wait_until


@pytest.fixture(params=["", "ignore_startup_parameters = options"])
def pooler(postgres, request):
    with bouncer.before(postgres, request.param):
        yield bouncer.PORT


@pytest.fixture
def house(database, pooler, tmp_path):
    with Server(tmp_path, QUICK, database=database + pooler) as running:
        yield running


def test_it_is_found_out(house):
    assert "behind a pooler" in house.output


def test_nobody_gets_anothers_rows(house):
    people = [house.user() for _ in range(8)]
    requests = [message("GET", "/careers/users/me/", access=person.access)
                for person in people for _ in range(25)]
    names = [ok(answer)["username"] for answer in together(house, requests)]
    assert names == [person.username for person in people for _ in range(25)]


def test_writes_side_by_side_are_counted_right(house):
    star = house.user()
    fans = [house.user() for _ in range(30)]
    follow = [message("POST", "/careers/users/follow/", {"following": star.id}, fan.access)
              for fan in fans]
    assert {answer.status_code for answer in together(house, follow)} == {201}
    assert ok(star.get("/careers/users/me/"))["followers_count"] == 30
    name = unique()
    body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD,
            "password_confirm": PASSWORD}
    answers = together(house, [message("POST", "/careers/users/register/", body)] * 40)
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 39
    assert house.cli("check").stdout.startswith("OK")


def test_limits_count_everybody_once(database, through, tmp_path):
    options = ["--login-burst", "4", "--hash-memory", "64", "--hash-passes", "1"]
    cluster.stop_clock(database)
    with Server(tmp_path, options, database=database + through) as house:
        guess = message("POST", "/careers/users/login/",
                        {"username": house.user().username, "password": "wrong password"})
        answers = together(house, [guess] * 24)
        assert [answer.status_code for answer in answers].count(401) == 4
        assert {answer.status_code for answer in answers} == {401, 429}


def test_a_session_of_the_servers_that_ends_is_not_missed(house, postgres):
    person = house.user()
    cluster.execute(postgres.url(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
    wait_until(lambda: person.get("/careers/users/me/").status_code == 200, timeout=5)


def test_a_database_moves_through_it(postgres, through, tmp_path):
    url = cluster.fresh_database(postgres.pattern()) + through
    there = report(copy(make_short_source(tmp_path), url))
    assert there["users"][1][0] == 1
    assert report(copy(url, new_place("sqlite", tmp_path).url)) == there
