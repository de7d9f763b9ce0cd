"""Statistics: exact after every kind of change."""
import contextlib
import datetime

import pytest

from rollcall import QUICK, Server, assert_error, ok, unique

SEX = {"male": 0, "female": 0, "other": 0}
AGE = {"18-24": 0, "25-34": 0, "35-44": 0, "45+": 0}
PREFERENCES = {"fashion": 0, "beauty": 0, "technology": 0, "food": 0, "travel": 0, "other": 0}
PATHS = {"sex": SEX, "age": AGE, "preferences": PREFERENCES}


@contextlib.contextmanager
def opened(folder):
    """A server with one of the staff, who is in no bucket. What it counted is proved at the end."""
    with Server(folder, QUICK) as running:
        running.desk = running.staff()
        yield running
        running.cli("check")


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("stats")) as running:
        yield running


@pytest.fixture
def house(street):
    """What it counts is what has come since this test began."""
    street.before = {path: total(street, path) for path in PATHS}
    return street


@pytest.fixture
def lone(tmp_path):
    """A server where nobody else was counted: shares do not add up as counts do."""
    with opened(tmp_path) as running:
        yield running


def total(house, path, **body):
    return ok(house.desk.post(f"/api/users/stats/{path}/", body))


def stats(house, path):
    return {key: count - house.before[path][key] for key, count in total(house, path).items()}


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


def born(years, days_later=0):
    """The birth date of somebody who turns `years` in so many days from now."""
    day = today() + datetime.timedelta(days=days_later)
    try:
        return day.replace(year=day.year - years).isoformat()
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28).isoformat()


@pytest.mark.parametrize("path, nothing", PATHS.items())
def test_without_data_everything_is_zero(house, path, nothing):
    house.user()
    assert stats(house, path) == nothing


# ---- Sex ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sex", SEX)
def test_a_registration_counts(house, sex):
    house.user(sex=sex)
    assert stats(house, "sex") == {**SEX, sex: 1}


def test_an_update_moves(house):
    person = house.user(sex="male")
    for sex in ("female", "other", "male"):
        ok(person.post("/api/update/profile/", {"sex": sex}))
        assert stats(house, "sex") == {**SEX, sex: 1}


def test_saying_it_again_changes_nothing(house):
    person = house.user(sex="male")
    ok(person.post("/api/update/profile/", {"sex": "male"}))
    assert stats(house, "sex") == {**SEX, "male": 1}


def test_taking_it_back_uncounts(house):
    person = house.user(sex="male")
    ok(person.post("/api/update/profile/", {"sex": None}))
    assert stats(house, "sex") == SEX


# ---- Active accounts only -----------------------------------------------------------------------


def counted_person(house):
    person = house.user(sex="female", birth_date=born(30))
    ok(person.post("/api/update/preferences/", {"categories": ["fashion", "art", "music"]}))
    return person


@pytest.fixture
def person(house):
    return counted_person(house)


COUNTED = {"sex": {**SEX, "female": 1}, "age": {**AGE, "25-34": 1},
           "preferences": {**PREFERENCES, "fashion": 1, "other": 2}}


def ban(house, person, banned):
    ok(house.desk.post("/api/user/status/ban/", {"user_id": person.id, "banned": banned,
                                                 "reason": "R"}))


def everything(house):
    return {path: stats(house, path) for path in PATHS}


def test_somebody_active_counts(house, person):
    assert everything(house) == COUNTED


def test_somebody_banned_does_not(house, person):
    ban(house, person, True)
    assert everything(house) == PATHS


def test_somebody_let_in_again_does(house, person):
    for banned in (True, True, False, False):
        ban(house, person, banned)
    assert everything(house) == COUNTED


def test_somebody_inactive_does_not(house, person):
    house.cli("user", "revoke", person.username, "--active")
    assert everything(house) == PATHS


def test_somebody_active_again_does(house, person):
    for action in ("revoke", "revoke", "grant", "grant"):
        house.cli("user", action, person.username, "--active")
    assert everything(house) == COUNTED


def test_two_reasons_not_to_count_are_one(house, person):
    ban(house, person, True)
    house.cli("user", "revoke", person.username, "--active")
    assert everything(house) == PATHS
    ban(house, person, False)
    assert everything(house) == PATHS
    house.cli("user", "grant", person.username, "--active")
    assert everything(house) == COUNTED


def test_somebody_erased_does_not_count(house, person):
    ok(person.delete("/careers/users/me/", json={"password": person.password}))
    assert everything(house) == PATHS


def test_a_banned_account_can_be_erased_from_no_bucket(house, person):
    other = house.user(sex="female", birth_date=born(30))
    ban(house, person, True)
    assert stats(house, "sex") == {**SEX, "female": 1}
    ok(other.delete("/careers/users/me/", json={"password": other.password}))
    assert everything(house) == PATHS


def test_somebody_hidden_counts(house, person):
    ok(person.post("/api/update/preferences/", {"profile_public": False}))
    assert everything(house) == COUNTED


def test_staff_count_too(house):
    ok(house.desk.post("/api/update/profile/", {"sex": "male"}))
    assert stats(house, "sex") == {**SEX, "male": 1}


def test_a_refused_update_does_not_count(house, person):
    assert_error(person.post("/api/update/profile/", {"sex": "male", "timezone": "Nowhere"}), 400,
                 "validation_error", "timezone")
    assert everything(house) == COUNTED


def test_a_refused_registration_does_not_count(house, person):
    taken = {"username": unique(), "email": person.email, "password": "password123", "sex": "male"}
    assert house.anonymous().post("/api/action/register/", taken).status_code == 400
    assert everything(house) == COUNTED


# ---- Age ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("birth_date, bucket", [
    (lambda: today().isoformat(), None),
    (lambda: born(17), None),
    (lambda: born(18, 1), None),
    (lambda: born(18), "18-24"),
    (lambda: born(18, -1), "18-24"),
    (lambda: born(25, 1), "18-24"),
    (lambda: born(25), "25-34"),
    (lambda: born(35, 1), "25-34"),
    (lambda: born(35), "35-44"),
    (lambda: born(45, 1), "35-44"),
    (lambda: born(45), "45+"),
    (lambda: born(46, 1), "45+"),
    (lambda: "1900-01-01", "45+"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_ages_change_on_the_birthday(house, birth_date, bucket):
    house.user(birth_date=birth_date())
    assert stats(house, "age") == ({**AGE, bucket: 1} if bucket else AGE)


def test_a_changed_birth_date_moves(house):
    person = house.user(birth_date=born(20))
    ok(person.post("/api/update/profile/", {"birth_date": born(50)}))
    assert stats(house, "age") == {**AGE, "45+": 1}


def test_a_birth_date_taken_back_uncounts(house):
    person = house.user(birth_date=born(20))
    ok(person.post("/api/update/profile/", {"birth_date": None}))
    assert stats(house, "age") == AGE


def test_one_birth_date_counts_for_each_who_has_it(house):
    people = [house.user(birth_date=born(20)) for _ in range(3)]
    ban(house, people[0], True)
    assert stats(house, "age") == {**AGE, "18-24": 2}


# ---- Preferences --------------------------------------------------------------------------------


@pytest.mark.parametrize("categories, counted", [
    (["fashion"], {"fashion": 1}), (["beauty"], {"beauty": 1}), (["technology"], {"technology": 1}),
    (["food"], {"food": 1}), (["travel"], {"travel": 1}), (["music"], {"other": 1}),
    (["events"], {"other": 1}), (["music", "sports", "events"], {"other": 3}),
    (["fashion", "travel", "art"], {"fashion": 1, "travel": 1, "other": 1}), ([], {})])
def test_the_five_by_name_and_all_others_summed(house, categories, counted):
    person = house.user()
    ok(person.post("/api/update/preferences/", {"categories": categories}))
    assert stats(house, "preferences") == {**PREFERENCES, **counted}


def test_a_new_list_replaces_the_old_one(house):
    person = house.user()
    for categories in (["fashion", "art"], ["art", "food"], ["food", "food"]):
        ok(person.post("/api/update/preferences/", {"categories": categories}))
    assert stats(house, "preferences") == {**PREFERENCES, "food": 1}


def test_other_preferences_do_not_matter(house, person):
    ok(person.post("/api/update/preferences/", {"networks": ["x"], "show_earnings": True,
                                                "language": "es"}))
    assert everything(house) == COUNTED


def test_a_list_and_a_flag_at_once_count_once(house, person):
    ok(person.post("/api/update/preferences/", {"categories": ["food"], "profile_public": False}))
    assert stats(house, "preferences") == {**PREFERENCES, "food": 1}


# ---- Percentages --------------------------------------------------------------------------------


def largest_remainder(counts):
    total = sum(counts.values())
    shares = {key: count * 100 // total for key, count in counts.items()}
    remainders = sorted(counts, key=lambda key: -(counts[key] * 100 % total))
    for key in remainders[:100 - sum(shares.values())]:
        shares[key] += 1
    return shares


@pytest.mark.parametrize("male, female, other", [
    (1, 1, 1), (1, 0, 0), (2, 1, 0), (1, 5, 1), (3, 3, 1), (0, 1, 6), (4, 2, 1)])
def test_percentages_are_whole_and_sum_to_a_hundred(lone, male, female, other):
    counts = {"male": male, "female": female, "other": other}
    for sex, count in counts.items():
        for _ in range(count):
            lone.user(sex=sex)
    answer = total(lone, "sex", unit="percent")
    assert sum(answer.values()) == 100
    assert answer == largest_remainder(counts)


def test_each_statistic_has_percentages_and_counts_by_default(lone):
    for path, nothing in PATHS.items():
        assert total(lone, path, unit="percent") == nothing
    counted_person(lone)
    for path, counts in COUNTED.items():
        answer = total(lone, path, unit="percent")
        assert answer == largest_remainder(counts) and sum(answer.values()) == 100
        assert total(lone, path, unit="count") == total(lone, path) == counts


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("unit", ["percentage", "", "Percent", 1, True])
def test_an_unknown_unit_is_refused(staff, path, unit):
    assert_error(staff.post(f"/api/users/stats/{path}/", {"unit": unit}), 400, "validation_error",
                 "unit")
