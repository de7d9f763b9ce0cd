"""The console's statistics in a browser (console_stats.mjs)."""
import pytest

from rollcall import PASSWORD, ok


@pytest.fixture(scope="module")
def seen(crowd, scene):
    return scene("console_stats", crowd.url, "olivia", PASSWORD)


@pytest.fixture(scope="module")
def sex(crowd):
    """Counts, and whole percentages of them, as the server has them."""
    olivia = crowd.login("olivia")
    return [ok(olivia.post("/api/users/stats/sex/", {"unit": unit})) for unit in ("count", "percent")]


def test_nothing_is_asked_of_others_and_nothing_goes_wrong(seen):
    assert seen["outside"] == []
    assert seen["trouble"] == []


def test_the_statistics_of_people_are_charts(seen, sex):
    assert seen["titles"] == ["Sex", "Age", "Preferences"]
    assert seen["sums"][0] == f"{sum(sex[0].values()):,}"


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
