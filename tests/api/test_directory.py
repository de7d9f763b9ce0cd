"""The list of users: search, filters, ordering, batches, who is seen."""
import unicodedata

import pytest

from hiding import WAYS, ban, hide, retire
from rollcall import QUICK, Server, assert_error, ok, unique

USERS = "/careers/users/"

# name: (first name, last name, bio). No two have the same; first and last names repeat.
PEOPLE = {
    "anna": ("Anna", "Smith", "Climbs"),
    "Bruno": ("bruno", "Smith", "Climbs too, and swims"),
    "carol": ("Carol", "", "O'Reilly \"books\" fan"),
    "dave-1": ("Dave", "Jones", "100% wool, 50% off"),
    "dave.2": ("Dave", "Jones", "snake_case and back\\slash"),
    "eve+x": ("Ève", "Müller", "NOT AND OR NEAR(a, b)"),
    "fox": ("", "", "🦊 and 👩‍👩‍👧 at once"),
    "gil": ("Ångström", "Größe", "star* caret^ minus- (round) colon: {curly} [square]"),
    "hana": ("花", "山田", "東京都に住んでいます"),
    "ivan": ("Иван", "Ёлкин", "Привет, мир"),
    "jose": ("José", "Núñez", "señor; DROP TABLE users; --"),
    "zed_": ("Zed", "Smythe", "ends here"),
}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """A server on which nobody but these people lives."""
    with Server(tmp_path_factory.mktemp("town"), QUICK) as running:
        running.people = {
            name: running.user(name, email=f"p{number}@example.com", first_name=first,
                               last_name=last, bio=bio)
            for number, (name, (first, last, bio)) in enumerate(PEOPLE.items())}
        yield running


def fold(text):
    """As a reader would who looks neither at case nor at accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def matches(name, search="", first_name="", last_name=""):
    first, last, bio = PEOPLE[name]
    return (any(fold(search) in fold(field) for field in (name, first, last, bio))
            and fold(first_name) in fold(first) and fold(last_name) in fold(last))


def names(client, **query):
    body = ok(client.get(USERS, params={"batch_size": 100, **query}))
    found = [user["username"] for user in body["users"]]
    assert body["batch_info"]["total_users"] == len(found)
    return found


# ---- Search -------------------------------------------------------------------------------------


@pytest.mark.parametrize("search, found", [
    ("anna", {"anna"}),
    ("ANNA", {"anna"}),
    ("nn", {"anna"}),
    ("bruno", {"Bruno"}),
    ("BrUnO", {"Bruno"}),
    ("climbs", {"anna", "Bruno"}),
    ("eve", {"eve+x"}),
    ("ÈVE", {"eve+x"}),
    ("muller", {"eve+x"}),
    ("Mu\u0308ller", {"eve+x"}),
    ("angstrom", {"gil"}),
    ("ÅNGSTRÖM", {"gil"}),
    ("grosse", {"gil"}),
    ("größe", {"gil"}),
    ("GRÖSSE", {"gil"}),
    ("jose", {"jose"}),
    ("nunez", {"jose"}),
    ("иван", {"ivan"}),
    ("ИВАН", {"ivan"}),
    ("елкин", {"ivan"}),
    ("花", {"hana"}),
    ("東", {"hana"}),
    ("東京", {"hana"}),
    ("東京都", {"hana"}),
    ("住んでい", {"hana"}),
    ("🦊", {"fox"}),
    ("👩‍👩‍👧", {"fox"}),
    ("👩", {"fox"}),
    ("%", {"dave-1"}),
    ("0%", {"dave-1"}),
    ("100% wool", {"dave-1"}),
    ("_", {"dave.2", "zed_"}),
    ("snake_case", {"dave.2"}),
    ("snakeXcase", set()),
    ("\\", {"dave.2"}),
    ("k\\s", {"dave.2"}),
    ('"', {"carol"}),
    ('"books"', {"carol"}),
    ('"climbs"', set()),
    ("'", {"carol"}),
    ("o'reilly", {"carol"}),
    ("*", {"gil"}),
    ("star*", {"gil"}),
    ("clim*", set()),
    ("NOT", {"eve+x"}),
    ("NOT AND", {"eve+x"}),
    ("AND OR", {"eve+x"}),
    ("anna OR bruno", set()),
    ("anna AND climbs", set()),
    ("NEAR(a, b)", {"eve+x"}),
    ("NEAR(anna climbs)", set()),
    ("(", {"eve+x", "gil"}),
    (")", {"eve+x", "gil"}),
    ("(round)", {"gil"}),
    ("-", {"dave-1", "gil", "jose"}),
    ("-1", {"dave-1"}),
    ("minus-", {"gil"}),
    ("^", {"gil"}),
    ("caret^", {"gil"}),
    ("^anna", set()),
    (":", {"gil"}),
    ("username:anna", set()),
    ("{curly}", {"gil"}),
    ("[square]", {"gil"}),
    ("+", {"eve+x"}),
    ("+x", {"eve+x"}),
    (".", {"dave.2"}),
    (";", {"jose"}),
    ("; DROP TABLE users; --", {"jose"}),
    ("' OR '1'='1", set()),
    ("zzz", set()),
    ("z", {"zed_", "jose"}),
    ("q", {"gil"}),
    ("x" * 200, set()),
])
def test_search_is_for_literal_substrings_whatever_case_and_accents(town, search, found):
    assert set(names(town.anonymous(), search=search)) == found


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_every_piece_of_every_field_finds_whom_it_stands_in(town, length):
    pieces = {text[at:at + length] for name, fields in PEOPLE.items() for text in (name, *fields)
              for at in range(0, len(text) - length + 1, length)}
    client = town.anonymous()
    for piece in sorted(piece for piece in pieces if piece.strip(" ") and fold(piece)):
        expected = {name for name in PEOPLE if matches(name, search=piece)}
        assert set(names(client, search=piece)) == expected, piece


@pytest.fixture(scope="module")
def hamlet(tmp_path_factory):
    """A server where nearly everybody writes alike: such a list is read in another way."""
    with Server(tmp_path_factory.mktemp("hamlet"), QUICK) as running:
        running.user("aaron", bio="10 pct xxy back slash")
        for name in ("bea", "cid", "dan", "eli", "fay"):
            running.user(name, bio="10% x_y back\\slash \"quoted\"")
        yield running


@pytest.mark.parametrize("search", ["%", "_", "\\", '"', "0%", "x_y", "k\\s", "10% x_y", "10%"])
def test_wildcards_are_literal_where_nearly_everybody_matches(hamlet, search):
    client = hamlet.anonymous()
    found = [batch(client, search=search, batch_size=1, batch_number=number)["users"][0]["username"]
             for number in range(5)]
    assert found == ["bea", "cid", "dan", "eli", "fay"]


def test_an_empty_search_is_no_search(town):
    assert len(names(town.anonymous(), search="")) == len(PEOPLE)


@pytest.mark.parametrize("query", [
    {"first_name": "dave"}, {"first_name": "DAV"}, {"first_name": "d"}, {"first_name": "eve"},
    {"last_name": "smi"}, {"last_name": "sm"}, {"last_name": "SMITH"}, {"last_name": "山"},
    {"first_name": "smith"}, {"last_name": "dave"}, {"first_name": "%"}, {"last_name": "_"},
    {"first_name": "a", "last_name": "smi"},
    {"first_name": "anna", "last_name": "smith"},
    {"first_name": "anna", "last_name": "jones"},
    {"search": "climbs", "first_name": "bruno"},
    {"search": "climbs", "last_name": "smith"},
    {"search": "cl", "last_name": "sm"},
    {"search": "and", "first_name": "d", "last_name": "j"},
    {"search": "climbs", "first_name": "bruno", "last_name": "smith"},
    {"search": "climbs", "first_name": "bruno", "last_name": "jones"},
])
def test_filters_combine_with_and(town, query):
    expected = {name for name in PEOPLE if matches(name, **query)}
    assert set(names(town.anonymous(), **query)) == expected


def test_a_changed_profile_is_found_by_what_it_says_now(server):
    person, word = server.user(bio="before"), unique("word")
    ok(person.patch("/careers/users/me/update/", {"bio": f"now {word}"}))
    assert names(person, search=word) == [person.username]
    ok(person.patch("/careers/users/me/update/", {"bio": "after"}))
    assert names(person, search=word) == []


def test_an_email_is_not_searched(server, anonymous):
    word = unique("hidden")
    server.user(email=f"{word}@example.com")
    assert names(anonymous, search=word) == []


# ---- Ordering -----------------------------------------------------------------------------------


def keys(name):
    first, last, _ = PEOPLE[name]
    number = list(PEOPLE).index(name)
    return {"username": (fold(name), number), "first_name": (fold(first), number),
            "last_name": (fold(last), number), "created_at": number}


@pytest.mark.parametrize("key", ["username", "created_at", "first_name", "last_name"])
def test_a_list_is_in_order_and_ties_go_by_id(town, key):
    expected = sorted(PEOPLE, key=lambda name: keys(name)[key])
    assert names(town.anonymous(), ordering=key) == expected


@pytest.mark.parametrize("key", ["username", "created_at", "first_name", "last_name"])
def test_a_minus_turns_the_order_round(town, key):
    client = town.anonymous()
    assert names(client, ordering="-" + key) == names(client, ordering=key)[::-1]


def test_the_default_order_is_by_username(town):
    client = town.anonymous()
    assert names(client) == names(client, ordering="username")


@pytest.mark.parametrize("key", ["username", "-username", "first_name", "-created_at"])
@pytest.mark.parametrize("search", ["a", "s", "smith", "climbs", "and"])
def test_what_is_found_is_in_order_too(town, key, search):
    client = town.anonymous()
    expected = [name for name in names(client, ordering=key) if matches(name, search=search)]
    assert names(client, ordering=key, search=search) == expected


@pytest.mark.parametrize("ordering", ["email", "id", "--username", "-", "username,id", "Username",
                                      "username desc", "password", ""])
def test_an_unknown_order_is_refused(anonymous, ordering):
    assert_error(anonymous.get(USERS, params={"ordering": ordering}), 400, "validation_error",
                 "ordering")


# ---- Batches ------------------------------------------------------------------------------------


def batch(client, **query):
    return ok(client.get(USERS, params=query))


@pytest.mark.parametrize("size", [1, 2, 5, 7, 12, 100])
@pytest.mark.parametrize("query", [{}, {"search": "s"}, {"search": "smi"},
                                   {"ordering": "-last_name"}])
def test_batches_put_together_are_the_whole_list(town, size, query):
    client = town.anonymous()
    whole = names(client, **query)
    pieces, number = [], 0
    while len(pieces) < len(whole):
        body = batch(client, batch_size=size, batch_number=number, **query)
        assert body["batch_info"] == {
            "current_batch": number, "batch_size": size, "total_users": len(whole),
            "total_batches": -(-len(whole) // size), "users_in_current_batch": len(body["users"])}
        assert 0 < len(body["users"]) <= size
        pieces += [user["username"] for user in body["users"]]
        number += 1
    assert pieces == whole


def test_a_batch_has_ten_by_default(town):
    body = batch(town.anonymous())
    assert (body["batch_info"]["batch_size"], len(body["users"])) == (10, 10)


@pytest.mark.parametrize("size", ["101", "1000", "9223372036854775807"])
def test_more_than_a_hundred_is_a_hundred(town, size):
    assert batch(town.anonymous(), batch_size=size)["batch_info"]["batch_size"] == 100


@pytest.mark.parametrize("number", ["2", "1000000", "9223372036854775807"])
def test_past_the_end_is_an_empty_list(town, number):
    body = batch(town.anonymous(), batch_number=number)
    assert body["users"] == []
    assert body["batch_info"] == {"current_batch": int(number), "batch_size": 10, "total_users": 12,
                                  "total_batches": 2, "users_in_current_batch": 0}


def test_nothing_found_is_no_batch(town):
    assert batch(town.anonymous(), search="zzz")["batch_info"] == {
        "current_batch": 0, "batch_size": 10, "total_users": 0, "total_batches": 0,
        "users_in_current_batch": 0}


@pytest.mark.parametrize("field, value", [
    ("batch_size", "0"), ("batch_size", "-1"), ("batch_size", "x"), ("batch_size", "1.5"),
    ("batch_size", ""), ("batch_size", "9223372036854775808"), ("batch_size", "1e2"),
    ("batch_number", "-1"), ("batch_number", "x"), ("batch_number", "9223372036854775808"),
    ("batch_number", "")])
def test_a_batch_that_is_no_number_is_refused(anonymous, field, value):
    assert_error(anonymous.get(USERS, params={field: value}), 400, "validation_error", field)


# ---- Who is following ---------------------------------------------------------------------------


def test_is_following_is_the_view_of_the_caller(server):
    word = unique("group")
    fan, idol, other = (server.user(bio=word) for _ in range(3))
    ok(fan.post("/careers/users/follow/", {"following": idol.id}), 201)

    def view(client):
        users = ok(client.get(USERS, params={"search": word}))["users"]
        return {user["username"]: user["is_following"] for user in users}

    nobody = dict.fromkeys([fan.username, idol.username, other.username], False)
    assert view(fan) == {**nobody, idol.username: True}
    assert [view(client) for client in (idol, other, server.anonymous())] == [nobody] * 3


# ---- Who is seen --------------------------------------------------------------------------------


@pytest.fixture(params=WAYS)
def unseen(request, server, staff):
    person = server.user(bio=unique("unseen"))
    person.word = ok(person.get("/careers/users/me/"))["bio"]
    request.param(person, staff)
    return person


def test_who_is_hidden_is_absent_for_strangers(anonymous, unseen):
    assert names(anonymous, search=unseen.word) == []


def test_who_is_hidden_is_absent_for_users(user, unseen):
    assert names(user, search=unseen.word) == []


def test_who_is_hidden_is_there_for_staff(staff, unseen):
    assert names(staff, search=unseen.word) == [unseen.username]


def test_who_hides_is_there_for_oneself(user, staff):
    hide(user, staff)
    assert user.username in names(user, search=user.username)


def test_who_stops_hiding_is_there_again(user, anonymous, staff):
    hide(user, staff)
    ok(user.post("/api/update/preferences/", {"profile_public": True}))
    assert names(anonymous, search=user.username) == [user.username]


def test_whose_ban_is_lifted_is_there_again(user, anonymous, staff):
    ban(user, staff)
    ok(staff.post("/api/user/status/ban/", {"user_id": user.id, "banned": False}))
    assert names(anonymous, search=user.username) == [user.username]


def test_totals_count_whom_the_caller_sees(empty_server):
    desk = empty_server.staff()
    people = [empty_server.user() for _ in range(5)]
    hide(people[0], desk)
    ban(people[1], desk)
    retire(people[2], desk)

    def total(client):
        return batch(client, batch_size=1)["batch_info"]["total_users"]

    views = [total(client) for client in (empty_server.anonymous(), people[3], people[0], desk)]
    assert views == [3, 3, 4, 6]
    assert [len(names(client)) for client in (empty_server.anonymous(), people[3], people[0],
                                              desk)] == views
