"""The staff's list of accounts: each filter, all of them together, every order."""
import datetime
import random

import pytest

from rollcall import QUICK, Server, assert_error, ok

USERS = "/api/users/"
DAY = 86_400_000_000  # µs
NAMES = ["Ada", "ada", "Ádám", "Bea", "Zoë", ""]
LANGUAGES = ["en", "es", "es-MX"]
CATEGORIES = ["art", "travel", "food"]
ROLES = {"staff": ["--staff"], "superuser": ["--staff", "--superuser"]}
STATUSES = ["active"] * 6 + ["banned", "inactive"]


def fold(name):
    """Lower case without accents, as names are ordered."""
    return name.lower().replace("á", "a").replace("ë", "e")


def make(house, dice, number):
    """One person, and what the list must say of them."""
    person = {"username": f"p{dice.randrange(10**6):06}", "first_name": dice.choice(NAMES),
              "last_name": dice.choice(NAMES), "country": dice.choice([None, 1, 2]),
              "language": dice.choice(LANGUAGES), "categories": dice.sample(CATEGORIES, 2),
              "role": dice.choice(["user"] * 5 + list(ROLES)), "status": dice.choice(STATUSES),
              "joined": datetime.date(2024, 1, 1 + dice.randrange(20)), "number": number}
    client = house.user(person["username"], first_name=person["first_name"],
                        last_name=person["last_name"], country=person["country"],
                        language=person["language"])
    ok(client.post("/api/update/preferences/", {"categories": person["categories"]}))
    if person["role"] in ROLES:
        house.cli("user", "grant", person["username"], *ROLES[person["role"]])
    if person["status"] == "inactive":
        house.cli("user", "revoke", person["username"], "--active")
    if person["status"] == "banned":
        house.cli("user", "ban", person["username"], "--reason", "Spam")
    moment = (person["joined"] - datetime.date(1970, 1, 1)).days * DAY + number
    for table, key in (("users", "id"), ("directory", "user_id")):
        house.execute(f"UPDATE {table} SET created_at = {moment} WHERE {key} = {client.id}")
    return {**person, "id": client.id}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The desk that asks joined long after everybody else."""
    with Server(tmp_path_factory.mktemp("house"), QUICK) as running:
        running.desk = running.staff(superuser=True)
        dice = random.Random(7)
        running.people = [make(running, dice, number) for number in range(40)]
        running.people.append({"username": running.desk.username, "first_name": "", "last_name": "",
                               "country": None, "language": "en", "categories": [],
                               "role": "superuser", "status": "active", "id": running.desk.id,
                               "joined": datetime.datetime.now(datetime.timezone.utc).date()})
        yield running


# ---- What it must answer -------------------------------------------------------------------------

PASSES = {
    "status": lambda p, wanted: p["status"] == wanted,
    "role": lambda p, wanted: p["role"] == wanted,
    "country": lambda p, wanted: p["country"] == wanted,
    "language": lambda p, wanted: p["language"] == wanted,
    "category": lambda p, wanted: wanted in p["categories"],
    "joined_from": lambda p, wanted: str(p["joined"]) >= wanted,
    "joined_to": lambda p, wanted: str(p["joined"]) <= wanted,
    "q": lambda p, wanted: any(wanted in fold(p[key])
                               for key in ("username", "first_name", "last_name")),
}
KEYS = {"joined": lambda p: p["id"], "username": lambda p: (p["username"], p["id"]),
        "first_name": lambda p: (fold(p["first_name"]), p["id"]),
        "last_name": lambda p: (fold(p["last_name"]), p["id"])}
VALUES = {"status": ["active", "banned", "inactive"], "role": ["user", "staff", "superuser"],
          "country": [1, 2, 3], "language": [*LANGUAGES, "fr"], "category": [*CATEGORIES, "pets"],
          "joined_from": ["2024-01-05", "2024-01-15", "2099-12-31"],
          "joined_to": ["2024-01-10", "2024-01-18", "1969-12-31"], "q": ["ada", "a", "p1", "zz"]}


def wanted(people, query):
    filters = {key: value for key, value in query.items() if key in PASSES}
    passing = [p for p in people
               if all(PASSES[key](p, value) for key, value in filters.items())]
    sort = query.get("sort", "-joined")
    passing.sort(key=KEYS[sort.lstrip("-")], reverse=sort.startswith("-"))
    first = (query.get("page", 1) - 1) * query.get("limit", 20)
    return [p["username"] for p in passing[first:first + query.get("limit", 20)]], len(passing)


def found(house, query):
    body = ok(house.desk.post(USERS, query))
    return [row["username"] for row in body["users"]], body["total"]


def check(house, query):
    assert found(house, query) == wanted(house.people, query), query


ORDERS = [sign + name for name in KEYS for sign in ("", "-")]


@pytest.mark.parametrize("sort", ORDERS)
@pytest.mark.parametrize("limit", [3, 100])
def test_everybody_in_every_order(house, sort, limit):
    for page in (1, 2, 20):
        check(house, {"sort": sort, "limit": limit, "page": page})


@pytest.mark.parametrize("sort", [None, *ORDERS])
@pytest.mark.parametrize("name", VALUES)
def test_every_filter_alone(house, name, sort):
    for value in VALUES[name]:
        for limit in (2, 100):
            check(house, {name: value, "limit": limit, **({"sort": sort} if sort else {})})


@pytest.mark.parametrize("seed", range(12))
def test_filters_together(house, seed):
    dice = random.Random(seed)
    for _ in range(25):
        names = dice.sample(list(VALUES), dice.randint(2, 4))
        check(house, {**{name: dice.choice(VALUES[name]) for name in names},
                      "sort": dice.choice(ORDERS), "limit": dice.choice([1, 5, 100]),
                      "page": dice.choice([1, 1, 2, 3])})


# ---- What a row says -----------------------------------------------------------------------------


def row_of(house, username):
    row, = (row for row in ok(house.desk.post(USERS, {"q": username, "limit": 100}))["users"]
            if row["username"] == username)
    return row


def test_a_row_has_what_a_list_shows(house):
    star, fans = house.user("starlet"), [house.user() for _ in range(2)]
    for fan in fans:
        ok(fan.post("/careers/users/follow/", {"following": star.id}), 201)
    ok(star.post("/careers/users/follow/", {"following": fans[0].id}), 201)
    row = row_of(house, "starlet")
    today = str(datetime.datetime.now(datetime.timezone.utc).date())
    assert (row["followers_count"], row["following_count"]) == (2, 1)
    assert (row["joined_date"], row["banned_until"], row["status"]) == (today, None, "active")
    assert row["email"] == star.email and row["last_login"] is not None
    assert (row["is_staff"], row["is_superuser"]) == (False, False)
    for person in (star, *fans):
        ok(person.delete("/careers/users/me/", json={"password": person.password}))


# ---- Questions that make no sense ----------------------------------------------------------------


@pytest.mark.parametrize("field, value", [
    ("role", "admin"), ("role", 1), ("country", 0), ("country", 99999), ("country", "x"),
    ("language", "nonsense-tag-x"), ("category", "unknown"), ("category", ["art"]),
    ("joined_from", "2024-02-30"), ("joined_from", 1), ("joined_to", "yesterday"),
    ("sort", "email"), ("sort", "--joined"), ("sort", ""), ("sort", "-"),
])
def test_a_question_that_makes_no_sense_is_refused(staff, field, value):
    assert_error(staff.post(USERS, {field: value}), 400, "validation_error", field)


def test_a_form_asks_the_same(house):
    query = {"role": "user", "language": "es", "sort": "-last_name", "joined_to": "2024-01-18"}
    answer = ok(house.desk.post(USERS, form=query))
    assert ([row["username"] for row in answer["users"]], answer["total"]) == wanted(house.people,
                                                                                     query)
