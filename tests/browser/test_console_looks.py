"""How the console looks (console_looks.mjs). The pictures are left in build/screenshots."""
import pytest

from rollcall import PASSWORD, ROOT, ok


@pytest.fixture(scope="module")
def seen(crowd, scene):
    olivia = crowd.login("olivia")
    ok(olivia.post("/api/update/profile/", {"first_name": "Olivia", "last_name": "Reyes"}))
    someone = ok(olivia.post("/api/users/", {"language": "en", "status": "active", "limit": 1}))["users"][0]
    return scene("console_looks", crowd.url, "olivia", PASSWORD, someone["id"],
                 ROOT / "build" / "screenshots", timeout=400)


def test_nothing_is_asked_of_others_and_nothing_goes_wrong(seen):
    assert seen["outside"] == []
    assert seen["trouble"] == []


def test_axe_finds_no_fault_with_any_page_in_either_theme(seen):
    assert seen["faults"] == []


def test_nothing_sticks_out_from_telephone_to_wall(seen):
    assert seen["wide"] == []


def test_there_is_a_picture_of_every_page(seen):
    assert seen["pictures"] > 80
