"""The console's statistics in a browser (console_stats.mjs)."""
import pytest

from rollcall import PASSWORD, ok, wait_until


@pytest.fixture(scope="module")
def seen(crowd, scene):
    crowd.login("olivia")
    crowd.anonymous().post("/careers/users/login/", {"username": "olivia", "password": "wrong"})
    wait_until(lambda: logins_today(crowd)["failed"] > 0)
    return scene("console_stats", crowd.url, "olivia", PASSWORD)


def logins_today(crowd):
    olivia = crowd.login("olivia")
    return ok(olivia.post("/api/users/stats/logins/", {"days": 1}))["days"][-1]


@pytest.fixture(scope="module")
def sex(crowd):
    """Counts, and whole percentages of them, as the server has them."""
    olivia = crowd.login("olivia")
    return [ok(olivia.post("/api/users/stats/sex/", {"unit": unit})) for unit in ("count", "percent")]


def test_nothing_is_asked_of_others_and_nothing_goes_wrong(seen):
    assert seen["outside"] == []
    assert seen["trouble"] == []


def test_the_statistics_of_people_are_charts(seen, sex):
    assert seen["titles"][4:] == ["Sex", "Age", "Preferences"]
    assert seen["sums"][4] == f"{sum(sex[0].values()):,}"


def test_what_happens_by_day_goes_back_as_far_as_one_likes(seen):
    assert seen["titles"][:4] == ["Sign-ups per day", "Active users per day", "Sign-ins per day", "Follows per day"]
    assert [(one["days"], one["address"]) for one in seen["daily"]] == \
        [(30, ""), (7, "?days=7"), (365, "?days=365")]
    day, good, bad = seen["daily"][0]["today"]
    assert int(good) >= 1 and int(bad) >= 1
    assert seen["today"].startswith(f"{day}: succeeded ") and ", failed " in seen["today"]


def test_a_chart_is_read_by_keyboard(seen, sex):
    counts, percents = sex
    assert seen["spoken"] == [f"{key.title()}: accounts {counts[key]:,} · {percents[key]}%"
                              for key in ("male", "female", "other")]


def test_what_is_pointed_at_is_read_out(seen, sex):
    counts, percents = sex
    assert seen["readout"] == f"Other accounts {counts['other']:,} · {percents['other']}%"
    assert seen["hovered"] in ("18–24", "25–34", "35–44", "45+")


def test_behind_a_chart_is_a_table(seen, sex):
    counts, percents = sex
    assert seen["table"] == [[key.title(), f"{counts[key]:,}", f"{percents[key]}%"] for key in counts]


def test_a_chart_can_be_taken_away(seen, sex):
    counts, percents = sex
    lines = ["Sex,accounts,Share", *(f"{key},{counts[key]},{percents[key]}" for key in counts)]
    assert seen["csv"] == ["rollcall-sex.csv", "\ufeff" + "".join(line + "\r\n" for line in lines)]
    assert seen["picture"] == ["rollcall-sex.png", "PNG", True]


def test_it_fits_a_telephone_and_everybody_can_use_it(seen):
    assert seen["narrow"] == 360
    assert seen["faults"] == []
