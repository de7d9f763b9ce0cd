"""Countries and cities."""
import csv

import pytest

from rollcall import ROOT, assert_error, ok

FRANCE, GERMANY = 76, 58


def countries(client):
    return ok(client.post("/api/get/countries/"))["countries"]


def cities(client, **query):
    return ok(client.post("/api/get/cities/", query))["cities"]


def rows(name):
    """A file of data/, as it was shipped."""
    lines = (line for line in (ROOT / "data" / name).read_text().splitlines()
             if not line.startswith("#"))
    return list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_country_1_is_the_united_states(anonymous):
    assert {row["id"]: row["name"] for row in countries(anonymous)}[1] == "United States"


def test_city_1_is_new_york(anonymous):
    assert {row["id"]: row["name"] for row in cities(anonymous, country=1)}[1] == "New York"


def test_all_countries_are_there(anonymous):
    shipped = {(int(number), name) for number, _, name in rows("countries.tsv")}
    assert {(row["id"], row["name"]) for row in countries(anonymous)} == shipped
    assert len(shipped) >= 249


def test_no_country_is_there_twice(anonymous):
    found = countries(anonymous)
    for key in ("id", "name"):
        assert len({row[key] for row in found}) == len(found)


def test_every_country_can_be_chosen(user):
    for number, _, name in rows("countries.tsv")[::25]:
        ok(user.post("/api/update/profile/", {"country": int(number)}))
        assert ok(user.post("/api/get/profile/"))["country"] == {"id": int(number), "name": name}


def test_every_city_can_be_chosen(user):
    for number, _, name, *_ in rows("cities.tsv")[::2500]:
        ok(user.post("/api/update/profile/", {"country": None, "city": None}))
        ok(user.post("/api/update/profile/", {"city": int(number)}))
        assert ok(user.post("/api/get/profile/"))["city"] == {"id": int(number), "name": name}


def test_ids_are_unique(anonymous):
    for name in ("countries.tsv", "cities.tsv"):
        ids = [row[0] for row in rows(name)]
        assert len(set(ids)) == len(ids) and min(map(int, ids)) == 1


@pytest.mark.parametrize("query, expected", [
    ({"q": "paris", "country": FRANCE}, "Paris"), ({"q": "PARIS", "country": FRANCE}, "Paris"),
    ({"q": "mun", "country": GERMANY}, "Munich"), ({"q": "new y", "country": 1}, "New York"),
    ({"q": "são paulo"}, "São Paulo"), ({"q": "sao paulo"}, "São Paulo")])
def test_a_city_is_found_by_how_it_begins(anonymous, query, expected):
    assert expected in [row["name"] for row in cities(anonymous, **query)]


def test_cities_lie_in_the_country_asked_for(anonymous):
    homes = {int(row[0]): row[1] for row in rows("cities.tsv")}
    found = cities(anonymous, country=FRANCE)
    assert found and {homes[row["id"]] for row in found} == {"FR"}


@pytest.mark.parametrize("q", ["zzzz", "%", "*", '"', "_"])
def test_nothing_begins_like_that(anonymous, q):
    assert cities(anonymous, q=q) == []


def test_a_city_is_not_found_by_how_it_goes_on(anonymous):
    names = [row["name"] for row in cities(anonymous, country=1, q="york")]
    assert names and all(name.lower().startswith("york") for name in names)


@pytest.mark.parametrize("country", [0, -1, 254, 1000000, "x", 1.5])
def test_an_unknown_country_is_refused(anonymous, country):
    assert_error(anonymous.post("/api/get/cities/", {"country": country}), 400, "validation_error",
                 "country")


@pytest.mark.parametrize("path", ["/api/get/countries/", "/api/get/cities/"])
def test_the_catalogue_is_public(anonymous, user, path):
    assert ok(anonymous.post(path)) == ok(user.post(path))
