"""The staff's list among so many that it is read in its other ways: along an order until the page is
full, and sorted where those that match stand too far on. What must come is reckoned from the tables."""
import datetime
import random
import subprocess

import pytest

from rollcall import BINARY, Server, new_database, ok

USERS = "/api/users/"
ACCOUNTS = 3000
DAY = 86_400_000_000
STATUS = "CASE WHEN (u.flags & 8) <> 0 THEN 'banned' WHEN (u.flags & 1) <> 0 THEN 'active' " \
         "ELSE 'inactive' END"
ROLE = "CASE WHEN (u.flags & 4) <> 0 THEN 'superuser' WHEN (u.flags & 2) <> 0 THEN 'staff' " \
       "ELSE 'user' END"
COLUMNS = ["id", "joined", "username", "first_name", "last_name", "bio", "email", "status", "role",
           "country", "language"]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    folder = tmp_path_factory.mktemp("crowd")
    database = new_database(folder)
    subprocess.run([BINARY, "dev-data", "--database", database, "--hash-memory", "8",
                    "--hash-passes", "1", "--accounts", str(ACCOUNTS), "--follows", "5000",
                    "--superuser", "olivia"], check=True, capture_output=True, timeout=120)
    with Server(folder, ["--rate-limit", "off"], database=database) as running:
        running.desk = running.login("olivia")
        running.people = [dict(zip(COLUMNS, row)) for row in running.execute(
            "SELECT u.id, u.created_at, d.username, d.first_name, d.last_name, d.bio, u.email_key, "
            f"{STATUS}, {ROLE}, u.country, u.language "
            "FROM users u JOIN directory d ON d.user_id = u.id ORDER BY u.id")]
        interests = running.execute("SELECT user_id, category FROM user_categories")
        running.fashionable = {user for user, category in interests if category == 0}
        yield running


PASSES = {
    "status": lambda house, p, wanted: p["status"] == wanted,
    "role": lambda house, p, wanted: p["role"] == wanted,
    "country": lambda house, p, wanted: p["country"] == wanted,
    "language": lambda house, p, wanted: p["language"] == wanted,
    "category": lambda house, p, wanted: p["id"] in house.fashionable,
    "joined_from": lambda house, p, wanted: p["joined"] >= day(wanted),
    "joined_to": lambda house, p, wanted: p["joined"] < day(wanted) + DAY,
    "q": lambda house, p, wanted: p["email"].startswith(wanted) or any(
        wanted in p[key] for key in ("username", "first_name", "last_name", "bio")),
}


def day(date):
    year, month, number = map(int, date.split("-"))
    return (datetime.date(year, month, number) - datetime.date(1970, 1, 1)).days * DAY


def wanted(house, query):
    passing = [p for p in house.people
               if all(PASSES[key](house, p, value) for key, value in query.items()
                      if key in PASSES)]
    sort = query.get("sort", "-joined")
    name = sort.lstrip("-")
    # As bytes: neither locale nor UTF-16 has a say.
    passing.sort(key=lambda p: (b"" if name == "joined" else p[name].encode(), p["id"]),
                 reverse=sort.startswith("-"))
    first = (query.get("page", 1) - 1) * query.get("limit", 20)
    return [p["id"] for p in passing[first:first + query.get("limit", 20)]], len(passing)


def check(house, query):
    body = ok(house.desk.post(USERS, query))
    assert ([row["id"] for row in body["users"]], body["total"]) == wanted(house, query), query


SORTS = [sign + name for name in ("joined", "username", "first_name", "last_name")
         for sign in ("", "-")]
VALUES = {"status": ["active", "banned", "inactive"], "role": ["user", "staff"],
          "language": ["en", "es", "ja"], "category": ["fashion"],
          "joined_from": ["2021-01-01", "2025-06-01"], "joined_to": ["2024-01-01", "2020-06-01"],
          "q": ["a", "an", "mar", "olivia", "o", "xyzzy"]}


def test_the_crowd_is_made_up_of_many_kinds(crowd):
    for name, values in VALUES.items():
        for value in values:
            if value != "xyzzy":
                assert wanted(crowd, {name: value})[1] > 0, (name, value)


@pytest.mark.parametrize("sort", SORTS)
def test_pages_of_everybody(crowd, sort):
    for page in (1, 2, 30, 31):
        check(crowd, {"sort": sort, "limit": 100, "page": page})


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("name", VALUES)
def test_every_filter_alone(crowd, name, sort):
    for value in VALUES[name]:
        for limit, page in ((2, 3), (20, 1)):
            check(crowd, {name: value, "sort": sort, "limit": limit, "page": page})


@pytest.mark.parametrize("sort", ["last_name", "-first_name", "-joined"])
def test_a_country(crowd, sort):
    """People of one country have names of one script: they stand together in the order."""
    for country in sorted({p["country"] for p in crowd.people if p["country"]}):
        check(crowd, {"country": country, "sort": sort, "limit": 3})


@pytest.mark.parametrize("seed", range(8))
def test_filters_together(crowd, seed):
    dice = random.Random(seed)
    for _ in range(20):
        names = dice.sample(list(VALUES), dice.randint(2, 4))
        check(crowd, {**{name: dice.choice(VALUES[name]) for name in names},
                      "sort": dice.choice(SORTS), "limit": dice.choice([1, 5, 20]),
                      "page": dice.choice([1, 2])})
