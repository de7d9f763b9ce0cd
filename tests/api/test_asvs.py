"""docs/asvs.md says what shows that a requirement is met: what it names must be there."""
import re

import pytest

from rollcall import ROOT

TEXT = (ROOT / "docs" / "asvs.md").read_text()
ROW = re.compile(r"^\| (\d+)\.(\d+)\.(\d+) \| ([^|]+) \| (met|not met|n/a) \| ([^|]*) \|$", re.M)
ROWS = ROW.findall(TEXT)
# Requirements in each section of version 5.0.0.
SECTIONS = {"2.1": 3, "2.2": 3, "2.3": 5, "2.4": 2, "4.1": 5, "4.2": 5, "4.3": 2, "4.4": 4, "6.1": 3,
            "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "6.6": 4, "6.7": 2, "6.8": 4, "7.1": 3,
            "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2, "8.1": 4, "8.2": 4, "8.3": 3,
            "8.4": 2, "9.1": 3, "9.2": 4, "11.1": 4, "11.2": 5, "11.3": 5, "11.4": 4, "11.5": 2,
            "11.6": 2, "11.7": 2, "14.1": 2, "14.2": 8, "14.3": 3, "16.1": 1, "16.2": 5, "16.3": 4,
            "16.4": 3, "16.5": 4}


def test_every_requirement_of_the_chapters_has_its_row():
    expected = [f"{section}.{n}" for section, count in SECTIONS.items()
                for n in range(1, count + 1)]
    assert [".".join(row[:3]) for row in ROWS] == expected
    assert len(re.findall(r"^\| \d", TEXT, re.M)) == len(ROWS), "a row is not of the right form"


def test_what_is_met_is_shown_and_what_is_not_is_explained():
    for chapter, section, number, _, status, evidence in ROWS:
        assert evidence.strip(), f"{chapter}.{section}.{number}"
        if status == "met":
            assert "`" in evidence, f"{chapter}.{section}.{number} names no file"


NAMED = sorted({name for row in ROWS for name in re.findall(r"`([^`]+)`", row[5])
                if "/" in name or name.endswith(".md")})


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_is_there(name):
    path, _, test = name.partition("::")
    assert (ROOT / path).is_file(), path
    if test:
        assert re.search(rf"\b{re.escape(test)}\(", (ROOT / path).read_text()), test
